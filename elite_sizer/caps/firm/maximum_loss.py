"""Keep every stop together above the firm's overall floor."""

from __future__ import annotations

from elite_sizer.model.context import SizingContext
from elite_sizer.model.plugin import Limit
from portfolio.reasons import Reason

REASON = Reason("The room before the maximum loss limit is used up.", "Reduce the open risk.")


def maximum_loss(context: SizingContext) -> Limit:
    """Return the net room before the overall floor."""
    room, because = context.rooms.overall
    if room is None:
        return Limit(None, "loss", because)
    return Limit(room, "loss", f"{room:,.2f} {context.account.currency} in all: {because}")
