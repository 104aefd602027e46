"""Have only so much allocated in a week."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, ClassVar

from elite_sizer.caps.exposure.spent_budget import amount, remaining
from elite_sizer.model.context import SizingContext
from elite_sizer.model.plugin import Limit
from elite_sizer.model.setting import FRACTION, MONEY, TIGHTER_BELOW
from portfolio.model import ZERO
from portfolio.reasons import Reason

REASON = Reason("The week's exposure budget is spent.", "Close something and wait for a scan.")


@dataclass(frozen=True, slots=True)
class WeeklyExposure:
    """A share of equity for everything that is allocated and not freed yet (source 000: 40 %)."""

    reads_budget: ClassVar[bool] = True
    days: ClassVar[int] = 7
    equity_pct: Annotated[Decimal, FRACTION, TIGHTER_BELOW] = Decimal("0.40")
    money: Annotated[Decimal | None, MONEY, TIGHTER_BELOW] = None
    """Deposit currency; the smaller of the two holds."""

    def __call__(self, context: SizingContext) -> Limit:
        """Return the exposure that the week has left."""
        spending = ZERO if context.budget is None else context.budget.week
        return remaining(context, amount(context, self.equity_pct, self.money), spending, "this week")
