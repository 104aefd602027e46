"""Hold only so many trades at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from elite_sizer.model.context import SizingContext
from elite_sizer.model.plugin import Limit
from elite_sizer.model.request import Intent
from elite_sizer.model.setting import COUNT, TIGHTER_BELOW
from portfolio.model import ZERO
from portfolio.reasons import Reason

REASON = Reason("As many trades are open or pending as allowed.", "Close something.")


@dataclass(frozen=True, slots=True)
class MaxPositions:
    """Positions, pending orders and reservations together (source 002 holds 4, source 004 holds 3)."""

    most: Annotated[int, COUNT, TIGHTER_BELOW] = 4

    def __call__(self, context: SizingContext) -> Limit:
        """Allow nothing once there are as many; adding to a netting position makes no new one."""
        trades = context.totals.trades
        full = trades >= self.most and context.intent is not Intent.ADD
        return Limit(ZERO if full else None, "lot", f"{trades} of at most {self.most} trades open or pending")
