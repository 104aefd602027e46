"""Read a value off a line through a few knots, rounded down."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from portfolio.rounding import DOWN, room_down

Knots = Sequence[tuple[Decimal, Decimal]]


def interpolate(knots: Knots, at: Decimal) -> Decimal:
    """Return the value at `at` on the straight lines between (x, y) knots in rising x; flat beyond both ends.

    Rounded down to 1e-8, so a curve never gives more than it was drawn with.
    """
    left, low = knots[0]
    for right, high in knots:
        if at <= right:
            if high == low:
                return low
            share = DOWN.divide(DOWN.multiply(high - low, at - left), right - left)
            return room_down(low + share)
        left, low = right, high
    return low
