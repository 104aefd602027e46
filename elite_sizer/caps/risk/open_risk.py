"""Bound what the whole book risks at once, this trade included."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from elite_sizer.model.context import SizingContext
from elite_sizer.model.plugin import Limit
from elite_sizer.model.setting import FRACTION, TIGHTER_BELOW
from portfolio.model import ZERO
from portfolio.reasons import Reason

REASON = Reason("The risk allowed in the whole book is used up.", "Close or tighten something.")


@dataclass(frozen=True, slots=True)
class OpenRisk:
    """A share of the basis, less the open risk of positions, pending orders and reservations."""

    risk_pct: Annotated[Decimal, FRACTION, TIGHTER_BELOW] = Decimal("0.03")

    def __call__(self, context: SizingContext) -> Limit:
        """Return the money this trade may add to the risk of the book."""
        at_risk = context.totals.open_risk
        if at_risk is None:
            return Limit(ZERO, "loss", "something open or pending has no stop")
        most = self.risk_pct * context.basis
        because = f"{most:,.2f} {context.account.currency} for the book, {at_risk:,.2f} at risk"
        return Limit(most - at_risk, "loss", because)
