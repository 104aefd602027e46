"""The usual spread is the median of the bars that have one."""

from __future__ import annotations

from portfolio.statistics.spread import median_spread
from tests.market_data import bars


def test_the_median_ignores_the_odd_wide_spread() -> None:
    # 3, 4, 90
    found = median_spread(bars([1.0, 1.1, 1.2], spread=[3, 90, 4]))
    assert found.points == 4.0
    assert found.because == "median of 3 closed H1 bars: 4 points"


def test_bars_without_a_spread_do_not_count() -> None:
    assert median_spread(bars([1.0, 1.1, 1.2], spread=[0, 6, 0])).points == 6.0


def test_no_spread_at_all_is_no_data() -> None:
    assert median_spread(bars([1.0, 1.1])).points is None
    assert median_spread(bars([1.0, 1.1], spread=[0, 0])).because == "no data: no spread in 2 closed H1 bars"


def test_only_the_last_thousand_bars_count() -> None:
    spreads = [50] * 1000 + [2] * 1000
    assert median_spread(bars([1.0] * 2000, spread=spreads)).points == 2.0
