"""The tail is exact against the reference libraries, honest on little data, and calibrated on real bars."""

from __future__ import annotations

from itertools import pairwise
from math import inf, nan
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from portfolio.model import Side
from portfolio.statistics.samples import SampleError
from portfolio.statistics.series import Floats, simple_returns
from portfolio.statistics.tail_risk import (
    expected_shortfall,
    filtered_expected_shortfall,
    student_factor,
    tail_distance,
    tail_fraction,
)
from tests.market_data import bars, oracles, part, real_bars, walk

EXACT = 1e-12

losses = arrays.arrays(np.float64, st.integers(1, 60), elements=st.floats(-1e3, 1e3))
alphas = st.floats(0.001, 0.999)


def returns(shared: Path, name: str, last: int | None) -> Floats:
    symbol, timeframe = name.split("_")
    made = simple_returns(real_bars(shared, symbol, timeframe).close)
    return made if last is None else made[-last:]


# expected shortfall


def test_the_observation_that_is_cut_counts_in_part() -> None:
    # five losses, a quarter of them is 1.25: (4 + 0.25 x 3) / 1.25
    assert expected_shortfall([0, 1, 2, 3, 4], 0.25) == 3.8 == oracles()["cvar.toy"]


def test_less_than_one_observation_is_the_largest_loss() -> None:
    assert expected_shortfall([1.0, 7.0, 3.0], 0.05) == pytest.approx(7.0, rel=EXACT)


@pytest.mark.parametrize(
    ("name", "last"), [("EURUSD_H4", None), ("EURUSD_H4", 300), ("XAUUSD_D1", 500)], ids=["all", "300", "500"]
)
@pytest.mark.parametrize("alpha", [0.05, 0.025, 0.01])
def test_it_equals_the_reference_on_real_bars(shared: Path, name: str, last: int | None, alpha: float) -> None:
    window = "all" if last is None else f"last{last}"
    expected = oracles()[f"cvar.ru.{name} {window}.{alpha}"]
    assert expected_shortfall(-returns(shared, name, last), alpha) == pytest.approx(expected, rel=EXACT)


def test_it_equals_an_independent_linear_programme(shared: Path) -> None:
    expected = oracles()["cvar.ru.lp.EURUSD_H4 last300.0.025"]
    assert expected_shortfall(-returns(shared, "EURUSD_H4", 300), 0.025) == pytest.approx(expected, rel=EXACT)


@pytest.mark.parametrize("bars_ahead", [1, 6, 12, 30])
def test_it_equals_the_reference_over_several_bars(shared: Path, bars_ahead: int) -> None:
    closes = np.asarray(real_bars(shared, "EURUSD", "H4").close)
    moves = closes[bars_ahead:] / closes[:-bars_ahead] - 1
    expected = oracles()[f"cvar.h{bars_ahead}.EURUSD_H4.0.025"]
    assert expected_shortfall(-moves, 0.025) == pytest.approx(expected, rel=EXACT)


@pytest.mark.parametrize("bars_ahead", [1, 12])
def test_it_equals_the_reference_on_the_worst_price_reached(shared: Path, bars_ahead: int) -> None:
    known = real_bars(shared, "EURUSD", "H4")
    lows = np.lib.stride_tricks.sliding_window_view(np.asarray(known.low)[1:], bars_ahead).min(axis=1)
    closes = np.asarray(known.close)[: lows.size]
    expected = oracles()[f"cvar.mae.h{bars_ahead}.EURUSD_H4.0.025"]
    assert expected_shortfall(1 - lows / closes, 0.025) == pytest.approx(expected, rel=EXACT)


@given(losses, alphas, alphas)
def test_a_smaller_share_of_the_worst_is_never_milder(sample: Floats, one: float, other: float) -> None:
    small, large = sorted((one, other))
    assert expected_shortfall(sample, small) >= expected_shortfall(sample, large) - 1e-9


