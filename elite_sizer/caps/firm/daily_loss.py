"""Keep every stop together above the firm's daily floor, today's and the one the next reset will draw."""

from __future__ import annotations

from elite_sizer.model.context import SizingContext
from elite_sizer.model.plugin import Limit
from portfolio.reasons import Reason

REASON = Reason("The room before the daily loss limit is used up.", "Wait for the reset.")


def daily_loss(context: SizingContext) -> Limit:
    """Return the smaller of today's net room and the net room after the next reset."""
    today, after, *_ = context.rooms
    if after.money is not None and (today.money is None or after.money < today.money):
        return Limit(
            after.money, "loss", f"{after.money:,.2f} {context.account.currency} after the reset: {after.because}"
        )
    if today.money is None:
        return Limit(None, "loss", today.because)
    return Limit(today.money, "loss", f"{today.money:,.2f} {context.account.currency} today: {today.because}")
