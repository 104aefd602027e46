"""One trade may commit so much of the capital as margin."""

from __future__ import annotations

import pytest

from elite_sizer.caps.broker.margin_per_trade import MarginPerTrade
from tests.builders import alone, charge, context, d, lot


@pytest.mark.parametrize(
    ("asset_class", "lots"),
    [
        ("forex", "20.00"),  # 20 % of 100,000 = 20,000; / 1,000
        ("gold", "15.00"),
        ("metals", "15.00"),
        ("indices", "10.00"),
        ("oil", "10.00"),
        ("crypto", "20.00"),
        ("stocks", "20.00"),
        ("others", "10.00"),
    ],
)
def test_each_class_has_its_share_of_the_basis(asset_class: str, lots: str) -> None:
    answer = alone(MarginPerTrade(), context(asset_class=asset_class, money=lot(margin=1000)))
    assert (answer.lots, answer.binding) == (d(lots), "per_trade")


def test_a_proposal_within_it_stands() -> None:
    assert alone(MarginPerTrade(), context(money=lot(margin=1000)), lots=20).binding == "proposal"


def test_it_is_margin_and_never_exposure() -> None:
    # source 002: 10,000 of cash at 25 % commit 2,500 of margin, whatever exposure that is
    cap = MarginPerTrade(by_class={"crypto": d("0.25")})
    made = context("BTCUSD buy", balance=10_000, initial=10_000, money=lot(margin=3000, exposure=90_000))
    # 2,500 / 3,000 = 0.8333
    assert alone(cap, made).lots == d("0.83")


def test_the_margin_of_other_trades_does_not_count_against_one_trade() -> None:
    there = charge("EURUSD buy 1.00 risks 1", kind="order", margin=d(50_000))
    assert alone(MarginPerTrade(), context(money=lot(margin=1000), book=(there,))).lots == 20


def test_a_symbol_s_own_share_comes_before_its_class_s() -> None:
    cap = MarginPerTrade(by_symbol={"EURUSD": d("0.05")})
    assert alone(cap, context(money=lot(margin=1000))).lots == 5
    assert alone(cap, context("GBPUSD buy", money=lot(margin=1000))).lots == 20


def test_a_share_of_zero_denies() -> None:
    answer = alone(MarginPerTrade(by_symbol={"EURUSD": d(0)}), context(money=lot(margin=1000)))
    assert answer.refusal is not None
    assert answer.refusal.code == "per_trade"


def test_margin_that_nobody_knows_denies() -> None:
    answer = alone(MarginPerTrade(), context(money=lot(margin=None)))
    assert answer.refusal is not None
    assert answer.refusal.detail == "the margin of a lot of EURUSD is unknown"


def test_a_class_that_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match="no asset class 'fx'"):
        MarginPerTrade(by_class={"fx": d("0.1")})
