"""What the parts of a decision return: a scaling, a limit, a proposal, an answer; each number with its sentence.

A *factor* scales the money at risk, a *sizer* proposes, a *cap* limits. They are callables; one with settings is a
frozen dataclass whose fields are the settings. The chain of what they return is the breakdown.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from msgspec import Struct

from elite_sizer.model.plugin import Limit, Named, PerLot, Proposal
from portfolio.model import ONE, ZERO
from portfolio.reasons import Refusal
from portfolio.rounding import DOWN, EXACT, RESOLUTION, under


class Outcome(StrEnum):
    """How a request ended; unknown means deny."""

    APPROVE = "approve"
    SHRINK = "shrink"
    DENY = "deny"
    HALT = "halt"
    EXIT = "exit"


class AppliedCap(Struct, frozen=True):
    """A cap as it was applied: `lots` is what it allows, floored to the step; None is no limit."""

    name: str
    hard: bool
    limit: Limit
    lots: Decimal | None


class SizerResult(Struct, frozen=True):
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
    def loss_per_lot(self) -> Decimal:
        """Loss of a lot in deposit currency: at the stop, or the sizer's own where that is more; 0 where unknown."""
        return self.per_lot.get("loss") or ZERO

    @property
    def raw_lots(self) -> Decimal | None:
        """The proposal in lots, before caps and step, rounded down to 1e-8; None where there was none."""
        money, loss = self.proposal.money, self.per_lot.get("loss")
        if money is None or not loss:
            return self.proposal.lots
        return DOWN.quantize(DOWN.divide(money, loss), RESOLUTION)

    @property
    def checks(self) -> tuple[AppliedCap, ...]:
        """Every cap in lots, derived from its limit when somebody asks."""
        step = self.step
        with under(EXACT):
            per_step: PerLot = {per: None if use is None else use * step for per, use in self.per_lot.items()}
            return tuple(
                [AppliedCap(name, hard, limit, limit.lots(per_step, step)) for name, hard, limit in self.limits]
            )


class FlagValue(StrEnum):
    """Which sizer answers: rollback is `legacy`, comparison is `shadow`."""

    LEGACY = "legacy"
    SHADOW = "shadow"
    ELITE = "elite"


class Flag(NamedTuple):
    """The flag as it stood at the decision, and where it came from."""

    value: FlagValue
    source: str
