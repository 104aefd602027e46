"""How a size is made: a sizer proposes, every cap limits, CLAMP cuts; the chain of numbers is the breakdown."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from elite_sizer.clamp import Clamped, Named, PerLot, clamp, grid
from elite_sizer.context import SizingContext
from elite_sizer.outcome import Answer, Cap, Limit, Proposal, Sizer
from portfolio.model import ZERO
from portfolio.reasons import REASONS, Refusal, refuse
from portfolio.rounding import smallest_lots

log = logging.getLogger(__name__)


class NamedSizer(NamedTuple):
    """A sizer, its registry name (or dotted path), and the code that its failure is refused with."""

    name: str
    sizer: Sizer
    error: str = "elite_error"


class NamedCap(NamedTuple):
    """A cap and its registry name; hard ones also guard the legacy sizer."""

    name: str
    hard: bool
    cap: Cap


def size(context: SizingContext, sizer: NamedSizer, caps: Sequence[NamedCap]) -> Answer:
    """Return what a sizer ends at under these caps."""
    return cut(context, sizer.name, propose(context, sizer), caps)


def propose(context: SizingContext, named: NamedSizer) -> Proposal:
    """Return the sizer's proposal; a failure, a NaN or a negative number is a refusal, never an exception."""
    try:
        proposal = named.sizer(context)
    except Exception as error:
        log.exception("%s failed", named.name)
        return Proposal(refusal=refuse(named.error, f"{named.name}: {type(error).__name__}: {error}"))
    for figure in (proposal.money, proposal.lots, proposal.loss_per_lot):
        if figure is not None and (not figure.is_finite() or figure < 0):
            return proposal._replace(refusal=refuse(named.error, f"{named.name} proposed {figure}"))
    if proposal.refusal is None and (proposal.money is None) == (proposal.lots is None):
        return proposal._replace(refusal=refuse(named.error, f"{named.name} proposed neither money nor lots alone"))
    return proposal


def cut(context: SizingContext, name: str, proposal: Proposal, caps: Sequence[NamedCap]) -> Answer:
    """Return a proposal cut down to every cap; pure, and only ever smaller."""
    wanted = Limit(proposal.lots, "lot", "") if proposal.money is None else Limit(proposal.money, "loss", "")
    if proposal.refusal is not None or wanted.room is None:
        wanted = Limit(ZERO, "lot", "")
    per_lot = _per_lot(context, proposal)
    clamped = clamp(wanted, [_limit(context, cap) for cap in caps], per_lot, grid(context.spec))
    refusal = proposal.refusal or (clamped.refusal and _explained(clamped, clamped.refusal, context, per_lot))
    if refusal is None:
        return Answer(name, clamped.lots, clamped.binding, None, proposal, clamped.raw_lots, clamped.checks)
    return Answer(name, ZERO, clamped.binding, refusal, proposal, clamped.raw_lots, clamped.checks)


def _per_lot(context: SizingContext, proposal: Proposal) -> PerLot:
    lot = context.lot
    loss = lot.at_stop if proposal.loss_per_lot is None else max(lot.at_stop, proposal.loss_per_lot)
    return {"loss": loss, "margin": lot.margin, "exposure": lot.exposure, "lot": Decimal(1)}


def _limit(context: SizingContext, named: NamedCap) -> Named:
    """Ask one cap; one that fails allows nothing."""
    try:
        limit = named.cap(context)
    except Exception as error:
        log.exception("cap %s failed", named.name)
        limit = Limit(ZERO, "lot", f"{named.name} failed: {type(error).__name__}: {error}")
    if limit.room is not None and not limit.room.is_finite():
        limit = Limit(ZERO, "lot", f"{named.name} gave {limit.room}")
    return Named(named.name, named.hard, limit)


def _explained(clamped: Clamped, refusal: Refusal, context: SizingContext, per_lot: PerLot) -> Refusal:
    """Give a refusal its figures: the cap's own sentence, and what the smallest trade would need."""
    if refusal.detail:
        return refusal
    sentence = next((check.limit.because for check in clamped.checks if check.name == clamped.binding), "")
    if refusal.code != "below_min_lot":
        return refuse(refusal.code, sentence or REASONS[refusal.code].sentence)
    smallest = smallest_lots(context.spec.volume_min, context.spec.volume_step)
    loss = per_lot["loss"]
    needs = "" if loss is None else f" and would put {smallest * loss:,.2f} {context.account.currency} at risk"
    what = f"{clamped.binding}: {sentence}" if sentence else f"the size comes to {clamped.raw_lots:f} lots"
    return refuse("below_min_lot", f"the smallest trade is {smallest} lots{needs}; {what}")
