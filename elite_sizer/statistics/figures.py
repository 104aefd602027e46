"""The figures a decision looks up: plain numbers, each None where there are no data, each with its reason.

`elite_sizer.statistics.measurement` makes them when a bar closes, `elite_sizer.statistics.cache` stores them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from portfolio.statistics.correlation_prior import Correlation


class Figure(NamedTuple):
    """A number and what it was made from; None is no data."""

    value: float | None
    because: str


class RegimeFigure(NamedTuple):
    """`trending`, `ranging`, `volatile`, `crisis` or `unknown`; None is no data."""

    name: str | None
    because: str


class BarFigures(NamedTuple):
    """Figures of the closed bars of one symbol and timeframe."""

    bars: int
    tail_buy: Figure
    """Fraction of the price that a bad bar takes from a buy."""
    tail_sell: Figure
    atr: Figure
    """Wilder's, in price units."""
    gap: Figure
    """Fraction of the price that a bad weekend takes."""
    spread: Figure
    """Median, in points."""
    regime: RegimeFigure


class BookFigures(NamedTuple):
    """Correlations of some symbols; the first is the candidate."""

    returns: int
    """Common daily returns behind it; 0 is the prior table alone."""
    symbols: tuple[str, ...]
    matrix: tuple[tuple[float, ...], ...]
    assumed: tuple[bool, ...]
    """By symbol: whether its correlation with the first has no data behind it."""
    because: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PerformanceFigures:
    """Figures of the account's closed trades; money in deposit currency."""

    because: str
    multiplier: float = 1.0
    """At most 1 unless the trades are evidence enough."""
    uncapped: float = 1.0
    capped: bool = False
    independent: int = 0
    """Trades behind the multiplier, overlapping ones merged."""
    closed: int = 0
    """Closed trades; the sample of everything below."""
    wins: int = 0
    losses: int = 0
    win_rate: float | None = None
    payoff: float | None = None
    average: float | None = None
    """Mean net result of a trade."""
    average_r: float | None = None
    """Mean R-multiple of the trades whose stop is known."""
    sharpe: float | None = None
    """Per trade."""


@dataclass(frozen=True, slots=True)
class Statistics:
    """Everything statistical that one candidate trade needs."""

    tail_distance: Figure
    """Move of a bad bar of the request's timeframe against the candidate's side, in price units."""
    gap_distance: Figure
    """Move of a bad weekend against the price, at least three four-hour ATRs, in price units."""
    atr: Figure
    """Wilder's ATR of the request's timeframe, in price units."""
    atr_h4: Figure
    atr_d1: Figure
    median_spread: Figure
    """In price units."""
    regime: RegimeFigure
    """Of the request's timeframe, for callers that give none."""
    correlations: Mapping[str, Correlation]
    """By symbol of the book: with the candidate's symbol, both bought. The caller signs by side
    (`portfolio.statistics.diversification.signed_correlation`)."""
    book: BookFigures | None
    """All correlations among candidate and book, for the effective number of bets; None with an empty book."""
    performance: PerformanceFigures
