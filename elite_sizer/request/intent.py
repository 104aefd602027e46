"""Whether a request opens, adds to, reduces, closes or reverses a position; exits are never blocked."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from elite_sizer.model.request import Intent, Request
from portfolio.model import ZERO, MarginMode, Position, SymbolSpec
from portfolio.reasons import Refusal, refuse
from portfolio.rounding import lots_down, smallest_lots


class Classified(NamedTuple):
    """The intent of a request, the lots it closes, and the position it is about."""

    intent: Intent
    closing: Decimal = ZERO
    """Lots that only close; no factor, cap, halt or record applies to them."""
    position: Position | None = None
    """The position that is reduced, closed, added to or reversed."""

    @property
    def exits(self) -> bool:
        """Whether the request only reduces or closes."""
        return self.intent in {Intent.REDUCE, Intent.CLOSE}


def classify(
    request: Request, positions: Sequence[Position], mode: MarginMode, spec: SymbolSpec
) -> Classified | Refusal:
    """Return the intent of a request beside these positions.

    `reduce` names a ticket; a `volume` only ever closes, on netting without a ticket too. With neither, a hedging
    account opens a new leg, even against an open position, and a netting account adds to its position or reverses it.
    An unknown margin mode counts as hedging here (the entry is charged in full) and as netting where stops move.
    """
    if request.reduce is not None:
        return _by_ticket(request, positions, spec)
    if request.volume is not None:
        return _by_volume(request, positions, mode, spec)
    if mode is MarginMode.HEDGING:
        return Classified(Intent.OPEN)
    here = [position for position in positions if position.symbol == request.symbol]
    same = next((position for position in here if position.side is request.side), None)
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
    opposite = (
        position for position in positions if position.symbol == request.symbol and position.side is not request.side
    )
    net = next(opposite, None)
    if net is None:
        return refuse("ticket_unknown", f"no position in {request.symbol} is open that a {request.side} closes")
    return _closing(request.volume, net, spec)


def _by_ticket(request: Request, positions: Sequence[Position], spec: SymbolSpec) -> Classified | Refusal:
    candidates = [position for position in positions if request.reduce in {position.ticket, position.identifier}]
    # where a ticket is another position's identifier, the position with the ticket itself is meant
    position = min(candidates, key=lambda candidate: candidate.ticket != request.reduce, default=None)
    if position is None:
        tickets = ", ".join(str(position.ticket) for position in positions) or "none"
        return refuse("ticket_unknown", f"no open position has ticket {request.reduce}; open: {tickets}")
    ticket, side = position.ticket, position.side
    if position.symbol != request.symbol:
        return refuse("ticket_unknown", f"ticket {ticket} is a position in {position.symbol}, not {request.symbol}")
    if side is request.side:
        return refuse("ticket_unknown", f"ticket {ticket} is a {side}; a {side.opposite} reduces it")
    return _closing(request.volume, position, spec)


def _closing(volume: Decimal | None, position: Position, spec: SymbolSpec) -> Classified | Refusal:
    """Close the lots on the volume step, or the whole position, whether its volume is on the step or not."""
    if volume is None or volume >= position.volume:
        return Classified(Intent.CLOSE, position.volume, position)
    lots = lots_down(volume, spec.volume_step)
    smallest = smallest_lots(spec.volume_min, spec.volume_step)
    if lots < smallest:
        detail = f"{volume:f} lots can't be closed: the smallest trade is {smallest}; close all {position.volume}"
        return refuse("below_min_lot", detail)
    return Classified(Intent.REDUCE, lots, position)
