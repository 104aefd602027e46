"""A trade shrinks with the risk that stacks up beside it, smoothly, and never grows."""

from __future__ import annotations

import subprocess
import sys
from math import hypot, inf, nan
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.model import Side
from portfolio.statistics.diversification import (
    average_correlation,
    diversification,
    effective_bets,
    factor,
    net_stacking,
    signed_correlation,
)
from portfolio.statistics.samples import SampleError
from tests.market_data import oracles
from tests.paths import ROOT

EXACT = 1e-12
MONEY = st.floats(0.01, 1e6)
BOOK = st.lists(st.tuples(st.floats(0, 1e6), st.floats(-1, 1)), max_size=8)


def unzip(book: list[tuple[float, float]]) -> tuple[list[float], list[float]]:
    return [risk for risk, _ in book], [rho for _, rho in book]


# the figures


@pytest.mark.parametrize("beta", [0.0, 0.5, 1.0])
def test_the_factor_equals_its_closed_form(beta: float) -> None:
    assert factor(beta) == pytest.approx(oracles()[f"div.f.beta{beta:g}"], rel=EXACT)


def test_the_factor_keeps_its_digits_where_the_difference_would_lose_them() -> None:
    # sqrt(1 + b^2) - b is 1 / 2b less terms of b^-3, 0.5e-9 to 18 digits
    assert factor(1e9) == pytest.approx(0.5e-9, rel=EXACT)


def test_the_published_example_comes_out() -> None:
    expected = oracles()["div.example"]
    signed = expected["rho_signed"]
    open_risks = {"EURUSD": 100.0, "XAUUSD": 50.0, "USDCHF": 75.0}
    risks, rhos = list(open_risks.values()), [signed[name] for name in open_risks]
    assert net_stacking(risks, rhos) == pytest.approx(expected["b"], rel=EXACT)
    assert diversification(100.0, risks, rhos) == pytest.approx(expected["f"], rel=EXACT)


def test_the_acceptance_figures_of_source_003_come_out() -> None:
    # base 396 x 0.75 x 1.00 x 1.20 x 1.30 = 463.32; 270.98 x 0.35 / 463.32 = 0.2047; sqrt(1.0419) - 0.2047 = 0.816
    found = diversification(463.32, [270.98], [0.35])
    assert found == pytest.approx(0.816, abs=5e-4)
    assert 463.32 * found == pytest.approx(378.08, abs=5e-3)


def test_after_the_trade_the_book_risks_what_an_independent_one_would_have_added(shared: Path) -> None:
    del shared
    expected = oracles()["div.example"]
    before, own, b = expected["port_vol_before"], 100.0, expected["b"]
    sized = own * diversification(own, [b], [1.0])
    after = (before**2 + 2 * b * sized + sized**2) ** 0.5
    assert after == pytest.approx(hypot(before, own), rel=EXACT)
    assert after == pytest.approx(expected["port_vol_after"], rel=EXACT)


# the properties


@given(MONEY, BOOK)
def test_it_lies_above_zero_and_never_above_one(risk: float, book: list[tuple[float, float]]) -> None:
    assert 0.0 < diversification(risk, *unzip(book)) <= 1.0


@given(MONEY)
def test_an_empty_book_leaves_the_trade_alone(risk: float) -> None:
    assert diversification(risk, [], []) == 1.0


@given(MONEY, BOOK, st.floats(1, 1e6), st.floats(0.01, 1))
def test_one_more_position_that_stacks_up_makes_it_smaller(
    risk: float, book: list[tuple[float, float]], added: float, rho: float
) -> None:
    risks, rhos = unzip(book)
    assert diversification(risk, [*risks, added], [*rhos, rho]) <= diversification(risk, risks, rhos)


@given(MONEY, st.floats(1, 1e6), st.floats(0.01, 0.98))
def test_it_falls_strictly_in_a_positive_correlation_and_in_the_risk_behind_it(
    risk: float, held: float, rho: float
) -> None:
    middle = diversification(risk, [held], [rho])
    assert diversification(risk, [held], [rho + 0.01]) < middle
    assert diversification(risk, [1.01 * held], [rho]) < middle


@given(MONEY, BOOK, st.floats(1.0, 100.0))
def test_the_sized_risk_rises_with_the_risk_asked(risk: float, book: list[tuple[float, float]], times: float) -> None:
    more = risk * times
    held = unzip(book)
    # the last digit of the two products may differ
    assert more * diversification(more, *held) >= risk * diversification(risk, *held) * (1 - 1e-12)


@given(MONEY, st.floats(0.01, 1e6), st.floats(-0.999, 0.999))
def test_a_small_step_in_a_correlation_is_a_small_step_in_the_factor(risk: float, held: float, rho: float) -> None:
    step = 1e-6
    change = diversification(risk, [held], [rho]) - diversification(risk, [held], [rho + step])
    # the slope of the factor in beta is never steeper than 1
    assert 0.0 <= change <= step * held / risk + 1e-12


def test_a_position_worth_a_billionth_does_not_move_it() -> None:
    assert diversification(100.0, [1e-9], [0.9]) == pytest.approx(1.0, abs=1e-10)


