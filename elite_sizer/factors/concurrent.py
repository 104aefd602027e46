"""Share the risk among the trades that are open at once."""

from __future__ import annotations

from decimal import Decimal

from elite_sizer.model.context import SizingContext
from elite_sizer.model.plugin import Scaling
from elite_sizer.model.request import Intent
from portfolio.rounding import DOWN


def concurrent(context: SizingContext, _money: Decimal) -> Scaling:
    """Scale risk by 1 / (open or pending + 1), as source 004 does; adding to a netting position makes no new trade."""
    trades = max(context.totals.trades - (context.intent is Intent.ADD), 0)
    return Scaling(DOWN.divide(Decimal(1), Decimal(trades + 1)), f"1 / ({trades} open or pending + 1)")
