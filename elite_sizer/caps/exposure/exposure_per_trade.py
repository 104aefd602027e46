"""By asset class, in multiples of equity: the notional of one trade; `trade_exposure` bounds a share of equity."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import Annotated

from elite_sizer.caps.by_asset_class import EMPTY, filled, looked_up
from elite_sizer.model.context import SizingContext
from elite_sizer.model.plugin import Limit
from elite_sizer.model.setting import MONEY, TIGHTER_BELOW, TIMES_EQUITY
from portfolio.model import ZERO
from portfolio.reasons import WAIT, Reason

REASON = Reason("The exposure allowed for one trade is used up.", WAIT)

TIMES: Mapping[str, Decimal] = MappingProxyType(
    {
        "forex": Decimal(20),
        "gold": Decimal(5),
        "indices": Decimal(8),
        "oil": Decimal(5),
        "others": Decimal(3),
    }
)
"""Times equity; what is not named is as `others`."""


@dataclass(frozen=True, slots=True)
class ExposurePerTrade:
    """Multiples of equity that the notional of one trade may reach, and an amount of money where one is set."""

    by_class: Annotated[Mapping[str, Decimal], TIMES_EQUITY, TIGHTER_BELOW] = field(default_factory=lambda: TIMES)
    by_symbol: Annotated[Mapping[str, Decimal], TIMES_EQUITY, TIGHTER_BELOW] = field(default_factory=lambda: EMPTY)
    money: Annotated[Decimal | None, MONEY, TIGHTER_BELOW] = None
    """Deposit currency; the smaller of the two holds."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_class", filled(self.by_class, TIMES))

    def __call__(self, context: SizingContext) -> Limit:
        """Return the notional this trade may have; nothing where a lot's notional is unknown."""
        if context.lot.exposure is None:
            return Limit(ZERO, "exposure", f"the notional of a lot of {context.request.symbol} is unknown")
        times, kind = looked_up(self.by_symbol, self.by_class, context), context.asset_class
        most = times * context.account.equity
        if self.money is not None and self.money < most:
            return Limit(self.money, "exposure", f"{self.money:,.2f} {context.account.currency} of exposure a trade")
        return Limit(most, "exposure", f"{times!s} x equity of exposure ({kind})")
