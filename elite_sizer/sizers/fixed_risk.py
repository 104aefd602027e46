"""The plain sizer most traders have: a fixed fraction of the account over the stop, within the broker's volume."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from elite_sizer.context import SizingContext
from elite_sizer.outcome import Proposal, Step
from portfolio.model import ZERO
from portfolio.rounding import DOWN, lots_down, smallest_lots


@dataclass(frozen=True, slots=True)
class FixedRisk:
    """Risk the same fraction of the basis on every trade; nothing else is looked at."""

    risk_pct: Decimal = Decimal("0.011")

    def __call__(self, context: SizingContext) -> Proposal:
        """Return lots on the broker's grid, 0 where the smallest would risk more."""
        spec = context.spec
        money = DOWN.multiply(self.risk_pct, context.basis)
        lots = lots_down(DOWN.divide(money, context.lot.at_stop), spec.volume_step)
        lots = min(lots, lots_down(spec.volume_max, spec.volume_step))
        if lots < smallest_lots(spec.volume_min, spec.volume_step):
            lots = ZERO
        because = f"{self.risk_pct:.2%} of {context.basis:,.2f}"
        return Proposal(lots=lots, steps=(Step("base", "fixed_risk", None, money, because),))
