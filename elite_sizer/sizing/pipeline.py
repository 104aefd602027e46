"""The making of a size: a sizer proposes, every cap limits, CLAMP cuts; the chain of numbers is the breakdown."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Final, NamedTuple

from elite_sizer.caps.reasons import REASONS, refuse, refuse_by_cap
from elite_sizer.model.context import Cap, Proposer, SizingContext
from elite_sizer.model.outcome import SizerResult
from elite_sizer.model.plugin import Limit, Named, PerLot, Proposal, UserFactorError, error_text, is_figure
from elite_sizer.sizing.clamp import Clamped, Grid, clamp, grid
from portfolio.model import ONE, ZERO
from portfolio.reasons import Refusal
from portfolio.rounding import EXACT, smallest_lots, under

log = logging.getLogger(__name__)

_UNKNOWN: Final[PerLot] = MappingProxyType({"loss": None, "swing": None, "margin": None, "exposure": None, "lot": None})


class NamedSizer(NamedTuple):
    """A sizer, its registry name (or dotted path), and the code that its failure is refused with."""

    name: str
    sizer: Proposer
    error: str = "elite_error"


class NamedCap(NamedTuple):
    """A cap and its registry name; hard ones also guard the legacy sizer."""

    name: str
    hard: bool
    cap: Cap


def size(context: SizingContext, sizer: NamedSizer, caps: Sequence[NamedCap]) -> SizerResult:
    """Return a sizer's proposal cut to these caps."""
    proposal = propose(context, sizer)
    with under(EXACT):
        return cut(context, sizer.name, proposal, limits(context, caps), grid(context.spec))


def propose(context: SizingContext, sizer: NamedSizer) -> Proposal:
    """Return the sizer's proposal; a failure, a NaN or a negative number is a refusal, never an exception."""
    try:
        proposal = sizer.sizer(context)
        fault = _fault(proposal)
    except UserFactorError as error:
        log.exception("%s failed", sizer.name)
        return Proposal(refusal=refuse("plugin_error", str(error)))
    except Exception as error:
        log.exception("%s failed", sizer.name)
        return Proposal(refusal=refuse(sizer.error, f"{sizer.name}: {error_text(error)}"))
    return proposal if fault is None else Proposal(refusal=refuse(sizer.error, f"{sizer.name} {fault}"))


def limits(context: SizingContext, caps: Sequence[NamedCap]) -> list[Named]:
    """Call every cap once: a limit depends on the context alone, so all sizers are cut to the same limits.

    The caller sets the arithmetic to `EXACT`: a cap that would have to round fails; a failing cap allows nothing.
    """
    named_limits = []
    for name, hard, cap in caps:
        try:
            limit = cap(context)
            room = limit.room
            if room is not None and not room.is_finite():
                limit = Limit(ZERO, "lot", f"{name} gave {room}")
        except Exception as error:
            log.exception("cap %s failed", name)
            limit = Limit(ZERO, "lot", f"{name} failed: {error_text(error)}")
        named_limits.append((name, hard, limit))
    return named_limits


def cut(context: SizingContext, name: str, proposal: Proposal, limits: Sequence[Named], grid: Grid) -> SizerResult:
    """Return a proposal cut down to every limit; pure, and only ever smaller. Arithmetic as for `limits`."""
    if proposal.refusal is not None:
        proposal_limit = Limit(ZERO, "lot", "")
    else:
        proposal_limit = (
            Limit(proposal.lots, "lot", "") if proposal.money is None else Limit(proposal.money, "loss", "")
        )
    per_lot = use_per_lot(context, proposal)
    clamping = clamp(proposal_limit, limits, per_lot, grid)
    refusal = proposal.refusal and _outranked(proposal.refusal, limits)
    if per_lot is _UNKNOWN and refusal is None:
        refusal = refuse("kernel_invariant", "what a lot can lose is no number")
    refusal = refusal or (clamping.refusal and _explained(clamping, proposal_limit, limits, context, per_lot))
    small = None if refusal else _too_small(clamping.lots, limits, per_lot)
    binding = clamping.binding
    if small is not None:
        binding, refusal = small
    lots = clamping.lots if refusal is None else ZERO
    return SizerResult(name, lots, binding, refusal, proposal, limits, per_lot, grid.step)


def _too_small(lots: Decimal, limits: Sequence[Named], per_lot: PerLot) -> tuple[str, Refusal] | None:
    """Return the first cap whose minimum the lots don't reach, and its refusal; an unknown use reaches none."""
    for name, _, limit in limits:
        if limit.least is not None:
            use = lots * (per_lot[limit.per] or ZERO)
            if use < limit.least:
                return name, refuse_by_cap(name, f"{limit.because}; {lots} lots have {use:,.2f}")
    return None


def _outranked(refusal: Refusal, limits: Sequence[Named]) -> Refusal:
    """Return the hard cap that has no room, in place of `no_room`: a sizer's budget is only what the caps leave."""
    if refusal.code != "no_room":
        return refusal
    refusals = (refuse_by_cap(name, limit.because) for name, hard, limit in limits if hard and _is_spent(limit))
    return next(refusals, refusal)


def _is_spent(limit: Limit) -> bool:
    return limit.room is not None and limit.room <= ZERO


def _fault(proposal: Proposal) -> str | None:
    """Return the fault of a proposal that no sizer should make, None for a sound one."""
    money, lots, refusal = proposal.money, proposal.lots, proposal.refusal
    figures: tuple[object, ...] = (money, lots, proposal.loss_per_lot)
    for figure in figures:
        if figure is not None and not (is_figure(figure) and figure >= ZERO):
            return f"proposed {figure!r}"
    if refusal is not None:
        return None if refusal.code in REASONS else f"refused with {refusal.code!r}, which is not registered"
    return "proposed neither money nor lots alone" if (money is None) == (lots is None) else None


def use_per_lot(context: SizingContext, proposal: Proposal) -> PerLot:
    """Return the use of a lot of each room: its loss is the sizer's own figure where that exceeds the loss at the stop.

    Where a figure is no number all uses are None, and no room allows a lot. Arithmetic as for `limits`.
    """
    lot = context.lot
    try:
        loss = lot.at_stop if proposal.loss_per_lot is None else max(lot.at_stop, proposal.loss_per_lot)
        swing = loss if lot.gain is None else loss + lot.gain
    except ArithmeticError:
        return _UNKNOWN
    return {"loss": loss, "swing": swing, "margin": lot.margin, "exposure": lot.exposure, "lot": ONE}


def _explained(
    clamping: Clamped, proposal_limit: Limit, limits: Sequence[Named], context: SizingContext, per_lot: PerLot
) -> Refusal | None:
    """Give a refusal its figures: the cap's own sentence, and what the smallest trade would need."""
    refusal = clamping.refusal
    if refusal is None or refusal.detail:
        return refusal
    sentence = next((limit.because for name, _, limit in limits if name == clamping.binding), "")
    if refusal.code != "below_min_lot":
        return refuse_by_cap(clamping.binding, sentence or REASONS[refusal.code].sentence)
    smallest = smallest_lots(context.spec.volume_min, context.spec.volume_step)
    loss, currency = per_lot["loss"], context.account.currency
    needs = "" if loss is None else f" and would put {smallest * loss:,.2f} {currency} at risk"
    proposal = (
        f"{proposal_limit.room:f} lots" if proposal_limit.per == "lot" else f"{proposal_limit.room:,.2f} {currency}"
    )
    why = f"{clamping.binding}: {sentence}" if sentence else f"{proposal} is less"
    return refuse("below_min_lot", f"the smallest trade is {smallest} lots{needs}; {why}")
