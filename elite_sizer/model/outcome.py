"""What the parts of a decision return: a scaling, a limit, a proposal, an answer; each number with its sentence.

A *factor* scales the money at risk, a *sizer* proposes, a *cap* limits. They are callables; one with settings is a
frozen dataclass whose fields are the settings. The chain of what they return is the breakdown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, NamedTuple

from msgspec import Struct

from portfolio.model import ONE, ZERO
from portfolio.reasons import Refusal
from portfolio.rounding import DOWN, EXACT, RESOLUTION, under

if TYPE_CHECKING:
    from elite_sizer.model.context import SizingContext

Per = Literal["loss", "swing", "margin", "exposure", "lot"]
"""What a lot uses of a room: loss per lot, that and its gain together, margin, notional, or the lot itself."""

PerLot = Mapping[Per, Decimal | None]
"""How much a lot uses of each; None is unknown, and no room allows it."""

FREE = frozenset({"margin", "exposure"})
"""What a lot may use nothing of; one that loses nothing is an error, and no room allows it."""


class Outcome(StrEnum):
    """How a request ended; unknown means deny."""

    APPROVE = "approve"
    SHRINK = "shrink"
    DENY = "deny"
    HALT = "halt"
    EXIT = "exit"


class Scaling(Struct, frozen=True):
    """A factor's answer: multiply the money at risk by `value` (finite, not negative)."""

    value: Decimal
    because: str


class Limit(Struct, frozen=True):
    """A cap's answer: an exact room, what a lot uses of it, and the sentence. `room` None is no limit, 0 refuses."""

    room: Decimal | None
    per: Per
    because: str
    least: Decimal | None = None
    """What the trade must use of it to be taken at all; None asks for nothing."""

    def lots(self, per_step: PerLot, step: Decimal) -> Decimal | None:
        """Return the most whole steps of lots that fit, `EXACT`; None where nothing is limited."""
        room, per = self.room, self.per
        if room is None:
            return None
        use = per_step[per]
        if use is not None and use > ZERO and room > ZERO:
            return room // use * step
        return None if use == ZERO and per in FREE and room > ZERO else step * ZERO


Named = tuple[str, bool, Limit]
"""A limit under its registry name, and whether it is a hard one."""


class Step(Struct, frozen=True):
    """One line of the breakdown; money before the raw lots, lots after."""

    stage: str
    name: str
    before: Decimal | None
    after: Decimal | None
    because: str


class Proposal(Struct, frozen=True):
    """A sizer's answer: money at risk, or lots, or its own refusal."""

    money: Decimal | None = None
    lots: Decimal | None = None
    refusal: Refusal | None = None
    steps: tuple[Step, ...] = ()
    loss_per_lot: Decimal | None = None
    """What the sizer holds a lot to lose, where that is more than the loss at the stop; caps divide by it too."""


class Check(Struct, frozen=True):
    """A cap as it was applied: `lots` is what it allows, floored to the step; None is no limit."""

    name: str
    hard: bool
    limit: Limit
    lots: Decimal | None


class Answer(Struct, frozen=True):
    """What one sizer ends at after CLAMP."""

    sizer: str
    lots: Decimal
    binding: str
    """The cap that cut, or `proposal` where none did."""
    refusal: Refusal | None
    proposal: Proposal
    limits: Sequence[Named] = ()
    per_lot: PerLot = MappingProxyType({})
    step: Decimal = ONE

    @property
    def raw_lots(self) -> Decimal | None:
        """The proposal in lots, before caps and step, rounded down to 1e-8; None where there was none."""
        money, loss = self.proposal.money, self.per_lot.get("loss")
        if money is None or not loss:
            return self.proposal.lots
        return DOWN.quantize(DOWN.divide(money, loss), RESOLUTION)

    @property
    def checks(self) -> tuple[Check, ...]:
        """Every cap in lots, derived from its limit when somebody asks."""
        step = self.step
        with under(EXACT):
            per_step: PerLot = {per: None if use is None else use * step for per, use in self.per_lot.items()}
            return tuple([Check(name, hard, limit, limit.lots(per_step, step)) for name, hard, limit in self.limits])


class FlagValue(StrEnum):
    """Which sizer answers: rollback is `legacy`, comparison is `shadow`."""

    LEGACY = "legacy"
    SHADOW = "shadow"
    ELITE = "elite"


class Flag(NamedTuple):
    """The flag as it stood at the decision, and where it came from."""

    value: FlagValue
    source: str


Factor = Callable[["SizingContext", Decimal], Scaling]
"""The second argument is the money at risk so far; most factors ignore it."""
Cap = Callable[["SizingContext"], Limit]
"""Answers from the context alone, never from a proposed size, so the order of the caps does not matter."""
Sizer = Callable[["SizingContext"], Proposal]
