"""One trade may risk so much of the account and no more."""

from __future__ import annotations

from elite_sizer.caps.risk.per_trade import PerTrade
from elite_sizer.model.policy import Policy
from tests.builders import alone, charge, context, d, lot


def test_two_per_cent_of_the_smaller_of_balance_and_equity_bind() -> None:
    # 2 % of 98,000 = 1,960; 1,960 / 500 per lot = 3.92
    answer = alone(PerTrade(), context(balance=100_000, equity=98_000, money=lot(500)))
    assert (answer.lots, answer.binding) == (d("3.92"), "per_trade")


def test_a_proposal_within_it_stands() -> None:
    answer = alone(PerTrade(), context(balance=100_000, equity=98_000, money=lot(500)), lots="3.92")
    assert (answer.lots, answer.binding) == (d("3.92"), "proposal")


def test_the_share_is_a_setting() -> None:
    # 1 % of 100,000 = 1,000; 1,000 / 500 = 2.00
    assert alone(PerTrade(d("0.01")), context(money=lot(500))).lots == d("2.00")


def test_the_share_is_taken_of_the_configured_basis() -> None:
    # 2 % of the initial 200,000 = 4,000; 4,000 / 500 = 8.00
    made = context(balance=190_000, initial=200_000, money=lot(500), policy=Policy(basis="initial"))
    assert alone(PerTrade(), made).lots == d("8.00")


def test_costs_count_as_loss() -> None:
    # 2,000 / (500 + 12.50) = 3.9024...
    assert alone(PerTrade(), context(money=lot(500, cost="12.50"))).lots == d("3.90")


def test_other_trades_do_not_count_against_one_trade() -> None:
    assert alone(PerTrade(), context(money=lot(500), book=(charge("EURUSD buy 1.00 risks 1500"),))).lots == d("4.00")


def test_nothing_is_allowed_at_zero() -> None:
    answer = alone(PerTrade(d(0)), context(money=lot(500)))
    assert answer.refusal is not None
    assert answer.refusal.code == "per_trade"


def test_it_says_the_amount_with_its_currency() -> None:
    assert PerTrade()(context()).because == "2,000.00 USD a trade"
