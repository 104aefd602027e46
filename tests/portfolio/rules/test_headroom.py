"""Floors and distances to the cent, by the firms' own published examples."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.calendar.firm_day import DayRule
from portfolio.rules.headroom import Headroom, References, headroom, moved_by
from portfolio.rules.rule_set import Amount, DailyRule, MoneyCap, OverallRule, Peak, Rules, SizeLimits
from portfolio.rules.size_limits import cap_money, lots_cap, order_lots_cap, size_refusal

D = Decimal
NOON = datetime(2026, 6, 10, 12, tzinfo=UTC)
PRAGUE = DayRule("Europe/Prague", time(0))
FTMO = Rules("ftmo", DailyRule(Amount(D(5))), OverallRule(Amount(D(10))), PRAGUE)


def stand(
    rules: Rules = FTMO,
    *,
    equity: str | Decimal,
    balance: str | Decimal | None = None,
    initial: str = "100000",
    day: str | None = None,
    known: References | None = None,
) -> Headroom:
    """Return the headroom at noon of a summer's day; the day began with the initial size unless told otherwise."""
    state = known or References(D(initial), D(day or initial))
    return headroom(rules, state, D(equity if balance is None else balance), D(equity), NOON)


def one_step(**changes: object) -> Rules:
    """Return a rule whose floor follows something and stops at the initial size."""
    overall = OverallRule(Amount(D(6)), lock=D(0), **changes)  # type: ignore[arg-type]
    return Rules("trailing", None, overall, PRAGUE)


def test_the_published_dashboard_case_to_the_cent() -> None:
    # initial 200,000, balance 194,884.06, equity 195,159.09, today's profit 664.13: the day began with 194,494.96;
    # its floor is 184,494.96 and the account's 180,000 (the firm showed 10,664.13 and 15,159.09, a bot 9,717)
    began = D("195159.09") - D("664.13")
    found = stand(balance="194884.06", equity="195159.09", known=References(D(200000), began))
    assert found.distance_daily == D("10664.13")
    assert found.distance_overall == D("15159.09")
    assert found.usable == D("10664.13")
    assert found.binding == "daily"


def test_falling_below_a_strict_floor_is_a_breach_and_touching_it_is_not() -> None:
    assert not stand(equity="95000.00").breached
    assert stand(equity="94999.99").breached


def test_touching_an_inclusive_floor_is_a_breach_and_its_last_cent_is_no_room() -> None:
    inclusive = Rules("inclusive", FTMO.daily, FTMO.overall, PRAGUE, inclusive=True)
    assert stand(inclusive, equity="95000.00").breached
    assert not stand(inclusive, equity="95000.01").breached
    assert stand(inclusive, equity="95000.01").usable == 0
    assert stand(FTMO, equity="95000.01").usable == D("0.01")


def test_the_smaller_of_balance_and_equity_is_measured_where_the_rule_says_so() -> None:
    both = Rules("both", FTMO.daily, FTMO.overall, PRAGUE, measure="min_balance_equity")
    assert stand(both, balance="97000", equity="98000").distance_daily == 2000
    assert stand(FTMO, balance="97000", equity="98000").distance_daily == 3000


def test_a_percentage_of_a_reference_rounds_the_floor_up_to_the_cent() -> None:
    # 4 % of 100,001.01 is 4,000.0404: the floor is 96,000.9696, and so 96,000.97
    rules = Rules("share", DailyRule(Amount(D(4)), "reference"), FTMO.overall, PRAGUE)
    assert stand(rules, equity="100000", day="100001.01").daily_floor == D("96000.97")


def test_the_floors_of_an_odd_initial_size_round_up_too() -> None:
    # 5 % of 33,333.33 is 1,666.6665; 33,333.33 - 1,666.6665 = 31,666.6635
    assert stand(equity="33333.33", initial="33333.33").daily_floor == D("31666.67")


@pytest.mark.parametrize(("ref", "floor"), [("balance", "95000"), ("equity", "97000"), ("max", "97000")])
def test_a_day_counts_from_balance_equity_or_the_higher(ref: str, floor: str) -> None:
    rules = Rules("ref", DailyRule(Amount(D(5)), ref=ref), FTMO.overall, PRAGUE)  # type: ignore[arg-type]
    known = References(D(100000), D(100000), D(102000))
    assert stand(rules, equity="102000", known=known).daily_floor == D(floor)


