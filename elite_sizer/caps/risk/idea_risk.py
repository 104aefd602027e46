"""Count everything on one symbol and side as one idea, and bound what that idea may cost in a day."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from elite_sizer.model.context import SizingContext
from elite_sizer.model.plugin import Limit
from elite_sizer.model.setting import FRACTION, TIGHTER_BELOW
from portfolio.model import ZERO
from portfolio.reasons import WAIT, Reason

REASON = Reason("The risk allowed for this symbol and side is used up.", WAIT)


@dataclass(frozen=True, slots=True)
class IdeaRisk:
    """A share of the smaller of initial and basis, less the open risk on the same symbol and side and today's loss."""

    risk_pct: Annotated[Decimal, FRACTION, TIGHTER_BELOW] = Decimal("0.02")

    def __call__(self, context: SizingContext) -> Limit:
        """Return the money that is left for this idea today."""
        at_risk = context.totals.idea_risk
        if at_risk is None:
            request = context.request
            return Limit(ZERO, "loss", f"a {request.side} of {request.symbol} in the book has no stop")
        most, spending = self.risk_pct * min(context.initial, context.basis), at_risk + context.idea_loss
        because = f"{most:,.2f} {context.account.currency} for one idea"
        if spending > ZERO:
            because += f", {spending:,.2f} at risk or lost today"
        return Limit(most - spending, "loss", because)
