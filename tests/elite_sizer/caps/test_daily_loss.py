"""Today's floor and the one the next reset will draw hold together."""

from __future__ import annotations

from datetime import timedelta

import pytest

from elite_sizer.caps.firm.daily_loss import daily_loss
from elite_sizer.model.policy import Policy
from elite_sizer.model.request import HoldingPeriod
from tests.builders import NOW, alone, charge, context, d, lot, room


def test_todays_room_binds_where_it_is_the_smaller() -> None:
    # 1,800 / 500 = 3.60
    answer = alone(daily_loss, context(money=lot(500), net=room(daily=1800, after=2500)))
    assert (answer.lots, answer.binding) == (d("3.60"), "per_trade")


def test_the_room_after_the_reset_binds_where_it_is_the_smaller() -> None:
    # 1,200 / 500 = 2.40
    assert alone(daily_loss, context(money=lot(500), net=room(daily=1800, after=1200))).lots == d("2.40")


def test_a_proposal_within_both_stands() -> None:
    assert (
        alone(daily_loss, context(money=lot(500), net=room(daily=1800, after=1200)), lots="2.40").binding == "proposal"
    )


def test_a_trade_that_is_flat_before_the_reset_has_todays_room_alone() -> None:
    assert alone(daily_loss, context(money=lot(500), net=room(daily=1800))).lots == d("3.60")


def test_a_firm_without_a_daily_rule_sets_no_limit() -> None:
    assert daily_loss(context(net=room(overall=9000))).room is None


def test_without_a_daily_rule_a_floor_that_moves_at_the_reset_still_binds() -> None:
    # an overall peak of day-end balances moves at the reset: 1,200 / 500 = 2.40
    assert alone(daily_loss, context(money=lot(500), net=room(after=1200))).lots == d("2.40")


def test_the_overall_room_is_another_cap() -> None:
    assert alone(daily_loss, context(money=lot(500), net=room(daily=1800, overall=100))).lots == d("3.60")


def test_no_room_denies() -> None:
    answer = alone(daily_loss, context(net=room(daily=0, after=1200)))
    assert answer.refusal is not None
    assert answer.refusal.detail == "0.00 USD today: as given"


def test_a_winner_that_closes_first_must_not_sink_the_losers_after_midnight() -> None:
    """The worked case of the rules: a room of 1,700, not 4,500.

    Balance and equity 100,000. A is 3,000 up with its stop at +2,800: 200 at risk from here, none from the entry. B is
    3,000 down with its stop at -3,200: 200 from here, 3,200 from the entry. With 100 kept back, today leaves
    5,000 - 400 - 100 = 4,500; but when A closes, the next floor rises to 102,800 - 5,000, and only
    5,000 - 3,200 - 100 = 1,700 may be lost.
    """
    winner = charge("EURUSD buy 1.00 risks 200", entry_loss=d(0))
    loser = charge("GBPUSD buy 1.00 risks 200", entry_loss=d(3200))
    hundred = Policy(buffer_of_initial=d("0.001"), buffer_of_daily=d(0))
    made = context(book=(winner, loser), policy=hundred)
    assert made.rooms.daily.money == d(4500)
    assert daily_loss(made).room == d(1700)


def test_the_same_winner_and_loser_leave_todays_room_to_a_trade_that_is_flat_before_midnight() -> None:
    winner = charge("EURUSD buy 1.00 risks 200", entry_loss=d(0))
    loser = charge("GBPUSD buy 1.00 risks 200", entry_loss=d(3200))
    hundred = Policy(buffer_of_initial=d("0.001"), buffer_of_daily=d(0))
    made = context(book=(winner, loser), policy=hundred, hold=HoldingPeriod.INTRADAY, flat_by=NOW + timedelta(hours=4))
    assert daily_loss(made).room == d(4500)


@pytest.mark.parametrize(("early", "room_left"), [(1, 4750), (0, 1550)])
def test_a_trade_that_is_flat_only_at_the_reset_itself_is_not_flat_before_it(early: int, room_left: int) -> None:
    # today 5,000 - 250; after the reset 5,000 - 3,200 - 250
    loser = charge("GBPUSD buy 1.00 risks 0", entry_loss=d(3200))
    reset = context().headroom.next_reset_utc
    made = context(book=(loser,), hold=HoldingPeriod.INTRADAY, flat_by=reset - timedelta(seconds=early))
    assert daily_loss(made).room == room_left


def test_a_trade_without_a_stop_leaves_no_room() -> None:
    bounded = context(money=lot(500), book=(charge("GBPUSD buy 1.00 risks 200"),))
    unbounded = context(money=lot(500), book=(charge("GBPUSD buy 1.00 unbounded"),))
    assert alone(daily_loss, bounded).lots > 0
    assert alone(daily_loss, unbounded).lots == 0
