"""Events of the time ahead: the symbols to watch tick by tick, and whether margin could run out.

The bars of the hours to come are known to the market, so their highs and lows bound every price in them. Where no
stop, target or order lies within reach and the account would survive the worst of it, the time passes in one step.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

from mt5bridge.metatrader.constants import Constants
from mt5bridge.simulated.broker.accounting import Accounting
from mt5bridge.simulated.broker.book import BookOrder
from mt5bridge.simulated.broker.fills import side_of
from mt5bridge.simulated.market.clock import DAY, HOUR
from mt5bridge.simulated.market.market import TriggerPrices
from mt5bridge.simulated.market.pricing import BUY

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
MARKET_TYPES = (BUY, Constants.ORDER_TYPE_SELL)
SLACK = 0.001
"""Points by which a price may miss a level and still be taken to reach it, since doubles are not exact."""
Reach = dict[str, tuple[int, int]]
"""Lowest bid and highest ask by symbol, in points."""


class Outlook(NamedTuple):
    """The price levels to watch until a moment (UTC milliseconds)."""

    until: int
    levels: Mapping[str, TriggerPrices]
    """By symbol, those within reach."""
    safe: bool
    """Whether no price until then can bring a stop-out."""


NOTHING_KNOWN = Outlook(0, {}, safe=False)


def look_ahead(accounting: Accounting, now: int) -> Outlook:
    """Return the outlook for a day if that is quiet, else for the hour."""
    symbols = accounting.book.symbols()
    if not symbols:
        return Outlook(now + DAY * 1000, {}, safe=True)
    levels = {symbol: _levels(accounting, symbol) for symbol in symbols}
    outlook = NOTHING_KNOWN
    for seconds in SPANS:
        end = _no_expiry_before(accounting, now, now - now % (seconds * 1000) + seconds * 1000)
        reach = {symbol: accounting.market.reach(symbol, end) for symbol in symbols}
        near = {symbol: levels[symbol] for symbol in symbols if levels[symbol].within(*reach[symbol])}
        outlook = Outlook(end, near, safe=_survives(accounting, reach))
        if outlook.safe and not near:
            break
    return outlook


def _levels(accounting: Accounting, symbol: str) -> TriggerPrices:
    """Return the nearest levels of a symbol's stops, targets and orders; half a point of slack for odd prices."""
    bids: tuple[list[float], list[float]] = ([], [])
    asks: tuple[list[float], list[float]] = ([], [])
    for position in accounting.book.in_symbol(symbol):
        falling, rising = bids if position.side == BUY else asks
        below, above = (position.sl, position.tp) if position.side == BUY else (position.tp, position.sl)
        falling.append(below or -math.inf)
        rising.append(above or math.inf)
    for order in accounting.book.orders.values():
        if order.symbol == symbol:
            falling, rising = asks if side_of(order.type) == BUY else bids
            if order.type in MARKET_TYPES or order.type not in WHEN_DEARER:
                falling.append(math.inf if order.type in MARKET_TYPES else order.price_open)
            else:
                rising.append(order.price_open)
    scale = 10 ** accounting.market.contracts[symbol].digits
    lows = (max(level, default=-math.inf) * scale + SLACK for level in (bids[0], asks[0]))
    highs = (min(level, default=math.inf) * scale - SLACK for level in (bids[1], asks[1]))
    return TriggerPrices(*lows, *highs)


def _no_expiry_before(accounting: Accounting, now: int, end: int) -> int:
    """Return `end`, or when the first order lapses if that is sooner."""
    clock = accounting.market.clock
    lapses = [order.time_expiration * 1000 for order in accounting.book.orders.values() if order.time_expiration > 0]
    return min([end, *(max(now + lapse - clock.server_ms, now + 1) for lapse in lapses)])


def may_fill(order: BookOrder, low: float, high: float) -> bool:
    """Whether an order's price lies within reach; the rest of a market order always does."""
    if order.type in MARKET_TYPES:
        return True
    return order.price_open <= high if order.type in WHEN_DEARER else low <= order.price_open


def is_reached(order: BookOrder, bid: float, ask: float) -> bool:
    """Whether the present price fills (or wakes) the order."""
    price = ask if side_of(order.type) == BUY else bid
    return may_fill(order, price, price)


def _survives(accounting: Accounting, reach: Reach) -> bool:
    """Whether the account stays above stop-out with every position at its worst price, conversions worse too."""
    figures = accounting.figures()
    if figures.margin <= 0:
        return not accounting.book.orders
    worst = figures.equity
    for position in accounting.book.positions.values():
        contract = accounting.market.contracts[position.symbol]
        extreme = contract.price(reach[position.symbol][0 if position.side == BUY else 1])
        result = accounting.pricing.profit(contract, position.side, position.volume, position.price_open, extreme)
        worst -= max(accounting.profit(position) - (result or 0.0), 0.0) * CONVERSION_SLACK
    at_worst = figures._replace(equity=worst, free=worst - figures.margin, level=worst / figures.margin * 100)
    return not accounting.is_out_of_margin(at_worst)