@given(st.data(), st.integers(1, 60), alphas)
def test_two_positions_together_never_exceed_the_sum_of_both(data: st.DataObject, count: int, alpha: float) -> None:
    same = arrays.arrays(np.float64, count, elements=st.floats(-1e3, 1e3))
    one, other = data.draw(same), data.draw(same)
    together = expected_shortfall(one + other, alpha)
    assert together <= expected_shortfall(one, alpha) + expected_shortfall(other, alpha) + 1e-9


@given(losses, alphas)
def test_it_lies_between_the_mean_and_the_worst(sample: Floats, alpha: float) -> None:
    assert sample.mean() - 1e-9 <= expected_shortfall(sample, alpha) <= sample.max() + 1e-9


@pytest.mark.parametrize("bad", [nan, inf, -inf])
def test_a_loss_that_is_no_number_is_refused(bad: float) -> None:
    with pytest.raises(SampleError, match="not a finite number"):
        expected_shortfall([1.0, bad, 2.0], 0.05)


def test_no_losses_are_refused() -> None:
    with pytest.raises(SampleError, match="0 values, 1 are needed"):
        expected_shortfall([], 0.05)


def test_a_table_of_losses_is_refused() -> None:
    with pytest.raises(SampleError, match="2 dimensions"):
        expected_shortfall([[1.0, 2.0], [3.0, 4.0]], 0.05)


@pytest.mark.parametrize("alpha", [0.0, 1.0, -0.1, nan])
def test_a_share_outside_zero_to_one_is_refused(alpha: float) -> None:
    with pytest.raises(SampleError, match="alpha"):
        expected_shortfall([1.0, 2.0], alpha)


# filtered historical simulation


def test_the_filtered_tail_equals_the_reference(shared: Path) -> None:
    expected = oracles()["cvar.fhs.ewma0.94.EURUSD_H4.0.025"]
    found = filtered_expected_shortfall(returns(shared, "EURUSD_H4", None), 0.025)
    assert found == pytest.approx(expected, rel=EXACT)


def test_a_quiet_market_has_a_smaller_tail_than_the_same_market_in_turmoil() -> None:
    moves = np.random.default_rng(3).standard_t(5, 500) * 0.001
    calm, wild = moves.copy(), moves.copy()
    calm[-50:] /= 3
    wild[-50:] *= 3
    assert 3 * filtered_expected_shortfall(calm, 0.05) < filtered_expected_shortfall(wild, 0.05)


def test_a_series_that_never_moves_has_no_tail() -> None:
    assert filtered_expected_shortfall(np.zeros(100), 0.05) == 0.0


def test_a_series_that_begins_to_move_late_is_measured_from_there() -> None:
    moves = np.concatenate([np.zeros(200), np.random.default_rng(4).standard_t(5, 300) * 0.001])
    assert 0.0 < filtered_expected_shortfall(moves, 0.05) < 0.01


def test_fewer_returns_than_the_warm_up_are_refused() -> None:
    with pytest.raises(SampleError, match="19 values, 20 are needed"):
        filtered_expected_shortfall(np.full(19, 0.001), 0.05)


@pytest.mark.parametrize(("degrees", "alpha"), [(4, 0.05), (4, 0.01), (5, 0.025), (8, 0.05), (8, 0.01)])
def test_the_student_factor_equals_the_reference(degrees: int, alpha: float) -> None:
    expected = oracles()[f"x.es.t{degrees}.{alpha}"]
    assert student_factor(alpha, float(degrees)) == pytest.approx(expected, rel=EXACT)


# the tail as a distance


def test_a_fall_hurts_a_buy_and_a_rise_a_sell() -> None:
    moves = np.full(400, 0.001)
    moves[::20] = -0.01
    falls = bars(list(1.1 * np.cumprod(1 + moves)))
    buy, sell = tail_fraction(falls, Side.BUY).fraction, tail_fraction(falls, Side.SELL).fraction
    assert buy is not None
    assert sell is not None
    assert buy > 2 * sell


def test_the_distance_is_the_fraction_of_the_price() -> None:
    known = bars(walk(500))
    fraction, found = tail_fraction(known, Side.BUY).fraction, tail_distance(known, Side.BUY, 1.25)
    assert fraction is not None
    assert found.distance == fraction * 1.25
    assert found.bars == 500


