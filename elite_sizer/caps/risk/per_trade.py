"""Never risk more than a small share of the account on one trade."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from elite_sizer.model.context import SizingContext
from elite_sizer.model.plugin import Limit
from elite_sizer.model.setting import FRACTION, TIGHTER_BELOW
from portfolio.reasons import WAIT, Reason

REASON = Reason("The risk allowed for one trade is used up.", WAIT)


@dataclass(frozen=True, slots=True)
class PerTrade:
    """A share of the basis, for this trade alone."""

    risk_pct: Annotated[Decimal, FRACTION, TIGHTER_BELOW] = Decimal("0.02")

    def __call__(self, context: SizingContext) -> Limit:
        """Return the money this trade may lose."""
        most = self.risk_pct * context.basis
        return Limit(most, "loss", f"{most:,.2f} {context.account.currency} a trade")
