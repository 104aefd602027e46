"""Trade larger or smaller by the account's own recent results, as far as they are evidence."""

from __future__ import annotations

from decimal import Decimal

from elite_sizer.model.context import SizingContext
from elite_sizer.model.plugin import Scaling
from portfolio.model import ONE


def performance(context: SizingContext, _money: Decimal) -> Scaling:
    """Return the posterior multiplier of `portfolio.track_record.performance`, in [0.7, 1.3]; 1 without a history."""
    record = context.market.record
    if record is None:
        return Scaling(ONE, "no data")
    return Scaling(record.multiplier, record.because)
