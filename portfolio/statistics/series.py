"""Prices and returns as arrays a statistic may be made from.

Arrays are one-dimensional float64, oldest first. NaN and infinity are refused with a `SampleError`, as are
prices that are not above zero: oil has traded there, and a return from such a price means nothing.
"""

from __future__ import annotations

from functools import lru_cache
from math import isfinite, log
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from portfolio.statistics.samples import SampleError, share

Floats: TypeAlias = NDArray[np.float64]

_LARGEST_POWER = 100 * log(10.0)


def series(values: ArrayLike, name: str, *, least: int = 1) -> Floats:
    """Return `values` as shape (n,) with n >= `least`, every one finite; SampleError otherwise."""
    numbers = np.asarray(values, dtype=np.float64)
    if numbers.ndim != 1:
        raise SampleError(sample=name, fault=f"has {numbers.ndim} dimensions, one is needed")
    if numbers.size < least:
        raise SampleError(sample=name, fault=f"{numbers.size} values, {least} are needed")
    # a finite sum has finite terms, and adding up is the cheaper check
    if not isfinite(np.add.reduce(numbers)) and not np.isfinite(numbers).all():
        raise SampleError(sample=name, fault="holds a value that is not a finite number")
    return numbers


def prices(values: ArrayLike, name: str, *, least: int = 2) -> Floats:
    """Return `values` as a series of prices above zero, shape (n,); SampleError otherwise."""
    numbers = series(values, name, least=least)
    if numbers.min() <= 0.0:
        raise SampleError(sample=name, fault="holds a price that is not above zero")
    return numbers


def simple_returns(closes: ArrayLike) -> Floats:
    """Return p_t / p_(t-1) - 1 as a fraction, shape (n - 1,); at least two prices, all above zero."""
    levels = prices(closes, "closes")
    return levels[1:] / levels[:-1] - 1.0


def log_returns(closes: ArrayLike) -> Floats:
    """Return ln(p_t / p_(t-1)), shape (n - 1,); at least two prices, all above zero."""
    return np.diff(np.log(prices(closes, "closes")))


def exponential_mean(seed: float, values: Floats, decay: float) -> Floats:
    """Return m_0 = seed, m_(t+1) = decay m_t + (1 - decay) x_t; shape (n + 1,).

    `values` must not be negative: the recursion is summed as decay^t (seed + (1 - decay) sum decay^-i x_i), in
    which nothing cancels, in blocks short enough for decay^-i to stay far from overflow.
    """
    block = max(1, int(_LARGEST_POWER / -log(share(decay, "decay"))))
    means = np.empty(values.size + 1)
    means[0] = seed
    for start in range(0, values.size, block):
        part = values[start : start + block]
        shrinking, growing = _powers(decay, part.size)
        sums = np.add.accumulate(part * growing)
        np.multiply(sums + means[start], shrinking, out=means[start + 1 : start + 1 + part.size])
    return means


def moving_mean(values: Floats, length: int) -> Floats:
    """Return the mean of the last `length` values, from the first that has so many; shape (n - length + 1,)."""
    means: Floats = np.lib.stride_tricks.sliding_window_view(values, length).mean(axis=1)
    return means


@lru_cache(maxsize=64)
def _powers(decay: float, count: int) -> tuple[Floats, Floats]:
    """Return decay^i and (1 - decay) decay^-i for i = 1 ... count."""
    exponents = np.arange(1, count + 1, dtype=np.float64)
    return decay**exponents, (1.0 - decay) * decay**-exponents
