"""Figures of a statement to the cent, ratios as the references have them, and a multiplier that is hard to fool."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from math import inf, nan
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.model import Side
from portfolio.statistics.samples import SampleError
from portfolio.statistics.series import simple_returns
from portfolio.track_record.kelly import kelly, kelly_probability, posterior_kelly
from portfolio.track_record.performance import multiplier, probabilistic_sharpe, r_multiples, sharpe, sortino, summary
from portfolio.track_record.posterior import credible_interval, posterior, posterior_multiplier, probability_of_edge
from portfolio.track_record.trades import Trade, independent
from tests.market_data import oracles, real_bars, statement
from tests.paths import ROOT

EXACT = 1e-12
START = datetime(2026, 6, 1, tzinfo=UTC)
MARTINGALE = "trades_mt4_demo_2017"
DONCHIAN = "trades_simulated_donchian_EURUSD_H4"

results = st.lists(st.floats(-5, 5), max_size=60)


def trade(net: float, at: int, *, risk: float | None = 100, hours: int = 1) -> Trade:
    """Return a trade of EURUSD that closed `at` hours after the start."""
    closed = START + timedelta(hours=at)
    return Trade(
        position_id=at,
        symbol="EURUSD",
        side=Side.BUY,
        opened_at=closed - timedelta(hours=hours),
        closed_at=closed,
        lots=Decimal(1),
        entry=Decimal(1),
        exit=Decimal(1),
        gross=Decimal(str(net)),
        net=Decimal(str(net)),
        risk=None if risk is None else Decimal(str(risk)),
    )


def run(nets: Sequence[float], *, risk: float | None = 100, hours: int = 1) -> tuple[Trade, ...]:
    return tuple(trade(net, at, risk=risk, hours=hours) for at, net in enumerate(nets, 1))


# the statement


def test_the_summary_reproduces_a_real_statement_to_the_cent(shared: Path) -> None:
    known, found = oracles(), summary(statement(shared, MARTINGALE))

    def said(name: str) -> float:
        return float(known[f"statement.{name}"])

    assert float(found.net) == said("Total Net Profit") == known["trades.net"]
    assert (float(found.gross_profit), float(found.gross_loss)) == (said("Gross Profit"), said("Gross Loss"))
    assert round(found.profit_factor or 0, 2) == said("Profit Factor")
    assert round(found.expectancy or 0, 2) == said("Expected Payoff")
    assert (found.trades, found.wins, found.losses) == (
        said("Total Trades"),
        said("Profit Trades"),
        said("Loss trades"),
    )
    assert (float(found.largest_win or 0), float(found.largest_loss or 0)) == (
        said("Largest profit"),
        said("Largest loss"),
    )
    assert (round(found.average_win or 0, 2), round(found.average_loss or 0, 2)) == (
        said("Average profit"),
        said("Average loss"),
    )
    assert (found.longest_wins, found.longest_losses) == (said("Max consec wins"), said("Max consec losses"))
    assert (float(found.drawdown), float(found.absolute_drawdown)) == (
        said("Maximal Drawdown"),
        said("Absolute Drawdown"),
    )


def test_the_ratios_of_the_statement_equal_the_references(shared: Path) -> None:
    known, found = oracles(), summary(statement(shared, MARTINGALE))
    assert found.win_rate == pytest.approx(known["perf.mt4.winrate"], rel=EXACT)
    assert found.profit_factor == pytest.approx(known["perf.mt4.pf"], rel=EXACT)
    assert found.kelly == pytest.approx(known["perf.mt4.kelly"], rel=EXACT)
    assert found.sortino == pytest.approx(known["perf.mt4.sortino"], rel=EXACT)
    assert found.probabilistic_sharpe == pytest.approx(known["perf.mt4.psr.mom"], rel=EXACT)
    # the Sharpe ratio stands in the note of that value
    assert found.sharpe == pytest.approx(0.40831935232982863, rel=EXACT)


def test_the_ratios_of_returns_equal_the_references(shared: Path) -> None:
    known = oracles()
    moves = [float(move) for move in simple_returns(real_bars(shared, "EURUSD", "H4").close)[-500:]]
    wins, losses = [move for move in moves if move > 0], [move for move in moves if move < 0]
    win_rate = len(wins) / (len(wins) + len(losses))
    payoff = sum(wins) / len(wins) / -(sum(losses) / len(losses))
    assert win_rate == pytest.approx(known["perf.eur500.winrate"], rel=EXACT)
    assert kelly(win_rate, payoff) == pytest.approx(known["perf.eur500.kelly"], rel=1e-11)
    assert sortino(moves) == pytest.approx(known["perf.eur500.sortino"], rel=EXACT)
    assert probabilistic_sharpe(moves) == pytest.approx(known["perf.eur500.psr.mom"], rel=EXACT)


def test_a_simulated_strategy_is_summed_up_as_the_reference_does(shared: Path) -> None:
    known, found = oracles()["x.simtrades.stats"], summary(statement(shared, DONCHIAN))
    assert found.trades == found.with_stop == known["n"]
    assert found.win_rate == pytest.approx(known["win_rate"], rel=EXACT)
    assert found.payoff == pytest.approx(known["payoff"], rel=EXACT)
    assert found.kelly == pytest.approx(known["kelly"], rel=EXACT)
    assert found.sharpe == pytest.approx(known["sharpe"], rel=EXACT)
    assert found.sortino == pytest.approx(known["sortino"], rel=EXACT)
    # the reference corrects skewness and kurtosis for bias, we do not
    assert found.probabilistic_sharpe == pytest.approx(known["psr"], rel=2e-3)


def test_the_figures_of_source_004_come_out() -> None:
    # win rate 0.60, average win 20, average loss 10: 0.6 x 20 - 0.4 x 10 = 8, profit factor 120 / 40
    found = summary(run([20, 20, 20, 20, 20, 20, -10, -10, -10, -10]))
    assert (found.win_rate, found.expectancy, found.payoff, found.profit_factor) == (0.6, 8.0, 2.0, 3.0)


def test_rows_are_counted_in_the_order_of_closing() -> None:
    # closed in this order: two wins, one loss, one win; opened otherwise
    late = trade(5, 4, hours=4)
    found = summary([late, *run([10, 10, -5])])
    assert (found.longest_wins, found.longest_losses) == (2, 1)


def test_the_drawdown_is_the_largest_fall_from_a_peak() -> None:
    # 50, 20, 60, -10, 30: from 60 to -10, and 10 below the start
    found = summary(run([50, -30, 40, -70, 40]))
    assert (found.drawdown, found.absolute_drawdown) == (Decimal(70), Decimal(10))


def test_a_trade_that_ends_at_zero_is_neither_won_nor_lost() -> None:
    found = summary(run([10, 0, -10]))
    assert (found.trades, found.wins, found.losses, found.longest_wins) == (3, 1, 1, 1)
    assert found.win_rate == pytest.approx(1 / 3)


def test_without_trades_nothing_is_divided() -> None:
    found = summary(())
    assert {field.name: getattr(found, field.name) for field in fields(found)} == {
        "trades": 0,
        "wins": 0,
        "losses": 0,
        "net": 0,
        "gross_profit": 0,
        "gross_loss": 0,
        "longest_wins": 0,
        "longest_losses": 0,
        "drawdown": 0,
        "absolute_drawdown": 0,
        "with_stop": 0,
        **dict.fromkeys(
            (
                "win_rate",
                "profit_factor",
                "expectancy",
                "average_win",
                "average_loss",
                "payoff",
                "largest_win",
                "largest_loss",
                "sharpe",
                "sortino",
                "probabilistic_sharpe",
                "kelly",
                "expectancy_r",
            )
        ),
    }


def test_without_a_loss_there_is_no_payoff_and_no_profit_factor() -> None:
    found = summary(run([10, 20]))
    assert (found.profit_factor, found.payoff, found.sortino, found.kelly, found.largest_loss) == (None,) * 5


@pytest.mark.parametrize("same", [[], [1.0], [1.0, 1.0, 1.0]])
def test_results_without_any_deviation_have_no_sharpe_ratio(same: list[float]) -> None:
    assert sharpe(same) is None
    assert probabilistic_sharpe(same) is None


@pytest.mark.parametrize("ratio", [sharpe, sortino, probabilistic_sharpe])
def test_a_result_that_is_no_number_is_refused(ratio: object) -> None:
    assert callable(ratio)
    with pytest.raises(SampleError, match="not a finite number"):
        ratio([1.0, nan])


# the multiplier


@pytest.mark.parametrize(
    ("name", "sample"),
    [("empty", []), ("5 losses -1R", [-1.0] * 5), ("40x2R/60x-1", [2.0] * 40 + [-1.0] * 60)],
)
def test_the_multiplier_equals_the_reference(name: str, sample: list[float]) -> None:
    expected, known = oracles()[f"y.perfmult.{name}"], posterior(sample)
    assert known.mean == pytest.approx(expected["mu_n"], rel=EXACT)
    assert known.deviation == pytest.approx(expected["s_n"], rel=EXACT)
    assert probability_of_edge(known) == pytest.approx(expected["P"], rel=EXACT)
    assert posterior_multiplier(sample) == pytest.approx(expected["m_effect_conf"], rel=EXACT)


def test_the_multiplier_of_a_simulated_strategy_equals_the_reference(shared: Path) -> None:
    # the reference took the strategy's own multiples, before commission: 1.5 and -1.0 for most
    expected = oracles()["y.perfmult.donchian last 30"]
    sample = [float(row) for row in own_multiples(shared)[-30:]]
    assert posterior(sample).mean == pytest.approx(expected["mu_n"], rel=EXACT)
    assert posterior_multiplier(sample) == pytest.approx(expected["m_effect_conf"], rel=EXACT)


def own_multiples(shared: Path) -> list[str]:
    text = (shared / "data" / "trades" / f"{DONCHIAN}.csv").read_text(encoding="utf-8")
    return [line.split(",")[-1] for line in text.splitlines()[1:]]


@pytest.mark.parametrize(
    ("name", "sample"),
    [
        ("empty", []),
        ("5losses@-1R", [-1.0] * 5),
        ("20 mixed", [1.5] * 9 + [-1.0] * 11),
        ("100@40% 2R", [2.0] * 40 + [-1.0] * 60),
    ],
)
def test_the_probability_of_an_edge_equals_the_reference(name: str, sample: list[float]) -> None:
    assert probability_of_edge(posterior(sample)) == pytest.approx(oracles()[f"perfmult.nig.{name}"]["P"], rel=EXACT)


def test_the_acceptance_figures_of_source_003_come_out() -> None:
    # 30 of +4.576 R and 20 of -1 R: win rate 60 %, Sharpe 0.85 a trade, multiplier 1.3000
    sample = [457.6] * 30 + [-100.0] * 20
    found, figures = multiplier(run(sample)), summary(run(sample))
    assert round(found.value, 4) == 1.3
    assert figures.win_rate == 0.6
    assert round(figures.sharpe or 0, 2) == 0.85


def test_without_trades_the_multiplier_is_one() -> None:
    assert posterior_multiplier([]) == 1.0
    assert multiplier(()).value == 1.0
    assert multiplier(()).because == "no data: no closed trades"


@given(results)
def test_the_multiplier_is_bounded(sample: list[float]) -> None:
    assert 0.7 <= posterior_multiplier(sample) <= 1.3


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=60), st.floats(0.001, 3))
def test_the_multiplier_rises_with_the_mean(sample: list[float], better: float) -> None:
    assert posterior_multiplier([x + better for x in sample]) >= posterior_multiplier(sample) - EXACT


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=60))
def test_the_multiplier_sees_only_which_side_of_zero_the_mean_lies(sample: list[float]) -> None:
    total = sum(sample)
    found = posterior_multiplier(sample) - 1.0
    assert found * total >= -1e-9


def test_ten_trades_carry_nearly_nothing() -> None:
    # six of ten won at 1 R each: a win-rate rule would have acted, this one moves by 3 %
    assert 1.0 < posterior_multiplier([1.0] * 6 + [-1.0] * 4) < 1.03


def test_good_trades_enlarge_only_when_all_had_stops() -> None:
    good = [150.0, -100.0, 200.0] * 20
    assert multiplier(run(good)).value > 1.0
    doubtful = (*run(good), trade(150, 100, risk=None))
    found = multiplier(doubtful)
    assert (found.value, found.capped) == (1.0, True)
    assert "1 of 61 trades had no known stop" in found.because


def test_good_trades_enlarge_only_when_there_are_thirty() -> None:
    assert multiplier(run([150.0] * 20 + [-100.0] * 10)).value > 1.0
    found = multiplier(run([150.0] * 19 + [-100.0] * 10))
    assert (found.value, found.capped) == (1.0, True)
    assert found.because.endswith("capped at 1: 29 independent trades, 30 are needed")


def test_thirty_entries_into_one_grid_are_not_thirty_trades() -> None:
    good = [150.0] * 20 + [-100.0] * 10
    assert multiplier(run(good, hours=1)).trades == 30
    # each is open for two hours and meets the next
    found = multiplier(run(good, hours=2))
    assert (found.trades, found.value) == (1, 1.0)


def test_bad_trades_make_it_smaller_with_or_without_stops() -> None:
    bad = [-100.0] * 8 + [50.0] * 2
    assert multiplier(run(bad)).value < 1.0
    found = multiplier(run(bad, risk=None))
    assert found.value < 1.0
    assert not found.capped


def test_the_martingale_that_was_wiped_out_does_not_raise_the_size(shared: Path) -> None:
    every = statement(shared, MARTINGALE)
    found = multiplier(every)
    # profit factor 14.6, 75.5 % won, and the results alone would give nearly all there is
    assert posterior_multiplier(r_multiples(every)) > 1.29
    assert (found.value, found.capped) == (1.0, True)
    assert "249 of 249 trades had no known stop" in found.because
    assert found.trades == len(independent(every)) == 26


def test_not_even_with_stops_would_the_martingale_raise_the_size(shared: Path) -> None:
    believed = [one._replace(risk=Decimal(10)) for one in statement(shared, MARTINGALE)]
    found = multiplier(believed)
    assert (found.value, found.capped) == (1.0, True)
    assert "26 independent trades, 30 are needed" in found.because


def test_a_trade_without_a_stop_is_measured_by_the_usual_risk() -> None:
    # known risks 100 and 300: 200 is usual
    mixed = [trade(100, 1), trade(300, 2, risk=300), trade(-100, 3, risk=None)]
    assert r_multiples(mixed) == (1.0, 1.0, -0.5)
    # no stop at all: the mean loss of 50 is one R; nothing lost: the mean result
    assert r_multiples(run([100, -50], risk=None)) == (2.0, -1.0)
    assert r_multiples(run([100, 300], risk=None)) == (0.5, 1.5)
    assert r_multiples(run([0, 0], risk=None)) == (0.0, 0.0)


@pytest.mark.parametrize("bad", [nan, inf])
def test_an_r_multiple_that_is_no_number_is_refused(bad: float) -> None:
    with pytest.raises(SampleError, match="R-multiples"):
        posterior_multiplier([1.0, bad])


# how little it says


def test_ten_trades_say_next_to_nothing() -> None:
    found = credible_interval([1.0] * 6 + [-1.0] * 4)
    # mean 0.2 x 10/30; s^2 = (20 + 10 x 0.96 + 20 x 10/30 x 0.04) / 30 = 0.99556; 2.0423 x 0.99778 / sqrt(30) = 0.3720
    assert found.trades == 10
    assert found.mean == pytest.approx(0.066667, abs=1e-6)
    assert found.low == pytest.approx(-0.3054, abs=1e-4)
    assert found.high == pytest.approx(0.4387, abs=1e-4)
    assert found.sentence == (
        "10 trades: with 95% credibility the mean result lies between -0.31 R and +0.44 R, above zero with a "
        "probability of 64%; too few to tell luck from skill"
    )


def test_no_trades_say_nothing() -> None:
    found = credible_interval([])
    assert found.sentence == "no closed trades: nothing is known"
    assert found.probability == 0.5


def test_more_trades_narrow_the_interval() -> None:
    few, many = credible_interval([1.0, -1.0] * 10), credible_interval([1.0, -1.0] * 200)
    assert many.high - many.low < (few.high - few.low) / 2


# Kelly


@pytest.mark.parametrize(
    ("wins", "losses", "payoff", "name"), [(6, 4, 1.5, "6-4-1.5"), (60, 40, 1.0, "60-40-1.0"), (3, 7, 1.0, "3-7-1.0")]
)
def test_kelly_equals_the_reference(wins: int, losses: int, payoff: float, name: str) -> None:
    expected = oracles()[f"kelly.beta.{name}"]
    assert kelly(wins / (wins + losses), payoff) == pytest.approx(expected["kelly_raw"], rel=EXACT)
    assert posterior_kelly(wins, losses, payoff) == pytest.approx(expected["kelly_post"], rel=EXACT)
    assert kelly_probability(wins, losses, payoff) == pytest.approx(expected["P_edge"], rel=EXACT)


@pytest.mark.parametrize(("win_rate", "payoff"), [(0.55, 1.0), (0.4, 2.0)])
def test_kelly_is_where_the_logarithm_grows_fastest(win_rate: float, payoff: float) -> None:
    expected = oracles()[f"kelly.numeric.{win_rate}.{payoff}"]
    assert kelly(win_rate, payoff) == pytest.approx(expected["formula"], rel=EXACT)
    assert kelly(win_rate, payoff) == pytest.approx(expected["numeric"], abs=1e-7)


def test_the_kelly_figures_of_source_004_come_out() -> None:
    assert kelly(0.50, 2.0) == 0.25
    # (0.65 x 2.1 - 0.35) / 2.1
    assert kelly(0.65, 2.1) == pytest.approx(0.4833, abs=1e-4)


def test_no_edge_is_a_negative_fraction() -> None:
    assert kelly(0.3, 1.0) == pytest.approx(-0.4)


def test_without_trades_the_posterior_is_at_break_even() -> None:
    assert posterior_kelly(0, 0, 1.7) == pytest.approx(0.0, abs=1e-15)


@pytest.mark.parametrize(
    ("win_rate", "payoff"), [(nan, 1.0), (-0.1, 1.0), (1.1, 1.0), (0.5, 0.0), (0.5, nan), (0.5, inf)]
)
def test_a_win_rate_or_payoff_out_of_range_is_refused(win_rate: float, payoff: float) -> None:
    with pytest.raises(SampleError):
        kelly(win_rate, payoff)


def test_a_summary_needs_neither_numpy_nor_scipy() -> None:
    code = (
        "import sys; from portfolio.track_record.performance import kelly, summary; summary(()); kelly(0.5, 2.0); "
        "print({'numpy', 'scipy'} & set(sys.modules))"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)  # noqa: S603 - our own interpreter and text
    assert answer.stdout.strip() == "set()"
