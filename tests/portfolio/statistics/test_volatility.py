"""True ranges and their averages equal TA-Lib and the terminal, and bad bars are refused."""

from __future__ import annotations

from math import inf, nan
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.model import Bars
from portfolio.statistics.samples import SampleError
from portfolio.statistics.series import exponential_mean, log_returns, simple_returns
from portfolio.statistics.volatility import ewma_variance, terminal_atr, true_range, wilder_atr
from tests.market_data import bars, oracles, real_bars, walk

EXACT = 1e-12


def test_a_true_range_reaches_back_to_the_last_close() -> None:
    # bar 2: 10 to 11 after a close of 9: 11 - 9; bar 3: 7 to 8 after 10.5: 10.5 - 7; bar 4: 6 to 9 inside 8: 9 - 6
    assert true_range([9, 11, 8, 9], [9, 10, 7, 6], [9, 10.5, 8, 8]).tolist() == [2.0, 3.5, 3.0]


def test_wilders_average_is_seeded_with_the_mean_and_then_smoothed() -> None:
    # true ranges 1, 3, 5 with a period of 2: mean of the first two is 2, then (2 + 5) / 2 = 3.5
    known = ([11, 12, 14, 16], [10, 11, 11, 11], [11, 12, 12, 14])
    assert true_range(*known).tolist() == [1.0, 3.0, 5.0]
    assert wilder_atr(*known, period=2).tolist() == [2.0, 3.5]


def test_the_terminals_average_is_the_plain_mean_of_the_last_ranges() -> None:
    # the means of 1 and 3, and of 3 and 5
    assert terminal_atr([11, 12, 14, 16], [10, 11, 11, 11], [11, 12, 12, 14], period=2).tolist() == [2.0, 4.0]


@pytest.mark.parametrize("symbol", ["EURUSD", "US500"])
def test_wilders_average_equals_ta_lib(shared: Path, symbol: str) -> None:
    known = real_bars(shared, symbol, "H4")
    first, index, last = oracles()[f"atr14.talib.{symbol}_H4"]
    found = wilder_atr(known.high, known.low, known.close)
    assert len(known) - len(found) == index
    assert found[0] == pytest.approx(first, rel=EXACT)
    assert found[-1] == pytest.approx(last, rel=EXACT)


@pytest.mark.parametrize("symbol", ["EURUSD", "US500"])
def test_the_terminals_average_equals_its_own_indicator(shared: Path, symbol: str) -> None:
    known = real_bars(shared, symbol, "H4")
    found = terminal_atr(known.high, known.low, known.close)[-1]
    assert found == pytest.approx(oracles()[f"z.atr14.mt5sma.{symbol}_H4"], rel=EXACT)


def test_the_seed_fades_within_two_hundred_bars() -> None:
    known = bars(walk(600), reach=0.001)
    late = wilder_atr(known.high[-200:], known.low[-200:], known.close[-200:])[-1]
    assert late == pytest.approx(wilder_atr(known.high, known.low, known.close)[-1], rel=1e-6)


def test_the_filtered_variance_equals_the_reference(shared: Path) -> None:
    returns = simple_returns(real_bars(shared, "EURUSD", "H4").close)
    # the reference seeds its filter otherwise; 3,275 bars later nothing of that is left
    assert ewma_variance(returns)[-1] ** 0.5 == pytest.approx(oracles()["ewma.sigma_next.arch.0.94"], rel=EXACT)


def test_the_variance_before_a_return_does_not_know_it() -> None:
    calm = np.full(40, 0.001)
    shocked = calm.copy()
    shocked[30] = 0.05
    assert (ewma_variance(calm)[:31] == ewma_variance(shocked)[:31]).all()
    # 0.94 x 0.001^2 + 0.06 x 0.05^2
    assert ewma_variance(shocked)[31] == pytest.approx(0.94 * 1e-6 + 0.06 * 2.5e-3, rel=EXACT)


@given(
    st.lists(st.floats(0, 1e6), min_size=1, max_size=400),
    st.floats(0, 1e6),
    st.sampled_from([0.001, 0.5, 0.9, 13 / 14, 0.94, 0.999]),
)
def test_summing_in_blocks_equals_the_recursion(values: list[float], seed: float, decay: float) -> None:
    expected = [seed]
    for value in values:
        expected.append(decay * expected[-1] + (1 - decay) * value)
    assert exponential_mean(seed, np.array(values), decay) == pytest.approx(expected, rel=1e-11, abs=1e-80)


def test_ten_thousand_bars_do_not_overflow() -> None:
    found = exponential_mean(1.0, np.ones(10_000), 0.9)
    assert found == pytest.approx(np.ones(10_001), rel=EXACT)


@pytest.mark.parametrize("decay", [0.0, 1.0, nan])
def test_a_decay_outside_zero_to_one_is_refused(decay: float) -> None:
    with pytest.raises(SampleError, match="decay"):
        exponential_mean(1.0, np.ones(3), decay)


def test_returns_are_fractions_of_the_price_before() -> None:
    assert simple_returns([100.0, 110.0, 99.0]) == pytest.approx([0.1, -0.1], rel=EXACT)
    assert log_returns([100.0, 110.0]) == pytest.approx([0.0953101798043249], rel=EXACT)


# bad bars


def shaken(place: int, name: str, value: float) -> Bars:
    """Return twenty bars of which one price is `value`."""
    known = bars(walk(20), reach=0.001)
    getattr(known, name)[place] = value
    return known


@pytest.mark.parametrize("name", ["high", "low", "close"])
@pytest.mark.parametrize("bad", [nan, inf])
def test_a_price_that_is_no_number_is_refused(name: str, bad: float) -> None:
    known = shaken(7, name, bad)
    with pytest.raises(SampleError, match="not a finite number"):
        wilder_atr(known.high, known.low, known.close)


def test_a_price_of_zero_is_refused() -> None:
    known = shaken(7, "low", 0.0)
    with pytest.raises(SampleError, match="not above zero"):
        true_range(known.high, known.low, known.close)


def test_a_high_below_its_low_is_refused() -> None:
    known = shaken(7, "high", 0.5)
    with pytest.raises(SampleError, match="high lies below its low"):
        true_range(known.high, known.low, known.close)


def test_series_of_unequal_length_are_refused() -> None:
    known = bars(walk(20))
    with pytest.raises(SampleError, match="20 highs, 19 lows and 20 closes"):
        true_range(known.high, known.low[1:], known.close)


@pytest.mark.parametrize("average", [wilder_atr, terminal_atr])
def test_fifteen_bars_are_needed_for_an_average_of_fourteen(average: object) -> None:
    assert callable(average)
    known = bars(walk(15))
    assert len(average(known.high, known.low, known.close)) == 1
    with pytest.raises(SampleError, match="13 values, 14 are needed"):
        average(known.high[1:], known.low[1:], known.close[1:])


def test_nineteen_returns_are_too_few_for_the_filter() -> None:
    with pytest.raises(SampleError, match="19 values, 20 are needed"):
        ewma_variance(np.full(19, 0.001))
