"""Public address of these functions since the first version; they are written in `portfolio.track_record`."""

from portfolio.track_record.kelly import kelly, kelly_probability, posterior_kelly
from portfolio.track_record.performance import (
    LEAST_TRADES,
    Multiplier,
    Summary,
    multiplier,
    probabilistic_sharpe,
    r_multiples,
    sharpe,
    sortino,
    summary,
)
from portfolio.track_record.posterior import (
    CredibleInterval,
    Posterior,
    posterior,
    posterior_multiplier,
    probability_of_edge,
)
from portfolio.track_record.posterior import credible_interval as evidence

__all__ = [
    "LEAST_TRADES",
    "CredibleInterval",
    "Multiplier",
    "Posterior",
    "Summary",
    "evidence",
    "kelly",
    "kelly_probability",
    "multiplier",
    "posterior",
    "posterior_kelly",
    "posterior_multiplier",
    "probabilistic_sharpe",
    "probability_of_edge",
    "r_multiples",
    "sharpe",
    "sortino",
    "summary",
]