def test_a_day_that_follows_its_peak_counts_from_the_highest_equity_since_the_reset() -> None:
    rules = Rules("hyro", DailyRule(Amount(D(5)), ref="peak_equity_today"), FTMO.overall, PRAGUE, inclusive=True)
    known = References(D(100000), D(100000), peak_equity_today=D(103000))
    assert stand(rules, equity="102000", known=known).daily_floor == 98000


def test_a_floor_follows_its_peak_and_stops_at_the_lock() -> None:
    # myfundedcapital: 6 % of the peak; 106,383 - 6,382.98 = 100,000.02 would be above the initial size
    rules = one_step(of="peak", peak="closed_balance")
    below = References(D(100000), D(106000), peak=D(106000))
    above = References(D(100000), D(106383), peak=D(106383))
    assert stand(rules, equity="106000", known=below).overall_floor == 99640
    assert stand(rules, equity="106383", known=above).overall_floor == 100000


def test_a_lock_may_lie_above_the_initial_size() -> None:
    rules = Rules("apex", None, OverallRule(Amount(money=D(2500)), peak="equity", lock=D(100)), PRAGUE)
    known = References(D(50000), D(50000), peak=D(60000))
    assert stand(rules, equity="59000", known=known).overall_floor == 50100


def test_a_floor_without_a_lock_follows_its_peak_for_ever() -> None:
    rules = Rules("apex", None, OverallRule(Amount(by_initial=((D(50000), D(2000)),)), peak="equity"), PRAGUE)
    known = References(D(50000), D(50000), peak=D(60000))
    assert stand(rules, equity="59000", known=known).overall_floor == 58000


def test_a_peak_below_the_initial_size_counts_as_the_initial_size() -> None:
    known = References(D(100000), D(95000), peak=D(95000))
    assert stand(one_step(peak="eod_balance"), equity="95000", known=known).overall_floor == 94000


def test_a_payout_lifts_the_floor_to_the_initial_size_only_where_the_rule_says_so() -> None:
    paid = References(D(100000), D(104000), payout_taken=True)
    lifts = one_step(on_payout="floor_to_initial")
    assert stand(lifts, equity="104000", known=paid).overall_floor == 100000
    assert stand(one_step(), equity="104000", known=paid).overall_floor == 94000
    assert stand(lifts, equity="104000", day="104000").overall_floor == 94000


def test_an_account_that_begins_at_zero_has_a_floor_below_zero_until_it_earns_it() -> None:
    amount = Amount(by_initial=((D(0), D(2000)),))
    xfa = Rules("xfa", None, OverallRule(amount, peak="eod_balance", lock=D(0), on_payout="floor_to_initial"), PRAGUE)
    assert stand(xfa, equity="0", initial="0").overall_floor == -2000
    assert stand(xfa, equity="1500", known=References(D(0), D(1500), peak=D(1500))).overall_floor == -500
    assert stand(xfa, equity="3000", known=References(D(0), D(3000), peak=D(3000))).overall_floor == 0


def test_a_pausing_rule_pauses_and_does_not_fail() -> None:
    rules = Rules("pause", DailyRule(Amount(D(3)), action="pause"), FTMO.overall, PRAGUE)
    found = stand(rules, equity="96000")
    assert (found.breached_daily, found.paused, found.breached) == (True, True, False)
    failing = stand(Rules("fail", DailyRule(Amount(D(3))), FTMO.overall, PRAGUE), equity="96000")
    assert (failing.paused, failing.breached) == (False, True)


def test_a_recorded_breach_stays_a_breach_above_the_floor() -> None:
    assert stand(equity="99000", known=References(D(100000), D(100000), breach="daily")).breached
    assert not stand(equity="99000", known=References(D(100000), D(100000))).breached


def test_a_recorded_pause_stays_a_pause() -> None:
    assert stand(equity="99000", known=References(D(100000), D(100000), paused=True)).paused


def test_around_a_reset_the_worse_floor_limits_the_room_but_breaks_nothing() -> None:
    known = References(D(100000), D(100000), worse_daily=D(97000), worse_overall=D(94000))
    found = stand(equity="96500", known=known)
    assert found.daily_floor == 97000
    assert found.distance_daily == found.usable == -500
    assert found.overall_floor == 94000
    assert not found.breached


