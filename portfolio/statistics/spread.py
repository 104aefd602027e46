"""The usual spread between bid and ask."""

from __future__ import annotations

from statistics import median
from typing import Final, NamedTuple

from portfolio.model import Bars

WINDOW: Final = 1_000
"""Closed bars read."""


class Spread(NamedTuple):
    """The median spread in points; None where the bars hold none."""

    points: float | None
    bars: int
    because: str


def median_spread(bars: Bars) -> Spread:
    """Return the median spread of the last 1,000 closed bars in points; bars without a spread don't count."""
    spreads = [points for points in bars.spread[-WINDOW:] if points > 0]
    if not spreads:
        return Spread(None, 0, f"no data: no spread in {len(bars)} closed {bars.timeframe} bars")
    points = float(median(spreads))
    return Spread(points, len(spreads), f"median of {len(spreads)} closed {bars.timeframe} bars: {points:g} points")
