"""Leave enough margin that the broker never comes near closing a position by itself."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from elite_sizer.context import SizingContext
from elite_sizer.outcome import Limit
from portfolio.model import ZERO
from portfolio.rounding import DOWN


@dataclass(frozen=True, slots=True)
class FreeMargin:
    """A least margin level with this trade, the pending orders and the reservations in it."""

    level: Decimal = Decimal("2.0")
    """Equity over margin; 2.0 is 200 %. 0 switches the level off, and a share of the free margin holds instead."""
    free_share: Decimal = Decimal("0.95")

    def __call__(self, context: SizingContext) -> Limit:
        """Return the margin this trade may bind; nothing where its margin is unknown."""
        account, pending = context.account, context.totals.margin
        if context.lot.margin is None:
            return Limit(ZERO, "margin", f"the margin of a lot of {context.request.symbol} is unknown")
        if self.level <= 0:
            return Limit(
                self.free_share * account.free_margin - pending,
                "margin",
                f"{self.free_share:.0%} of {account.free_margin:,.2f} {account.currency} free margin, "
                f"less {pending:,.2f} for pending orders",
            )
        return Limit(
            DOWN.divide(account.equity, self.level) - account.margin - pending,
            "margin",
            f"a margin level of {self.level:.0%} on {account.equity:,.2f} {account.currency}, "
            f"less {account.margin:,.2f} in use and {pending:,.2f} for pending orders",
        )
