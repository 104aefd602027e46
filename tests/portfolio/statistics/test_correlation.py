"""Recent bars and the prior are blended, joined by time, and stay a correlation matrix whatever is missing."""

from __future__ import annotations

from dataclasses import replace
from math import nan
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.model import Bars
from portfolio.statistics.correlation import LEAST_RETURNS, blend, estimate, nearest_correlation
from portfolio.statistics.correlation_prior import correlation, instrument
from portfolio.statistics.samples import SampleError
from portfolio.statistics.series import Floats
from tests.market_data import MAJORS, bars, oracles, part, prior, real_bars, walk

EXACT = 1e-12
DAY = 24 * 3600


def daily(symbol: str, closes: list[float], start: int = 1_700_000_000) -> Bars:
    return bars(closes, "D1", symbol=symbol, start=start)


def together(count: int, *symbols: str) -> dict[str, Bars]:
    """Return daily bars of random walks that share half of every step."""
    common = np.diff(np.log(walk(count, seed=99)), prepend=0.0)
    made = {}
    for at, symbol in enumerate(symbols):
        own = np.diff(np.log(walk(count, seed=at)), prepend=0.0)
        made[symbol] = daily(symbol, [float(close) for close in np.exp(np.cumsum(common + own))])
    return made


def known(first: str, second: str) -> float:
    return correlation(prior(), instrument(first), instrument(second)).value


def smallest_eigenvalue(matrix: Floats) -> float:
    return float(np.linalg.eigvalsh(matrix)[0])


# the estimate


def test_the_measured_part_equals_the_reference(shared: Path) -> None:
    every = {symbol: real_bars(shared, symbol, "D1") for symbol in MAJORS}
    found = estimate(every, prior(), pseudo=1e-300, window=250)
    assert found.symbols == MAJORS
    assert found.matrix == pytest.approx(np.array(oracles()["corr.sample"]), rel=EXACT)


def test_the_blend_equals_the_reference(shared: Path) -> None:
    every = {symbol: real_bars(shared, symbol, "D1") for symbol in MAJORS}
    found = estimate(every, prior(), window=40)
    assert found.matrix == pytest.approx(np.array(oracles()["x.corr.priorshrink.n40"]), rel=EXACT)
    assert found.because == "40 common returns blended with a prior that weighs 40"


def test_sixty_returns_weigh_three_fifths_against_a_prior_of_forty() -> None:
    every = together(61, "EURUSD", "GBPUSD")
    logs = [np.diff(np.log(np.asarray(one.close))) for one in every.values()]
    expected = 0.6 * np.corrcoef(*logs)[0, 1] + 0.4 * known("EURUSD", "GBPUSD")
    assert estimate(every, prior()).matrix[0, 1] == pytest.approx(expected, rel=EXACT)


def test_without_bars_the_prior_stands_alone() -> None:
    none = {symbol: daily(symbol, []) for symbol in ("EURUSD", "GBPUSD")}
    found = estimate(none, prior())
    assert found.matrix[0, 1] == known("EURUSD", "GBPUSD")
    assert found.returns == 0


def test_thirty_common_returns_are_measured_and_twenty_nine_are_not() -> None:
    assert estimate(together(31, "EURUSD", "GBPUSD"), prior()).returns == LEAST_RETURNS
    short = estimate(together(30, "EURUSD", "GBPUSD"), prior())
    assert short.returns == 0
    assert short.left_out["GBPUSD"] == "shares 30 bars with the symbol asked about, 31 are needed"


def test_holidays_are_joined_away_before_returns_are_taken() -> None:
    every = together(140, "EURUSD", "US500")
    holidays = {100, 120}
    kept = [at for at in range(140) if at not in holidays]
    index = every["US500"]
    shut = replace(index, time=[index.time[at] for at in kept], close=[index.close[at] for at in kept])
    found = estimate({"EURUSD": every["EURUSD"], "US500": shut}, prior())
    both = [np.asarray([one.close[at] for at in kept]) for one in every.values()]
    sample = np.corrcoef(*[np.diff(np.log(closes[-121:])) for closes in both])[0, 1]
    assert found.returns == 120
    assert found.matrix[0, 1] == pytest.approx(0.75 * sample + 0.25 * known("EURUSD", "US500"), rel=EXACT)


