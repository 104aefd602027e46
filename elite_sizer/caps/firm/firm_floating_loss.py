"""Let all open trades together float no deeper than the firm allows, should every stop be reached."""

from __future__ import annotations

from elite_sizer.caps.firm.firm_share import firm_share
from elite_sizer.model.context import SizingContext
from elite_sizer.model.plugin import Limit
from portfolio.reasons import Reason

REASON = Reason("The firm's floating loss is used up.", "Close or tighten something.")


def firm_floating_loss(context: SizingContext) -> Limit:
    """Return the money this trade may float under its entry beside all others, open, pending or reserved."""
    book = (*context.book, *context.held)
    return firm_share(context, context.rules.limits.floating_loss, book, "all floating losses")
