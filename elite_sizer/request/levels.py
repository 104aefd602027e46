"""Entry, stop and target of a request as prices on the broker's tick.

The stop is rounded away from the entry, the target towards it, both to the tick; the size follows from the rounded
stop. A stop that does not fit is refused, never moved: moving it would be another trade.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final, NamedTuple

from elite_sizer.model.request import Request
from portfolio.model import OrderType, Quote, Side, SymbolSpec
from portfolio.reasons import Refusal, refuse
from portfolio.rounding import DOWN, EXACT, price_down, price_up, under

LARGEST_STOP: Final = Decimal("0.20")
"""Share of the price beyond which a stop is taken for a slip of the finger."""

# MetaTrader 5's SYMBOL_TRADE_MODE (4 is full), and the order types it may allow as bits of SYMBOL_ORDER_MODE
_SIDES: Final = {1: frozenset({Side.BUY}), 2: frozenset({Side.SELL}), 4: frozenset(Side)}
_TRADE_MODES: Final = {
    0: "trading is disabled",
    1: "only buys are allowed",
    2: "only sells are allowed",
    3: "close only",
}
_MODE_BITS: Final = {OrderType.MARKET: 1, OrderType.LIMIT: 2, OrderType.STOP: 4}


class Levels(NamedTuple):
    """Prices on the tick; `stop` is None only where the request has none."""

    type: OrderType
    entry: Decimal
    stop: Decimal | None
    target: Decimal | None


def levels(request: Request, spec: SymbolSpec, quote: Quote, atr: Decimal | None) -> Levels | Refusal:
    """Return the levels of a request at a quote; `atr` is that of its timeframe, None where there is no data.

    Refuses `trade_mode`, `input_range`, `entry_wrong_side`, `entry_too_close`, `stop_zero`, `stop_wrong_side`,
    `stop_too_close`, `stop_implausible`, `stop_required` (a target in multiples of none), `target_wrong_side`, and
    `value_unavailable` where an ATR is needed and unknown.
    """
    with under(EXACT):
        kind = _kind(request, spec, quote)
        if isinstance(kind, Refusal):
            return kind
        if atr is None and (request.atr_stop is not None or request.atr_target is not None):
            return refuse("value_unavailable", f"{spec.name} has no ATR on {request.timeframe}: too few bars")
        entry = _entry(request, kind, spec, quote)
        if entry <= 0:
            return refuse("input_range", f"entry {entry} is less than a tick of {spec.tick_size}")
        stop = _stop(request, spec, entry, atr)
        closing = _closing_price(request.side, kind, entry, quote)
        fault = None if stop is None else _misplaced(request.side, entry, stop, closing, spec)
        return fault or _with_target(request, Levels(kind, entry, stop, None), spec, atr)


def are_distances(request: Request) -> bool:
    """Return whether the request's stop or target is a distance, not a price."""
    return any(
        distance is not None for distance in (request.stop_points, request.atr_stop, request.rr, request.atr_target)
    )


def _with_target(request: Request, prices: Levels, spec: SymbolSpec, atr: Decimal | None) -> Levels | Refusal:
    """Return the levels with the stop on the tick and the target that follows from it."""
    side, entry = request.side, prices.entry
    if prices.stop is None and request.rr is not None:
        return refuse("stop_required", f"the target is {request.rr:f} times the stop, and there is no stop")
    stop = None if prices.stop is None else stop_on_tick(side, prices.stop, spec.tick_size)
    target = _target(request, entry, stop, atr)
    if target is None:
        return prices._replace(stop=stop)
    target = price_down(target, spec.tick_size) if side is Side.BUY else price_up(target, spec.tick_size)
    if (target - entry) * side.sign <= 0:
        return refuse("target_wrong_side", f"target {target} of a {side} from {entry}")
    return prices._replace(stop=stop, target=target)


def _kind(request: Request, spec: SymbolSpec, quote: Quote) -> OrderType | Refusal:
    """Return the order's type, as given or by the side of the market the entry lies on."""
    if request.side not in _SIDES.get(spec.trade_mode, frozenset()):
        return refuse("trade_mode", f"{spec.name}: {_TRADE_MODES.get(spec.trade_mode, 'unknown trade mode')}")
    if request.entry is None:
        if request.type not in {None, OrderType.MARKET}:
            return refuse("input_range", f"a {request.type} order needs an entry price")
        return _allow(OrderType.MARKET, spec)
    if request.type is OrderType.MARKET:
        return refuse("input_range", "a market order takes no entry price; leave out one of them")
    return _pending(request, request.entry, spec, quote)


