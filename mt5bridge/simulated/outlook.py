"""What may happen in the time ahead: which symbols must be watched tick by tick, and whether margin could run out.

The bars of the hours to come are known to the market, so their highs and lows bound every price in them. Where no
stop, target or order lies within reach and the account would survive the worst of it, the time passes in one step.
"""

from __future__ import annotations

from typing import NamedTuple

from mt5bridge.simulated.accounting import Accounting
from mt5bridge.simulated.book import Order, Position
from mt5bridge.simulated.clock import DAY, HOUR
from mt5bridge.simulated.constants import Constants
from mt5bridge.simulated.fills import side_of
from mt5bridge.simulated.pricing import BUY

SPANS = (DAY, HOUR)
"""Seconds to look ahead at once: a day if it is quiet, else the hour."""
CONVERSION_SLACK = 1.05
"""A loss may convert worse by the time it is made."""
WHEN_DEARER = (
    Constants.ORDER_TYPE_BUY_STOP,
    Constants.ORDER_TYPE_BUY_STOP_LIMIT,
    Constants.ORDER_TYPE_SELL_LIMIT,
)
"""Orders that wait for a higher price."""
Reach = dict[str, tuple[float, float]]
"""Lowest bid and highest ask by symbol."""


class Outlook(NamedTuple):
    """What to watch until a moment (UTC milliseconds)."""

    until: int
    symbols: frozenset[str]
    safe: bool
    """Whether no price until then can bring a stop-out."""

    @property
    def quiet(self) -> bool:
        """Whether nothing can happen."""
        return self.safe and not self.symbols


NOTHING_KNOWN = Outlook(0, frozenset(), safe=False)


def look_ahead(accounting: Accounting, now: int) -> Outlook:
    """Return the outlook for a day if that is quiet, else for the hour."""
    held = accounting.book.symbols()
    if not held:
        return Outlook(now + DAY * 1000, frozenset(), safe=True)
    outlook = NOTHING_KNOWN
    for seconds in SPANS:
        end = _no_expiry_before(accounting, now, now - now % (seconds * 1000) + seconds * 1000)
        reach = {symbol: accounting.market.reach(symbol, end) for symbol in held}
        outlook = Outlook(end, _at_risk(accounting, reach), safe=_survives(accounting, reach))
        if outlook.quiet:
            break
    return outlook


def _no_expiry_before(accounting: Accounting, now: int, end: int) -> int:
    """Return `end`, or when the first order lapses if that is sooner."""
    clock = accounting.market.clock
    lapses = [order.time_expiration * 1000 for order in accounting.book.orders.values() if order.time_expiration > 0]
    return min([end, *(max(now + lapse - clock.server_ms, now + 1) for lapse in lapses)])


def _at_risk(accounting: Accounting, reach: Reach) -> frozenset[str]:
    book = accounting.book
    positions = {p.symbol for p in book.positions.values() if _may_close(p, *reach[p.symbol])}
    return frozenset(positions | {o.symbol for o in book.orders.values() if may_fill(o, *reach[o.symbol])})


def _may_close(position: Position, low: float, high: float) -> bool:
    if position.side == BUY:
        return low <= position.sl or 0 < position.tp <= high
    return 0 < position.sl <= high or low <= position.tp


def may_fill(order: Order, low: float, high: float) -> bool:
    """Whether an order's price lies within reach; what is left of a market order always does."""
    if order.type in (BUY, Constants.ORDER_TYPE_SELL):
        return True
    return order.price_open <= high if order.type in WHEN_DEARER else low <= order.price_open


def is_reached(order: Order, bid: float, ask: float) -> bool:
    """Whether the present price fills (or wakes) the order."""
    price = ask if side_of(order.type) == BUY else bid
    return may_fill(order, price, price)


def _survives(accounting: Accounting, reach: Reach) -> bool:
    """Whether the account stays above stop-out with every position at its worst price, conversions worse too."""
    standing = accounting.standing()
    if standing.margin <= 0:
        return not accounting.book.orders
    worst = standing.equity
    for position in accounting.book.positions.values():
        contract = accounting.market.contracts[position.symbol]
        extreme = reach[position.symbol][0 if position.side == BUY else 1]
        then = accounting.pricing.profit(contract, position.side, position.volume, position.price_open, extreme)
        worst -= max(accounting.profit(position) - (then or 0.0), 0.0) * CONVERSION_SLACK
    at_worst = standing._replace(equity=worst, free=worst - standing.margin, level=worst / standing.margin * 100)
    return not accounting.is_out_of_margin(at_worst)
