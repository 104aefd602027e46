"""Kelly within bounds and the risk to the stop, as source 004 works them out, figure by figure."""

from __future__ import annotations

from decimal import Decimal

import pytest

from elite_sizer.model.context import SizingContext
from elite_sizer.model.outcome import SizerResult
from elite_sizer.model.trade_figures import TradingRecord
from elite_sizer.sizers.kelly_atr import KellyAtr
from elite_sizer.sizing.pipeline import NamedSizer, size
from tests.builders import Number, charge, context, d, lot, spec

FINE = spec("BTCUSD", volume_min="0.001", volume_step="0.001", volume_max="1000000", contract_size="1")


def asked(
    equity: Number, *, stop: str = "0.0875", others: int = 0, history: TradingRecord | None = None
) -> SizingContext:
    """Return a context whose lot is a dollar of exposure that loses `stop` of it, so that lots are money."""
    book = tuple(charge(f"OTHER{n} buy 1 risks 1", id=str(n), exposure=d(1)) for n in range(others))
    money = lot(stop, exposure=1)
    return context("BTCUSD buy", balance=equity, initial=equity, money=money, contract=FINE, book=book, history=history)


def own(win_rate: float, payoff: float, trades: int = 20) -> TradingRecord:
    """Return a history of the account's own."""
    return TradingRecord(trades, d(1), win_rate, 1.0, 1.0, payoff, f"{trades} trades")


def answer(situation: SizingContext, sizer: KellyAtr | None = None) -> SizerResult:
    return size(situation, NamedSizer("kelly_atr", sizer or KellyAtr()), ())


def step(situation: SizingContext, name: str, sizer: KellyAtr | None = None) -> Decimal | None:
    amounts = [entry.after for entry in (sizer or KellyAtr())(situation).steps if entry.name == name]
    return amounts[0] if amounts else None


def test_source_004_500_of_equity_without_history_is_a_position_of_31_25() -> None:
    # Kelly (0.5 x 2 - 0.5) / 2 = 25 %, a quarter 6.25 % of 500 = 31.25; risk 5 / 8.75 % = 57.14
    situation = asked(500)
    assert step(situation, "kelly") == d("31.25")
    assert answer(situation).lots == d("31.25")


def test_source_004_risk_of_one_per_cent_over_8_75_per_cent_is_57_14_and_does_not_bind() -> None:
    # a sizer with a Kelly share of 20 % shows it: 100 > 57.14
    wide = KellyAtr(fraction=d("0.8"), most_pct=d("0.2"))
    money = step(asked(500), "risk", wide)
    assert money is not None
    assert f"{money:.2f}" == "57.14"
    assert step(asked(500), "risk") is None


def test_source_004_a_stop_two_per_cent_away_would_allow_250_and_kelly_decides() -> None:
    # 60 % at 2:1 is Kelly 40 %, a quarter is 10 % of 500 = 50; risk 5 / 2 % = 250
    assert answer(asked(500, stop="0.02", history=own(0.6, 2.0))).lots == 50


@pytest.mark.parametrize(
    ("others", "money"),
    [
        (0, "31.250"),
        (1, "15.625"),  # printed 15.63
        (2, "10.416"),  # 31.25 / 3 = 10.4166; the source prints 10.31 from 0.33
    ],
)
def test_source_004_concurrent_positions_share_the_size(others: int, money: str) -> None:
    assert answer(asked(500, others=others)).lots == d(money)


def test_source_004_its_example_of_50_with_two_open_is_16_67() -> None:
    # 50 / 3 = 16.666
    assert answer(asked(500, stop="0.02", others=2, history=own(0.6, 2.0))).lots == d("16.666")


def test_source_004_after_20_trades_at_65_per_cent_and_2_1_it_is_61_50_and_not_the_printed_73_80() -> None:
    # Kelly (0.65 x 2.1 - 0.35) / 2.1 = 48.33 %, a quarter 12.08 %, held to 10 % of 615; 73.80 breaks its own limit
    situation = asked(615, stop="0.05", history=own(0.65, 2.1))
    assert answer(situation).lots == d("61.5")
    assert KellyAtr()(situation).steps[0].because == "10.00% of 615.00 USD: Kelly 48.3% at W 0.65 R 2.10 over 20 trades"


def test_source_004_a_grown_account_trades_more() -> None:
    # 544.52 x 6.25 % = 34.0325
    assert answer(asked("544.52")).lots == d("34.032")


def test_source_004_nineteen_trades_are_not_enough() -> None:
    assert answer(asked(500, history=own(0.65, 2.1, trades=19))).lots == d("31.25")


@pytest.mark.parametrize(("win_rate", "payoff"), [(0.30, 2.0), (0.50, 1.0)])
def test_source_004_without_a_positive_kelly_there_is_no_trade(win_rate: float, payoff: float) -> None:
    # (0.30 x 2 - 0.70) / 2 = -5 %; (0.50 - 0.50) / 1 = 0
    result = answer(asked(500, history=own(win_rate, payoff)))
    assert result.lots == 0
    assert result.refusal is not None
    assert result.refusal.code == "no_edge"


def test_source_004_a_small_edge_still_trades_the_least_share() -> None:
    # (0.35 x 2 - 0.65) / 2 = 2.5 %, a quarter 0.625 %, raised to 5 % of 500 = 25
    assert answer(asked(500, history=own(0.35, 2.0))).lots == 25


def test_source_004_the_risk_to_the_stop_may_go_below_the_least_share() -> None:
    # 5 / 50 % = 10, below 5 % of 500
    assert answer(asked(500, stop="0.5")).lots == 10


def test_source_004_the_aggressive_preset() -> None:
    # half of 25 % = 12.5 %, within 15 %: 62.50; risk 10 / 8.75 % = 114.28
    preset = KellyAtr(fraction=d("0.50"), risk_pct=d("0.02"), most_pct=d("0.15"))
    assert answer(asked(500), preset).lots == d("62.5")


def test_source_004_the_conservative_preset() -> None:
    # 6.25 % within 7 %: 31.25; risk 2.50 / 8.75 % = 28.571
    preset = KellyAtr(risk_pct=d("0.005"), most_pct=d("0.07"))
    assert answer(asked(500), preset).lots == d("28.571")


def test_a_lot_that_can_t_be_valued_is_refused() -> None:
    result = answer(context("BTCUSD buy", money=lot(exposure=None), contract=FINE))
    assert result.refusal is not None
    assert result.refusal.code == "value_unavailable"