def test_only_the_last_bars_of_the_window_count() -> None:
    closes = walk(1500)
    assert tail_fraction(bars(closes), Side.BUY) == tail_fraction(bars(closes[-1000:]), Side.BUY)
    assert tail_fraction(bars(closes), Side.BUY, window=1500) != tail_fraction(bars(closes), Side.BUY)


def test_thirty_bars_are_enough_and_twenty_nine_are_not() -> None:
    closes = walk(30)
    assert tail_fraction(bars(closes), Side.BUY).fraction is not None
    short = tail_fraction(bars(closes[1:]), Side.BUY)
    assert short.fraction is None
    assert short.because == "no data: 29 closed H1 bars, 30 are needed"


def test_no_bars_are_no_data() -> None:
    assert tail_fraction(bars([]), Side.BUY).fraction is None


def test_a_price_that_stands_still_is_no_data() -> None:
    found = tail_fraction(bars([1.1] * 500), Side.BUY)
    assert found.fraction is None
    assert "stood still" in found.because


def test_few_bars_are_drawn_towards_the_student_tail() -> None:
    # moves of one size have a tail factor of 1; with 50 returns q = (50 x 1 + 100 x 2.2387) / 150 = 1.8258
    moves = np.where(np.arange(50) % 2 == 0, 0.001, -0.001)
    found = tail_fraction(bars(list(1.1 * np.cumprod(np.append(1.0, 1 + moves)))), Side.BUY)
    assert found.fraction == pytest.approx(0.001 * 1.8258, rel=1e-3)


def test_the_shrinkage_is_continuous_in_the_number_of_bars() -> None:
    # one more bar moves the weight of the prior by less than 1 in 130, and the volatility filter by 6 %
    closes = [float(close) for close in 1.1 * np.cumprod(np.append(1.0, np.tile([1.001, 1 / 1.001], 600)))]
    found = [tail_fraction(bars(closes[-count:]), Side.BUY).fraction for count in range(30, 1200)]
    steps = [abs(b / a - 1) for a, b in pairwise(found) if a is not None and b is not None]
    assert len(steps) == 1169
    assert max(steps) < 0.01


@pytest.mark.parametrize("price", [0.0, -1.0, nan, inf])
def test_a_price_that_is_none_is_refused(price: float) -> None:
    with pytest.raises(SampleError, match="price"):
        tail_distance(bars(walk(100)), Side.BUY, price)


def test_a_close_that_is_no_number_is_refused() -> None:
    closes = walk(100)
    closes[50] = nan
    with pytest.raises(SampleError, match="not a finite number"):
        tail_distance(bars(closes), Side.BUY, 1.1)


def test_a_close_below_zero_is_refused() -> None:
    closes = walk(100)
    closes[50] = -37.63
    with pytest.raises(SampleError, match="not above zero"):
        tail_distance(bars(closes), Side.BUY, 1.1)


@pytest.mark.parametrize("symbol", ["EURUSD", "USDJPY", "XAUUSD", "US500", "BRENT"])
def test_the_tail_is_calibrated_out_of_sample(shared: Path, symbol: str) -> None:
    """Forecast a thousand four-hour bars, each from the thousand before; the full table: calibrate_statistics.py."""
    known = real_bars(shared, symbol, "H4")
    closes = np.asarray(known.close)
    losses: list[float] = []
    forecasts: list[float] = []
    for now in range(len(closes) - 2001, len(closes) - 1, 3):
        before = part(known, slice(now - 999, now + 1))
        for side in Side:
            fraction = tail_fraction(before, side).fraction
            assert fraction is not None
            forecasts.append(fraction)
            losses.append(-side.sign * (closes[now + 1] / closes[now] - 1))
    ratio = np.array(losses) / np.array(forecasts)
    # where the loss was among the worst 5 % in units of its forecast, it was as large as forecast on average
    assert 0.9 < expected_shortfall(ratio, 0.05) < 1.1
