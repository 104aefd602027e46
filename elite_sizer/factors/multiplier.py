"""Trade smaller by the caller's own multiplier."""

from __future__ import annotations

from decimal import Decimal

from elite_sizer.model.context import SizingContext
from elite_sizer.model.plugin import Scaling
from portfolio.model import ONE


def multiplier(context: SizingContext, _money: Decimal) -> Scaling:
    """Return the request's multiplier, never more than 1; 1 without one."""
    value = context.request.multiplier
    if value is None:
        return Scaling(ONE, "no data")
    return Scaling(min(value, ONE), "the caller's multiplier")
