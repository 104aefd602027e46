"""Change money from one currency into another, at the side of the quote that costs more."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final, NamedTuple

from portfolio.model import ONE, Quote, Snapshot, SymbolSpec
from portfolio.reasons import Refusal, refuse
from portfolio.rounding import DOWN, UP

FOREX_MODES: Final = frozenset({0, 5})
"""Calc modes whose symbols are currency pairs: Forex, and Forex without leverage."""
COLLATERAL_MODE: Final = 64


class Prices(NamedTuple):
    """The contracts and prices of one moment, seen from an account in `currency`."""

    currency: str
    specs: Mapping[str, SymbolSpec]
    quotes: Mapping[str, Quote]

    @classmethod
    def of(cls, snapshot: Snapshot) -> Prices:
        """Return the market of a snapshot."""
        return cls(snapshot.account.currency, snapshot.specs, snapshot.quotes)

    def contract(self, symbol: str) -> SymbolSpec | Refusal:
        """Return the specification of a symbol, or why nothing can be computed with it."""
        spec = self.specs.get(symbol)
        if spec is None:
            return refuse("symbol_unknown", f"no specification of {symbol}")
        if spec.calc_mode == COLLATERAL_MODE:
            return refuse("value_unavailable", f"{symbol} is collateral (calc mode 64) and is not traded")
        if spec.tick_size <= 0 or spec.contract_size <= 0 or spec.tick_value < 0 or spec.tick_value_loss < 0:
            return refuse(
                "symbol_spec_invalid",
                f"{symbol}: tick size {spec.tick_size}, contract size {spec.contract_size}, "
                f"tick value {spec.tick_value}, on a loss {spec.tick_value_loss}",
            )
        return spec

    def price(self, symbol: str) -> Quote | None:
        """Return the quote of a symbol if it is above zero and not crossed."""
        quote = self.quotes.get(symbol)
        return quote if quote is not None and 0 < quote.bid <= quote.ask else None


class Rate(NamedTuple):
    """One unit of a currency in another: what it brings (`low`) and what it costs (`high`)."""

    low: Decimal
    high: Decimal
    order: int
    """0 for a pair quoted this way round, 1 for its inverse, 2 for a cross."""

    @property
    def rank(self) -> tuple[int, Decimal, Decimal]:
        """Sort key: direct before inverse before cross, then the narrowest, then the dearer."""
        return self.order, UP.divide(self.high, self.low), -self.high


def conversion(market: Prices, source: str, target: str, *, paying: bool) -> Decimal | Refusal:
    """Return the rate of `source` in `target`: a debt (`paying`) at the dearer side, else the cheaper.

    Pairs are found among the Forex symbols by their currencies, since names carry suffixes: the direct pair, else
    its inverse, else one cross. Of several, the narrowest quote counts. Refuses `fx_rate_missing`; a rate of 1
    is never assumed.
    """
    if source == target:
        return ONE
    best = _direct(market, source, target) or _cross(_neighbours(market, source), _neighbours(market, target))
    if best is None:
        return refuse(
            "fx_rate_missing", f"no Forex pair converts {source} into {target}, directly, inversely or by one cross"
        )
    return best.high if paying else best.low


def _direct(market: Prices, source: str, target: str) -> Rate | None:
    """Return the best rate of the pairs made of these two currencies."""
    counterpart = {source: target, target: source}
    rates = [
        rate
        for name, spec in market.specs.items()
        if counterpart.get(spec.currency_base) == spec.currency_profit
        and (rate := _rate(market, name, spec, source)) is not None
    ]
    return min(rates, key=lambda rate: rate.rank) if rates else None


def _neighbours(market: Prices, currency: str) -> dict[str, Rate]:
    """Return every currency that one pair leads to, at the best rate."""
    rates: dict[str, Rate] = {}
    for name, spec in market.specs.items():
        base, profit = spec.currency_base, spec.currency_profit
        if (base == currency) is (profit == currency):
            continue
        rate = _rate(market, name, spec, currency)
        counterpart = profit if base == currency else base
        if rate is not None and (counterpart not in rates or rate.rank < rates[counterpart].rank):
            rates[counterpart] = rate
    return rates


def _rate(market: Prices, name: str, spec: SymbolSpec, currency: str) -> Rate | None:
    """Return the worth of one unit of `currency` by a pair; None if it is no Forex pair or has no usable quote."""
    quote = market.price(name) if spec.calc_mode in FOREX_MODES else None
    if quote is None:
        return None
    if spec.currency_base == currency:
        return Rate(quote.bid, quote.ask, 0)
    return Rate(DOWN.divide(ONE, quote.ask), UP.divide(ONE, quote.bid), 1)


def _cross(near: Mapping[str, Rate], far: Mapping[str, Rate]) -> Rate | None:
    """Return the narrowest way from one currency over a third to the other; `far` leads from the other."""
    ways = [
        Rate(DOWN.divide(first.low, far[over].high), UP.divide(first.high, far[over].low), 2)
        for over, first in near.items()
        if over in far
    ]
    return min(ways, key=lambda way: way.rank, default=None)
