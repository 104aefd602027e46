"""Swap: the cost of holding a trade over the broker's midnight.

A night is named by the server's day that ends with it, as the terminal numbers days: 0 Sunday ... 6 Saturday. The
triple day books three nights at once, for the weekend or the value date; Saturday and Sunday then book none, unless the
symbol trades all week. The server's offset may change by an hour before a night comes, so one that ends within an
hour after the trade is flat counts too.

Source: MQL5 documentation, ENUM_SYMBOL_SWAP_MODE; annual interest is spread over 360 days.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal, localcontext
from typing import Final

from portfolio.model import ZERO, Side, SymbolSpec
from portfolio.reasons import Refusal, refuse
from portfolio.rounding import UP, loss_up
from portfolio.valuation.conversion import Prices, conversion
from portfolio.valuation.money_per_lot import Worth

# days as SYMBOL_SWAP_ROLLOVER3DAYS counts them; that day's night books three, since spot trades settle in two days
# and no night of the weekend is booked by itself
SUNDAY: Final = 0
SATURDAY: Final = 6
TRIPLE: Final = 3
# the bank year of 360 days that SYMBOL_SWAP_MODE states for yearly interest
BANK_YEAR: Final = 360
DAY: Final = timedelta(days=1)
SLACK: Final = timedelta(hours=1)

BY_POINTS: Final = frozenset({1, 7, 8})
"""Points booked as money, and positions reopened that many points worse."""
BY_INTEREST: Final = frozenset({5, 6})
"""Per cent a year of the position's value, at the current or the opening price."""


def rollovers(now: datetime, until: datetime, server_offset: int) -> tuple[int, ...]:
    """Return the nights from `now` to `until`; `server_offset` is the server's clock less UTC, in seconds."""
    midnight = next_midnight(now, server_offset)
    nights = []
    while midnight <= until + SLACK:
        nights.append((midnight + timedelta(seconds=server_offset) - DAY).isoweekday() % 7)
        midnight += DAY
    return tuple(nights)


def next_midnight(now: datetime, server_offset: int) -> datetime:
    """Return the first midnight of the server's clock at or after `now`, in UTC."""
    offset = timedelta(seconds=server_offset)
    server = now + offset
    midnight = server.replace(hour=0, minute=0, second=0, microsecond=0)
    return (midnight if midnight == server else midnight + DAY) - offset


def held_until(
    hold: str, now: datetime, *, flat_by: datetime | None, next_reset: datetime | None, server_offset: int
) -> datetime | Refusal:
    """Return when a trade of this `hold` (`intraday`, `overnight`, `weekend`) stops costing swap that is charged now.

    Intraday ends at `flat_by` (`flat_by_required` without one). The others last at least one night, over the weekend
    until the server's Monday, and in any case until the firm's next reset, for which room is kept.
    """
    if hold == "intraday":
        return flat_by or refuse("flat_by_required", "hold is intraday and there is no time by which it is flat")
    end = next_midnight(now, server_offset)
    if hold == "weekend":
        while (end + timedelta(seconds=server_offset)).isoweekday() != 1:
            end += DAY
    return end if next_reset is None else max(end, next_reset)


def swap_per_lot(
    market: Prices, spec: SymbolSpec, side: Side, worth: Worth, *, price: Decimal, nights: Sequence[int], all_week: bool
) -> Decimal | Refusal:
    """Return the swap of one lot over these `nights`, deposit currency, rounded up to 1e-8; swap earned counts 0.

    `all_week` charges Saturday and Sunday too. Refuses `symbol_spec_invalid` on a mode that is not documented and
    `fx_rate_missing`; neither where nothing would be paid.
    """
    swap = spec.swap_long if side is Side.BUY else spec.swap_short
    count = _count(nights, spec.swap_triple_day, all_week=all_week)
    if swap >= 0 or count == 0 or spec.swap_mode == 0:
        return ZERO
    with localcontext(UP):
        night = _night(market, spec, -swap, worth, price)
        return night if isinstance(night, Refusal) else loss_up(night * count)


def _count(nights: Sequence[int], triple_day: int, *, all_week: bool) -> int:
    """Return the number of nights of swap booked."""
    free = () if all_week else (SATURDAY, SUNDAY)
    return sum(TRIPLE if night == triple_day else night not in free for night in nights)


def _night(market: Prices, spec: SymbolSpec, swap: Decimal, worth: Worth, price: Decimal) -> Decimal | Refusal:
    """Return the money of one night and lot, not rounded."""
    if spec.swap_mode in BY_POINTS:
        return worth.of(swap * spec.point, price)
    if spec.swap_mode in BY_INTEREST:
        return worth.notional(price) * swap / (100 * BANK_YEAR)
    # modes 2 to 4 state money per lot: in the base, the margin or the deposit currency
    currency = {2: spec.currency_base, 3: spec.currency_margin, 4: market.currency}.get(spec.swap_mode)
    if currency is None:
        return refuse("symbol_spec_invalid", f"{spec.name}: swap mode {spec.swap_mode} is not documented")
    rate = conversion(market, currency, market.currency, paying=True)
    return rate if isinstance(rate, Refusal) else swap * rate
