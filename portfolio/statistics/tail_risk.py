"""The cost of a bad bar, which may exceed the loss at the stop.

The tail of the next bar is today's volatility times the tail of past returns measured in the volatility of
their own time (filtered historical simulation). A buy and a sell have different tails: a fall hurts one, a rise
the other.
"""

from __future__ import annotations

from functools import lru_cache
from math import exp, lgamma, log1p, pi, sqrt
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from portfolio.model import Bars, Side
from portfolio.statistics.distributions import student_quantile
from portfolio.statistics.samples import SampleError, share
from portfolio.statistics.series import Floats, series, simple_returns
from portfolio.statistics.volatility import DECAY, WARM_UP, filtered_variance

ALPHA: Final = 0.05
"""Share of the worst bars: at 2.5 % the tail nearly always exceeds a two-ATR stop and the stop would not matter."""

WINDOW: Final = 1_000
"""Closed bars used: the sampling error is then about 8 %."""

LEAST_BARS: Final = 30
"""Fewer say nothing about a tail."""

PSEUDO_BARS: Final = 100
"""Weight, in bars, of the Student t factor that a short sample is drawn towards."""

# its mean of the worst 5 % lies 2.24 deviations out, the normal's 2.06
DEGREES: Final = 5.0
"""Degrees of freedom of that Student t."""


class Tail(NamedTuple):
    """Expected fall against the trade in a bad bar, as a fraction of the price; None where the bars are too few."""

    fraction: float | None
    bars: int
    because: str


class TailDistance(NamedTuple):
    """Expected fall against the trade in a bad bar, in price units; None where the bars are too few."""

    distance: float | None
    bars: int
    because: str


def expected_shortfall(losses: ArrayLike, alpha: float) -> float:
    """Return the mean of the worst share `alpha` of the losses, exactly: the observation that is cut counts in part.

    `losses`: shape (n,), n >= 1, any unit, a positive number is a loss; the result has the same unit. NaN is
    refused with SampleError. (x_1 + ... + x_m + (k - m) x_(m+1)) / k with the losses sorted from the largest,
    k = alpha n and m its whole part; with k < 1 it is the largest loss. Averaging whole observations instead is
    smaller. Need alpha n >= 15 for a useful figure. References: Rockafellar and Uryasev (2002), Acerbi and
    Tasche (2002).
    """
    return _worst_mean(series(losses, "losses"), share(alpha, "alpha"))


def _worst_mean(losses: Floats, alpha: float) -> float:
    weight = alpha * losses.size
    whole = int(weight + 1e-12)
    cut = losses.size - whole - 1
    worst = np.sort(np.partition(losses, cut)[cut:])
    return float((np.add.reduce(worst[1:]) + max(weight - whole, 0.0) * worst[0]) / weight)


def filtered_expected_shortfall(returns: ArrayLike, alpha: float, *, decay: float = DECAY) -> float:
    """Return the expected shortfall of the next bar for a buy, as a fraction of the price; pass -returns for a sell.

    `returns`: shape (n,), simple returns of closed bars as fractions, n >= 20 (the filter's warm-up); NaN is
    refused with SampleError. Bars before the first movement carry no standardised return and are left out; where
    nothing moved the result is 0. References: Barone-Adesi, Giannopoulos and Vosper (1999); Hull and White (1998).
    """
    moves, volatility = standardised(series(returns, "returns", least=WARM_UP), decay)
    if not moves.size:
        return 0.0
    return volatility * _worst_mean(-moves, share(alpha, "alpha"))


def standardised(returns: Floats, decay: float = DECAY) -> tuple[Floats, float]:
    """Return past returns in units of the volatility expected before each, and the volatility of the next bar.

    `returns`: shape (n,), fractions, finite, n >= 20. Returns before the first movement are left out.
    """
    deviations = np.sqrt(filtered_variance(returns, decay))
    before, newest = deviations[:-1], float(deviations[-1])
    if before.min() <= 0.0:
        moving = before > 0.0
        returns, before = returns[moving], before[moving]
    return returns / before, newest


@lru_cache(maxsize=64)
def student_factor(alpha: float, degrees: float = DEGREES) -> float:
    """Return the expected shortfall of a Student t of variance 1: what a fat but regular tail would be.

    sqrt((v - 2) / v) f(t) / alpha (v + t^2) / (v - 1) at the quantile t of `alpha`; 2.2387 for 5 degrees at 5 %.
    """
    quantile = student_quantile(degrees, share(alpha, "alpha"))
    log_scale = lgamma((degrees + 1.0) / 2.0) - lgamma(degrees / 2.0)
    density = exp(log_scale - (degrees + 1.0) / 2.0 * log1p(quantile**2 / degrees)) / sqrt(degrees * pi)
    return sqrt((degrees - 2.0) / degrees) * density / alpha * (degrees + quantile**2) / (degrees - 1.0)


def tail_fraction(bars: Bars, side: Side, *, alpha: float = ALPHA, window: int = WINDOW, decay: float = DECAY) -> Tail:
    """Return the expected shortfall of the next bar against `side`, as a fraction of the price, never negative.

    `bars`: closed, oldest first, prices above zero; the closes of the last `window` count. The standardised tail of n
    returns is drawn towards that of a Student t5 with the weight of 100 bars, continuously in n. Below 30 bars, or
    where the price stood still, the fraction is None and `because` says so. NaN is refused with SampleError.
    """
    closes = series(bars.close[-window:], "closes", least=0)
    count = f"{closes.size} closed {bars.timeframe} bars"
    if closes.size < LEAST_BARS:
        return Tail(None, closes.size, f"no data: {count}, {LEAST_BARS} are needed")
    moves, volatility = standardised(simple_returns(closes), decay)
    if moves.size < LEAST_BARS - 1 or volatility <= 0.0:
        return Tail(None, closes.size, f"no data: the price stood still in most of {count}")
    own = _worst_mean(-side.sign * moves, share(alpha, "alpha"))
    factor = max((moves.size * own + PSEUDO_BARS * student_factor(alpha)) / (moves.size + PSEUDO_BARS), 0.0)
    prior_share = PSEUDO_BARS / (moves.size + PSEUDO_BARS)
    because = (
        f"mean of the worst {alpha:.3g} of {count}: {factor:.2f} x volatility {volatility:.3%} a bar, "
        f"{prior_share:.0%} of the factor assumed (Student t{DEGREES:.0f})"
    )
    return Tail(factor * volatility, closes.size, because)


def tail_distance(
    bars: Bars,
    side: Side,
    price: float,
    *,
    alpha: float = ALPHA,
    window: int = WINDOW,
    decay: float = DECAY,
) -> TailDistance:
    """Return the expected shortfall of the next bar as a distance in price units at `price`, which is above zero.

    Sample-size rules, units and NaN rule as `tail_fraction`.
    """
    if not 0.0 < price < float("inf"):
        raise SampleError(sample="price", fault=f"{price!r} is not a price above zero")
    tail = tail_fraction(bars, side, alpha=alpha, window=window, decay=decay)
    return TailDistance(None if tail.fraction is None else tail.fraction * price, tail.bars, tail.because)
