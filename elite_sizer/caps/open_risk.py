"""Bound what the whole book risks at once, this trade included."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from elite_sizer.context import SizingContext
from elite_sizer.outcome import Limit
from portfolio.model import ZERO


@dataclass(frozen=True, slots=True)
class OpenRisk:
    """A share of the basis, less the open risk of positions, pending orders and reservations."""

    risk_pct: Decimal = Decimal("0.03")

    def __call__(self, context: SizingContext) -> Limit:
        """Return the money this trade may add to the risk of the book."""
        basis, at_risk = context.basis, context.totals.open_risk
        if at_risk is None:
            return Limit(ZERO, "loss", "something open or pending has no stop")
        return Limit(
            self.risk_pct * basis - at_risk,
            "loss",
            f"{self.risk_pct:.2%} of {basis:,.2f} {context.account.currency} for the book, less {at_risk:,.2f} at risk",
        )
