"""Leave enough margin that the broker never comes near closing a position by itself."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from elite_sizer.model.context import SizingContext
from elite_sizer.model.plugin import Limit
from elite_sizer.model.setting import FRACTION, RATIO, TIGHTER_ABOVE_ZERO, TIGHTER_BELOW
from portfolio.model import ZERO
from portfolio.reasons import REASONS
from portfolio.rounding import DOWN

# a broker refuses an order with it too, so that its sentence is portfolio's
REASON = REASONS["free_margin"]


@dataclass(frozen=True, slots=True)
class FreeMargin:
    """A least margin level with this trade, the pending orders and the reservations in it."""

    # at 200 % the equity may halve before it is no more than the margin
    level: Annotated[Decimal, RATIO, TIGHTER_ABOVE_ZERO] = Decimal("2.0")
    """Equity over margin; 2.0 is 200 %. 0 switches the level off, and a share of the free margin holds instead."""
    free_share: Annotated[Decimal, FRACTION, TIGHTER_BELOW] = Decimal("0.95")

    def __call__(self, context: SizingContext) -> Limit:
        """Return the margin this trade may bind; nothing where its margin is unknown."""
        if context.lot.margin is None:
            return Limit(ZERO, "margin", f"the margin of a lot of {context.request.symbol} is unknown")
        account, pending = context.account, context.totals.margin
        if self.level > ZERO:
            most, margin = DOWN.divide(account.equity, self.level), account.margin + pending
            because = (
                f"{most:,.2f} {account.currency} at a margin level of {self.level!s}, {margin:,.2f} in use or pending"
            )
            return Limit(most - margin, "margin", because)
        most = self.free_share * account.free_margin
        return Limit(most - pending, "margin", f"{most:,.2f} {account.currency} of free margin, {pending:,.2f} pending")
