"""Costs of trading a symbol on this account: configured, or learnt from its deals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from elite_sizer.assembly.terms import Terms
from portfolio.model import Side, SymbolSpec
from portfolio.reasons import Refusal
from portfolio.valuation.conversion import Prices
from portfolio.valuation.costs import ASSUMED, Commissions, Costs, costs
from portfolio.valuation.money_per_lot import Worth


class Tariff(NamedTuple):
    """Costs of trading one symbol, and how far its tail may exceed the stop."""

    history: Commissions
    kin: tuple[str, ...] = ()
    """Symbols of the same asset class; their commission is taken where this one has no deals."""
    commission: Decimal | None = None
    """Round turn per lot, where it is configured."""
    slippage: Decimal | None = None
    """Per lot, where it is configured."""
    usual_rate: Decimal = ASSUMED
    """Round turn as a share of the notional, where nothing is known."""
    all_week: bool = False
    """The symbol trades at weekends too."""
    tail_multiple: Decimal = Decimal(2)
    """A resting stop bounds the loss, so the tail counts at most this many stop losses."""

    def costs(
        self,
        prices: Prices,
        spec: SymbolSpec,
        side: Side,
        move: Worth,
        *,
        price: Decimal,
        spread: Decimal,
        nights: Sequence[int],
    ) -> Costs | Refusal:
        """Return the costs of a lot bought or sold at `price` over these nights; refuses what `costs` refuses."""
        return costs(
            prices,
            spec,
            side,
            move,
            price=price,
            history=self.history,
            spread=spread,
            nights=nights,
            kin=self.kin,
            setting=self.commission,
            all_week=self.all_week,
            slippage=self.slippage,
            usual_rate=self.usual_rate,
        )


def tariff(symbol: str, terms: Terms, classes: Mapping[str, tuple[str, str]], history: Commissions) -> Tariff:
    """Return the tariff of a symbol; `classes` gives the asset class of every symbol in the snapshot."""
    asset_class = classes[symbol][0]
    return Tariff(
        history=history,
        kin=tuple(name for name, (of_name, _) in classes.items() if of_name == asset_class),
        commission=terms.commission,
        slippage=terms.slippage,
        usual_rate=terms.usual_rate,
        all_week=asset_class == "crypto",
        tail_multiple=terms.tail_multiple,
    )
