"""Trade smaller the more the book already bets on the same thing."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from elite_sizer.model.context import SizingContext
from elite_sizer.model.plugin import Scaling
from elite_sizer.model.setting import FRACTION, FREE_TO_CHANGE
from portfolio.model import ONE, ZERO
from portfolio.rounding import room_down
from portfolio.statistics.diversification import factor


@dataclass(frozen=True, slots=True)
class Diversification:
    """Scale down until the book's correlated risk is no larger than an independent trade would have made it.

    Counts positions, pending orders and reservations, signed by side.
    """

    hedge_credit: Annotated[float, FRACTION, FREE_TO_CHANGE] = 0.5
    """Share of a negative correlation that counts."""

    def __call__(self, context: SizingContext, money: Decimal) -> Scaling:
        """Return sqrt(1 + beta^2) - beta for `money` at risk against the book; 1 for an empty one.

        beta is the open risk that adds to the trade's, less the credit for the risk that hedges it, over the money.
        """
        book = context.totals
        if not book.trades or money <= ZERO:
            return Scaling(ONE, "no data" if book.trades else "nothing else at risk")
        stack = max(book.along - self.hedge_credit * book.against, 0.0)
        value = factor(stack / float(str(money)))
        because = f"{stack:.2f} {context.account.currency} of {book.trades} open or pending stack up with it"
        return Scaling(room_down(Decimal(repr(value))), because)
