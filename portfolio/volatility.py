"""Public address of these functions since the first version; they are written in `portfolio.statistics.volatility`."""

from portfolio.statistics.volatility import (
    DECAY,
    PERIOD,
    WARM_UP,
    ewma_variance,
    filtered_variance,
    terminal_atr,
    true_range,
    wilder_atr,
)

__all__ = [
    "DECAY",
    "PERIOD",
    "WARM_UP",
    "ewma_variance",
    "filtered_variance",
    "terminal_atr",
    "true_range",
    "wilder_atr",
]