def test_a_hedge_offsets_what_stacks_up_but_earns_nothing_alone() -> None:
    assert diversification(100.0, [100.0], [-0.8]) == 1.0
    # 100 x 0.8 - half of 100 x 0.4 = 60
    assert net_stacking([100.0, 100.0], [0.8, -0.4]) == pytest.approx(60.0)
    assert net_stacking([100.0, 100.0], [0.8, -0.4], hedge_credit=0.0) == pytest.approx(80.0)


def test_the_order_of_the_book_does_not_matter() -> None:
    risks, rhos = [1e6, 0.1, 3.3], [0.1, 0.9, -0.5]
    assert diversification(50.0, risks, rhos) == diversification(50.0, risks[::-1], rhos[::-1])


def test_a_trade_without_risk_is_left_alone() -> None:
    assert diversification(0.0, [100.0], [0.9]) == 1.0


@given(st.integers(1, 6), st.integers(0, 2**32 - 1))
def test_no_book_of_correlated_trades_ends_above_the_budget(count: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    returns = rng.standard_normal((count + 1, 2 * count + 4))
    table = np.atleast_2d(np.corrcoef(returns))
    held, own = rng.uniform(0, 100, count), float(rng.uniform(1, 100))
    sized = own * diversification(own, list(held), list(np.clip(table[0, 1:], -1, 1)))
    before = held @ table[1:, 1:] @ held
    together = np.append(sized, held)
    assert together @ table @ together <= before + own**2 + 1e-6


# signs


@pytest.mark.parametrize(
    ("candidate", "held", "expected"),
    [(Side.BUY, Side.BUY, 0.6), (Side.SELL, Side.SELL, 0.6), (Side.BUY, Side.SELL, -0.6), (Side.SELL, Side.BUY, -0.6)],
)
def test_a_short_turns_the_sign(candidate: Side, held: Side, expected: float) -> None:
    assert signed_correlation(0.6, candidate, held) == expected


def test_what_is_assumed_stacks_up_but_hedges_nothing() -> None:
    assert signed_correlation(0.5, Side.BUY, Side.BUY, assumed=True) == 0.5
    assert signed_correlation(0.5, Side.BUY, Side.SELL, assumed=True) == 0.0
    assert signed_correlation(-0.5, Side.BUY, Side.SELL, assumed=True) == 0.5


# what is only shown


def test_the_average_correlation_is_weighted_by_risk() -> None:
    # (300 x 0.8 + 100 x 0) / 400
    assert average_correlation([300.0, 100.0], [0.8, 0.0]) == pytest.approx(0.6)
    assert average_correlation([0.0], [0.8]) is None
    assert average_correlation([], []) is None


def test_two_independent_equal_trades_are_two_bets_and_two_alike_are_one() -> None:
    assert effective_bets([10.0, 10.0], [[1.0, 0.0], [0.0, 1.0]]) == pytest.approx(2.0)
    assert effective_bets([10.0, 10.0], [[1.0, 1.0], [1.0, 1.0]]) == pytest.approx(1.0)
    assert effective_bets([], []) is None


def test_the_effective_bets_equal_the_reference() -> None:
    table, names = oracles()["corr.sample"], oracles()["corr.index"]
    at = [names.index(name) for name in ("EURUSD", "XAUUSD", "USDCHF")]
    sides = (1.0, 1.0, -1.0)
    signed = [[table[i][j] * a * b for j, b in zip(at, sides, strict=True)] for i, a in zip(at, sides, strict=True)]
    assert effective_bets([100.0, 50.0, 75.0], signed) == pytest.approx(oracles()["div.enb.dr2"], rel=EXACT)


# bad input


@pytest.mark.parametrize("bad", [nan, inf, -1.0])
def test_a_risk_that_is_none_is_refused(bad: float) -> None:
    with pytest.raises(SampleError):
        diversification(100.0, [bad], [0.5])
    with pytest.raises(SampleError):
        diversification(bad, [100.0], [0.5])


@pytest.mark.parametrize("bad", [nan, inf, 1.5, -1.5])
def test_a_correlation_outside_its_range_is_refused(bad: float) -> None:
    with pytest.raises(SampleError, match="correlations"):
        diversification(100.0, [100.0], [bad])


def test_a_correlation_is_needed_for_every_risk() -> None:
    with pytest.raises(SampleError, match="1 for 2 trades"):
        diversification(100.0, [1.0, 2.0], [0.5])
    with pytest.raises(SampleError, match="1 rows for 2 trades"):
        effective_bets([1.0, 2.0], [[1.0, 0.5]])


@pytest.mark.parametrize("credit", [nan, -0.1, 1.1])
def test_a_hedge_credit_outside_zero_to_one_is_refused(credit: float) -> None:
    with pytest.raises(SampleError, match="hedge credit"):
        diversification(100.0, [1.0], [0.5], hedge_credit=credit)


@pytest.mark.parametrize("beta", [nan, inf, -0.1])
def test_a_beta_that_is_none_is_refused(beta: float) -> None:
    with pytest.raises(SampleError, match="beta"):
        factor(beta)


def test_it_needs_no_numpy() -> None:
    code = "import sys, portfolio.statistics.diversification as d; d.factor(0.5); print('numpy' in sys.modules)"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)  # noqa: S603 - our own interpreter and text
    assert answer.stdout.strip() == "False"
