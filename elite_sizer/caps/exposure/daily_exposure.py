"""Open only so much in one day."""

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

REASON = Reason("Today's exposure budget is spent.", "Wait for tomorrow, or for a scan to free some.")


@dataclass(frozen=True, slots=True)
class DailyExposure:
    """A share of equity that may be opened on one day and is not freed yet (source 000: 20 %).

    What earlier days left unspent never raises it; it only remains in the week.
    """

    reads_budget: ClassVar[bool] = True
    days: ClassVar[int] = 1
    equity_pct: Annotated[Decimal, FRACTION, TIGHTER_BELOW] = Decimal("0.20")
    money: Annotated[Decimal | None, MONEY, TIGHTER_BELOW] = None
    """Deposit currency; the smaller of the two holds (source 000: 22,000)."""

    def __call__(self, context: SizingContext) -> Limit:
        """Return the exposure that today has left."""
        spending = ZERO if context.budget is None else context.budget.day
        return remaining(context, amount(context, self.equity_pct, self.money), spending, "today")
