"""Take no trade that can't earn a multiple of what it risks."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from elite_sizer.context import SizingContext
from elite_sizer.expectancy import reward_to_risk
from elite_sizer.outcome import Limit
from portfolio.model import ZERO


@dataclass(frozen=True, slots=True)
class MinRewardToRisk:
    """The least reward to risk, after costs (source 004: 2.0)."""

    least: Decimal = Decimal("2.0")

    def __call__(self, context: SizingContext) -> Limit:
        """Allow nothing below it, nor without a target."""
        ratio = reward_to_risk(context)
        if ratio is None:
            return Limit(ZERO, "lot", f"at least {self.least} R is asked for, and there is no target")
        return Limit(ZERO if ratio < self.least else None, "lot", f"{ratio:.2f} R after costs, at least {self.least} R")
