"""Average result of a trade in units of its own risk (R), after costs."""

from __future__ import annotations

from decimal import Decimal

from elite_sizer.model.context import SizingContext
from portfolio.rounding import DOWN, UP


def reward_to_risk(context: SizingContext) -> Decimal | None:
    """Return gain at the target over loss at the stop, costs off the one and on the other; None without a target."""
    lot = context.lot
    if lot.gain is None:
        return None
    return DOWN.divide(lot.gain - lot.cost, lot.at_stop)


def expectancy(context: SizingContext) -> Decimal | None:
    """Return p RR - (1 - p) in R; None without a confidence or a target."""
    probability, ratio = context.request.confidence, reward_to_risk(context)
    if probability is None or ratio is None:
        return None
    return DOWN.subtract(DOWN.multiply(probability, ratio), 1 - probability)


def break_even(ratio: Decimal) -> Decimal:
    """Return the win probability at which a reward-to-risk `ratio` earns nothing, rounded up; 1 for no reward."""
    return Decimal(1) if ratio <= 0 else UP.divide(Decimal(1), 1 + ratio)
