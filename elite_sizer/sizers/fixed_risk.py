"""The plain sizer most traders have: a fixed fraction of the account over the stop, within the broker's volume."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from elite_sizer.model.context import SizingContext
from elite_sizer.model.plugin import Proposal, Step
from elite_sizer.model.setting import FRACTION, FREE_TO_CHANGE
from portfolio.rounding import DOWN


@dataclass(frozen=True, slots=True)
class FixedRisk:
    """Risk the same fraction of the basis on every trade, whatever the signal, the book or the record."""

    risk_pct: Annotated[Decimal, FRACTION, FREE_TO_CHANGE] = Decimal("0.011")

    def __call__(self, context: SizingContext) -> Proposal:
        """Return the money to risk, divided by the loss at the stop; the broker's grid and largest order bound it."""
        pct, basis = self.risk_pct, context.basis
        money = DOWN.multiply(pct, basis)
        because = f"{pct:.2%} of {basis:,.2f} {context.account.currency}"
        return Proposal(money=money, steps=(Step("base", "fixed_risk", None, money, because),))
