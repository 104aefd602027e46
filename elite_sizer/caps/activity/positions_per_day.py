"""Open only so many positions in one day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from elite_sizer.caps.exposure.spent_budget import pending
from elite_sizer.model.context import SizingContext
from elite_sizer.model.plugin import Limit
from elite_sizer.model.request import Intent
from elite_sizer.model.setting import COUNT, TIGHTER_BELOW
from portfolio.model import ZERO
from portfolio.reasons import Reason

REASON = Reason("As many positions were opened today as allowed.", "Wait for tomorrow.")


@dataclass(frozen=True, slots=True)
class PositionsPerDay:
    """Positions opened today, closed since or not, with what is pending or reserved (source 000: 2)."""

    reads_budget: ClassVar[bool] = True
    most: Annotated[int, COUNT, TIGHTER_BELOW] = 2

    def __call__(self, context: SizingContext) -> Limit:
        """Allow nothing once there are as many; adding to a netting position makes no new one."""
        if context.budget is None:
            return Limit(ZERO, "lot", "what was opened today is not known")
        positions = context.budget.positions_day + len(pending(context))
        full = positions >= self.most and context.intent is not Intent.ADD
        return Limit(ZERO if full else None, "lot", f"{positions} of at most {self.most} positions a day")