def test_a_symbol_on_another_clock_is_left_to_the_prior_and_named() -> None:
    every = together(130, "EURUSD", "GBPUSD", "AUDUSD")
    every["GBPUSD"] = replace(every["GBPUSD"], time=[time + 3600 for time in every["GBPUSD"].time])
    found = estimate(every, prior())
    assert found.left_out == {"GBPUSD": "shares 0 bars with the symbol asked about, 31 are needed"}
    assert found.returns == 120
    assert found.matrix[0, 1] == pytest.approx(known("EURUSD", "GBPUSD"), abs=0.05)


@pytest.mark.parametrize(
    ("closes", "fault"),
    [([1.1] * 130, "the price stood still"), ([-1.0, *walk(129)], "a price is not above zero")],
)
def test_a_symbol_that_can_not_be_measured_is_left_to_the_prior(closes: list[float], fault: str) -> None:
    every = together(130, "EURUSD", "GBPUSD", "AUDUSD")
    every["AUDUSD"] = daily("AUDUSD", closes)
    found = estimate(every, prior())
    if fault == "a price is not above zero":
        # the bad price is outside the last 121 bars, within which all is well
        assert found.left_out == {}
        every["AUDUSD"] = daily("AUDUSD", [*closes[:30], 0.0, *closes[31:]])
        found = estimate(every, prior())
    assert found.left_out == {"AUDUSD": fault}
    assert smallest_eigenvalue(found.matrix) >= -1e-10


def test_where_the_candidate_can_not_be_measured_all_stand_on_the_prior() -> None:
    every = together(130, "EURUSD", "GBPUSD", "AUDUSD")
    found = estimate({"USDJPY": daily("USDJPY", walk(10)), **every}, prior())
    assert found.returns == 0
    assert set(found.left_out) == {"USDJPY", "EURUSD", "GBPUSD", "AUDUSD"}


def test_a_single_symbol_is_one_with_itself() -> None:
    assert estimate(together(130, "EURUSD"), prior()).matrix.tolist() == [[1.0]]


def test_tuples_and_arrays_of_bars_give_the_same_numbers() -> None:
    lists = together(130, "EURUSD", "GBPUSD")
    arrays = {
        name: replace(one, time=np.asarray(one.time), close=np.asarray(one.close))  # type: ignore[arg-type]
        for name, one in lists.items()
    }
    assert (estimate(lists, prior()).matrix == estimate(arrays, prior()).matrix).all()


def test_a_close_that_is_no_number_is_refused() -> None:
    every = together(130, "EURUSD", "GBPUSD")
    closes = list(every["GBPUSD"].close)
    closes[-3] = nan
    with pytest.raises(SampleError, match="closes of GBPUSD: hold a value that is not a finite number"):
        estimate({**every, "GBPUSD": replace(every["GBPUSD"], close=closes)}, prior())


def test_bars_that_do_not_rise_in_time_are_refused() -> None:
    every = together(130, "EURUSD", "GBPUSD")
    times = list(every["GBPUSD"].time)
    times[-1] = times[-2]
    with pytest.raises(SampleError, match="bars of GBPUSD: do not rise in time"):
        estimate({**every, "GBPUSD": replace(every["GBPUSD"], time=times)}, prior())


@given(st.integers(2, 6), st.integers(2, 80), st.integers(0, 2**32 - 1))
def test_a_blend_is_a_correlation_matrix(symbols: int, count: int, seed: int) -> None:
    returns = np.random.default_rng(seed).standard_t(4, (symbols, count))
    mixed = blend(returns, np.eye(symbols))
    assert (mixed == mixed.T).all()
    assert (mixed.diagonal() == 1.0).all()
    assert smallest_eigenvalue(mixed) >= -1e-10


def test_a_row_that_never_moves_is_refused_by_the_blend() -> None:
    with pytest.raises(SampleError, match="does not move"):
        blend(np.array([[0.0, 0.0, 0.0], [0.1, -0.1, 0.2]]), np.eye(2))


def test_a_row_that_holds_no_number_is_refused_by_the_blend() -> None:
    with pytest.raises(SampleError, match="not a finite number"):
        blend(np.array([[0.1, nan, 0.0], [0.1, -0.1, 0.2]]), np.eye(2))


