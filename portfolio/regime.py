"""Public address of these functions since the first version; they are written in `portfolio.statistics.regime`."""

from portfolio.statistics.regime import (
    CRISIS,
    LEAST_BARS,
    RANGING,
    TRENDING,
    UNKNOWN,
    VOLATILE,
    average_directional_index,
    classify,
)
from portfolio.statistics.regime import MarketRegime as Regime

__all__ = [
    "CRISIS",
    "LEAST_BARS",
    "RANGING",
    "TRENDING",
    "UNKNOWN",
    "VOLATILE",
    "Regime",
    "average_directional_index",
    "classify",
]
