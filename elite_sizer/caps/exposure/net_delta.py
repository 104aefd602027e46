"""Don't lean further to a side the book already leans to."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from elite_sizer.model.context import SizingContext
from elite_sizer.model.plugin import Limit
from elite_sizer.model.setting import FRACTION, TIGHTER_BELOW
from portfolio.model import ZERO
from portfolio.reasons import Reason

REASON = Reason("The book already leans to this side.", "Close something on this side.")


@dataclass(frozen=True, slots=True)
class NetDelta:
    """No buy while long less short exposure is above a share of equity, no sell while it is as far below (001)."""

    equity_pct: Annotated[Decimal, FRACTION, TIGHTER_BELOW] = Decimal("0.70")

    def __call__(self, context: SizingContext) -> Limit:
        """Allow nothing on the side the book leans to; the other side is free."""
        net, equity = context.totals.net, context.account.equity
        leaning = net * context.request.side.sign > self.equity_pct * equity
        because = f"net exposure {net:+,.2f} {context.account.currency} against {self.equity_pct:.0%} of {equity:,.2f}"
        return Limit(ZERO if leaning else None, "lot", because)
