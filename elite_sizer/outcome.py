"""What the parts of a decision return: a scaling, a limit, a proposal, an answer; each number with its sentence.

A *factor* scales the money at risk, a *sizer* proposes, a *cap* limits. They are callables; one with settings is a
frozen dataclass whose fields are the settings. The chain of what they return is the breakdown.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Literal, NamedTuple

from portfolio.reasons import Refusal

if TYPE_CHECKING:
    from elite_sizer.context import SizingContext

Per = Literal["loss", "swing", "margin", "exposure", "lot"]
"""What a lot uses of a room: loss per lot, that and its gain together, margin, notional, or the lot itself."""


class Outcome(StrEnum):
    """How a request ended; unknown means deny."""

    APPROVE = "approve"
    SHRINK = "shrink"
    DENY = "deny"
    HALT = "halt"
    EXIT = "exit"


class Scaling(NamedTuple):
    """A factor's answer: multiply the money at risk by `value` (finite, not negative)."""

    value: Decimal
    because: str


class Limit(NamedTuple):
    """A cap's answer: an exact room, what a lot uses of it, and the sentence. `room` None is no limit, 0 refuses."""

    room: Decimal | None
    per: Per
    because: str


class Step(NamedTuple):
    """One line of the breakdown; money before the raw lots, lots after."""

    stage: str
    name: str
    before: Decimal | None
    after: Decimal | None
    because: str


class Proposal(NamedTuple):
    """A sizer's answer: money at risk, or lots, or its own refusal."""

    money: Decimal | None = None
    lots: Decimal | None = None
    refusal: Refusal | None = None
    steps: tuple[Step, ...] = ()
    loss_per_lot: Decimal | None = None
    """What the sizer holds a lot to lose, where that is more than the loss at the stop; caps divide by it too."""


class Check(NamedTuple):
    """A cap as it was applied: `lots` is what it allows, floored to the step; None is no limit."""

    name: str
    hard: bool
    limit: Limit
    lots: Decimal | None


class Answer(NamedTuple):
    """What one sizer ends at after CLAMP."""

    sizer: str
    lots: Decimal
    binding: str
    """The cap that cut, or `proposal` where none did."""
    refusal: Refusal | None
    proposal: Proposal
    raw_lots: Decimal | None
    """The proposal in lots, before caps and step, rounded down to 1e-8; None where there was none."""
    checks: tuple[Check, ...] = ()


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
