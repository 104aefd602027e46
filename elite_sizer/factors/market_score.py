"""Trade smaller when the market as a whole scores badly."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from elite_sizer.factors.curve import interpolate
from elite_sizer.model.context import SizingContext
from elite_sizer.model.plugin import Scaling
from elite_sizer.model.setting import FREE_TO_CHANGE, RATIO
from portfolio.model import ONE


@dataclass(frozen=True, slots=True)
class MarketScore:
    """Scale along a curve over the 0 to 100 market score; the default never gives more than 1."""

    curve: Annotated[tuple[tuple[Decimal, Decimal], ...], RATIO, FREE_TO_CHANGE] = (
        (Decimal(0), Decimal("0.5")),
        (Decimal(60), Decimal("1.0")),
        (Decimal(100), Decimal("1.0")),
    )

    def __call__(self, context: SizingContext, _money: Decimal) -> Scaling:
        """Return the scaling for the request's score, 1 without one."""
        score = context.request.score
        if score is None:
            return Scaling(ONE, "no data")
        return Scaling(interpolate(self.curve, score), f"market score {score:f}")