def _pending(request: Request, entry: Decimal, spec: SymbolSpec, quote: Quote) -> OrderType | Refusal:
    market = quote.ask if request.side is Side.BUY else quote.bid
    ahead = (entry - market) * request.side.sign
    kind = OrderType.STOP if ahead > 0 else OrderType.LIMIT
    if ahead == 0 or (request.type is not None and request.type is not kind):
        name = request.type or "pending"
        return refuse("entry_wrong_side", f"{request.side} {name} at {entry} with the market at {market}")
    # SYMBOL_TRADE_STOPS_LEVEL counts points, not ticks; 0 sets no distance
    if abs(ahead) < spec.stops_level * spec.point:
        nearest = spec.stops_level * spec.point
        return refuse("entry_too_close", f"entry {entry} must be {nearest} or more from {market}")
    return _allow(kind, spec)


def _allow(kind: OrderType, spec: SymbolSpec) -> OrderType | Refusal:
    if spec.order_mode & _MODE_BITS[kind]:
        return kind
    return refuse("trade_mode", f"{spec.name} takes no {kind} orders")


def _entry(request: Request, kind: OrderType, spec: SymbolSpec, quote: Quote) -> Decimal:
    """Return the price the trade begins at: the ask or the bid, or the pending price rounded towards a larger loss."""
    if kind is OrderType.MARKET or request.entry is None:
        return quote.ask if request.side is Side.BUY else quote.bid
    return (
        price_up(request.entry, spec.tick_size)
        if request.side is Side.BUY
        else price_down(request.entry, spec.tick_size)
    )


def _stop(request: Request, spec: SymbolSpec, entry: Decimal, atr: Decimal | None) -> Decimal | None:
    if request.stop is not None:
        return request.stop
    distance = None
    if request.stop_points is not None:
        distance = request.stop_points * spec.point
    elif request.atr_stop is not None and atr is not None:
        distance = request.atr_stop * atr
    return None if distance is None else entry - request.side.sign * distance


def _closing_price(side: Side, kind: OrderType, entry: Decimal, quote: Quote) -> Decimal:
    """Return the price that the broker measures its stops level from: for a buy at the market the bid, not the ask."""
    if kind is not OrderType.MARKET:
        return entry
    return quote.bid if side is Side.BUY else quote.ask


def _misplaced(side: Side, entry: Decimal, stop: Decimal, closing: Decimal, spec: SymbolSpec) -> Refusal | None:
    """Return why the stop can't lie where it does, None where it can."""
    distance = (entry - stop) * side.sign
    if abs(distance) < spec.tick_size:
        return refuse("stop_zero", f"stop {stop:f} is {abs(distance):f} from entry {entry}; a tick is {spec.tick_size}")
    where = f"stop {stop:f} of a {side} from {entry}"
    if distance < 0:
        return refuse("stop_wrong_side", where)
    if stop <= 0 or distance > LARGEST_STOP * entry:
        share = DOWN.divide(distance, entry)
        return refuse("stop_implausible", f"{where} is {share:.1%} away; at most {LARGEST_STOP:.0%}")
    apart = (closing - stop) * side.sign
    if apart <= 0:
        return refuse("stop_wrong_side", f"{where} is inside the spread: it closes at {closing}")
    if apart < spec.stops_level * spec.point:
        nearest = spec.stops_level * spec.point
        return refuse("stop_too_close", f"{where} is {apart} from {closing}; the broker wants {nearest}")
    return None


def stop_on_tick(side: Side, stop: Decimal, tick: Decimal) -> Decimal:
    """Return a stop on the tick, rounded away from the entry."""
    return price_down(stop, tick) if side is Side.BUY else price_up(stop, tick)


def _target(request: Request, entry: Decimal, stop: Decimal | None, atr: Decimal | None) -> Decimal | None:
    """Return the target's price, the farther where there are two distances; one in stops needs a stop."""
    if request.target is not None:
        return request.target
    distances = []
    if request.rr is not None and stop is not None:
        distances.append(request.rr * abs(entry - stop))
    if request.atr_target is not None and atr is not None:
        distances.append(request.atr_target * atr)
    return entry + request.side.sign * max(distances) if distances else None
