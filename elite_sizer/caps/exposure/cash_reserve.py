"""Keep part of the account in cash."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from elite_sizer.model.context import SizingContext
from elite_sizer.model.plugin import Limit
from elite_sizer.model.setting import FRACTION, TIGHTER_ABOVE
from portfolio.reasons import Reason

REASON = Reason("The cash to be kept back is reached.", "Close something.")


@dataclass(frozen=True, slots=True)
class CashReserve:
    """A share of equity that is never invested (source 000: 60 %, its older and stricter rule 80 %)."""

    reserve_pct: Annotated[Decimal, FRACTION, TIGHTER_ABOVE] = Decimal("0.60")

    def __call__(self, context: SizingContext) -> Limit:
        """Return the exposure that is left beside the reserve."""
        equity, gross = context.account.equity, context.totals.gross
        return Limit(
            (1 - self.reserve_pct) * equity - gross,
            "exposure",
            f"{self.reserve_pct:.0%} of {equity:,.2f} {context.account.currency} stay in cash, {gross:,.2f} invested",
        )
