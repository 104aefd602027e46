"""Trade smaller while the account is under water."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from elite_sizer.model.context import SizingContext
from elite_sizer.model.plugin import Scaling
from elite_sizer.model.setting import FRACTION, FREE_TO_CHANGE, RATIO
from portfolio.model import ONE, ZERO
from portfolio.rounding import room_down


@dataclass(frozen=True, slots=True)
class DrawdownThrottle:
    """Scale risk down linearly between two drawdowns from the highest equity seen."""

    start: Annotated[Decimal, FRACTION, FREE_TO_CHANGE] = Decimal("0.02")
    full: Annotated[Decimal, FRACTION, FREE_TO_CHANGE] = Decimal("0.06")
    floor: Annotated[Decimal, RATIO, FREE_TO_CHANGE] = Decimal("0.25")

    def __call__(self, context: SizingContext, _money: Decimal) -> Scaling:
        """Return 1 up to `start`, `floor` from `full` on; 1 where no peak is known."""
        peak = context.peak_equity
        if peak is None or peak <= 0:
            return Scaling(ONE, "no data")
        drawdown = max(ZERO, 1 - context.account.equity / peak)
        depth = min(max((drawdown - self.start) / (self.full - self.start), ZERO), ONE)
        return Scaling(room_down(1 - depth * (1 - self.floor)), f"drawdown {drawdown:.2%} from {peak:,.2f}")
