"""Where the floor follows equity up, first every gain and then every loss must still end above it."""

from __future__ import annotations

from elite_sizer.caps.firm.following_peak import following_peak
from elite_sizer.sizing.pipeline import size
from portfolio.rules.rule_set import Amount, DailyRule, OverallRule, Rules
from tests.builders import FTMO, alone, charge, context, d, lot, named, sizer

TRAILING = Rules("trailing", daily=None, overall=OverallRule(Amount(pct=d(6)), peak="equity"))
LOCKED = Rules("locked", daily=None, overall=OverallRule(Amount(pct=d(6)), peak="equity", lock=d(0)))
DAY_PEAK = Rules(
    "day_peak", daily=DailyRule(Amount(pct=d(5)), ref="peak_equity_today"), overall=OverallRule(Amount(pct=d(10)))
)
BOTH = Rules(
    "both",
    daily=DailyRule(Amount(pct=d(5)), ref="peak_equity_today"),
    overall=OverallRule(Amount(pct=d(6)), peak="equity"),
)
ONE_TO_TWO = lot(500, gain=1000)


def test_the_amount_is_shared_by_the_loss_and_the_gain_of_a_lot() -> None:
    # 6 % of 100,000 = 6,000; 6,000 / (500 + 1,000) = 4.00
    answer = alone(following_peak, context(rules=TRAILING, money=ONE_TO_TWO))
    assert (answer.lots, answer.binding) == (d("4.00"), "per_trade")


def test_a_proposal_within_it_stands() -> None:
    answer = alone(following_peak, context(rules=TRAILING, money=ONE_TO_TWO), lots="4.00")
    assert answer.binding == "proposal"


def test_losses_and_gains_of_the_book_use_the_amount_up() -> None:
    # 6,000 - (250 + 500) - (100 + 400) = 4,750; / 1,500 = 3.1666...
    book = (charge("EURUSD buy 1.00 risks 250 gains 500"),)
    held = (charge("GBPUSD buy 1.00 risks 100 gains 400", kind="reservation"),)
    assert alone(following_peak, context(rules=TRAILING, money=ONE_TO_TWO, book=book, held=held)).lots == d("3.16")


def test_the_elite_sizer_s_larger_loss_per_lot_counts() -> None:
    # 6,000 / (750 + 1,000) = 3.428...
    made = context(rules=TRAILING, money=lot(500, tail=750, gain=1000))
    elite = sizer(money=10**9)
    tailed = type(elite)(
        "elite", lambda given: elite.sizer(given).__class__(money=d(10**9), loss_per_lot=given.lot.risk)
    )
    assert size(made, tailed, (named("following_peak", following_peak),)).lots == d("3.42")


def test_without_a_target_the_loss_alone_is_charged() -> None:
    # 6,000 / 500 = 12.00
    made = context(rules=TRAILING, money=lot(500))
    assert alone(following_peak, made).lots == d("12.00")
    assert following_peak(made).because.endswith("; without a target, not provable")


def test_where_no_floor_follows_equity_there_is_no_limit() -> None:
    made = context(rules=FTMO, money=lot(500))
    assert following_peak(made).room is None


def test_where_the_floor_locks_the_room_above_the_lock_serves_instead_if_it_is_larger() -> None:
    # equity 110,000, floor never above 100,000: 10,000 - 250 buffer = 9,750; / 500 = 19.50, not 6,000 / 1,500 = 4.00
    answer = alone(following_peak, context(balance=110_000, rules=LOCKED, money=ONE_TO_TWO))
    assert answer.lots == d("19.50")


def test_near_the_start_the_lock_is_of_no_help_and_the_amount_serves() -> None:
    # equity 101,000: 1,000 - 250 = 750; / 500 = 1.50; the amount gives 4.00
    answer = alone(following_peak, context(balance=101_000, rules=LOCKED, money=ONE_TO_TWO))
    assert answer.lots == d("4.00")


def test_a_daily_floor_that_follows_the_day_s_equity_binds_too() -> None:
    # 5 % of 100,000 = 5,000; / 1,500 = 3.33
    assert alone(following_peak, context(rules=DAY_PEAK, money=ONE_TO_TWO)).lots == d("3.33")


def test_of_two_floors_that_follow_equity_the_tighter_binds() -> None:
    # 6,000 and 5,000 / 1,500
    assert alone(following_peak, context(rules=BOTH, money=ONE_TO_TWO)).lots == d("3.33")


def test_a_floor_that_locks_is_compared_in_lots_with_one_that_does_not() -> None:
    # overall: 9,750 above the lock / 500 = 19.50 lots; the day's: 5,000 / 1,500 = 3.33, though 5,000 is less than 9,750
    locked = Rules("both_locked", daily=BOTH.daily, overall=LOCKED.overall)
    assert alone(following_peak, context(balance=110_000, rules=locked, money=ONE_TO_TWO)).lots == d("3.33")


def test_of_two_floors_without_a_target_the_tighter_binds_too() -> None:
    # 6,000 and 5,000 / 500
    assert alone(following_peak, context(rules=BOTH, money=lot(500))).lots == d("10.00")


def test_an_amount_that_the_book_has_used_up_denies() -> None:
    book = (charge("EURUSD buy 1.00 risks 2000 gains 4000"),)
    answer = alone(following_peak, context(rules=TRAILING, money=ONE_TO_TWO, book=book))
    assert answer.refusal is not None
    assert answer.refusal.code == "per_trade"


def test_a_trade_without_a_stop_in_the_book_leaves_nothing() -> None:
    bare = (charge("EURUSD buy 1.00 unbounded"),)
    assert alone(following_peak, context(rules=TRAILING, money=ONE_TO_TWO, book=bare)).lots == 0
