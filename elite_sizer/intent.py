"""What a request does to the book: it opens, adds, reduces, closes or reverses; and exits need nobody's leave."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from elite_sizer.context import Intent, Request
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

    `reduce` names a ticket. Without it a hedging account opens a new leg, whatever stands against it, and a netting
    account adds to its position, or reverses it: a smaller `volume` against it only reduces. A margin mode that is
    unknown is taken as hedging here (an entry is charged in full) and as netting where stops move.
    """
    if request.reduce is not None:
        return _by_ticket(request, positions, spec)
    if mode is MarginMode.HEDGING:
        return Classified(Intent.OPEN)
    if mode is MarginMode.UNKNOWN:
        same = next((held for held in positions if _same(held, request)), None)
        return Classified(Intent.OPEN) if same is None else Classified(Intent.ADD, position=same)
    net = next((held for held in positions if held.symbol == request.symbol), None)
    return Classified(Intent.OPEN) if net is None else _against(request, net, spec)


def _against(request: Request, net: Position, spec: SymbolSpec) -> Classified | Refusal:
    if net.side is request.side:
        return Classified(Intent.ADD, position=net)
    if request.volume is not None and request.volume <= net.volume:
        return _closing(request.volume, net, spec)
    return Classified(Intent.REVERSE, net.volume, net)


def _same(held: Position, request: Request) -> bool:
    return held.symbol == request.symbol and held.side is request.side


def _by_ticket(request: Request, positions: Sequence[Position], spec: SymbolSpec) -> Classified | Refusal:
    held = next((position for position in positions if position.ticket == request.reduce), None)
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
