"""Warn when a week has seen many positions; never forbid one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from elite_sizer.caps.exposure.spent_budget import pending
from elite_sizer.model.context import SizingContext
from elite_sizer.model.plugin import Limit
from elite_sizer.model.setting import COUNT, TIGHTER_BELOW
from portfolio.reasons import Reason

REASON = Reason("Many positions were opened this week.", "This only warns.")


@dataclass(frozen=True, slots=True)
class PositionsPerWeek:
    """Positions opened since the week began: a warning at `warn`, a louder one from `most` on (source 000: 8, 10)."""

    reads_budget: ClassVar[bool] = True
    warn: Annotated[int, COUNT, TIGHTER_BELOW] = 8
    most: Annotated[int, COUNT, TIGHTER_BELOW] = 10

    def __post_init__(self) -> None:
        if self.warn > self.most:
            message = f"the warning at {self.warn} positions comes after the {self.most} it warns of"
            raise ValueError(message)

    def __call__(self, context: SizingContext) -> Limit:
        """Return no limit, with the warning where there is one."""
        if context.budget is None:
            return Limit(None, "lot", "what was opened this week is not known")
        positions = context.budget.positions_week + len(pending(context))
        if positions >= self.most:
            return Limit(None, "lot", f"warning: {positions} positions this week, {self.most} or more is too many")
        warning = f"; warning: {self.most} is too many" if positions >= self.warn else ""
        return Limit(None, "lot", f"{positions} positions this week{warning}")
