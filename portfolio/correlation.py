"""Public address of these functions since the first version; they are written in `portfolio.statistics.correlation`."""

from portfolio.statistics.correlation import (
    LEAST_RETURNS,
    PSEUDO,
    WINDOW,
    Estimate,
    blend,
    estimate,
    nearest_correlation,
    prior_matrix,
)

__all__ = ["LEAST_RETURNS", "PSEUDO", "WINDOW", "Estimate", "blend", "estimate", "nearest_correlation", "prior_matrix"]
