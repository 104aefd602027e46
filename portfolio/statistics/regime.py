"""Is the market trending, ranging, volatile or in a crisis? For callers that don't say.

Measured on ten years of eight symbols, the trend strength changes neither the tail nor the size of the moves
when both are counted in ATRs; only extreme volatility adds to the tail. So a name found here is a weaker reason
for a larger trade than one the caller brings.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from portfolio.model import Bars
from portfolio.statistics.samples import SampleError
from portfolio.statistics.series import Floats, exponential_mean, moving_mean
from portfolio.statistics.volatility import PERIOD, true_range, wilder_atr

TRENDING: Final = "trending"
RANGING: Final = "ranging"
VOLATILE: Final = "volatile"
CRISIS: Final = "crisis"
UNKNOWN: Final = "unknown"

LEAST_BARS: Final = 130
"""The mean ATR of 100 bars, and the bars that warm up the trend strength."""

_LOOKBACK: Final = 250
_MEAN: Final = 100
_MEMORY: Final = 100
# measured on four-hour bars of 2013 to 2023: a third of them has a trend strength above 25, a third below 20;
# an ATR above twice its mean has 1 % of them, above 1.4 times another 5 %
_TREND, _RANGE = 25.0, 20.0
_VOLATILE, _CRISIS = 1.4, 2.0
_VOLATILE_SHARE, _CRISIS_SHARE = 0.90, 0.95
_LENIENCE: Final = 0.10
"""A state is left only when its threshold is missed by this share, or the multiplier would flip from bar to bar."""


class MarketRegime(NamedTuple):
    """The state of the market and the three figures it was read from; the name is None where there are no data."""

    name: str | None
    adx: float | None
    percentile: float | None
    """Share of the past 250 ATRs below the present one."""
    ratio: float | None
    """Present ATR over the mean of the last 100."""
    because: str


def average_directional_index(high: ArrayLike, low: ArrayLike, close: ArrayLike, period: int = PERIOD) -> Floats:
    """Return Wilder's ADX, 0 to 100: value i belongs to bar i + 2 period - 1, as TA-Lib has it.

    Three series of one length n >= 2 period, prices above zero; shape (n - 2 period + 1,). NaN is refused with
    SampleError; feed 200 bars for the seed to fade. A market without any movement has 0.
    """
    ranges = true_range(high, low, close)
    if ranges.size < 2 * period - 1:
        raise SampleError(sample="bars", fault=f"{ranges.size + 1} bars, {2 * period} are needed")
    up, down = np.diff(np.asarray(high, dtype=np.float64)), -np.diff(np.asarray(low, dtype=np.float64))
    rises = _smooth(np.where((up > down) & (up > 0.0), up, 0.0), period)
    falls = _smooth(np.where((down > up) & (down > 0.0), down, 0.0), period)
    movement = rises + falls
    strength = np.divide(100.0 * np.abs(rises - falls), movement, out=np.zeros_like(movement), where=movement > 0.0)
    return exponential_mean(float(strength[:period].mean()), strength[period:], 1.0 - 1.0 / period)


def _smooth(movement: Floats, period: int) -> Floats:
    seed = float(movement[: period - 1].sum()) / period
    return exponential_mean(seed, movement[period - 1 :], 1.0 - 1.0 / period)[1:]


def classify(bars: Bars) -> MarketRegime:
    """Return the regime of the last closed bar.

    Crisis: an ATR twice the mean of 100 bars and in the top 5 % of the last 250; volatile: 1.4 times and the top
    10 %; else trending with an ADX of 25 and more, ranging with 20 and less, and `unknown` in between. Read over
    the last 100 bars with 10 % lenience for the state one is in, always from the same window, so the same bars
    give the same name whenever the program was started. Below 130 bars the name is None. NaN is refused with
    SampleError.
    """
    if len(bars) < LEAST_BARS:
        return MarketRegime(None, None, None, None, f"no data: {len(bars)} closed bars, {LEAST_BARS} are needed")
    tail = slice(-(PERIOD + _LOOKBACK + _MEMORY), None)
    high, low, close = bars.high[tail], bars.low[tail], bars.close[tail]
    ranges = wilder_atr(high, low, close)
    if ranges.min() <= 0.0:
        return MarketRegime(None, None, None, None, f"no data: the price stood still in {len(bars)} closed bars")
    strengths = average_directional_index(high, low, close)
    percentiles = _percentiles(ranges)
    ratios = ranges[_MEAN - 1 :] / moving_mean(ranges, _MEAN)
    steps = min(percentiles.size, strengths.size, ratios.size)
    name = UNKNOWN
    for adx, percentile, ratio in zip(strengths[-steps:], percentiles[-steps:], ratios[-steps:], strict=True):
        name = _next(name, float(adx), float(percentile), float(ratio))
    because = f"ADX {adx:.0f}, ATR {ratio:.2f} x its mean of {_MEAN} bars, above {percentile:.0%} of the past"
    return MarketRegime(name, float(adx), float(percentile), float(ratio), because)


def _percentiles(ranges: Floats) -> Floats:
    """Return the share of past ATRs below each of the last ones, every share over a window of the same length."""
    length = min(_LOOKBACK, ranges.size)
    windows = np.lib.stride_tricks.sliding_window_view(ranges, length)
    shares: Floats = (windows[:, :-1] < windows[:, -1:]).mean(axis=1)
    return shares


def _next(state: str, adx: float, percentile: float, ratio: float) -> str:
    """Return the state after one more bar; the threshold of the state one is in is softer."""
    calm = 1.0 - _LENIENCE
    if percentile >= _CRISIS_SHARE and ratio >= _CRISIS * (calm if state == CRISIS else 1.0):
        return CRISIS
    if percentile >= _VOLATILE_SHARE and ratio >= _VOLATILE * (calm if state in {VOLATILE, CRISIS} else 1.0):
        return VOLATILE
    if adx >= _TREND * (calm if state == TRENDING else 1.0):
        return TRENDING
    if adx <= _RANGE * (1.0 + _LENIENCE if state == RANGING else 1.0):
        return RANGING
    return UNKNOWN
