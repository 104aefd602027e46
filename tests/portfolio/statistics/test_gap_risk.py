"""A weekend gap is measured over every closure longer than a day."""

from __future__ import annotations

from dataclasses import replace
from math import nan
from pathlib import Path

import pytest

from portfolio.model import Bars
from portfolio.statistics.gap_risk import gap_fraction, weekend_gaps
from portfolio.statistics.samples import SampleError
from portfolio.statistics.tail_risk import expected_shortfall
from tests.market_data import bars, oracles, real_bars

DAY = 24 * 3600


def weekends(*opens: float) -> Bars:
    """Return bars two days apart that close at 100 and open as given."""
    count = len(opens)
    times = [1_700_000_000 + 2 * DAY * at for at in range(count)]
    return Bars("EURUSD", "H4", times, list(opens), [200.0] * count, [50.0] * count, [100.0] * count)


def test_a_gap_counts_in_either_direction() -> None:
    assert weekend_gaps(weekends(100, 103, 98, 100)) == pytest.approx([0.03, 0.02, 0.0])


def test_the_worst_of_few_weekends_stands_for_the_tail() -> None:
    found = gap_fraction(weekends(100, 103, 98, 100))
    assert found.fraction == pytest.approx(0.03)
    assert found.weekends == 3


def test_a_pause_of_a_day_is_no_weekend() -> None:
    known = bars([100.0, 101.0, 102.0], "D1")
    assert gap_fraction(known).fraction is None
    assert gap_fraction(known).because == "no data: no weekend in 3 closed bars"


def test_no_bars_are_no_data() -> None:
    assert gap_fraction(bars([], "H4")).because == "no data: no closed bars"


def test_the_gaps_equal_the_reference_on_real_bars(shared: Path) -> None:
    expected = oracles()["x.gap.weekend.EURUSD_H4.0.05"]
    gaps = weekend_gaps(real_bars(shared, "EURUSD", "H4"))
    assert len(gaps) == expected["n"]
    assert expected_shortfall(gaps, 0.05) == pytest.approx(expected["cvar_abs"], rel=1e-12)


def test_an_open_that_is_no_number_is_refused() -> None:
    known = replace(weekends(100, 103), open=[100.0, nan])
    with pytest.raises(SampleError, match="not a finite number"):
        gap_fraction(known)
