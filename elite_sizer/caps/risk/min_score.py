"""Take no signal whose market score is too low."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from elite_sizer.model.context import SizingContext
from elite_sizer.model.plugin import Limit
from elite_sizer.model.setting import SCORE, TIGHTER_ABOVE
from portfolio.model import ZERO
from portfolio.reasons import Reason

REASON = Reason("The signal's score is too low.", "Wait for a better one.")


@dataclass(frozen=True, slots=True)
class MinScore:
    """The least market score, 0 to 100 (source 000: 70); a request without one passes and is said to have none."""

    least: Annotated[Decimal, SCORE, TIGHTER_ABOVE] = Decimal(70)

    def __call__(self, context: SizingContext) -> Limit:
        """Allow nothing below it."""
        score = context.request.score
        if score is None:
            return Limit(None, "lot", f"no score given; at least {self.least} where there is one")
        return Limit(ZERO if score < self.least else None, "lot", f"score {score}, at least {self.least}")
