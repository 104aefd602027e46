"""Count everything on one symbol and side as one idea, and bound what that idea may cost in a day."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from elite_sizer.context import SizingContext
from elite_sizer.outcome import Limit
from portfolio.model import ZERO


@dataclass(frozen=True, slots=True)
class IdeaRisk:
    """A share of the smaller of initial and basis, less the open risk on the same symbol and side and today's loss."""

    risk_pct: Decimal = Decimal("0.02")

    def __call__(self, context: SizingContext) -> Limit:
        """Return the money that is left for this idea today."""
        base = min(context.initial, context.basis)
        at_risk = context.totals.idea_risk
        request = context.request
        if at_risk is None:
            return Limit(ZERO, "loss", f"a {request.side} of {request.symbol} in the book has no stop")
        return Limit(
            self.risk_pct * base - at_risk - context.idea_loss,
            "loss",
            f"{self.risk_pct:.2%} of {base:,.2f} {context.account.currency} for a {request.side} of {request.symbol}, "
            f"less {at_risk:,.2f} at risk and {context.idea_loss:,.2f} lost today",
        )
