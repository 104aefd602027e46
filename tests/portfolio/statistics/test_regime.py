"""The regime is read from trend strength and volatility, needs enough bars, and does not flip at a threshold."""

from __future__ import annotations

from math import nan
from pathlib import Path

import numpy as np
import pytest

from portfolio.model import Bars
from portfolio.statistics.regime import (
    CRISIS,
    RANGING,
    TRENDING,
    UNKNOWN,
    VOLATILE,
    _next,
    average_directional_index,
    classify,
)
from portfolio.statistics.samples import SampleError
from tests.market_data import bars, oracles, part, real_bars, walk


def market(steps: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Bars:
    return bars([float(close) for close in 100 + np.cumsum(steps)], reach=0.2)


def choppy(count: int = 500) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.tile([1.0, -1.0], count // 2)


@pytest.mark.parametrize("symbol", ["EURUSD", "US500"])
def test_the_trend_strength_equals_ta_lib(shared: Path, symbol: str) -> None:
    known = real_bars(shared, symbol, "H4")
    expected = oracles()[f"adx14.talib.{symbol}_H4"][0]
    assert average_directional_index(known.high, known.low, known.close)[-1] == pytest.approx(expected, rel=1e-12)


def test_a_steady_rise_is_a_trend() -> None:
    found = classify(market(np.full(500, 0.1)))
    assert found.name == TRENDING
    # every move goes up, so the directional index is at its end
    assert found.adx == pytest.approx(100.0)


def test_a_market_that_goes_nowhere_is_a_range() -> None:
    assert classify(market(choppy())).name == RANGING


def test_half_as_much_again_of_the_usual_range_is_volatile() -> None:
    steps = choppy()
    steps[-14:] *= 2.4
    found = classify(market(steps))
    assert found.name == VOLATILE
    assert found.ratio is not None
    assert 1.4 <= found.ratio < 2.0


def test_more_than_twice_the_usual_range_is_a_crisis() -> None:
    steps = choppy()
    steps[-14:] *= 6
    found = classify(market(steps))
    assert found.name == CRISIS
    assert found.ratio is not None
    assert found.ratio > 2.0


def test_volatility_that_is_usual_by_now_is_no_crisis() -> None:
    steps = choppy(400)
    steps[:250] *= 6
    steps[-14:] *= 6
    # twice the mean of the last hundred bars, but far from the top of the last 250
    found = classify(market(steps))
    assert found.percentile is not None
    assert found.ratio is not None
    assert found.ratio > 2.0
    assert found.percentile < 0.9
    assert found.name not in {VOLATILE, CRISIS}


@pytest.mark.parametrize(
    ("state", "figures", "expected"),
    [
        (UNKNOWN, (24.0, 0.5, 1.0), UNKNOWN),
        (TRENDING, (24.0, 0.5, 1.0), TRENDING),
        (TRENDING, (22.0, 0.5, 1.0), UNKNOWN),
        (UNKNOWN, (21.5, 0.5, 1.0), UNKNOWN),
        (RANGING, (21.5, 0.5, 1.0), RANGING),
        (RANGING, (22.5, 0.5, 1.0), UNKNOWN),
        (UNKNOWN, (15.0, 0.92, 1.3), RANGING),
        (VOLATILE, (15.0, 0.92, 1.3), VOLATILE),
        (VOLATILE, (15.0, 0.92, 1.2), RANGING),
        (VOLATILE, (15.0, 0.96, 1.9), VOLATILE),
        (CRISIS, (15.0, 0.96, 1.9), CRISIS),
        (CRISIS, (15.0, 0.94, 1.9), VOLATILE),
    ],
)
def test_a_state_is_left_ten_per_cent_beyond_its_threshold(
    state: str, figures: tuple[float, float, float], expected: str
) -> None:
    assert _next(state, *figures) == expected


def test_the_same_bars_give_the_same_name_however_many_came_before() -> None:
    known = bars(walk(1200, seed=5), reach=0.0005)
    whole, late = classify(known), classify(part(known, slice(-700, None)))
    assert whole.name == late.name
    assert whole.percentile == late.percentile


def test_a_hundred_and_thirty_bars_are_enough_and_one_less_is_not() -> None:
    known = bars(walk(130), reach=0.0005)
    assert classify(known).name is not None
    short = classify(part(known, slice(1, None)))
    assert short.name is None
    assert short.because == "no data: 129 closed bars, 130 are needed"


def test_a_price_that_stands_still_has_no_regime() -> None:
    found = classify(bars([1.1] * 300))
    assert found.name is None
    assert "stood still" in found.because


def test_a_price_that_is_no_number_is_refused() -> None:
    known = bars(walk(300), reach=0.001)
    known.high[250] = nan  # type: ignore[index]
    with pytest.raises(SampleError, match="not a finite number"):
        classify(known)


def test_too_few_bars_for_the_trend_strength_are_refused() -> None:
    known = bars(walk(28))
    assert len(average_directional_index(known.high, known.low, known.close)) == 1
    with pytest.raises(SampleError, match="27 bars, 28 are needed"):
        average_directional_index(known.high[1:], known.low[1:], known.close[1:])


def test_without_any_movement_the_trend_strength_is_zero() -> None:
    known = bars([1.1] * 60)
    assert (average_directional_index(known.high, known.low, known.close) == 0.0).all()


def test_crises_are_rare_and_trends_and_ranges_common_on_real_bars(shared: Path) -> None:
    known = real_bars(shared, "USDJPY", "H4")
    names = [classify(part(known, slice(now - 500, now))).name for now in range(600, len(known), 25)]
    shares = {name: names.count(name) / len(names) for name in (TRENDING, RANGING, VOLATILE, CRISIS)}
    assert shares[CRISIS] < 0.03
    assert 0.01 < shares[VOLATILE] < 0.15
    assert shares[TRENDING] > 0.25
    assert shares[RANGING] > 0.25
