"""Risk no more in one position than the firm allows."""

from __future__ import annotations

from elite_sizer.caps.firm.firm_share import firm_share
from elite_sizer.model.context import SizingContext
from elite_sizer.model.plugin import Limit
from portfolio.book.charges import within
from portfolio.model import MarginMode
from portfolio.reasons import WAIT, Reason

REASON = Reason("The firm's risk for one position is used up.", WAIT)


def firm_trade_risk(context: SizingContext) -> Limit:
    """Return the money one position may lose; on netting everything on this symbol and side is one position."""
    request = context.request
    hedging = context.account.margin_mode is MarginMode.HEDGING
    beside = () if hedging else within((*context.book, *context.held), request.symbol, request.side)
    return firm_share(context, context.rules.limits.trade_risk, beside, "one position")
