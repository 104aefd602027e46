"""Take no trade that is too small to be worth it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from elite_sizer.model.context import SizingContext
from elite_sizer.model.plugin import Limit
from elite_sizer.model.setting import MONEY, TIGHTER_ABOVE
from portfolio.reasons import WAIT, Reason

REASON = Reason("The position would be too small to be worth it.", WAIT)


@dataclass(frozen=True, slots=True)
class MinPosition:
    """The smallest position in deposit currency of notional (source 001: 50)."""

    money: Annotated[Decimal, MONEY, TIGHTER_ABOVE] = Decimal(50)

    def __call__(self, context: SizingContext) -> Limit:
        """Return no limit, but the least that the exposure must reach; what is smaller is no trade."""
        because = f"a position has at least {self.money:,.2f} {context.account.currency} of exposure"
        return Limit(None, "exposure", because, least=self.money)
