"""The fraction of capital that grows fastest, which is more than a prudent trader risks."""

from __future__ import annotations

from math import inf
from typing import Final

from portfolio.statistics.distributions import beta_above
from portfolio.statistics.samples import SampleError

PSEUDO_TRADES: Final = 10.0
"""Imagined trades at break-even before a win rate is believed."""


def kelly(win_rate: float, payoff: float) -> float:
    """Return (W R - L) / R, the growth-optimal fraction of capital to risk when a loss is 1 R; negative is no edge.

    `win_rate` W from 0 to 1, L = 1 - W, `payoff` R > 0 the mean win over the mean loss. An upper bound for a size,
    never a target.
    """
    if not 0.0 <= win_rate <= 1.0:
        raise SampleError(sample="win rate", fault=f"{win_rate!r} does not lie between 0 and 1")
    if not 0.0 < payoff < inf:
        raise SampleError(sample="payoff", fault=f"{payoff!r} is not a number above zero")
    return (win_rate * payoff - (1.0 - win_rate)) / payoff


def posterior_kelly(wins: int, losses: int, payoff: float) -> float:
    """Return the Kelly fraction at the posterior win rate, negative where there is no edge.

    The prior is a Beta worth ten trades centred at break-even, 1 / (1 + R). Using its mean is exact for a bet of two
    outcomes, whose log growth is linear in the win rate.
    """
    kelly(0.0, payoff)
    win_weight = PSEUDO_TRADES / (1.0 + payoff) + wins
    return kelly(win_weight / (PSEUDO_TRADES + wins + losses), payoff)


def kelly_probability(wins: int, losses: int, payoff: float) -> float:
    """Return the probability that the win rate is above break-even, under the prior of `posterior_kelly`."""
    even = 1.0 / (1.0 + payoff)
    return beta_above(PSEUDO_TRADES * even + wins, PSEUDO_TRADES * (1.0 - even) + losses, even)
