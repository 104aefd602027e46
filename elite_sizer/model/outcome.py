"""Results of a decision: each sizer's lots after its caps, the caps as they were applied, the outcome, the flag."""

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
    """Outcome of a request; a reader that does not know the word must take it for `deny`."""

    APPROVE = "approve"
    SHRINK = "shrink"
    DENY = "deny"
    HALT = "halt"
    EXIT = "exit"


class AppliedCap(Struct, frozen=True):
    """A cap as it was applied: it allows `lots`, floored to the step; None is no limit."""

    name: str
    hard: bool
    limit: Limit
    lots: Decimal | None


class SizerResult(Struct, frozen=True):
    """Lots of one sizer after CLAMP, with the proposal and the limits they come from."""

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
        """Every cap in lots, computed from its limit on each access."""
        step = self.step
        with under(EXACT):
            per_step: PerLot = {per: None if use is None else use * step for per, use in self.per_lot.items()}
            return tuple(
                [AppliedCap(name, hard, limit, limit.lots(per_step, step)) for name, hard, limit in self.limits]
            )


class RolloutResult(Struct, frozen=True):
    """The result that counts, `answer`, and those that are recorded beside it."""

    answer: SizerResult
    legacy: SizerResult
    elite: SizerResult | None
    also: tuple[SizerResult, ...] = ()


class FlagValue(StrEnum):
    """Whose lots are returned: `legacy` (rollback), `shadow` (legacy, with elite recorded beside it) or `elite`."""

    LEGACY = "legacy"
    SHADOW = "shadow"
    ELITE = "elite"


class Flag(NamedTuple):
    """The flag at the time of the decision, and the file or variable it was read from."""

    value: FlagValue
    source: str
