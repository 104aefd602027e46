"""Trade smaller the less certain the signal is."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from elite_sizer.factors.curve import interpolate
from elite_sizer.model.context import SizingContext
from elite_sizer.model.expectancy import break_even, reward_to_risk
from elite_sizer.model.plugin import Scaling
from elite_sizer.model.setting import FRACTION, FREE_TO_CHANGE, RATIO
from portfolio.model import ONE
from portfolio.rounding import room_down


@dataclass(frozen=True, slots=True)
class Confidence:
    """Scale by the probability itself (75 % gives 0.75), along a curve, or linearly above break-even as Kelly does.

    The `kelly_linear` form is (p - b) / (reference - b) for the break-even b of the trade: growth-optimal up to a
    constant, within `floor` and `ceiling`.
    """

    curve: Annotated[tuple[tuple[Decimal, Decimal], ...], RATIO, FREE_TO_CHANGE] = ()
    """Knots of probability and value; empty takes the probability."""
    kelly_linear: Annotated[bool, FREE_TO_CHANGE] = False
    reference: Annotated[Decimal, FRACTION, FREE_TO_CHANGE] = Decimal("0.60")
    floor: Annotated[Decimal, RATIO, FREE_TO_CHANGE] = Decimal("0.5")
    ceiling: Annotated[Decimal, RATIO, FREE_TO_CHANGE] = Decimal("1.25")

    def __call__(self, context: SizingContext, _money: Decimal) -> Scaling:
        """Return the scaling for the request's confidence, 1 without one."""
        probability = context.request.confidence
        if probability is None:
            return Scaling(ONE, "no data")
        if self.kelly_linear and (ratio := reward_to_risk(context)) is not None:
            return self._above_break_even(probability, break_even(ratio))
        if self.curve:
            return Scaling(interpolate(self.curve, probability), f"curve at {probability:.1%}")
        return Scaling(probability, f"win probability {probability:.1%}")

    def _above_break_even(self, probability: Decimal, even: Decimal) -> Scaling:
        if self.reference <= even:
            return Scaling(self.floor, f"break-even {even:.1%} is above the reference {self.reference:.1%}")
        value = (probability - even) / (self.reference - even)
        value = room_down(min(max(value, self.floor), self.ceiling))
        return Scaling(value, f"win probability {probability:.1%}, break-even {even:.1%}")
