"""The jump of a price while the market is closed, past any stop."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from portfolio.model import Bars
from portfolio.statistics.series import Floats, prices
from portfolio.statistics.tail_risk import expected_shortfall

ALPHA: Final = 0.025
"""Share of the worst weekends."""

_CLOSED_SECONDS: Final = 24 * 3600


class Gap(NamedTuple):
    """The expected worst opening gap as a fraction of the price; None where there was no weekend to see."""

    fraction: float | None
    weekends: int
    because: str


def weekend_gaps(bars: Bars) -> Floats:
    """Return |open / last close - 1| of every bar that opened more than a day after the one before.

    `bars`: intraday bars, H4 by default, oldest first, prices above zero; NaN is refused with SampleError. The
    result is a fraction, shape (number of weekends and holidays,), maybe empty.
    """
    opens, closes = prices(bars.open, "opens", least=1), prices(bars.close, "closes", least=1)
    after = np.diff(np.asarray(bars.time, dtype=np.int64)) > _CLOSED_SECONDS
    return np.abs(opens[1:][after] / closes[:-1][after] - 1.0)


def gap_fraction(bars: Bars, *, alpha: float = ALPHA) -> Gap:
    """Return the expected shortfall of the weekend gaps in either direction, as a fraction of the price.

    Up and down gaps count alike: a few dozen weekends are too few to tell the sides apart.
    """
    if not len(bars):
        return Gap(None, 0, "no data: no closed bars")
    gaps = weekend_gaps(bars)
    if not gaps.size:
        return Gap(None, 0, f"no data: no weekend in {len(bars)} closed bars")
    fraction = expected_shortfall(gaps, alpha)
    return Gap(fraction, gaps.size, f"mean of the worst {alpha:.3g} of {gaps.size} weekend gaps: {fraction:.3%}")
