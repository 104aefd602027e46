"""Public address since the first version of the functions of `portfolio.statistics.diversification`."""

from portfolio.statistics.diversification import (
    average_correlation,
    diversification,
    effective_bets,
    factor,
    net_stacking,
    signed_correlation,
)

__all__ = ["average_correlation", "diversification", "effective_bets", "factor", "net_stacking", "signed_correlation"]
