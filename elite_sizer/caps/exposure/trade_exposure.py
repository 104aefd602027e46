"""Source 000: a share of equity that one position may reach; `exposure_per_trade` bounds it by asset class."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, ClassVar

from elite_sizer.caps.exposure.spent_budget import amount
from elite_sizer.model.context import SizingContext
from elite_sizer.model.plugin import Limit
from elite_sizer.model.setting import FRACTION, MONEY, TIGHTER_BELOW
from portfolio.book.charges import within
from portfolio.model import ZERO
from portfolio.reasons import WAIT, Reason

REASON = Reason("The exposure allowed in one position is used up.", WAIT)


@dataclass(frozen=True, slots=True)
class TradeExposure:
    """A share of equity that one symbol and side may reach, what it holds already included (source 000: 10 %)."""

    days: ClassVar[int] = 0
    equity_pct: Annotated[Decimal, FRACTION, TIGHTER_BELOW] = Decimal("0.10")
    money: Annotated[Decimal | None, MONEY, TIGHTER_BELOW] = None
    """Deposit currency; the smaller of the two holds (source 000: 11,000)."""

    def __call__(self, context: SizingContext) -> Limit:
        """Return the exposure this position has left."""
        request = context.request
        if context.lot.exposure is None:
            return Limit(ZERO, "exposure", f"the notional of a lot of {request.symbol} is unknown")
        most = amount(context, self.equity_pct, self.money)
        exposure = sum(
            (charge.exposure for charge in within((*context.book, *context.held), request.symbol, request.side)), ZERO
        )
        because = f"{most:,.2f} {context.account.currency} of exposure a position, {exposure:,.2f} taken"
        return Limit(most - exposure, "exposure", because)
