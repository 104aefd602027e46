"""Trade by the market's regime: a little more in a trend, less in a range, far less in a crisis."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from elite_sizer.model.context import SizingContext
from elite_sizer.model.plugin import Scaling
from elite_sizer.model.setting import FREE_TO_CHANGE, RATIO
from portfolio.model import ONE


@dataclass(frozen=True, slots=True)
class Regime:
    """A multiplier for each regime; 1.2 in a trend is source 003's choice and has no published basis.

    A regime that the caller did not name but that was read off the bars never enlarges a trade.
    """

    trending: Annotated[Decimal, RATIO, FREE_TO_CHANGE] = Decimal("1.2")
    ranging: Annotated[Decimal, RATIO, FREE_TO_CHANGE] = Decimal("0.9")
    volatile: Annotated[Decimal, RATIO, FREE_TO_CHANGE] = Decimal("0.75")
    crisis: Annotated[Decimal, RATIO, FREE_TO_CHANGE] = Decimal("0.5")
    unknown: Annotated[Decimal, RATIO, FREE_TO_CHANGE] = Decimal("1.0")

    def __call__(self, context: SizingContext, _money: Decimal) -> Scaling:
        """Return the multiplier of the request's regime, else of the classified one, 1 without either."""
        match context.request.regime or context.market.regime:
            case "trending":
                value = self.trending
            case "ranging":
                value = self.ranging
            case "volatile":
                value = self.volatile
            case "crisis":
                value = self.crisis
            case "unknown":
                value = self.unknown
            case _:
                return Scaling(ONE, "no data")
        if context.request.regime is not None:
            return Scaling(value, f"{context.request.regime}, as requested")
        return Scaling(min(value, ONE), f"{context.market.regime}, {context.market.regime_because}")
