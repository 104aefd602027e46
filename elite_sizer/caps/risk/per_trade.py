"""Never risk more than a small share of the account on one trade."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from elite_sizer.model.context import SizingContext
from elite_sizer.model.plugin import Limit


@dataclass(frozen=True, slots=True)
class PerTrade:
    """A share of the basis, for this trade alone."""

    risk_pct: Decimal = Decimal("0.02")

    def __call__(self, context: SizingContext) -> Limit:
        """Return the money this trade may lose."""
        most = self.risk_pct * context.basis
        return Limit(most, "loss", f"{most:,.2f} {context.account.currency} a trade")
