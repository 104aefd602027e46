"""Which sizer answers: legacy, elite, or legacy with elite beside it; and whether the hard caps guard legacy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from elite_sizer.context import SizingContext
from elite_sizer.outcome import Answer, Flag, FlagValue, Proposal
from elite_sizer.sizing import NamedCap, NamedSizer, cut, propose
from portfolio.exposure import Charge
from portfolio.model import ZERO
from portfolio.reasons import Refusal


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
    def hard(self) -> tuple[NamedCap, ...]:
        """The caps that guard a legacy sizer."""
        return tuple(cap for cap in self.caps if cap.hard)


class Verdict(NamedTuple):
    """The answer that is returned, and those that are recorded beside it."""

    answer: Answer
    legacy: Answer
    elite: Answer | None
    also: tuple[Answer, ...] = ()


class Proposals(NamedTuple):
    """What each sizer proposed, before any cap; kept so that fresh reservations can only cut again."""

    legacy: Proposal
    elite: Proposal | None
    also: tuple[Proposal, ...] = ()


def decide(context: SizingContext, plan: Plan, fresh: tuple[Charge, ...] | None = None) -> Verdict:
    """Return the verdict on one context: same context, same verdict.

    `fresh` are the reservations found when the answer is committed; the proposals stand and are only cut again.
    """
    proposals = Proposals(
        propose(context, plan.legacy),
        None if plan.elite is None else propose(context, plan.elite),
        tuple(propose(context, sizer) for sizer in plan.also),
    )
    return conclude(context if fresh is None else context.with_held(fresh), plan, proposals)


def conclude(context: SizingContext, plan: Plan, proposals: Proposals) -> Verdict:
    """Cut every proposal and choose the one that is returned; a halt allows none of them."""
    legacy = _legacy(context, plan, proposals.legacy)
    elite = None
    if plan.elite is not None and proposals.elite is not None:
        elite = _halted(cut(context, plan.elite.name, proposals.elite, plan.caps), context.halt)
    also = tuple(
        _halted(cut(context, sizer.name, proposal, plan.caps), context.halt)
        for sizer, proposal in zip(plan.also, proposals.also, strict=True)
    )
    answer = legacy if plan.flag.value is not FlagValue.ELITE or elite is None else elite
    return Verdict(answer, legacy, elite, also)


def _legacy(context: SizingContext, plan: Plan, proposal: Proposal) -> Answer:
    name = plan.legacy.name
    if plan.guard:
        return _halted(cut(context, name, proposal, plan.hard), context.halt)
    refusal = proposal.refusal
    lots = ZERO if refusal or proposal.lots is None else proposal.lots
    return _halted(Answer(name, lots, "proposal", refusal, proposal, lots), context.halt)


def _halted(answer: Answer, halt: Refusal | None) -> Answer:
    return answer if halt is None else answer._replace(lots=ZERO, refusal=halt)
