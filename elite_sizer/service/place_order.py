"""Carry one idea through to the terminal: sized, reserved, claimed, sent with its stop and target as one order.

Whatever happens to the order, its reservation is updated: a refused one is free again, one that may be on its way
keeps counting until evidence resolves it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from elite_sizer.model.context import SizingContext
from elite_sizer.model.request import Intent
from elite_sizer.request.idea import TradeIdea
from elite_sizer.service.sizer import Sizer
from elite_sizer.sizing.decision import Decision
from elite_sizer.sizing.order_plan import OrderPlan
from mt5bridge.metatrader.protocol import Terminal
from mt5bridge.orders.bracket import KINDS, Bracket, request_of
from mt5bridge.orders.send import Report, Result, send
from mt5bridge.reading.fields import decimal
from portfolio.ledger import lease
from portfolio.ledger.halts import halt
from portfolio.model import ZERO, OrderType, Side, SymbolSpec
from portfolio.reasons import Refusal, refuse
from portfolio.reservation.reservation import FIRST_FENCE
from portfolio.rounding import DOWN, lots_down, smallest_lots, under
from portfolio.store.rows import account_key

TTL: Final = timedelta(seconds=60)
"""Time a person has to read the decision before it is sent."""

Confirm = Callable[[Decision, Mapping[str, Any]], bool]


@dataclass(frozen=True, slots=True)
class OrderResult:
    """A decision, the order request it makes, and the report on that; `refusal` says why nothing was sent."""

    decision: Decision
    request: Mapping[str, Any] | None = None
    report: Report | None = None
    refusal: Refusal | None = None


def place_order(sizer: Sizer, idea: TradeIdea, *, confirm: Confirm, dry_run: bool = False) -> OrderResult:
    """Size, reserve, show to `confirm`, and send; a dry run reserves nothing and shows the request.

    Refuses `orders_disabled` before anything is asked, unless it is a dry run.
    """
    settings = sizer.reloader.refresh()
    may_send = settings.orders.enabled
    decision = sizer.size(idea, reserve=may_send and not dry_run, fenced=True, ttl=TTL)
    if not decision or decision.context is None or decision.order is None:
        return OrderResult(decision)
    bracket = _bracket(decision.context, decision.order)
    if isinstance(bracket, Refusal):
        return _release(sizer, OrderResult(decision, refusal=bracket))
    unsent = OrderResult(decision, request_of(bracket, decision.context.spec))
    if dry_run or not may_send:
        off = None if dry_run else refuse("orders_disabled", "nothing was reserved or sent; --dry-run shows it")
        return replace(unsent, refusal=off)
    refusal = _margin_short(sizer.terminal.mt5, decision, bracket)
    if refusal is None and not confirm(decision, unsent.request or {}):
        refusal = refuse("order_rejected", "it was not confirmed")
    if refusal is not None:
        return _release(sizer, replace(unsent, refusal=refusal))
    return _send(sizer, unsent, bracket, decision.context.spec)


def resized(bracket: Bracket, price: Decimal, spec: SymbolSpec) -> Bracket | Refusal:
    """Return the bracket at a new price, smaller as far as its stop is now farther away; never larger."""
    before, now = abs(bracket.price - bracket.stop), (price - bracket.stop) * bracket.side.sign
    if now <= 0 or (bracket.target is not None and (bracket.target - price) * bracket.side.sign <= 0):
        return refuse("order_requoted", f"{bracket.symbol}: the price {price} has left the bracket")
    with under(DOWN):
        lots = bracket.volume if now <= before else lots_down(bracket.volume * before / now, spec.volume_step)
    if lots < smallest_lots(spec.volume_min, spec.volume_step):
        return refuse("below_min_lot", f"{lots} lots at {price} are less than the smallest trade")
    return replace(bracket, price=price, volume=lots)


def _bracket(context: SizingContext, plan: OrderPlan) -> Bracket | Refusal:
    request = context.request
    if context.intent is Intent.REVERSE:
        return refuse("input_range", "a reversal is two orders: close the position first, then ask again")
    if plan.stop is None:
        return refuse("stop_required", "an order is sent with its stop or not at all")
    return Bracket(
        request.symbol,
        request.side,
        Decimal(repr(plan.volume)),
        plan.price,
        plan.stop,
        plan.target,
        type=plan.type,
        deviation=plan.deviation_points,
        magic=plan.magic,
        comment=plan.comment,
    )


def _margin_short(terminal: Terminal, decision: Decision, bracket: Bracket) -> Refusal | None:
    """Ask the terminal for the margin of the final volume; it may only refuse."""
    checks = () if decision.answer is None else decision.answer.checks
    room = next((check.limit.room for check in checks if check.name == "free_margin"), None)
    if room is None:
        return None
    kind = KINDS[bracket.side, OrderType.MARKET]
    margin = terminal.order_calc_margin(kind, bracket.symbol, float(bracket.volume), float(bracket.price))
    if margin is None:
        return refuse("margin_unavailable", f"{bracket.volume} lots of {bracket.symbol}")
    margin_needed = Decimal(repr(margin))
    return (
        refuse("free_margin", f"{margin_needed:,.2f} of margin, {room:,.2f} may be used")
        if margin_needed > room
        else None
    )


def _send(sizer: Sizer, unsent: OrderResult, bracket: Bracket, spec: SymbolSpec) -> OrderResult:
    fences: list[int] = []

    def claim() -> Refusal | None:
        reservation = sizer.claim(unsent.decision)
        if isinstance(reservation, Refusal):
            return reservation
        fences.append(reservation.fence)
        return None

    def resize(old: Bracket) -> Bracket | Refusal:
        tick = sizer.terminal.mt5.symbol_info_tick(old.symbol)
        if tick is None:
            return refuse("order_requoted", f"{old.symbol} has no price")
        side = "ask" if old.side is Side.BUY else "bid"
        return resized(old, decimal(tick._asdict()[side], side), spec)

    report = send(sizer.terminal.mt5, bracket, spec, claim=claim, resize=resize)
    _update_reservation(sizer, unsent.decision, report, fences[0] if fences else None)
    request = request_of(report.bracket or bracket, spec)
    return replace(unsent, request=request, report=report, refusal=report.refusal)


def _update_reservation(sizer: Sizer, decision: Decision, report: Report, fence: int | None) -> None:
    """Record the outcome of the order with its reservation, and halt the account where a position lacks its stop."""
    store, now = sizer.recorder.store, sizer.terminal.clock()
    because = report.result.value if report.refusal is None else report.refusal.detail
    if fence is None:
        lease.cancel(store, decision.id, FIRST_FENCE, now=now)
    elif report.result in {Result.NOT_SENT, Result.REJECTED}:
        lease.rejected(store, decision.id, fence, because, now=now)
    elif report.result is Result.UNKNOWN or not report.order:
        lease.lost(store, decision.id, fence, because, now=now)
    else:
        lease.placed(store, decision.id, report.order, now=now)
    if report.result is Result.UNPROTECTED and report.refusal is not None:
        pin = sizer.terminal.memory.pin
        if pin is not None:
            halt(store, account_key(*pin), report.refusal, now)


def _release(sizer: Sizer, result: OrderResult) -> OrderResult:
    """Cancel the reservation of an order that is not sent."""
    if result.decision.lots > ZERO and result.decision.envelope.lease is not None:
        sizer.cancel(result.decision)
    return result
