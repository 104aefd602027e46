"""The usual move of a price in a bar: average true range, and the variance of returns."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from portfolio.statistics.samples import SampleError
from portfolio.statistics.series import Floats, exponential_mean, moving_mean, prices, series

DECAY: Final = 0.94
"""Weight of yesterday's variance: RiskMetrics' daily value, and the best of those tried on H4 bars."""

WARM_UP: Final = 20
"""Returns whose mean square starts the filter."""

PERIOD: Final = 14
"""Bars of an average true range, as Wilder chose and the terminal's indicator defaults to."""


def true_range(high: ArrayLike, low: ArrayLike, close: ArrayLike) -> Floats:
    """Return max(high - low, |high - last close|, |low - last close|) from the second bar on, in price units.

    Three series of one length n >= 2, prices above zero; the result has shape (n - 1,). NaN, and a high below its
    low, are refused with SampleError. Reference: J. W. Wilder, New Concepts in Technical Trading Systems (1978).
    """
    tops, bottoms, closes = prices(high, "highs"), prices(low, "lows"), prices(close, "closes")
    if not tops.size == bottoms.size == closes.size:
        raise SampleError(sample="bars", fault=f"{tops.size} highs, {bottoms.size} lows and {closes.size} closes")
    if (tops < bottoms).any():
        raise SampleError(sample="bars", fault="a high lies below its low")
    before = closes[:-1]
    return np.maximum(tops[1:], before) - np.minimum(bottoms[1:], before)


def wilder_atr(high: ArrayLike, low: ArrayLike, close: ArrayLike, period: int = PERIOD) -> Floats:
    """Return Wilder's average true range in price units: value i belongs to bar i + `period`.

    Seeded with the mean of the first `period` true ranges, then (13 ATR + TR) / 14, as TA-Lib does. n bars give
    shape (n - period,), so at least period + 1 bars are needed; feed 200 for the seed to fade below 1e-6. NaN is
    refused. The terminal's own indicator differs by 10 to 20 % at times: see `terminal_atr`.
    """
    ranges = series(true_range(high, low, close), "true ranges", least=period)
    return exponential_mean(float(ranges[:period].mean()), ranges[period:], 1.0 - 1.0 / period)


def terminal_atr(high: ArrayLike, low: ArrayLike, close: ArrayLike, period: int = PERIOD) -> Floats:
    """Return the simple mean of the last `period` true ranges, which is what MetaTrader 5 draws as ATR.

    Units, shape, minimum length and NaN rule as `wilder_atr`; no warm-up. Reference: the terminal's ATR.mq5.
    """
    ranges = series(true_range(high, low, close), "true ranges", least=period)
    return moving_mean(ranges, period)


def ewma_variance(returns: ArrayLike, decay: float = DECAY) -> Floats:
    """Return the variance expected of each return before it came, and last of the one to come; shape (n + 1,).

    s2_(t+1) = decay s2_t + (1 - decay) r_t^2 with zero mean, seeded with the mean square of the first 20 returns
    (warm-up, so n >= 20). Fractions squared. NaN is refused. Reference: RiskMetrics Technical Document (1996).
    """
    return filtered_variance(series(returns, "returns", least=WARM_UP), decay)


def filtered_variance(returns: Floats, decay: float) -> Floats:
    """Return `ewma_variance` of at least 20 returns already known to be finite."""
    squares = returns * returns
    return exponential_mean(float(np.add.reduce(squares[:WARM_UP])) / WARM_UP, squares, decay)