def test_without_a_daily_rule_only_the_overall_floor_binds() -> None:
    found = stand(one_step(peak="eod_balance"), equity="99000")
    assert (found.daily_floor, found.distance_daily, found.breached_daily) == (None, None, None)
    assert found.binding == "overall"
    assert found.distance_binding == 5000


def test_a_tie_is_the_daily_rules() -> None:
    found = stand(equity="95000", day="95000")  # floors 90,000 and 90,000
    assert found.distance_daily == found.distance_overall == 5000
    assert found.binding == "daily"


def test_the_projection_shows_the_trap_before_midnight() -> None:
    # FTMO's own example: 200,000, +4,000 closed, -13,000 floating is fine until 23:59 and broken at 00:00
    found = stand(balance="204000", equity="191000", known=References(D(200000), D(200000)))
    assert found.distance_daily == 1000  # floor 190,000: 14,000 permitted, 13,000 of it floating
    assert found.projected_after_reset == -3000  # floor 194,000
    assert found.room_after_reset == -3000  # 10,000 less the 13,000 that float


def test_the_next_overall_floor_is_part_of_the_projection() -> None:
    rules = Rules("eod", DailyRule(Amount(D(5))), OverallRule(Amount(D(3)), peak="eod_balance"), PRAGUE)
    found = stand(rules, balance="104000", equity="102000", known=References(D(100000), D(100000)))
    assert found.projected_after_reset == 1000  # 104,000 - 3 % of 100,000 = 101,000 is above 104,000 - 5,000


@pytest.mark.parametrize(("peak", "projected"), [("eod_max", 6000), ("eod_balance", 8000), ("none", 12000)])
def test_the_projection_takes_the_peak_that_the_reset_would_bring(peak: Peak, projected: int) -> None:
    # balance 104,000, equity 106,000: 6 % of 100,000 below the peak, 100,000, 98,000 and 94,000
    rules = Rules("peak", None, OverallRule(Amount(D(6)), peak=peak), PRAGUE)
    assert stand(rules, balance="104000", equity="106000").projected_after_reset == projected


def test_the_projection_of_a_day_that_follows_its_peak_begins_with_equity() -> None:
    rules = Rules("hyro", DailyRule(Amount(D(5)), ref="peak_equity_today"), FTMO.overall, PRAGUE)
    assert stand(rules, balance="100000", equity="104000").projected_after_reset == 5000
    assert stand(rules, balance="104000", equity="100000").projected_after_reset == 1000


def test_the_gross_room_after_the_reset_keeps_both_floors_and_their_last_cent() -> None:
    overall_binds = Rules("tight", DailyRule(Amount(D(5))), OverallRule(Amount(D(3))), PRAGUE, inclusive=True)
    assert stand(overall_binds, equity="100000").room_after_reset == D("2999.99")
    daily_binds = Rules("wide", DailyRule(Amount(D(5))), OverallRule(Amount(D(10))), PRAGUE, inclusive=True)
    assert stand(daily_binds, equity="100000").room_after_reset == D("4999.99")


def test_money_that_came_in_raises_the_reference_and_money_that_went_out_does_not() -> None:
    known = References(D(100000), D(104000), D(105000), peak_equity_today=D(106000))
    came = moved_by(known, D(4000), literal_void=False)
    assert [came.day_balance, came.day_equity, came.peak_equity_today] == [D(108000), D(109000), D(106000)]
    assert moved_by(known, D(-4000), literal_void=False) == known
    void = moved_by(known, D(-4000), literal_void=True)
    assert [void.day_balance, void.day_equity, void.peak_equity_today] == [D(100000), D(101000), D(102000)]


def test_an_amount_by_size_needs_a_listed_size() -> None:
    amount = Amount(by_initial=((D(50000), D(2000)), (D(100000), D(3000))))
    rules = Rules("topstep", None, OverallRule(amount, peak="eod_balance"), PRAGUE)
    assert size_refusal(rules, D(100000)) is None
    refusal = size_refusal(rules, D(60000))
    assert refusal is not None
    assert refusal.code == "rules_unknown"
    assert "60,000" in refusal.detail
    assert "50,000, 100,000" in refusal.detail


