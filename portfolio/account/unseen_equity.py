"""Highest equity possible between two snapshots: the best prices of what was open, from bars.

Every figure is an upper bound in deposit currency, because the floors of a firm rise with equity: each position at its
own best price, swap only where it was earned, tick values at today's rates.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import NamedTuple

from portfolio.model import ZERO, Bars, DealEntry, DealKind, Side, Snapshot, SymbolSpec
from portfolio.rounding import UP
from portfolio.rules.headroom import cent_up

SLACK = timedelta(seconds=90)
"""The bar that is still forming is not among closed M1 bars."""

_SECONDS = MappingProxyType(
    {"M1": 60, "M5": 300, "M15": 900, "M30": 1800, "H1": 3600, "H4": 14_400, "D1": 86_400, "W1": 604_800}
)


class _Leg(NamedTuple):
    """Lots that were open at some time, and the last price and profit known of them."""

    symbol: str
    side: Side
    lots: Decimal
    price: Decimal
    profit: Decimal
    swap: Decimal


def was_open(snapshot: Snapshot, since: datetime, until: datetime) -> bool:
    """Return whether anything was open at some time in [since, until]; the history must reach back to `since`."""
    return any(True for _ in _legs(snapshot, since, until))


def best_floating(snapshot: Snapshot, since: datetime, until: datetime) -> Decimal | None:
    """Return the most that everything open in [since, until] can have shown together, rounded up to the cent.

    At one instant (`since` is `until`) a loss counts as a loss; over a stretch each position counts at least 0, since
    it need not have been open all the time. None where the bars of the snapshot don't cover the stretch, or where a
    position was enlarged or reversed since, so that its average price then is not known.
    """
    if _grew(snapshot, since):
        return None
    total = ZERO
    for leg in _legs(snapshot, since, until):
        best = _best(snapshot, leg, since, until)
        if best is None:
            return None
        total += best if since == until else max(ZERO, best)
    return cent_up(total)


def _legs(snapshot: Snapshot, since: datetime, until: datetime) -> Iterator[_Leg]:
    for position in snapshot.positions:
        if position.opened_at <= until:
            yield _Leg(
                position.symbol, position.side, position.volume, position.current_price, position.profit, position.swap
            )
    open_times = _open_times(snapshot)
    for deal in snapshot.deals:
        if deal.kind is not DealKind.TRADE or deal.side is None or deal.entry in {DealEntry.IN, None}:
            continue
        if deal.at >= since and open_times.get(deal.position_id, since) <= until:
            yield _Leg(deal.symbol, deal.side.opposite, deal.volume, deal.price, deal.profit, deal.swap)


def _open_times(snapshot: Snapshot) -> dict[int, datetime]:
    """Return when each position of the history was opened, as far as the history tells."""
    open_times: dict[int, datetime] = {}
    for deal in snapshot.deals:
        if deal.entry is DealEntry.IN:
            open_times[deal.position_id] = min(deal.at, open_times.get(deal.position_id, deal.at))
    for position in snapshot.positions:
        open_times[position.identifier or position.ticket] = position.opened_at
    return open_times


def _grew(snapshot: Snapshot, since: datetime) -> bool:
    open_times = _open_times(snapshot)
    return any(
        deal.at >= since and (deal.entry is DealEntry.INOUT or open_times.get(deal.position_id, deal.at) < deal.at)
        for deal in snapshot.deals
        if deal.entry in {DealEntry.IN, DealEntry.INOUT}
    )


def _best(snapshot: Snapshot, leg: _Leg, since: datetime, until: datetime) -> Decimal | None:
    spec = snapshot.specs.get(leg.symbol)
    price = _best_price(snapshot, leg, since, until)
    if spec is None or price is None or spec.tick_size <= 0:
        return None
    gain = (price - leg.price) * leg.side.sign
    return leg.profit + UP.multiply(gain, _value(spec, leg.lots, rises=gain > 0)) + max(ZERO, leg.swap)


def _value(spec: SymbolSpec, lots: Decimal, *, rises: bool) -> Decimal:
    """Return the money per unit of price, on the side that makes equity larger."""
    values = (spec.tick_value, spec.tick_value_loss)
    return UP.divide(UP.multiply(max(values) if rises else min(values), lots), spec.tick_size)


def _best_price(snapshot: Snapshot, leg: _Leg, since: datetime, until: datetime) -> Decimal | None:
    """Return the best price of the stretch from the finest bars that cover it."""
    quote = snapshot.quotes.get(leg.symbol)
    for timeframe, seconds in _SECONDS.items():
        bars = snapshot.bars.get((leg.symbol, timeframe))
        if bars is None:
            continue
        first = bisect_right(bars.time, since.timestamp()) - 1
        last = bisect_right(bars.time, until.timestamp()) - 1
        if first >= 0 and (last + 1 < len(bars) or _reaches(bars, seconds, until, None if quote is None else quote.at)):
            prices = bars.high[first : last + 1] if leg.side is Side.BUY else bars.low[first : last + 1]
            best = max(prices) if leg.side is Side.BUY else min(prices)
            return Decimal(repr(float(best)))
    return None


def _reaches(bars: Bars, seconds: int, until: datetime, quoted_until: datetime | None) -> bool:
    """Return whether the last bar reaches `until`, or nothing was quoted after it."""
    end = bars.time[-1] + seconds
    return end >= (until - SLACK).timestamp() or (quoted_until is not None and quoted_until.timestamp() <= end)
