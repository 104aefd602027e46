"""Correlations of the symbols of a book: recent bars, blended with a table of long-known ones.

A correlation of sixty days is mostly noise: half measured, half prior, it forecasts the next sixty days better than
every off-the-shelf estimator tried, at every sample size.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from portfolio.model import Bars
from portfolio.statistics.correlation_prior import Instrument, Prior, correlation, instrument
from portfolio.statistics.samples import SampleError
from portfolio.statistics.series import Floats

PSEUDO: Final = 40.0
"""Weight of the prior, in bars."""

WINDOW: Final = 120
"""Common returns used; 60 to 120 daily ones forecast best."""

LEAST_RETURNS: Final = 30
"""Fewer common returns are no measurement."""

_NEGLIGIBLE: Final = 1e-10
_CONVERGED: Final = 1e-15
_MOST_PROJECTIONS: Final = 5_000


class Estimate(NamedTuple):
    """The blended correlations of some symbols: symmetric, positive semi-definite, ones on the diagonal."""

    symbols: tuple[str, ...]
    matrix: Floats
    returns: int
    """Common returns behind the measured part; 0 is the prior alone."""
    left_out: Mapping[str, str]
    """Symbols that have the prior alone, and why."""
    because: str


def estimate(
    bars_by_symbol: Mapping[str, Bars],
    prior: Prior,
    *,
    pseudo: float = PSEUDO,
    window: int = WINDOW,
    instruments: tuple[Instrument, ...] | None = None,
) -> Estimate:
    """Return (n S + pseudo P) / (n + pseudo) of the symbols in the order given; n = 0 is the prior alone.

    S is Pearson's correlation of the log returns between the last `window` + 1 closed bars that all symbols share by
    their open time (joined first, differenced after, nothing filled in). `instruments` says what the symbols are
    where their names alone don't, in the same order. The first symbol is the one asked about: a symbol that shares
    fewer than 31 bars with it (another clock, a new listing), has a price that is not above zero or never moves is left
    to the prior, and so is everything where fewer than 31 bars are common to all. NaN is refused with SampleError.
    """
    symbols = tuple(bars_by_symbol)
    table = prior_matrix(prior, instruments or _by_name(symbols))
    left_out: dict[str, str] = {}
    closes = _matching(tuple(bars_by_symbol.values()), window)
    if closes is None:
        usable, left_out = _usable(bars_by_symbol, window)
        closes = _join(tuple(usable.values()), window)
    count = closes.shape[1] - 1
    if len(closes) == 1 or count < LEAST_RETURNS:
        left_out |= {
            symbol: f"{max(count, 0)} common returns, {LEAST_RETURNS} are needed"
            for symbol in symbols
            if symbol not in left_out
        }
        return Estimate(symbols, table, 0, left_out, "prior table alone: too few recent bars in common")
    because = f"{count} common returns blended with a prior that weighs {pseudo:.0f}"
    logs = np.log(closes)
    returns = logs[:, 1:] - logs[:, :-1]
    if not left_out:
        return Estimate(symbols, blend(returns, table, pseudo), count, left_out, because)
    rows = [at for at, symbol in enumerate(symbols) if symbol not in left_out]
    matrix = table.copy()
    matrix[np.ix_(rows, rows)] = blend(returns, table[np.ix_(rows, rows)], pseudo)
    return Estimate(symbols, nearest_correlation(matrix), count, left_out, because)


def blend(returns: Floats, prior: Floats, pseudo: float = PSEUDO) -> Floats:
    """Return (n S + pseudo P) / (n + pseudo) for returns of shape (symbols, n) and P of shape (symbols, symbols).

    Two positive semi-definite parts make a positive semi-definite whole. A row that never moves, or holds NaN, is
    refused with SampleError.
    """
    count = returns.shape[1]
    centred = returns - np.add.reduce(returns, axis=1, keepdims=True) / count
    products = centred @ centred.T
    scale = np.sqrt(products.diagonal())
    if not scale.min() > 0.0:
        raise SampleError(
            sample="returns", fault="a symbol does not move, or holds a value that is not a finite number"
        )
    weight = count / (count + pseudo)
    matrix: Floats = products * (weight / (scale[:, None] * scale)) + prior * (1.0 - weight)
    np.fill_diagonal(matrix, 1.0)
    return matrix


@lru_cache(maxsize=64)
def prior_matrix(prior: Prior, instruments: tuple[Instrument, ...]) -> Floats:
    """Return the prior correlations of the instruments, shape (n, n); a user's pairs are made consistent first."""
    size = len(instruments)
    matrix = np.eye(size)
    for i in range(size):
        for j in range(i):
            matrix[i, j] = matrix[j, i] = correlation(prior, instruments[i], instruments[j]).value
    nearest = nearest_correlation(matrix)
    nearest.setflags(write=False)
    return nearest


