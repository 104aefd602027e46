"""Hold only so many lots of a symbol, by its asset class or by its name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import Annotated

from elite_sizer.caps.by_asset_class import EMPTY, filled
from elite_sizer.model.context import SizingContext
from elite_sizer.model.plugin import Limit
from elite_sizer.model.setting import LOTS, TIGHTER_BELOW
from portfolio.reasons import WAIT, Reason
from portfolio.rounding import DOWN

REASON = Reason("The lots allowed for this symbol are used up.", WAIT)

MOST: Mapping[str, Decimal] = MappingProxyType(
    {
        "forex": Decimal(10),
        "gold": Decimal(25),
        "metals": Decimal(10),
        "indices": Decimal(10),
        "oil": Decimal(10),
        "crypto": Decimal(5),
        "stocks": Decimal(10_000),
        "others": Decimal(10),
    }
)
"""Source 003 for forex, gold, indices and oil."""

INDEX_CONTRACT = Decimal(10)
"""The contract size that an index's lots are stated for: firms' index contracts run from 1 to 20 a point."""


@dataclass(frozen=True, slots=True)
class SymbolLots:
    """Lots of one symbol in all, both sides, open, pending and reserved."""

    by_class: Annotated[Mapping[str, Decimal], LOTS, TIGHTER_BELOW] = field(default_factory=lambda: MOST)
    """Those of `indices` are per contract size 10; an index of contract size 1 may have ten times as many."""
    by_symbol: Annotated[Mapping[str, Decimal], LOTS, TIGHTER_BELOW] = field(default_factory=lambda: EMPTY)
    """Lots as they are, whatever the contract."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_class", filled(self.by_class, MOST))

    def __call__(self, context: SizingContext) -> Limit:
        """Return the lots that the symbol has left."""
        open_lots, kind = context.totals.symbol_lots, context.asset_class
        if self.by_symbol and (own := self.by_symbol.get(context.request.symbol)) is not None:
            return Limit(own - open_lots, "lot", f"{own!s} lots of {context.request.symbol}, {open_lots!s} taken")
        most = self.by_class[kind if kind in self.by_class else "others"]
        if kind != "indices":
            return Limit(most - open_lots, "lot", f"{most!s} lots of {kind}, {open_lots!s} taken")
        size = context.spec.contract_size
        because = f"{most!s} lots of {kind} for a contract of {INDEX_CONTRACT!s}, here {size!s}; {open_lots!s} taken"
        return Limit(DOWN.divide(most * INDEX_CONTRACT, size) - open_lots, "lot", because)