# the nearest correlation matrix


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("psd.higham3", [[1, 1, 0], [1, 1, 1], [0, 1, 1]]),
        (
            "psd.4x4.statsmodels",
            [[1.0, 0.9, 0.7, -0.2], [0.9, 1.0, -0.4, 0.3], [0.7, -0.4, 1.0, 0.8], [-0.2, 0.3, 0.8, 1.0]],
        ),
    ],
)
def test_the_nearest_matrix_equals_the_reference(name: str, table: list[list[float]]) -> None:
    assert nearest_correlation(table) == pytest.approx(np.array(oracles()[name]), rel=EXACT)


def test_a_correlation_matrix_is_its_own_nearest() -> None:
    table = np.array([[1.0, 0.5], [0.5, 1.0]])
    assert (nearest_correlation(table) == table).all()


@given(st.integers(2, 6), st.data())
def test_what_comes_back_is_a_correlation_matrix(size: int, data: st.DataObject) -> None:
    table = np.eye(size)
    for i in range(size):
        for j in range(i):
            table[i, j] = table[j, i] = data.draw(st.floats(-1.0, 1.0))
    found = nearest_correlation(table)
    assert (found == found.T).all()
    assert (found.diagonal() == 1.0).all()
    assert smallest_eigenvalue(found) >= -1e-9


@pytest.mark.parametrize(
    ("table", "fault"),
    [
        ([[1.0, nan], [nan, 1.0]], "not a finite number"),
        ([[1.0, 0.5], [0.4, 1.0]], "not symmetric"),
        ([[0.9, 0.5], [0.5, 1.0]], "not symmetric with ones"),
        ([[1.0, 1.5], [1.5, 1.0]], "entries from -1 to 1"),
        ([[1.0, 0.5]], "shape"),
        ([1.0], "shape"),
    ],
)
def test_what_is_no_table_of_correlations_is_refused(table: object, fault: str) -> None:
    with pytest.raises(SampleError, match=fault):
        nearest_correlation(table)  # type: ignore[arg-type]


# the forecast


FORECAST = (
    *("EURUSD", "GBPUSD", "AUDUSD", "NZDUSD", "USDJPY", "USDCHF", "USDCAD", "EURGBP", "EURJPY", "GBPJPY"),
    *("XAUUSD", "XAGUSD", "BRENT", "US500", "NAS100", "US30", "DE40", "UK100"),
)


@pytest.mark.parametrize(("count", "recorded"), [(60, 0.2135), (120, 0.2180)])
def test_the_blend_forecasts_the_next_sixty_days_no_worse_than_recorded(
    shared: Path, count: int, recorded: float
) -> None:
    """Root mean square errors of 2019 to 2023 with a prior of 2013 to 2018 alone.

    The recorded ones are of eighteen symbols that are not named; these eighteen leave out the lesser crosses.
    """
    closes = common_closes(shared)
    past = int((closes["time"] < 1_546_300_800).sum())
    returns = np.diff(np.log(closes["close"]), axis=1)
    ranks = returns[:, : past - 1].argsort(axis=1).argsort(axis=1)
    old = 2 * np.sin(np.pi / 6 * np.corrcoef(ranks))
    above = np.triu_indices(len(FORECAST), 1)
    errors = []
    for now in range(past - 1, returns.shape[1] - 60 + 1, 30):
        coming = np.corrcoef(returns[:, now : now + 60])[above]
        errors.append(((blend(returns[:, now - count : now], old)[above] - coming) ** 2).mean())
    assert len(errors) > 30
    assert np.sqrt(np.mean(errors)) <= recorded


def common_closes(shared: Path) -> dict[str, Floats]:
    every = [real_bars(shared, symbol, "D1") for symbol in FORECAST]
    times = np.asarray(every[0].time)
    for one in every[1:]:
        times = np.intersect1d(times, np.asarray(one.time))
    closes = np.stack([np.asarray(one.close)[np.searchsorted(one.time, times)] for one in every])
    return {"time": times.astype(np.float64), "close": closes}


def test_last_years_bars_change_the_prior_only_so_far(shared: Path) -> None:
    every = {symbol: part(real_bars(shared, symbol, "D1"), slice(-250, None)) for symbol in MAJORS}
    found = estimate(every, prior())
    for at, symbol in enumerate(MAJORS[1:], 1):
        assert abs(found.matrix[0, at] - known("EURUSD", symbol)) <= 0.75 * 2.0
    assert smallest_eigenvalue(found.matrix) > 0.0