def nearest_correlation(matrix: ArrayLike) -> Floats:
    """Return the correlation matrix nearest to a symmetric one in the Frobenius norm.

    `matrix`: shape (n, n), ones on the diagonal, entries from -1 to 1; a positive semi-definite one comes back as it
    is. NaN, an asymmetric table or another diagonal is refused with SampleError. Alternating projections with
    Dykstra's correction; reference: N. J. Higham (2002), IMA Journal of Numerical Analysis 22, 329.
    """
    table = _square(matrix)
    if np.linalg.eigvalsh(table)[0] >= -_NEGLIGIBLE:
        return table
    nearest, correction = table, np.zeros_like(table)
    for _ in range(_MOST_PROJECTIONS):
        estimate = nearest - correction
        values, vectors = np.linalg.eigh(estimate)
        projection = (vectors * np.maximum(values, 0.0)) @ vectors.T
        correction = projection - estimate
        before, nearest = nearest, (projection + projection.T) / 2.0
        np.fill_diagonal(nearest, 1.0)
        if np.abs(nearest - before).max() <= _CONVERGED:
            break
    return nearest


def _square(matrix: ArrayLike) -> Floats:
    table = np.array(matrix, dtype=np.float64)
    name = "correlation matrix"
    if table.ndim != len(("row", "column")) or table.shape[0] != table.shape[1]:
        raise SampleError(sample=name, fault=f"has the shape {table.shape}, a square one is needed")
    if not np.isfinite(table).all():
        raise SampleError(sample=name, fault="holds a value that is not a finite number")
    if (table != table.T).any() or (table.diagonal() != 1.0).any() or (np.abs(table) > 1.0).any():
        raise SampleError(sample=name, fault="is not symmetric with ones on its diagonal and entries from -1 to 1")
    return table


@lru_cache(maxsize=64)
def _by_name(symbols: tuple[str, ...]) -> tuple[Instrument, ...]:
    return tuple(instrument(symbol) for symbol in symbols)


def _matching(columns: Sequence[Bars], window: int) -> Floats | None:
    """Return the last closes, shape (symbols, window + 1), where all bars have the same times already; else None."""
    last = slice(-(window + 1), None)
    times = [bars.time[last] for bars in columns]
    if not times or any(len(stamps) != window + 1 for stamps in times):
        return None
    open_times = np.array(times, dtype=np.int64)
    closes = np.array([bars.close[last] for bars in columns], dtype=np.float64)
    side_by_side = (open_times == open_times[0]).all() and (open_times[0, 1:] > open_times[0, :-1]).all()
    # a NaN is no minimum above zero either
    if not (side_by_side and closes.min() > 0.0):
        return None
    # a price that ends where it began may have stood still; `_usable` finds out
    return None if (closes[:, 0] == closes[:, -1]).any() else closes


class _Closes(NamedTuple):
    times: NDArray[np.int64]
    closes: Floats


def _usable(bars_by_symbol: Mapping[str, Bars], window: int) -> tuple[dict[str, _Closes], dict[str, str]]:
    """Return the closes of the symbols that can be joined with the first, and why the others can't."""
    usable: dict[str, _Closes] = {}
    left_out: dict[str, str] = {}
    first: _Closes | None = None
    for symbol, bars in bars_by_symbol.items():
        series = _last_closes(bars, window)
        first = series if first is None else first
        fault = _fault(series, first)
        if fault is None:
            usable[symbol] = series
        else:
            left_out[symbol] = fault
    return usable, left_out


def _last_closes(bars: Bars, window: int) -> _Closes:
    """Return the closes of twice the window: what other symbols' holidays cost is made up from further back."""
    last = slice(-2 * (window + 1), None)
    series = _Closes(np.asarray(bars.time[last], dtype=np.int64), np.asarray(bars.close[last], dtype=np.float64))
    if not np.isfinite(series.closes).all():
        raise SampleError(sample=f"closes of {bars.symbol}", fault="hold a value that is not a finite number")
    if (series.times[1:] <= series.times[:-1]).any():
        raise SampleError(sample=f"bars of {bars.symbol}", fault="do not rise in time")
    return series


def _fault(series: _Closes, first: _Closes) -> str | None:
    overlap = _common(series.times, first.times).size
    if overlap <= LEAST_RETURNS:
        return f"shares {overlap} bars with the symbol asked about, {LEAST_RETURNS + 1} are needed"
    lowest, highest = series.closes.min(), series.closes.max()
    if lowest <= 0.0:
        return "a price is not above zero"
    return "the price stood still" if lowest == highest else None


def _common(first: NDArray[np.int64], second: NDArray[np.int64]) -> NDArray[np.int64]:
    if first.size == second.size and (first == second).all():
        return first
    return np.intersect1d(first, second, assume_unique=True)


def _join(columns: Sequence[_Closes], window: int) -> Floats:
    """Return the closes at the last open times common to all, shape (symbols, at most window + 1)."""
    if not columns:
        return np.empty((0, 0))
    common = columns[0].times
    for series in columns[1:]:
        common = _common(common, series.times)
    common = common[-(window + 1) :]
    return np.stack([series.closes[np.searchsorted(series.times, common)] for series in columns])
