"""Commit only so much of the account's capital to one trade, by asset class: margin, never notional."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import Annotated

from elite_sizer.caps.by_asset_class import EMPTY, filled, looked_up
from elite_sizer.model.context import SizingContext
from elite_sizer.model.plugin import Limit
from elite_sizer.model.setting import FRACTION, TIGHTER_BELOW
from portfolio.model import ZERO
from portfolio.reasons import WAIT, Reason

REASON = Reason("The margin allowed for one trade is used up.", WAIT)

MARGIN: Mapping[str, Decimal] = MappingProxyType(
    {
        "forex": Decimal("0.20"),
        "gold": Decimal("0.15"),
        "metals": Decimal("0.15"),
        "indices": Decimal("0.10"),
        "oil": Decimal("0.10"),
        "crypto": Decimal("0.20"),
        "stocks": Decimal("0.20"),
        "others": Decimal("0.10"),
    }
)
"""Source 003, which calls it a notional cap and divides by margin."""


@dataclass(frozen=True, slots=True)
class MarginPerTrade:
    """Shares of the basis that the margin of one trade may take."""

    by_class: Annotated[Mapping[str, Decimal], FRACTION, TIGHTER_BELOW] = field(default_factory=lambda: MARGIN)
    by_symbol: Annotated[Mapping[str, Decimal], FRACTION, TIGHTER_BELOW] = field(default_factory=lambda: EMPTY)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_class", filled(self.by_class, MARGIN))

    def __call__(self, context: SizingContext) -> Limit:
        """Return the margin this trade may bind; nothing where its margin is unknown."""
        if context.lot.margin is None:
            return Limit(ZERO, "margin", f"the margin of a lot of {context.request.symbol} is unknown")
        share, kind = looked_up(self.by_symbol, self.by_class, context), context.asset_class
        most = share * context.basis
        return Limit(most, "margin", f"{most:,.2f} {context.account.currency} of margin ({kind})")
