"""Numbers by symbol and by asset class: the symbol's own, else its class's, else that of `others`."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType

from elite_sizer.model.context import SizingContext
from elite_sizer.model.plugin import Limit
from portfolio.instruments.asset_class import CLASSES
from portfolio.model import ZERO
from portfolio.nearest_name import unknown_name

Table = Mapping[str, Decimal]

EMPTY: Table = MappingProxyType({})


def filled(table: Table, default: Table) -> Table:
    """Return a number for every asset class: as given, else the default's, else that of `others`.

    A name that is no asset class raises ValueError with the nearest.
    """
    for name in table:
        if name not in CLASSES:
            raise ValueError(unknown_name(name, CLASSES, "asset class"))
    numbers = {**default, **table}
    return MappingProxyType({name: numbers.get(name, numbers["others"]) for name in CLASSES})


def looked_up(by_symbol: Table, by_class: Table, context: SizingContext) -> Decimal:
    """Return the number for the candidate."""
    own = by_symbol.get(context.request.symbol) if by_symbol else None
    if own is not None:
        return own
    return by_class.get(context.asset_class, by_class["others"])


def exposure_left(
    context: SizingContext, times: Decimal | None, money: Decimal | None, use: Decimal, where: str
) -> Limit:
    """Return the room left of a bound on notional, in multiples of equity or money, of which `used` is taken."""
    if times is None and money is None:
        return Limit(None, "exposure", "no amount is set")
    if context.lot.exposure is None:
        return Limit(ZERO, "exposure", f"the notional of a lot of {context.request.symbol} is unknown")
    most = money if times is None else times * context.account.equity
    if most is None or (money is not None and money < most):
        most = money or ZERO
    because = f"{most:,.2f} {context.account.currency} of exposure in {where}, {use:,.2f} taken"
    return Limit(most - use, "exposure", because)
