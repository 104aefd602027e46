"""The order to send for a decision, and how long and up to which entry its lots are good."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from msgspec import Struct

from elite_sizer.model.breakdown import Envelope, Valid
from elite_sizer.model.context import SizingContext
from elite_sizer.model.outcome import SizerResult
from elite_sizer.model.request import Intent
from portfolio.model import OrderType, Side, SymbolSpec
from portfolio.reservation.order_matching import tag
from portfolio.rounding import DOWN, price_down, price_up

_MARKET_EXECUTION: Final = 2
"""MetaTrader 5's SYMBOL_TRADE_EXECUTION_MARKET; every other mode lets the unfilled part of an order rest."""


class OrderPlan(Struct, frozen=True):
    """The order to send for a decision; `volume` is a float because the terminal takes no other."""

    type: OrderType
    intent: Intent
    volume: float
    price: Decimal
    stop: Decimal | None
    target: Decimal | None
    tick_size: Decimal
    filling: tuple[str, ...]
    deviation_points: int
    time_in_force: str
    magic: int
    comment: str
    ticket: int | None = None
    """The position to reduce or close, where the trade is an exit."""


def filling(spec: SymbolSpec) -> tuple[str, ...]:
    """Return the filling modes the symbol allows, by the terminal's bits; `return` where orders may rest in parts."""
    # SYMBOL_FILLING_MODE has a bit for fill-or-kill and one for immediate-or-cancel, none for `return`
    modes = [name for bit, name in ((1, "fok"), (2, "ioc")) if spec.filling_mode & bit]
    if spec.execution_mode != _MARKET_EXECUTION:
        modes.append("return")
    return tuple(modes)


def order_plan(context: SizingContext, result: SizerResult, envelope: Envelope) -> OrderPlan:
    """Return the order; a reversal sends the closing part and the new one together, or the closing part alone."""
    opens = result.lots > 0
    return OrderPlan(
        type=context.order_type,
        intent=context.intent if opens else Intent.CLOSE,
        volume=float(result.lots + context.closing),
        price=context.entry,
        stop=context.stop if opens else None,
        target=context.target if opens else None,
        tick_size=context.spec.tick_size,
        filling=filling(context.spec),
        deviation_points=envelope.deviation_points,
        time_in_force="gtc",
        magic=envelope.magic,
        comment=tag(envelope.id),
    )


def validity(context: SizingContext, result: SizerResult, envelope: Envelope) -> Valid:
    """Return the time and the entry price up to which the lots are valid, never past the firm's next reset."""
    until = min(envelope.at + envelope.ttl, context.headroom.next_reset_utc)
    return Valid(until, _worst_entry(context, result), envelope.lease, envelope.fence)


def _worst_entry(context: SizingContext, result: SizerResult) -> Decimal | None:
    """Return the entry furthest from the stop at which the lots still lose no more than the smallest loss room."""
    rooms = [limit.room for _, _, limit in result.limits if limit.per == "loss" and limit.room is not None]
    distance = None if context.stop is None else abs(context.entry - context.stop)
    if context.stop is None or not rooms or not distance or context.lot.stop <= 0:
        return None
    most = DOWN.divide(min(rooms), result.lots) - context.lot.cost
    reach = DOWN.divide(DOWN.multiply(most, distance), context.lot.stop)
    tick = context.spec.tick_size
    if context.request.side is Side.BUY:
        return price_down(context.stop + reach, tick)
    lowest = context.stop - reach
    return price_up(lowest, tick) if lowest > 0 else tick
