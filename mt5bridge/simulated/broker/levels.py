"""Checks of prices as a server makes them: on the tick, on the right side, far enough away."""

from __future__ import annotations

from mt5bridge.metatrader.constants import Constants
from mt5bridge.simulated.broker.fills import side_of
from mt5bridge.simulated.market.contracts import Contract
from mt5bridge.simulated.market.market import PaperQuote
from mt5bridge.simulated.market.pricing import BUY

TICK_TOLERANCE = 1e-6
STOP_LIMITS = (Constants.ORDER_TYPE_BUY_STOP_LIMIT, Constants.ORDER_TYPE_SELL_STOP_LIMIT)
LIMITS = (Constants.ORDER_TYPE_BUY_LIMIT, Constants.ORDER_TYPE_SELL_LIMIT)


def is_on_tick(contract: Contract, price: float) -> bool:
    """Whether the price is a whole number of ticks."""
    ticks = price / contract.trade_tick_size
    return abs(ticks - round(ticks)) < TICK_TOLERANCE * max(abs(ticks), 1.0)


def _beyond(contract: Contract, price: float, level: float, way: int) -> bool:
    """Whether `level` lies on the `way` side (+1 above) of `price`, by the stops level at least."""
    distance = (contract.points(level) - contract.points(price)) * way
    # a level at the price itself lies on neither side of it
    return distance >= max(contract.trade_stops_level, 1)


def stops_are_fair(contract: Contract, side: int, price: float, stop: float, target: float) -> bool:
    """Whether stop and target (0.0: none) are on the tick, on their sides of `price`, and not too near."""
    up = 1 if side == BUY else -1
    stop_fits = stop == 0 or (is_on_tick(contract, stop) and _beyond(contract, price, stop, -up))
    target_fits = target == 0 or (is_on_tick(contract, target) and _beyond(contract, price, target, up))
    return stop_fits and target_fits


def pending_price_is_fair(
    contract: Contract, order_type: int, quote: PaperQuote, price: float, stoplimit: float
) -> bool:
    """Whether an order's price waits on the right side of the market, and a stop-limit's limit behind it."""
    if price <= 0 or not is_on_tick(contract, price):
        return False
    is_buy = side_of(order_type) == BUY
    market = quote.ask if is_buy else quote.bid
    is_above = is_buy != (order_type in LIMITS)
    if not _beyond(contract, market, price, 1 if is_above else -1):
        return False
    if order_type not in STOP_LIMITS:
        return True
    limit_fits = stoplimit > 0 and is_on_tick(contract, stoplimit)
    return limit_fits and _beyond(contract, price, stoplimit, -1 if is_buy else 1)


def has_room(contract: Contract, price: float, levels: tuple[float, ...]) -> bool:
    """Whether the price is farther than the freeze level from every level that is set."""
    # so near to the market a server lets nobody change or close what is about to trigger
    return all(
        level == 0 or abs(contract.points(level) - contract.points(price)) > contract.trade_freeze_level
        for level in levels
        if contract.trade_freeze_level > 0
    )
