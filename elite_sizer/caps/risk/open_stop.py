"""Open nothing new while something in the book can lose without bound."""

from __future__ import annotations

from elite_sizer.model.context import SizingContext
from elite_sizer.model.plugin import Limit
from portfolio.model import ZERO
from portfolio.reasons import Reason

REASON = Reason("An open position or order has no stop.", 'Set a stop, or open_stop = "gap".')


def open_stop(context: SizingContext) -> Limit:
    """Allow nothing while a position or an order has no stop; where `gap` charges them, none is left without bound."""
    bare = context.totals.unbounded
    if bare:
        return Limit(ZERO, "lot", f"{len(bare)} without a stop: {', '.join(bare)}")
    return Limit(None, "lot", f"{context.totals.trades} open or pending, each with a bounded loss")
