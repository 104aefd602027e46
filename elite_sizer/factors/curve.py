"""Reads a value off a curve of straight lines through a few knots, rounded down."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from portfolio.rounding import DOWN, room_down

Knots = Sequence[tuple[Decimal, Decimal]]


def interpolate(knots: Knots, at: Decimal) -> Decimal:
    """Return the value at `at` on the straight lines between (x, y) knots in rising x; flat beyond both ends.

    Rounded down to 1e-8, so a curve never gives more than it was drawn with.
    """
    x0, y0 = knots[0]
    for x1, y1 in knots:
        if at <= x1:
            if y1 == y0:
                return y0
            rise = DOWN.divide(DOWN.multiply(y1 - y0, at - x0), x1 - x0)
            return room_down(y0 + rise)
        x0, y0 = x1, y1
    return y0
