"""Which sizer answers: legacy, elite, or legacy with elite beside it; and whether the hard caps guard legacy."""

from __future__ import annotations

from dataclasses import dataclass

from msgspec import Struct
from msgspec.structs import replace

from elite_sizer.model.context import SizingContext
from elite_sizer.model.outcome import Flag, FlagValue, SizerResult
from elite_sizer.model.plugin import Named, Proposal
from elite_sizer.sizing.clamp import Grid, grid
from elite_sizer.sizing.pipeline import NamedCap, NamedSizer, cut, limits, propose
from portfolio.book.charges import Charge
from portfolio.model import ZERO
from portfolio.reasons import Refusal, refuse
from portfolio.rounding import EXACT, under


@dataclass(frozen=True, slots=True)
class Plan:
    """What the configuration chose for one decision: the flag, the sizers and the caps, made once per configuration."""

    flag: Flag
    guard: bool
    caps: tuple[NamedCap, ...]
    legacy: NamedSizer
    elite: NamedSizer | None
    """None in `legacy` mode, where it is not even imported."""
    also: tuple[NamedSizer, ...] = ()
    """Sizers to show beside the answer."""

    def __post_init__(self) -> None:
        if self.elite is None and self.flag.value is not FlagValue.LEGACY:
            message = f"the flag says {self.flag.value}, but no elite sizer was loaded"
            raise ValueError(message)

    @property
    def asked(self) -> tuple[NamedCap, ...]:
        """The caps that can cut anything here: a legacy sizer alone is guarded by the hard ones, or by none."""
        if self.elite is not None or self.also:
            return self.caps
        return tuple(cap for cap in self.caps if cap.hard) if self.guard else ()


class RolloutResult(Struct, frozen=True):
    """The answer that is returned, and those that are recorded beside it."""

    answer: SizerResult
    legacy: SizerResult
    elite: SizerResult | None
    also: tuple[SizerResult, ...] = ()


class Proposals(Struct, frozen=True):
    """What each sizer proposed, before any cap; kept so that fresh reservations can only cut again."""

    legacy: Proposal
    elite: Proposal | None
    also: tuple[Proposal, ...] = ()


def decide(context: SizingContext, plan: Plan, fresh: tuple[Charge, ...] | None = None) -> RolloutResult:
    """Return the verdict on one context: same context, same verdict.

    `fresh` are the reservations found when the answer is committed; the proposals stand and are only cut again.
    """
    proposals = propose_all(context, plan)
    return cut_and_choose(context if fresh is None else context.with_held(fresh), plan, proposals)


def propose_all(context: SizingContext, plan: Plan) -> Proposals:
    """Ask every sizer of the plan, legacy first, so that nothing beside it can change its answer."""
    return Proposals(
        propose(context, plan.legacy),
        None if plan.elite is None else propose(context, plan.elite),
        tuple([propose(context, sizer) for sizer in plan.also]),
    )


def cut_and_choose(context: SizingContext, plan: Plan, proposals: Proposals) -> RolloutResult:
    """Cut every proposal and choose the one that is returned; a halt allows none of them."""
    with under(EXACT):
        every, lots = limits(context, plan.asked), grid(context.spec)
        legacy = _legacy(context, plan, proposals.legacy, every, lots)
        elite = None
        if plan.elite is not None and proposals.elite is not None:
            elite = _halted(cut(context, plan.elite.name, proposals.elite, every, lots), context.halt)
        also = tuple(
            [
                _halted(cut(context, sizer.name, proposal, every, lots), context.halt)
                for sizer, proposal in zip(plan.also, proposals.also, strict=False)
            ]
        )
    answer = legacy if plan.flag.value is not FlagValue.ELITE or elite is None else elite
    return RolloutResult(answer, legacy, elite, also)


def _legacy(context: SizingContext, plan: Plan, proposal: Proposal, every: list[Named], grid: Grid) -> SizerResult:
    """Return the legacy answer: cut to the hard limits where guard is on, the proposal itself where it is off."""
    name = plan.legacy.name
    if plan.guard:
        return _halted(cut(context, name, proposal, [named for named in every if named[1]], grid), context.halt)
    if proposal.money is not None:
        return _halted(cut(context, name, proposal, (), grid), context.halt)
    lots, refusal = proposal.lots or ZERO, proposal.refusal
    if refusal is None and lots == 0:
        refusal = refuse("below_min_lot", f"{name} gives 0 lots")
    return _halted(SizerResult(name, ZERO if refusal else lots, "proposal", refusal, proposal), context.halt)


def _halted(answer: SizerResult, halt: Refusal | None) -> SizerResult:
    return answer if halt is None else replace(answer, lots=ZERO, refusal=halt)
