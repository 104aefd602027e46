"""Belief in the mean result of the next trade after some closed ones, and how weak that belief is.

Twenty imagined trades of mean 0 and deviation 1 R come before the first real trade. A win-rate rule on ten trades
has a noise as large as its effect; this rule moves by a few per cent.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import fsum, sqrt
from typing import Final, NamedTuple

from portfolio.statistics.distributions import student_below, student_quantile
from portfolio.statistics.samples import finite

# by simulation ten trades with an edge of 0.15 R then move the multiplier by 0.04, a hundred by 0.13
PSEUDO_TRADES: Final = 20.0
"""Imagined trades of mean 0 and deviation 1 R: both the weight of the prior mean and its degrees of freedom."""

SPREAD: Final = 0.3
"""Most by which the multiplier leaves 1 in either direction."""

FULL_EFFECT: Final = 0.20
"""Mean over deviation at which the multiplier has gone all the way."""

_FEW: Final = 30
_CREDIBLE: Final = 0.95


class Posterior(NamedTuple):
    """Belief in the mean result per trade, in R, after some trades: a Student t."""

    trades: int
    mean: float
    deviation: float
    """Of a single trade, in R."""
    freedom: float
    weight: float
    """Trades behind the mean, imagined ones included."""

    @property
    def error(self) -> float:
        """Deviation of the mean, in R."""
        return self.deviation / sqrt(self.weight)


class CredibleInterval(NamedTuple):
    """Interval that holds the true mean of some trades with 95 % credibility, in R."""

    trades: int
    mean: float
    low: float
    high: float
    probability: float
    """Of the mean being above zero; 0.5 without any trade."""
    sentence: str


def posterior(r_multiples: Sequence[float]) -> Posterior:
    """Return the normal-inverse-gamma posterior of the mean result of a trade, in R; NaN is refused.

    `r_multiples`: net results in units of the risk taken, any length and order; none gives the prior.
    """
    results = finite(r_multiples, "R-multiples")
    count = len(results)
    weight = freedom = PSEUDO_TRADES + count
    average = fsum(results) / count if count else 0.0
    scatter = fsum((x - average) ** 2 for x in results) + PSEUDO_TRADES * count / weight * average**2
    deviation = sqrt((PSEUDO_TRADES + scatter) / freedom)
    return Posterior(count, count * average / weight, deviation, freedom, weight)


def probability_of_edge(belief: Posterior) -> float:
    """Return the probability that the mean result is above zero."""
    return student_below(belief.freedom, belief.mean / belief.error)


def posterior_multiplier(r_multiples: Sequence[float]) -> float:
    """Return 1 + 0.3 clip((mean / deviation) / 0.20, -1, 1) |2 P - 1|, in [0.7, 1.3], 1 without trades.

    Mean, deviation and P, the probability of a mean above zero, are the posterior's, so the multiplier rises with
    the mean, and stays near 1 while n is small. Neither P nor the probabilistic Sharpe ratio alone would do: without
    any edge both wander over their whole range however long the record. Caps are `multiplier`'s business.
    """
    belief = posterior(r_multiples)
    effect = min(max(belief.mean / belief.deviation / FULL_EFFECT, -1.0), 1.0)
    return 1.0 + SPREAD * effect * abs(2.0 * probability_of_edge(belief) - 1.0)


def credible_interval(r_multiples: Sequence[float]) -> CredibleInterval:
    """Return the 95 % credible interval of the true mean result in R, with a sentence for people."""
    belief = posterior(r_multiples)
    reach = student_quantile(belief.freedom, (1.0 + _CREDIBLE) / 2.0) * belief.error
    low, high, probability = belief.mean - reach, belief.mean + reach, probability_of_edge(belief)
    if not belief.trades:
        return CredibleInterval(0, belief.mean, low, high, probability, "no closed trades: nothing is known")
    remark = "too few to tell luck from skill" if belief.trades < _FEW else "rare large losses may still be missing"
    sentence = (
        f"{belief.trades} trades: with {_CREDIBLE:.0%} credibility the mean result lies between {low:+.2f} R and "
        f"{high:+.2f} R, above zero with a probability of {probability:.0%}; {remark}"
    )
    return CredibleInterval(belief.trades, belief.mean, low, high, probability, sentence)
