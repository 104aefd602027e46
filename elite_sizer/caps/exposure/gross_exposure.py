"""Keep the notional of the whole book bounded, longs and shorts added up."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from elite_sizer.caps.by_asset_class import exposure_left
from elite_sizer.model.context import SizingContext
from elite_sizer.model.plugin import Limit
from elite_sizer.model.setting import MONEY, TIGHTER_BELOW, TIMES_EQUITY
from portfolio.reasons import WAIT, Reason

REASON = Reason("The exposure allowed in all is used up.", WAIT)


@dataclass(frozen=True, slots=True)
class GrossExposure:
    """Notional of everything open, pending and reserved (source 002: 150,000; source 004: 20 % of equity)."""

    times_equity: Annotated[Decimal | None, TIMES_EQUITY, TIGHTER_BELOW] = Decimal(30)
    money: Annotated[Decimal | None, MONEY, TIGHTER_BELOW] = None
    """Deposit currency; the smaller of the two holds, and without either there is no limit."""

    def __call__(self, context: SizingContext) -> Limit:
        """Return the notional that the book has left."""
        return exposure_left(context, self.times_equity, self.money, context.totals.gross, "the book")
