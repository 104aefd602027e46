"""What a request does to the book: it opens, adds, reduces, closes or reverses; and exits need nobody's leave."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from elite_sizer.model.request import Intent, Request
from portfolio.model import ZERO, MarginMode, Position, SymbolSpec
from portfolio.reasons import Refusal, refuse
from portfolio.rounding import lots_down, smallest_lots


class Classified(NamedTuple):
    """The intent, what it closes, and the position it is about."""

    intent: Intent
    closing: Decimal = ZERO
    """Lots that only close; free of every factor, cap, halt and record."""
    position: Position | None = None
    """The position that is reduced, closed, added to or reversed."""

    @property
    def exits(self) -> bool:
        """Whether nothing but closing is asked for."""
        return self.intent in {Intent.REDUCE, Intent.CLOSE}


def classify(
    request: Request, positions: Sequence[Position], mode: MarginMode, spec: SymbolSpec
) -> Classified | Refusal:
    """Return what the request does to these positions.

    `reduce` names a ticket; a `volume` is only ever closed, on netting without a ticket too. With neither a hedging
    account opens a new leg, whatever stands against it, and a netting account adds to its position or reverses it. A
    margin mode that is unknown is taken as hedging here (an entry is charged in full) and as netting where stops move.
    """
    if request.reduce is not None:
        return _by_ticket(request, positions, spec)
    if request.volume is not None:
        return _by_volume(request, positions, mode, spec)
    if mode is MarginMode.HEDGING:
        return Classified(Intent.OPEN)
    here = [held for held in positions if held.symbol == request.symbol]
    same = next((held for held in here if held.side is request.side), None)
    if same is not None:
        return Classified(Intent.ADD, position=same)
    if mode is MarginMode.UNKNOWN or not here:
        return Classified(Intent.OPEN)
    return Classified(Intent.REVERSE, here[0].volume, here[0])


def _by_volume(
    request: Request, positions: Sequence[Position], mode: MarginMode, spec: SymbolSpec
) -> Classified | Refusal:
    if mode not in {MarginMode.NETTING, MarginMode.EXCHANGE}:
        return refuse("ticket_unknown", f"{request.volume:f} lots of which position? Name its ticket with reduce")
    against = (held for held in positions if held.symbol == request.symbol and held.side is not request.side)
    net = next(against, None)
    if net is None:
        return refuse("ticket_unknown", f"no position in {request.symbol} is open that a {request.side} closes")
    return _closing(request.volume, net, spec)


def _by_ticket(request: Request, positions: Sequence[Position], spec: SymbolSpec) -> Classified | Refusal:
    named = [held for held in positions if request.reduce in {held.ticket, held.identifier}]
    held = min(named, key=lambda held: held.ticket != request.reduce, default=None)
    if held is None:
        known = ", ".join(str(position.ticket) for position in positions) or "none"
        return refuse("ticket_unknown", f"no open position has ticket {request.reduce}; open: {known}")
    if held.symbol != request.symbol:
        return refuse("ticket_unknown", f"ticket {held.ticket} is a position in {held.symbol}, not {request.symbol}")
    if held.side is request.side:
        return refuse("ticket_unknown", f"ticket {held.ticket} is a {held.side}; a {held.side.opposite} reduces it")
    return _closing(request.volume, held, spec)


def _closing(asked: Decimal | None, held: Position, spec: SymbolSpec) -> Classified | Refusal:
    """Return min(asked, open) on the step, or the whole position as it stands, on the step or not."""
    if asked is None or asked >= held.volume:
        return Classified(Intent.CLOSE, held.volume, held)
    lots = lots_down(asked, spec.volume_step)
    smallest = smallest_lots(spec.volume_min, spec.volume_step)
    if lots < smallest:
        detail = f"{asked:f} lots can't be closed: the smallest trade is {smallest}; close all {held.volume}"
        return refuse("below_min_lot", detail)
    return Classified(Intent.REDUCE, lots, held)
