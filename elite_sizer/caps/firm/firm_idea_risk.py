"""Risk no more in one trade idea, everything on one symbol and side, than the firm allows."""

from __future__ import annotations

from elite_sizer.caps.firm.firm_share import firm_share
from elite_sizer.model.context import SizingContext
from elite_sizer.model.plugin import Limit
from portfolio.book.charges import within
from portfolio.reasons import WAIT, Reason

REASON = Reason("The firm's risk for one trade idea is used up.", WAIT)


def firm_idea_risk(context: SizingContext) -> Limit:
    """Return the money the idea may still lose beside what it risks and what it has realised today."""
    request, cap = context.request, context.rules.limits.idea_risk
    beside = () if cap is None else within((*context.book, *context.held), request.symbol, request.side)
    return firm_share(context, cap, beside, "one trade idea", loss=context.idea_loss)
