"""One trade with its stop and target, and the request that the package takes for it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from mt5bridge.metatrader.constants import NAME_CHARACTERS, Constants
from portfolio.model import OrderType, Side, SymbolSpec

ANY_PRICE: Final = 10_000
"""Points of deviation for an order that must be filled."""
KINDS: Final = {
    (Side.BUY, OrderType.MARKET): Constants.ORDER_TYPE_BUY,
    (Side.SELL, OrderType.MARKET): Constants.ORDER_TYPE_SELL,
    (Side.BUY, OrderType.LIMIT): Constants.ORDER_TYPE_BUY_LIMIT,
    (Side.SELL, OrderType.LIMIT): Constants.ORDER_TYPE_SELL_LIMIT,
    (Side.BUY, OrderType.STOP): Constants.ORDER_TYPE_BUY_STOP,
    (Side.SELL, OrderType.STOP): Constants.ORDER_TYPE_SELL_STOP,
}


@dataclass(frozen=True, slots=True)
class Bracket:
    """One trade as decided: prices already on the tick, the volume on its step."""

    symbol: str
    side: Side
    volume: Decimal
    price: Decimal
    """The quote of the decision for a market order, the order's own price for a pending one."""
    stop: Decimal
    target: Decimal | None = None
    type: OrderType = OrderType.MARKET
    deviation: int = 10
    """Points by which a market order may be filled worse, where the broker executes instantly."""
    magic: int = 0
    comment: str = ""
    """The decision's short id, by which audits find the trade again."""
    expires_server: int | None = None
    """Server epoch at which a pending order ends; None leaves it until it is cancelled."""


def fillings(spec: SymbolSpec, kind: OrderType = OrderType.MARKET) -> tuple[int, ...]:
    """Return the filling modes an order of this kind may ask for, the best first.

    A symbol's mode is made of bits (1 fill-or-kill, 2 immediate-or-cancel); a pending order is left in the book.
    """
    if kind is not OrderType.MARKET:
        # a pending order waits in the book, where neither fill-or-kill nor immediate-or-cancel applies
        return (Constants.ORDER_FILLING_RETURN,)
    modes = tuple(
        code
        for bit, code in ((1, Constants.ORDER_FILLING_FOK), (2, Constants.ORDER_FILLING_IOC))
        if spec.filling_mode & bit
    )
    # SYMBOL_FILLING_MODE has no bit for `return`: it is for a symbol that sets neither of the two
    return modes or (Constants.ORDER_FILLING_RETURN,)


def request_of(bracket: Bracket, spec: SymbolSpec) -> dict[str, Any]:
    """Return the request as the package takes it: volume and prices as floats, no field that is None."""
    pending = bracket.type is not OrderType.MARKET
    request: dict[str, Any] = {
        "action": Constants.TRADE_ACTION_PENDING if pending else Constants.TRADE_ACTION_DEAL,
        "symbol": bracket.symbol,
        "volume": float(bracket.volume),
        "type": KINDS[bracket.side, bracket.type],
        "price": float(bracket.price),
        "sl": float(bracket.stop),
        "deviation": bracket.deviation,
        "magic": bracket.magic,
        "comment": bracket.comment[:NAME_CHARACTERS],
        "type_filling": fillings(spec, bracket.type)[0],
        "type_time": Constants.ORDER_TIME_GTC if bracket.expires_server is None else Constants.ORDER_TIME_SPECIFIED,
    }
    # the package refuses a field that is None; one that is left out counts as none
    if bracket.target is not None:
        request["tp"] = float(bracket.target)
    if bracket.expires_server is not None:
        request["expiration"] = bracket.expires_server
    return request


def closing_request(bracket: Bracket, spec: SymbolSpec, position: int, lots: Decimal, price: Decimal) -> dict[str, Any]:
    """Return the request that closes `lots` of the bracket's position at the market, at any price."""
    return {
        "action": Constants.TRADE_ACTION_DEAL,
        "symbol": bracket.symbol,
        "volume": float(lots),
        "type": KINDS[bracket.side.opposite, OrderType.MARKET],
        "position": position,
        "price": float(price),
        "deviation": ANY_PRICE,
        "magic": bracket.magic,
        "comment": bracket.comment[:NAME_CHARACTERS],
        "type_filling": fillings(spec)[0],
        "type_time": Constants.ORDER_TIME_GTC,
    }
