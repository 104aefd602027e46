"""Take no trade that can't earn a multiple of what it risks."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from elite_sizer.model.context import SizingContext
from elite_sizer.model.expectancy import reward_to_risk
from elite_sizer.model.plugin import Limit
from elite_sizer.model.setting import RATIO, TIGHTER_ABOVE, TIGHTER_TRUE
from portfolio.model import ZERO
from portfolio.reasons import Reason
from portfolio.rounding import DOWN

REASON = Reason("The reward is too small for the risk.", "Find a better price or target.")


@dataclass(frozen=True, slots=True)
class MinRewardToRisk:
    """The least reward to risk, after costs (source 004: 2.0)."""

    least: Annotated[Decimal, RATIO, TIGHTER_ABOVE] = Decimal("2.0")
    after_costs: Annotated[bool, TIGHTER_TRUE] = True
    """False compares the bare distances of target and stop, as source 004 does: its own brackets are exactly 2 R."""

    def __call__(self, context: SizingContext) -> Limit:
        """Allow nothing below it, nor without a target."""
        ratio = reward_to_risk(context) if self.after_costs else _distances(context)
        if ratio is None:
            return Limit(ZERO, "lot", f"at least {self.least} R is asked for, and there is no target")
        words = f"{ratio:.2f} R {'after' if self.after_costs else 'before'} costs, at least {self.least} R"
        return Limit(ZERO if ratio < self.least else None, "lot", words)


def _distances(context: SizingContext) -> Decimal | None:
    """Return the target's distance over the stop's; None without either."""
    if context.stop is None or context.target is None or context.stop == context.entry:
        return None
    return DOWN.divide(abs(context.target - context.entry), abs(context.entry - context.stop))
