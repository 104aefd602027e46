"""Keep the notional held in one symbol bounded."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from elite_sizer.caps.by_asset_class import exposure_left
from elite_sizer.model.context import SizingContext
from elite_sizer.model.plugin import Limit
from elite_sizer.model.setting import MONEY, TIGHTER_BELOW, TIMES_EQUITY
from portfolio.reasons import WAIT, Reason

REASON = Reason("The exposure allowed in this symbol is used up.", WAIT)


@dataclass(frozen=True, slots=True)
class SymbolExposure:
    """Notional of one symbol, both sides, open, pending and reserved (source 002: 40,000)."""

    times_equity: Annotated[Decimal | None, TIMES_EQUITY, TIGHTER_BELOW] = None
    money: Annotated[Decimal | None, MONEY, TIGHTER_BELOW] = None
    """Deposit currency; the smaller of the two holds, and without either there is no limit."""

    def __call__(self, context: SizingContext) -> Limit:
        """Return the notional that the symbol has left."""
        exposure = context.totals.symbol_exposure
        return exposure_left(context, self.times_equity, self.money, exposure, context.request.symbol)