def test_money_of_one_amount_holds_for_every_size() -> None:
    rules = Rules("own", DailyRule(Amount(money=D(2500))), FTMO.overall, PRAGUE)
    assert size_refusal(rules, D(77777)) is None
    assert stand(rules, equity="77777", initial="77777").daily_floor == 75277


def test_a_cap_takes_the_step_of_the_accounts_size() -> None:
    cap = MoneyCap(((D(25000), D(3)), (D(50000), D(2))), "initial", inclusive=True)
    assert cap_money(cap, D(10000), D(10000)) is None
    assert cap_money(cap, D(25000), D(25000)) == D("749.99")
    assert cap_money(cap, D(50000), D(90000)) == D("999.99")


def test_a_caps_share_is_of_initial_balance_or_the_smaller() -> None:
    assert cap_money(MoneyCap(((D(0), D(2)),), "initial"), D(100000), D(90000)) == 2000
    assert cap_money(MoneyCap(((D(0), D(2)),), "balance"), D(100000), D(110000)) == 2200
    assert cap_money(MoneyCap(((D(0), D(2)),), "least"), D(100000), D(90000)) == 1800


def test_most_lots_follow_the_next_smaller_listed_size() -> None:
    limits = SizeLimits(max_lots=((D(50000), D(10)), (D(100000), D(20))))
    assert lots_cap(limits, D(100000)) == 20
    assert lots_cap(limits, D(99999)) == 10
    assert lots_cap(limits, D(5000)) == 10
    assert lots_cap(SizeLimits(), D(5000)) is None


def test_lots_of_one_order_go_by_symbol_whatever_its_suffix() -> None:
    limits = SizeLimits(max_lots_per_order=(("*", D(50)), ("XAU", D(30)), ("XAUUSD", D(20))))
    assert order_lots_cap(limits, "XAUUSD.r") == 20
    assert order_lots_cap(limits, "EURUSD") == 50
    assert order_lots_cap(SizeLimits(), "EURUSD") is None


def test_the_sentence_names_both_floors_and_what_they_are_reckoned_from() -> None:
    said = stand(equity="99000", day="101000").because
    assert said == (
        "daily floor 96,000.00 = 101,000.00 less 5,000.00; overall floor 90,000.00 from 100,000.00 less 10,000.00"
    )


def test_an_estimate_is_said_and_marked() -> None:
    found = stand(equity="99000", known=References(D(100000), D(100000), estimated=("a guess",)))
    assert found.estimated
    assert "a guess" in found.because
    assert not stand(equity="99000").estimated


CENTS = st.integers(9_000_000, 12_000_000).map(lambda cents: D(cents) / 100)


@given(CENTS, CENTS, st.integers(0, 500_000), st.sampled_from(["balance", "equity", "max", "peak_equity_today"]))
def test_more_equity_never_means_less_room_with_the_state_fixed(
    day: Decimal, equity: Decimal, more: int, ref: str
) -> None:
    # P12
    rules = Rules("any", DailyRule(Amount(D(5)), "reference", ref), FTMO.overall, PRAGUE)  # type: ignore[arg-type]
    known = References(D(100000), day, day, peak_equity_today=day)
    before, after = stand(rules, equity=equity, known=known), stand(rules, equity=equity + D(more) / 100, known=known)
    assert after.usable >= before.usable
    assert after.breached <= before.breached


@given(CENTS, CENTS)
def test_the_binding_distance_is_the_smaller_and_the_floors_are_whole_cents(day: Decimal, equity: Decimal) -> None:
    rules = Rules("any", DailyRule(Amount(D("3.7")), "reference"), OverallRule(Amount(D("7.3"))), PRAGUE)
    found = stand(rules, equity=equity, known=References(D(100000), day))
    assert found.distance_daily is not None
    assert found.daily_floor is not None
    assert found.distance_binding == min(found.distance_daily, found.distance_overall)
    assert found.daily_floor.as_tuple().exponent == -2
    assert found.daily_floor - (day - day * D("0.037")) < D("0.01")
    assert found.daily_floor >= day - day * D("0.037")


def test_the_resets_stand_beside_the_floors() -> None:
    found = stand(equity="100000")
    assert found.last_reset_utc == datetime(2026, 6, 9, 22, tzinfo=UTC)
    assert found.next_reset_utc - found.last_reset_utc == timedelta(days=1)
