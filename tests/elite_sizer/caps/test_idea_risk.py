"""Everything on one symbol and side is one idea, with one budget a day."""

from __future__ import annotations

import pytest

from elite_sizer.caps.risk.idea_risk import IdeaRisk
from tests.builders import alone, charge, context, d, lot


def test_two_per_cent_bind_where_the_idea_is_new() -> None:
    # 2 % of 100,000 = 2,000; 2,000 / 500 = 4.00
    answer = alone(IdeaRisk(), context(money=lot(500)))
    assert (answer.lots, answer.binding) == (d("4.00"), "per_trade")


@pytest.mark.parametrize("kind", ["position", "order", "reservation"])
def test_what_is_at_risk_on_the_same_symbol_and_side_counts(kind: str) -> None:
    # (2,000 - 750) / 500 = 2.50
    same = charge("EURUSD buy 1.00 risks 750", kind=kind)
    assert alone(IdeaRisk(), context(money=lot(500), book=(same,))).lots == d("2.50")


@pytest.mark.parametrize("other", ["EURUSD sell 1.00 risks 750", "GBPUSD buy 1.00 risks 750"])
def test_another_side_or_symbol_is_another_idea(other: str) -> None:
    assert alone(IdeaRisk(), context(money=lot(500), book=(charge(other),))).lots == d("4.00")


def test_reservations_of_other_bots_count() -> None:
    held = charge("EURUSD buy 1.00 risks 750", kind="reservation")
    assert alone(IdeaRisk(), context(money=lot(500), held=(held,))).lots == d("2.50")


def test_what_the_idea_has_lost_today_counts() -> None:
    # (2,000 - 1,000) / 500 = 2.00
    assert alone(IdeaRisk(), context(money=lot(500), idea_loss=d(1000))).lots == d("2.00")


def test_an_idea_that_has_used_its_budget_is_denied() -> None:
    used = charge("EURUSD buy 1.00 risks 1500")
    answer = alone(IdeaRisk(), context(money=lot(500), book=(used,), idea_loss=d(500)))
    assert answer.refusal is not None
    assert answer.refusal.code == "per_trade"


def test_one_cent_of_budget_left_is_below_the_smallest_lot_and_not_spent() -> None:
    used = charge("EURUSD buy 1.00 risks 1500")
    answer = alone(IdeaRisk(), context(money=lot(500), book=(used,), idea_loss=d("499.99")))
    assert answer.refusal is not None
    assert answer.refusal.code == "below_min_lot"


def test_it_is_taken_of_the_initial_size_where_that_is_smaller() -> None:
    # 2 % of min(100,000, 150,000) = 2,000
    assert alone(IdeaRisk(), context(balance=150_000, money=lot(500))).lots == d("4.00")


def test_it_is_taken_of_the_basis_where_that_is_smaller() -> None:
    # 2 % of min(100,000, 90,000) = 1,800; 1,800 / 500 = 3.60
    assert alone(IdeaRisk(), context(balance=90_000, money=lot(500))).lots == d("3.60")


def test_a_trade_of_the_idea_without_a_stop_leaves_nothing() -> None:
    made = context(money=lot(500), book=(charge("EURUSD buy 1.00 unbounded"),))
    answer = alone(IdeaRisk(), made)
    assert answer.refusal is not None
    assert answer.refusal.detail == "a buy of EURUSD in the book has no stop"


def test_a_trade_of_another_idea_without_a_stop_does_not_matter_here() -> None:
    made = context(money=lot(500), book=(charge("GBPUSD buy 1.00 unbounded"),))
    assert alone(IdeaRisk(), made).lots == d("4.00")


def test_it_says_what_is_used() -> None:
    made = context(book=(charge("EURUSD buy 1.00 risks 750"),), idea_loss=d("12.5"))
    assert IdeaRisk()(made).because == "2,000.00 USD for one idea, 762.50 at risk or lost today"
    assert IdeaRisk()(context()).because == "2,000.00 USD for one idea"
