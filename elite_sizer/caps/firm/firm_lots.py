"""Hold no more lots together, and send no more in one order, than the firm allows."""

from __future__ import annotations

from elite_sizer.model.context import SizingContext
from elite_sizer.model.plugin import Limit
from portfolio.model import ZERO
from portfolio.reasons import Reason
from portfolio.rules.size_limits import lots_cap, order_lots_cap

REASON = Reason("The firm's lots are used up.", "Close something.")


def firm_lots(context: SizingContext) -> Limit:
    """Return the lots that are left: of all open together by the account's size, and of one order by its symbol."""
    limits, symbol = context.rules.limits, context.request.symbol
    together, ticket = lots_cap(limits, context.initial), order_lots_cap(limits, symbol)
    rooms = []
    if together is not None:
        open_lots = sum((charge.lots for charge in (*context.book, *context.held)), ZERO)
        rooms.append(
            (together - open_lots, f"{together} lots open together by {context.rules.id}, {open_lots} are there")
        )
    if ticket is not None:
        closing = f", {context.closing} of them close" if context.closing else ""
        rooms.append(
            (ticket - context.closing, f"{ticket} lots of {symbol} in one order by {context.rules.id}{closing}")
        )
    if not rooms:
        return Limit(None, "lot", f"{context.rules.id} states none")
    return Limit(min(rooms)[0], "lot", min(rooms)[1])
