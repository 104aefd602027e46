"""Put only part of what today may risk into one trade."""

from __future__ import annotations

from elite_sizer.model.context import SizingContext
from elite_sizer.model.plugin import Limit
from elite_sizer.model.risk_budget import daily_risk_budget
from portfolio.reasons import WAIT, Reason

REASON = Reason("The share of the daily risk budget for one trade is used up.", WAIT)


def concentration(context: SizingContext) -> Limit:
    """Return a share of the daily risk budget, both from the policy."""
    share, budget = context.policy.max_concentration, daily_risk_budget(context)
    return Limit(
        share * budget, "loss", f"{share!s} of a daily risk budget of {budget:,.2f} {context.account.currency}"
    )
