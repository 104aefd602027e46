"""The rollout flag: legacy, elite, or legacy with elite beside it answers; the guard puts the hard caps on legacy."""

from __future__ import annotations

from dataclasses import dataclass

from msgspec import Struct
from msgspec.structs import replace

from elite_sizer.model.context import SizingContext
from elite_sizer.model.outcome import Flag, FlagValue, RolloutResult, SizerResult
from elite_sizer.model.plugin import Named, Proposal, UserPlugin
from elite_sizer.sizing.clamp import Grid, grid
from elite_sizer.sizing.pipeline import NamedCap, NamedSizer, cut, limits, propose, use_per_lot
from portfolio.book.charges import Charge
from portfolio.model import ZERO
from portfolio.reasons import Refusal, refuse
from portfolio.rounding import EXACT, under


@dataclass(frozen=True, slots=True)
class Plan:
    """Flag, sizers and caps that a configuration chose; made once for each configuration."""

    flag: Flag
    guard: bool
    caps: tuple[NamedCap, ...]
    legacy: NamedSizer
    elite: NamedSizer | None
    """None in `legacy` mode, where it is not even imported."""
    also: tuple[NamedSizer, ...] = ()
    """Sizers whose results are recorded beside it."""
    plugins: tuple[UserPlugin, ...] = ()
    """The user's own among all of these, for the journal."""

    def __post_init__(self) -> None:
        if self.elite is None and self.flag.value is not FlagValue.LEGACY:
            message = f"the flag says {self.flag.value}, but no elite sizer was loaded"
            raise ValueError(message)

    @property
    def active_caps(self) -> tuple[NamedCap, ...]:
        """The caps that can cut here: a legacy sizer alone is guarded by the hard ones, or without guard by none."""
        if self.elite is not None or self.also:
            return self.caps
        return tuple(cap for cap in self.caps if cap.hard) if self.guard else ()


class Proposals(Struct, frozen=True):
    """Each sizer's proposal before any cap; at commit they are cut again, never made again."""

    legacy: Proposal
    elite: Proposal | None
    also: tuple[Proposal, ...] = ()


def decide(context: SizingContext, plan: Plan, fresh: tuple[Charge, ...] | None = None) -> RolloutResult:
    """Return the result of the rollout on one context; the same context gives the same result.

    `fresh` are the reservations at commit: the proposals stay those of `context` and are cut to the fresh rooms.
    """
    return cut_and_choose(context.with_held(fresh), plan, propose_all(context, plan))


def propose_all(context: SizingContext, plan: Plan) -> Proposals:
    """Call every sizer of the plan, legacy first, so that no other sizer can change its proposal."""
    return Proposals(
        propose(context, plan.legacy),
        None if plan.elite is None else propose(context, plan.elite),
        tuple([propose(context, sizer) for sizer in plan.also]),
    )


def cut_and_choose(context: SizingContext, plan: Plan, proposals: Proposals) -> RolloutResult:
    """Cut every proposal and choose the result that counts; a halt refuses them all."""
    with under(EXACT):
        named_limits, lots = limits(context, plan.active_caps), grid(context.spec)
        legacy = _legacy(context, plan, proposals.legacy, named_limits, lots)
        elite = None
        if plan.elite is not None and proposals.elite is not None:
            elite = _with_halt(cut(context, plan.elite.name, proposals.elite, named_limits, lots), context.halt)
        also = tuple(
            [
                _with_halt(cut(context, sizer.name, proposal, named_limits, lots), context.halt)
                for sizer, proposal in zip(plan.also, proposals.also, strict=False)
            ]
        )
    answer = legacy if plan.flag.value is not FlagValue.ELITE or elite is None else elite
    return RolloutResult(answer, legacy, elite, also)


def _legacy(context: SizingContext, plan: Plan, proposal: Proposal, limits: list[Named], grid: Grid) -> SizerResult:
    """Return the legacy result: cut to the hard limits where guard is on, the proposal itself where it is off."""
    name = plan.legacy.name
    if plan.guard:
        return _with_halt(
            cut(context, name, proposal, [named_limit for named_limit in limits if named_limit[1]], grid), context.halt
        )
    if proposal.money is not None:
        return _with_halt(cut(context, name, proposal, (), grid), context.halt)
    lots, refusal = proposal.lots or ZERO, proposal.refusal
    if refusal is None and lots == 0:
        refusal = refuse("below_min_lot", f"{name} gives 0 lots")
    per_lot = use_per_lot(context, proposal)
    lots = ZERO if refusal else lots
    return _with_halt(SizerResult(name, lots, "proposal", refusal, proposal, per_lot=per_lot), context.halt)


def _with_halt(result: SizerResult, halt: Refusal | None) -> SizerResult:
    return result if halt is None else replace(result, lots=ZERO, refusal=halt)
