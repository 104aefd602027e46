"""A trade must be able to earn what it risks, and one trade gets part of the day's budget."""

from __future__ import annotations

import pytest

from elite_sizer.caps.risk.concentration import concentration
from elite_sizer.caps.risk.min_rr import MinRewardToRisk
from elite_sizer.model.policy import Policy
from tests.builders import alone, charge, context, d, lot, room


@pytest.mark.parametrize(("gain", "denied"), [("1024.99", True), ("1025.00", False), ("1100", False)])
def test_two_to_one_is_reckoned_after_costs(gain: str, *, denied: bool) -> None:
    # costs of 5 a lot: (1,025 - 5) / (505 + 5) = 2.00
    made = context(money=lot(505, cost=5, gain=gain))
    assert (MinRewardToRisk()(made).room is not None) is denied


def test_without_a_target_the_reward_is_unknown_and_denied() -> None:
    answer = alone(MinRewardToRisk(), context(money=lot(500)))
    assert answer.refusal is not None
    assert answer.refusal.detail == "at least 2.0 R is asked for, and there is no target"


def test_one_trade_gets_three_tenths_of_the_daily_budget() -> None:
    # budget 0.7 x 1,800 = 1,260; 30 % = 378; / 100 = 3.78
    answer = alone(concentration, context(money=lot(100), net=room(daily=1800, after=2000, overall=9000)))
    assert (answer.lots, answer.binding) == (d("3.78"), "per_trade")


def test_a_proposal_within_its_share_stands() -> None:
    answer = alone(concentration, context(money=lot(100), net=room(daily=1800)), lots="3.78")
    assert answer.binding == "proposal"


@pytest.mark.parametrize(("daily", "after", "overall"), [(1800, 2000, 9000), (2000, 1800, 9000), (9000, 2000, 1800)])
def test_the_budget_follows_the_least_of_the_three_rooms(daily: int, after: int, overall: int) -> None:
    made = context(money=lot(100), net=room(daily=daily, after=after, overall=overall))
    assert alone(concentration, made).lots == d("3.78")


def test_without_a_daily_rule_three_per_cent_of_the_basis_stand_for_it() -> None:
    # 3,000 - 500 lost today - 300 open - 200 reserved = 2,000; x 0.7 x 0.3 = 420; / 100 = 4.20
    made = context(
        money=lot(100),
        net=room(overall=9000),
        day_loss=d(500),
        book=(charge("GBPUSD buy 1.00 risks 300"),),
        held=(charge("GBPUSD sell 1.00 risks 200", kind="reservation"),),
    )
    assert alone(concentration, made).lots == d("4.20")


def test_even_then_the_room_after_the_reset_may_be_the_least() -> None:
    # 1,800 x 0.7 x 0.3 = 378; / 100
    assert alone(concentration, context(money=lot(100), net=room(after=1800))).lots == d("3.78")


def test_even_then_the_overall_room_may_be_the_least() -> None:
    # 1,000 x 0.7 x 0.3 = 210; / 100
    assert alone(concentration, context(money=lot(100), net=room(overall=1000))).lots == d("2.10")


def test_without_any_rule_the_share_of_the_basis_is_all_there_is() -> None:
    # 3,000 x 0.7 x 0.3 = 630; / 100
    assert alone(concentration, context(money=lot(100), net=room())).lots == d("6.30")


def test_without_a_daily_rule_a_trade_without_a_stop_leaves_no_budget() -> None:
    bare = context(money=lot(100), net=room(overall=9000), book=(charge("GBPUSD buy 1.00 unbounded"),))
    assert concentration(bare).room == 0


def test_no_room_is_no_budget() -> None:
    answer = alone(concentration, context(money=lot(100), net=room(daily=-1, overall=9000)))
    assert answer.refusal is not None
    assert answer.refusal.detail == "0.30 of a daily risk budget of 0.00 USD"


def test_fraction_and_share_are_settings_of_the_policy() -> None:
    policy = Policy(budget_fraction=d("0.5"), max_concentration=d("0.2"))
    # 1,800 x 0.5 x 0.2 = 180
    assert alone(concentration, context(money=lot(100), net=room(daily=1800), policy=policy)).lots == d("1.80")
