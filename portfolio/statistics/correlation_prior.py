"""Correlation of two symbols before any bars are read: a table, currency legs, and the class as a last resort.

A pair of symbols is looked up in this order:

1. one instrument under two names: 1
2. a pair the user has edited
3. the table, where both stand in it or follow from it: EURJPY from EURUSD and USDJPY, XAUEUR from gold and the euro
4. two currency pairs of which one has a currency the table does not know: half a correlation per shared leg
5. the same asset class: +0.5, never silently 0
6. classes that are known to go together; else 0

What comes from 4 to 6 is marked `assumed`: good enough to make a trade smaller, no evidence for a hedge.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Final, NamedTuple

from portfolio.instruments.symbol_names import instrument_name, legs, named_class

_NUMERAIRE: Final = "USD"


class Instrument(NamedTuple):
    """A symbol as the terminal writes it, the plain name it means, and its asset class."""

    symbol: str
    name: str
    asset_class: str


class Correlation(NamedTuple):
    """Correlation of two symbols, both bought, from -1 to 1; `assumed` where no data support it."""

    value: float
    assumed: bool
    because: str


@dataclass(frozen=True, slots=True, eq=False)
class Prior:
    """The table of prior correlations and what is assumed beside it."""

    symbols: tuple[str, ...]
    rows: tuple[tuple[float, ...], ...]
    volatility: tuple[float, ...]
    """Daily volatility of each symbol, as a fraction: the weights of currency legs."""
    proxies: Mapping[str, tuple[str, float]]
    """Symbols outside the table that follow one inside it, with their correlation."""
    same_class: float
    related: Mapping[frozenset[str], float]
    """Pairs of asset classes that go together."""
    pairs: Mapping[frozenset[str], float]
    """Correlations edited by the user, by plain names."""
    digest: str
    """Changes whenever a number of the table does."""


def instrument(symbol: str, asset_class: str | None = None) -> Instrument:
    """Return a symbol's instrument; a name that contradicts the known class (a share called GOLD) means only itself."""
    name = instrument_name(symbol)
    known_class = named_class(name)
    if asset_class is not None and known_class is not None and known_class != asset_class:
        return Instrument(symbol, symbol.upper(), asset_class)
    return Instrument(symbol, name, asset_class or known_class or "others")


def correlation(prior: Prior, first: Instrument, second: Instrument) -> Correlation:
    """Return the prior correlation of two instruments, between -1 and 1."""
    names = f"{first.name} and {second.name}"
    if first.name == second.name:
        return Correlation(1.0, assumed=False, because=f"both are {first.name}")
    own_figure = prior.pairs.get(frozenset((first.name, second.name)))
    if own_figure is not None:
        return Correlation(own_figure, assumed=False, because=f"configured for {names}")
    first_exposure, second_exposure = _exposure(prior, first.name), _exposure(prior, second.name)
    if first_exposure is not None and second_exposure is not None:
        value = _covariance(prior, first_exposure.weights, second_exposure.weights) / sqrt(
            first_exposure.variance * second_exposure.variance
        )
        return Correlation(min(max(value, -1.0), 1.0), assumed=False, because=f"prior table for {names}")
    return _assume(prior, first, second)


class _Exposure(NamedTuple):
    """A symbol as a weighted sum of symbols of the table; the variance may hold more than they explain."""

    weights: tuple[tuple[int, float], ...]
    variance: float


def _exposure(prior: Prior, name: str) -> _Exposure | None:
    if name in prior.symbols:
        at = prior.symbols.index(name)
        return _Exposure(((at, prior.volatility[at]),), prior.volatility[at] ** 2)
    if name in prior.proxies:
        proxy, closeness = prior.proxies[name]
        at = prior.symbols.index(proxy)
        return _Exposure(((at, closeness * prior.volatility[at]),), prior.volatility[at] ** 2)
    pair = legs(name)
    if pair is None:
        return None
    base, quote = _against_dollar(prior, pair[0]), _against_dollar(prior, pair[1])
    if base is None or quote is None:
        return None
    weights = base + tuple((at, -weight) for at, weight in quote)
    return _Exposure(weights, _covariance(prior, weights, weights))


def _against_dollar(prior: Prior, currency: str) -> tuple[tuple[int, float], ...] | None:
    """Return the value of a currency in dollars as a weighted symbol of the table; the dollar itself does not move."""
    if currency == _NUMERAIRE:
        return ()
    for name, sign in ((currency + _NUMERAIRE, 1.0), (_NUMERAIRE + currency, -1.0)):
        if name in prior.symbols:
            at = prior.symbols.index(name)
            return ((at, sign * prior.volatility[at]),)
    return None


def _covariance(prior: Prior, first: tuple[tuple[int, float], ...], second: tuple[tuple[int, float], ...]) -> float:
    return sum(a * b * prior.rows[i][j] for i, a in first for j, b in second)


def _assume(prior: Prior, first: Instrument, second: Instrument) -> Correlation:
    first_legs, second_legs = legs(first.name), legs(second.name)
    if first_legs is not None and second_legs is not None:
        common = (
            (first_legs[0] == second_legs[0])
            + (first_legs[1] == second_legs[1])
            - (first_legs[0] == second_legs[1])
            - (first_legs[1] == second_legs[0])
        )
        if common:
            because = f"assumed: {first.name} and {second.name} share a leg"
            return Correlation(common / 2.0, assumed=True, because=because)
    if first.asset_class == second.asset_class:
        return Correlation(prior.same_class, assumed=True, because=f"assumed: both are {first.asset_class}")
    value = prior.related.get(frozenset((first.asset_class, second.asset_class)), 0.0)
    because = f"assumed for {first.asset_class} and {second.asset_class}"
    return Correlation(value, assumed=True, because=because)
