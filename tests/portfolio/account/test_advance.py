"""What is remembered of an account survives restarts, midnights and payouts, and never gives room back."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.account.account_state import (
    AccountState,
    FirmFigures,
    headroom_now,
    missing_reference,
    references,
    resumed,
)
from portfolio.calendar.firm_day import DayRule, server_to_utc
from portfolio.model import Deal, DealEntry, DealKind
from portfolio.rules.rule_set import Amount, DailyRule, OnPayout, OverallRule, Peak, Rules
from tests.paths import DATA
from tests.portfolio.looks import (
    APEX,
    BY_MAX,
    FIVE,
    FTMO,
    ONE_STEP,
    PRAGUE,
    SIX,
    after,
    bars,
    deal,
    flow,
    look,
    position,
    refused,
    round_turn,
    shifting,
    utc,
)

D = Decimal
SCENARIOS = DATA / "prop_firms_scenarios.json"
REBUILDS = json.loads(SCENARIOS.read_text(encoding="utf-8"))["rebuild_scenarios"]

# 10 June 2026 is a Wednesday; Prague's midnight is 22:00 UTC


def published_deal(ticket: int, line: dict[str, Any]) -> Deal:
    kind = DealKind.BALANCE if line["type"] == "BALANCE" else DealKind.TRADE
    made = deal("06-10 12:00", line["profit"], kind, ticket=ticket, entry=DealEntry[line["entry"]])
    commission, swap, fee = (D(line[name]) for name in ("commission", "swap", "fee"))
    return made._replace(at=server_to_utc(line["time"]), commission=commission, swap=swap, fee=fee)


class TestTheDaysReference:
    @pytest.mark.parametrize("case", REBUILDS, ids=lambda case: str(case["id"]))
    def test_it_is_rebuilt_when_the_program_starts_late(self, case: dict[str, Any]) -> None:
        deals = [published_deal(ticket, line) for ticket, line in enumerate(case["deals"])]
        state = after([look("06-10 13:00", case["balance_now"], deals=deals)])
        assert state.day_start == datetime.fromisoformat(case["reset_utc"])
        assert state.day_balance == D(case["expected"]["balance_at_reset"])
        flows = state.path.deposits - state.path.withdrawals
        assert flows == D(case["expected"]["cash_flows_since_reset"])

    def test_a_deal_at_the_reset_belongs_to_the_new_day(self) -> None:
        at_reset = look("06-10 12:00", 100_500, deals=[deal("06-09 22:00", 500)])
        before = look("06-10 12:00", 100_500, deals=[deal("06-09 21:59:59", 500)])
        assert after([at_reset]).day_balance == 100_000
        assert after([before]).day_balance == 100_500

    def test_a_deal_at_the_moment_of_the_look_is_in_its_balance(self) -> None:
        assert after([look("06-10 12:00", 100_500, deals=[deal("06-10 12:00", 500)])]).day_balance == 100_000

    def test_every_kind_of_cost_is_taken_off(self) -> None:
        made = deal("06-10 09:00", 100, commission=D("-2.50"), swap=D("-3.10"), fee=D("-0.40"))
        assert after([look("06-10 12:00", 100_094, deals=[made])]).day_balance == 100_000

    def test_credit_is_no_part_of_the_balance(self) -> None:
        made = deal("06-10 09:00", 5000, DealKind.CREDIT)
        assert after([look("06-10 12:00", deals=[made])]).day_balance == 100_000

    def test_a_charge_is_a_loss_and_a_bonus_earns_no_room(self) -> None:
        charge = after([look("06-10 12:00", 99_900, deals=[deal("06-10 09:00", -100, DealKind.OTHER)])])
        bonus = after([look("06-10 12:00", 100_100, deals=[deal("06-10 09:00", 100, DealKind.OTHER)])])
        assert headroom_now(FTMO, charge).distance_daily == 4900
        assert headroom_now(FTMO, bonus).distance_daily == 5000

    def test_the_first_day_counts_from_the_initial_size(self) -> None:
        deals = [flow("06-10 08:00", 100_000), deal("06-10 09:00", -400, ticket=2)]
        state = after([look("06-10 12:00", 99_600, deals=deals)])
        assert state.day_balance == 100_000
        assert state.began == utc("06-10 08:00")
        assert headroom_now(FTMO, state).distance_daily == 4600

    def test_an_account_opened_with_less_than_its_initial_size_counts_from_the_initial_size(self) -> None:
        state = after([look("06-10 12:00", 99_000, deals=[flow("06-10 08:00", 99_000)])])
        assert headroom_now(FTMO, state).distance_daily == 4000

    def test_an_account_opened_at_the_reset_counts_from_the_initial_size(self) -> None:
        state = after([look("06-10 12:00", 99_000, deals=[flow("06-09 22:00", 99_000)])])
        assert state.day_balance == 100_000

    def test_an_account_opened_in_parts_is_full_at_its_initial_size(self) -> None:
        deals = [flow("06-10 08:00", 60_000), flow("06-10 08:01", 45_000, ticket=2)]
        state = after([look("06-10 12:00", 105_000, deals=deals)])
        assert state.day_balance == 100_000
        assert state.path.deposits == 5000
        assert headroom_now(FTMO, state).distance_daily == 5000

    def test_it_stays_fixed_within_the_day(self) -> None:
        deals = [*round_turn("06-10 09:00", 700, ticket=1)]
        state = after([look("06-10 08:00"), look("06-10 12:00", 100_700, deals=deals)])
        assert state.day_balance == 100_000

    def test_it_moves_at_the_next_reset(self) -> None:
        deals = [*round_turn("06-10 09:00", 700, ticket=1)]
        state = after([look("06-10 12:00", 100_700, deals=deals), look("06-10 22:00", 100_700, deals=deals)])
        assert state.day_balance == 100_700
        assert state.day == date(2026, 6, 11)

    def test_a_late_booking_may_raise_it_and_nothing_lowers_it(self) -> None:
        first = after([look("06-10 12:00")])
        gain = after([look("06-10 12:01", 100_300, deals=[deal("06-09 21:59", 300)])], state=first)
        loss = after([look("06-10 12:01", 99_700, deals=[deal("06-09 21:59", -300)])], state=first)
        assert gain.day_balance == 100_300
        assert loss.day_balance == 100_000

    def test_without_history_it_is_not_known(self) -> None:
        assert refused(look("06-10 12:00", since="06-10 08:00")).code == "day_start_unknown"
        assert refused(look("06-10 12:00", since=None)).code == "day_start_unknown"
        assert after([look("06-10 12:00", since="06-09 22:00")]).day_balance == 100_000

    def test_without_history_the_recorded_one_holds_for_its_day(self) -> None:
        first = after([look("06-10 08:00", 101_000)])
        assert after([look("06-10 12:00", 100_500, since=None)], state=first).day_balance == 101_000
        assert refused(look("06-10 22:00", 100_500, since=None), state=first).code == "day_start_unknown"

    def test_where_no_rule_needs_it_the_first_look_stands_for_it(self) -> None:
        state = after([look("06-10 12:00", 100_500, since=None)], APEX)
        assert (state.day_balance, state.source) == (D(100_500), "assumed")
        known = after([look("06-10 12:01", 100_500, deals=[deal("06-10 09:00", 500)])], APEX, state)
        assert (known.day_balance, known.source) == (D(100_000), "rebuilt")

    def test_the_user_may_type_in_the_firms_own_figure(self) -> None:
        figures = FirmFigures(utc("06-10 11:00"), day_balance=D("100123.45"))
        state = after([look("06-10 12:00", since=None)], figures=figures)
        assert (state.day_balance, state.source) == (D("100123.45"), "typed")
        assert after([look("06-10 13:00")], state=state).day_balance == D("100123.45")
        assert after([look("06-10 22:00")], state=state).day_balance == 100_000

    @pytest.mark.parametrize(("at", "expected"), [("06-09 21:59:59", 100_000), ("06-09 22:00", 100_123)])
    def test_a_figure_typed_in_before_the_reset_is_yesterdays(self, at: str, expected: int) -> None:
        figures = FirmFigures(utc(at), day_balance=D(100_123))
        assert after([look("06-10 12:00")], figures=figures).day_balance == expected

    @pytest.mark.parametrize(
        ("before", "reset"),
        [("03-28 22:59", "03-28 23:00"), ("03-29 21:59", "03-29 22:00"), ("10-25 22:59", "10-25 23:00")],
    )
    def test_both_changes_of_clocks_of_2026_move_the_reset(self, before: str, reset: str) -> None:
        # scenarios D01 to D05: the Sundays in Prague have 23 and 25 hours
        deals = round_turn("03-20 09:00", 2000, ticket=1)
        early = after([look(before, 102_000, deals=deals)])
        assert early.day_start < utc(before)
        assert after([look(reset, 102_000, deals=deals)], state=early).day_start == utc(reset)

    def test_a_server_day_follows_the_brokers_clock(self) -> None:
        server = Rules("server", DailyRule(FIVE), FTMO.overall, DayRule())
        assert after([look("06-10 12:00")], server).day_start == utc("06-09 21:00")
        assert after([look("06-10 12:00")], server, server_offset=0).day_start == utc("06-10 00:00")

    def test_a_days_name_does_not_fall_when_the_brokers_clock_goes_back(self) -> None:
        server = Rules("server", DailyRule(FIVE), FTMO.overall, DayRule())
        first = after([look("11-01 05:00")], server, server_offset=3 * 3600)
        second = after([look("11-01 07:00")], server, first, server_offset=2 * 3600)
        assert first.day == second.day == date(2026, 11, 1)
        assert first.day_start == second.day_start


class TestEquityAtTheReset:
    def test_it_is_the_balance_where_nothing_was_open(self) -> None:
        state = after([look("06-10 12:00", 100_500, deals=round_turn("06-10 09:00", 500, ticket=1))], BY_MAX)
        assert state.day_equity == 100_000
        assert not state.day_notes

    def test_two_looks_near_the_reset_have_seen_it(self) -> None:
        held = [position("06-09 15:00", price="1.1200", profit="2000")]
        before = look("06-09 21:59:30", 100_000, 102_100, positions=held)
        since = look("06-09 22:00:20", 100_000, 102_000, positions=held)
        state = after([before, since], BY_MAX)
        assert state.day_equity == 102_100
        assert headroom_now(BY_MAX, state).daily_floor == 97_100
        assert not state.day_notes

    def test_missed_it_is_estimated_from_bars_on_the_unfavourable_side(self) -> None:
        # one lot bought at 1.1000, 1.1050 now: 500. The bars around the reset reach 1.1210: 2,100
        held = [position("06-09 15:00", price="1.1050", profit="500")]
        market = [bars("06-09 21:58", [1.1190, 1.1200, 1.1210, 1.1180])]
        state = after([look("06-10 12:00", 100_000, 100_500, positions=held, market=market)], BY_MAX)
        assert state.day_equity == 102_100
        assert headroom_now(BY_MAX, state).estimated
        assert "estimated from bars" in headroom_now(BY_MAX, state).because

    def test_the_estimate_is_kept_for_the_day(self) -> None:
        held = [position("06-09 15:00", price="1.1050", profit="500")]
        market = [bars("06-09 21:58", [1.1190, 1.1200, 1.1210, 1.1180])]
        first = after([look("06-10 12:00", 100_000, 100_500, positions=held, market=market)], BY_MAX)
        second = after([look("06-10 13:00", 100_000, 100_500, positions=held)], BY_MAX, first)
        assert second.day_equity == 102_100
        assert second.day_notes == first.day_notes

    def test_a_position_closed_since_the_reset_counts_as_well(self) -> None:
        # bought at 1.0900 the day before, closed today at 1.1000 for 1,000; at the reset up to 1.1210: 3,100
        closing = deal("06-10 09:00", 1000, ticket=9)
        market = [bars("06-09 21:58", [1.1190, 1.1200, 1.1210, 1.1180])]
        state = after([look("06-10 12:00", 101_000, deals=[closing], market=market)], BY_MAX)
        assert state.day_balance == 100_000
        assert state.day_equity == 103_100

    def test_a_position_that_was_enlarged_since_can_not_be_estimated(self) -> None:
        held = [position("06-09 15:00", price="1.1050", profit="500", volume=D(2))]
        market = [bars("06-09 21:58", [1.1190, 1.1200, 1.1210, 1.1180])]
        added = deal("06-10 09:00", 0, entry=DealEntry.IN, ticket=5, position=1)
        seen = look("06-10 12:00", positions=held, market=market, deals=[added])
        assert after([seen], BY_MAX).day_equity is None

    def test_where_it_is_not_known_a_rule_that_asks_for_it_leaves_no_room(self) -> None:
        held = [position("06-09 15:00", price="1.1050", profit="500")]
        seen = look("06-10 12:00", 100_000, 100_500, positions=held)
        state = after([seen], BY_MAX)
        missing = missing_reference(BY_MAX, state)
        assert missing is not None
        assert missing.code == "day_start_unknown"
        assert headroom_now(BY_MAX, state).distance_daily == 0
        assert headroom_now(BY_MAX, state).distance_overall == 10_500
        assert not headroom_now(BY_MAX, state).breached
        assert missing_reference(FTMO, state) is None
        assert headroom_now(FTMO, after([seen])).distance_daily == 5500

    def test_where_it_is_not_known_a_peak_that_counts_it_leaves_no_room(self) -> None:
        rules = Rules("goat", None, OverallRule(SIX, peak="eod_max"), PRAGUE)
        held = [position("06-09 15:00", price="1.1050", profit="500")]
        state = after([look("06-10 12:00", 100_000, 100_500, positions=held)], rules)
        assert headroom_now(rules, state).distance_overall == 0

    def test_it_is_known_from_the_next_reset_on_that_is_seen(self) -> None:
        held = [position("06-09 15:00", price="1.1050", profit="500")]
        looks = [look(at, 100_000, 100_500, positions=held) for at in ("06-10 21:59:50", "06-10 22:00:10")]
        assert missing_reference(BY_MAX, after(looks[:1], BY_MAX)) is not None
        assert missing_reference(BY_MAX, after(looks, BY_MAX)) is None
        assert after(looks, BY_MAX).day_equity == 100_500

    def test_resets_that_nobody_saw_are_said_where_their_equity_counts(self) -> None:
        rules = Rules("goat", None, OverallRule(SIX, peak="eod_max"), PRAGUE)
        opening = [flow("06-08 08:00", 100_000)]
        looks = [look(f"06-{day} 12:00", deals=opening) for day in ("08", "09", "10", "12", "13")]
        notes = [bool(after(looks[: count + 1], rules).peak_note) for count in range(5)]
        assert notes == [False, False, False, True, True]
        assert not after(looks[1:2], rules).peak_note
        assert after(looks[2:3], rules).peak_note

    def test_bars_that_end_before_the_reset_do_not_cover_it(self) -> None:
        held = [position("06-09 15:00")]
        market = [bars("06-09 21:50", [1.1190, 1.1200])]
        assert after([look("06-10 12:00", positions=held, market=market)], BY_MAX).day_equity is None

    def test_bars_that_end_before_the_reset_cover_it_if_nothing_was_quoted_since(self) -> None:
        held = [position("06-05 15:00", price="1.1000")]
        market = [bars("06-05 20:58", [1.1190, 1.1200])]
        seen = look("06-06 12:00", positions=held, market=market, quoted="06-05 20:59:58")
        assert after([seen], BY_MAX).day_equity == 102_000

    def test_the_firms_own_figure_replaces_it(self) -> None:
        held = [position("06-09 15:00")]
        figures = FirmFigures(utc("06-10 11:00"), day_balance=D(100_000), day_equity=D(101_500))
        state = after([look("06-10 12:00", positions=held)], BY_MAX, figures=figures)
        assert headroom_now(BY_MAX, state).daily_floor == 96_500

    def test_on_the_first_day_it_is_the_initial_size(self) -> None:
        by_equity = Rules("equity", DailyRule(FIVE, ref="equity"), FTMO.overall, PRAGUE)
        state = after([look("06-10 12:00", deals=[flow("06-10 08:00", 100_000)])], by_equity)
        assert headroom_now(by_equity, state).daily_floor == 95_000


class TestPeaks:
    def test_the_highest_midnight_balance_counts_and_not_the_day_between(self) -> None:
        # scenarios O03 and O04: 104,000 at midnight, 103,000 the next, 106,500 in between
        deals = [
            flow("06-01 08:00", 100_000),
            *round_turn("06-08 09:00", 4000, ticket=2),
            *round_turn("06-09 09:00", 2500, ticket=4),
            *round_turn("06-09 10:00", -3500, ticket=6),
        ]
        state = after([look("06-10 12:00", 103_000, deals=deals)], ONE_STEP)
        assert headroom_now(ONE_STEP, state).overall_floor == 94_000
        assert state.path.closed_balance == 106_500

    def test_a_missed_week_is_rebuilt_from_history(self) -> None:
        opening = flow("06-01 08:00", 100_000)
        later = [opening, *round_turn("06-04 09:00", 4000, ticket=2), *round_turn("06-08 09:00", -3000, ticket=4)]
        late = after([look("06-02 12:00", deals=[opening]), look("06-10 12:00", 101_000, deals=later)], ONE_STEP)
        never_seen = after([look("06-10 12:00", 101_000, deals=later)], ONE_STEP)
        assert late.path == never_seen.path
        assert late.path.eod_balance == 104_000
        assert not headroom_now(ONE_STEP, late).estimated

    def test_a_peak_never_falls_when_history_gets_shorter(self) -> None:
        deals = [flow("06-01 08:00", 100_000), *round_turn("06-08 09:00", 4000, ticket=2)]
        first = after([look("06-10 12:00", 104_000, deals=deals)], ONE_STEP)
        second = after([look("06-10 13:00", 101_000, since="06-10 12:30")], ONE_STEP, first)
        assert second.path.eod_balance == 104_000
        assert second.high_water >= first.high_water

    def test_history_that_does_not_reach_the_opening_is_said(self) -> None:
        state = after([look("06-10 12:00", 104_000, since="06-08 00:00")], ONE_STEP)
        assert "is not known" in headroom_now(ONE_STEP, state).because
        assert "is not known" not in headroom_now(FTMO, state).because

    def test_a_gap_in_history_is_said(self) -> None:
        first = after([look("06-08 12:00", deals=[flow("06-01 08:00", 100_000)])], ONE_STEP)
        gap = after([look("06-10 12:00", 101_000, since="06-09 20:00")], ONE_STEP, first)
        assert "is not fully known" in headroom_now(ONE_STEP, gap).because
        whole = after([look("06-10 12:00", 101_000, since="06-08 12:00")], ONE_STEP, first)
        assert "is not fully known" not in headroom_now(ONE_STEP, whole).because
        assert whole.path.eod_balance == gap.path.eod_balance == 101_000

    def test_the_equity_at_the_reset_is_a_peak_where_the_rule_says_the_higher(self) -> None:
        rules = Rules("goat", None, OverallRule(SIX, peak="eod_max"), PRAGUE)
        held = [position("06-09 15:00", price="1.1300", profit="3000")]
        looks = [look(at, 100_000, 103_000, positions=held) for at in ("06-09 21:59:50", "06-09 22:00:10")]
        state = after(looks, rules)
        assert headroom_now(rules, state).overall_floor == 97_000

    def test_what_came_in_after_the_reset_raises_that_peak_once(self) -> None:
        rules = Rules("goat", None, OverallRule(SIX, peak="eod_max"), PRAGUE)
        held = [position("06-09 15:00", price="1.1300", profit="3000")]
        looks = [look(at, 100_000, 103_000, positions=held) for at in ("06-09 21:59:50", "06-09 22:00:10")]
        paid = [flow("06-10 09:00", 5000)]
        paid_in = [look(at, 105_000, 108_000, positions=held, deals=paid) for at in ("06-10 10:00", "06-10 11:00")]
        assert headroom_now(rules, after([*looks, *paid_in], rules)).overall_floor == 102_000
        first_seen = after([look("06-10 10:00", 105_000, deals=paid)], rules)
        assert headroom_now(rules, first_seen).overall_floor == 99_000

    def test_what_came_in_raises_an_estimated_peak_too(self) -> None:
        # 100,000 with 1,000 from long ago; at the reset up to 102,100 by the bars, and 5,000 came in since
        rules = Rules("goat", None, OverallRule(SIX, peak="eod_max"), PRAGUE)
        held = [position("06-09 15:00", price="1.1050", profit="500")]
        market = [bars("06-09 21:58", [1.1190, 1.1200, 1.1210, 1.1180])]
        paid = [flow("06-05 09:00", 1000), flow("06-10 09:00", 5000, ticket=2)]
        state = after([look("06-10 12:00", 105_000, 105_500, positions=held, market=market, deals=paid)], rules)
        assert state.path.eod_max == 107_100

    def test_a_balance_that_history_begins_with_is_a_peak(self) -> None:
        rules = Rules("e8", None, OverallRule(SIX, peak="closed_balance"), PRAGUE)
        state = after([look("06-10 12:00", 101_000, deals=[deal("06-10 09:00", -3000)])], rules)
        assert headroom_now(rules, state).overall_floor == 98_000

    def test_a_balance_after_a_gap_is_a_peak_that_counts_what_was_taken_out(self) -> None:
        rules = shifting(Rules("e8", None, OverallRule(SIX, peak="closed_balance"), PRAGUE), "shift")
        paid = [
            flow("06-01 08:00", 100_000),
            *round_turn("06-08 09:00", 4000, ticket=2),
            flow("06-10 09:00", -4000, ticket=4),
        ]
        first = after([look("06-10 12:00", 100_000, deals=paid)], rules)
        state = after([look("06-12 12:00", 102_000, since="06-12 11:00")], rules, first)
        assert state.path.closed_balance == 106_000
        assert headroom_now(rules, state).overall_floor == 96_000

    def test_a_shifted_peak_of_the_higher_counts_what_was_taken_out(self) -> None:
        rules = shifting(Rules("goat", None, OverallRule(SIX, peak="eod_max"), PRAGUE), "shift")
        held = [position("06-09 15:00", price="1.1300", profit="3000")]
        paid = [*round_turn("06-08 09:00", 2000, ticket=2), flow("06-09 09:00", -2000, ticket=4)]
        at_reset = [
            look(at, 100_000, 103_000, positions=held, deals=paid) for at in ("06-09 21:59:50", "06-09 22:00:10")
        ]
        assert headroom_now(rules, after(at_reset, rules)).overall_floor == 97_000

    def test_a_closed_balance_stays_a_peak_when_its_deal_vanishes(self) -> None:
        seen = look("06-10 12:00", 100_500, deals=[deal("06-10 09:00", 500)])
        state = after([seen, look("06-10 12:01")])
        assert state.path.closed_balance == 100_500

    def test_what_history_repeats_is_not_counted_twice(self) -> None:
        opening = flow("06-01 08:00", 100_000)
        deals = [opening, flow("06-05 09:00", 2000, ticket=2), flow("06-10 09:00", -500, ticket=3)]
        first = after([look("06-10 12:00", 101_500, deals=deals)])
        again = after([look("06-10 12:01", 101_500, deals=deals)], state=first)
        cut = after([look("06-10 12:01", 101_500, deals=deals[2:], since="06-10 08:00")], state=first)
        at_the_last_look = [*deals[:2], flow("06-10 12:00", -500, ticket=3)]
        edge = after([look("06-10 12:00", 101_500, deals=at_the_last_look)])
        edge = after([look("06-10 12:01", 101_500, deals=at_the_last_look, since="06-10 08:00")], state=edge)
        for state in (first, again, cut, edge):
            assert (state.path.deposits, state.path.withdrawals) == (D(2000), D(500))
            assert state.equity_peak == first.equity_peak

    def test_equitys_peak_is_what_was_seen(self) -> None:
        state = after([look("06-10 12:00"), look("06-10 12:00:30", 100_000, 102_500), look("06-10 12:01")], APEX)
        assert headroom_now(APEX, state).overall_floor == 96_500
        assert not state.peak_note

    def test_a_gap_in_which_nothing_was_open_hides_nothing(self) -> None:
        bonus = deal("06-10 12:30", 900, DealKind.OTHER)
        state = after([look("06-10 12:00"), look("06-10 14:00", 100_900, deals=[bonus])], APEX)
        assert state.equity_peak == 100_900
        assert not state.peak_note

    def test_a_gap_in_which_a_trade_came_and_went_hides_its_best_moment(self) -> None:
        deals = round_turn("06-10 12:30", 900, ticket=1)
        state = after([look("06-10 12:00"), look("06-10 14:00", 100_900, deals=deals)], APEX)
        assert "was not seen" in state.peak_note

    def test_a_gap_is_bounded_by_the_bars_of_what_was_open(self) -> None:
        held = [position("06-10 11:00", price="1.1000")]
        market = [bars("06-10 11:59", [1.1000, 1.1150, 1.1020, *[1.1010] * 8])]
        looks = [look("06-10 12:00", positions=held), look("06-10 12:10", positions=held, market=market)]
        state = after(looks, APEX)
        assert state.equity_peak == 101_500  # 100,000 and 0.0150 on one lot
        assert "estimated from bars" in state.peak_note

    def test_a_gap_is_bounded_by_the_highest_balance_in_it(self) -> None:
        held = [position("06-10 11:00", price="1.1000")]
        market = [bars("06-10 11:59", [1.1000] * 11)]
        won = [deal("06-10 12:02", 2000, ticket=2), deal("06-10 12:04", -2000, ticket=3)]
        looks = [look("06-10 12:00", positions=held), look("06-10 12:10", positions=held, deals=won, market=market)]
        # 102,000 in between, and the legs that were closed: 2,000 and 0 at their best
        assert after(looks, APEX).equity_peak == 104_000

    def test_a_day_that_follows_its_peak_is_bounded_in_the_same_way(self) -> None:
        hyro = Rules("hyro", DailyRule(FIVE, ref="peak_equity_today"), FTMO.overall, PRAGUE)
        held = [position("06-10 11:00", price="1.1000")]
        market = [bars("06-10 11:59", [1.1000, 1.1150, 1.1020, *[1.1010] * 8])]
        first = look("06-10 12:00", positions=held, market=[bars("06-09 21:59", [1.1000] * 900)])
        state = after([first, look("06-10 12:10", positions=held, market=market)], hyro)
        assert headroom_now(hyro, state).daily_floor == 96_500
        assert headroom_now(hyro, state).estimated

    def test_money_that_came_in_raises_the_peak_of_the_day_once(self) -> None:
        hyro = Rules("hyro", DailyRule(FIVE, ref="peak_equity_today"), FTMO.overall, PRAGUE)
        old, new = flow("06-08 09:00", 3000), flow("06-10 12:00:40", 1000, ticket=2)
        looks = [
            look("06-10 12:00", 103_000, deals=[old]),
            look("06-10 12:00:30", 103_000, 105_000, deals=[old]),
            look("06-10 12:01", 104_000, deals=[old, new]),
            look("06-10 12:01:30", 104_000, deals=[old, new]),
        ]
        assert after(looks, hyro).peak_equity_today == 106_000

    def test_a_gap_that_no_bars_cover_is_said(self) -> None:
        held = [position("06-10 11:00", price="1.1000")]
        state = after([look("06-10 12:00", positions=held), look("06-10 12:10", positions=held)], APEX)
        assert "no bars cover it" in state.peak_note
        assert headroom_now(APEX, state).estimated

    def test_a_new_high_that_was_seen_ends_the_doubt(self) -> None:
        held = [position("06-10 11:00", price="1.1000")]
        looks = [look("06-10 12:00", positions=held), look("06-10 12:10", positions=held)]
        higher = look("06-10 12:11", 100_000, 100_700, positions=held)
        assert not after([*looks, higher], APEX).peak_note

    def test_a_new_high_ends_the_doubt_also_after_a_shift(self) -> None:
        rules = shifting(APEX, "shift")
        opening, paid = flow("06-01 08:00", 100_000), flow("06-10 09:00", -1000, ticket=2)
        held = [position("06-10 11:00", price="1.1000")]
        looks = [
            look("06-10 12:00", 99_000, positions=held, deals=[opening, paid]),
            look("06-10 12:10", 99_000, positions=held, deals=[opening, paid]),
            look("06-10 12:11", 99_000, 99_700, positions=held, deals=[opening, paid]),
        ]
        assert after(looks[:2], rules).peak_note
        assert not after(looks, rules).peak_note

    def test_an_account_that_traded_before_the_first_look_has_an_unseen_peak(self) -> None:
        traded = [flow("06-01 08:00", 100_000), *round_turn("06-08 09:00", 500, ticket=2)]
        assert "was not seen" in after([look("06-10 12:00", 100_500, deals=traded)], APEX).peak_note
        assert not after([look("06-10 12:00", deals=traded[:1])], APEX).peak_note

    def test_a_day_that_follows_its_peak_forgets_it_at_the_reset(self) -> None:
        hyro = Rules("hyro", DailyRule(FIVE, ref="peak_equity_today"), FTMO.overall, PRAGUE)
        state = after([look("06-10 12:00"), look("06-10 12:00:30", 100_000, 103_000), look("06-10 12:01")], hyro)
        assert headroom_now(hyro, state).daily_floor == 98_000
        assert headroom_now(hyro, after([look("06-10 22:06")], hyro, state)).daily_floor == 95_000

    def test_the_firms_own_figure_raises_a_peak_and_never_lowers_it(self) -> None:
        deals = [flow("06-01 08:00", 100_000), *round_turn("06-08 09:00", 4000, ticket=2)]
        seen = look("06-10 12:00", 104_000, deals=deals)
        higher = after([seen], ONE_STEP, figures=FirmFigures(utc("06-10 11:00"), peak=D(105_000)))
        lower = after([seen], ONE_STEP, figures=FirmFigures(utc("06-10 11:00"), peak=D(101_000)))
        assert headroom_now(ONE_STEP, higher).overall_floor == 95_000
        assert headroom_now(ONE_STEP, lower).overall_floor == 94_000
        assert headroom_now(ONE_STEP, after([seen], ONE_STEP, higher)).overall_floor == 95_000

    def test_the_firms_own_figure_of_equitys_peak_ends_the_doubt(self) -> None:
        traded = [flow("06-01 08:00", 100_000), *round_turn("06-08 09:00", 500, ticket=2)]
        figures = FirmFigures(utc("06-10 11:00"), peak=D(101_000))
        state = after([look("06-10 12:00", 100_500, deals=traded)], APEX, figures=figures)
        assert (state.equity_peak, state.peak_note) == (D(101_000), "")

    def test_the_firms_own_figure_of_a_shifted_peak_is_the_one_after_the_payout(self) -> None:
        rules = shifting(ONE_STEP, "shift")
        paid = [
            flow("06-01 08:00", 100_000),
            *round_turn("06-08 09:00", 4000, ticket=2),
            flow("06-08 10:00", -4000, ticket=4),
        ]
        figures = FirmFigures(utc("06-10 11:00"), peak=D(101_000))
        state = after([look("06-10 12:00", 100_000, deals=paid)], rules, figures=figures)
        assert headroom_now(rules, state).overall_floor == 91_000

    def test_the_firms_own_figure_ends_the_doubt_also_where_it_agrees(self) -> None:
        seen = look("06-10 12:00", 104_000, since="06-08 00:00")
        figures = FirmFigures(utc("06-10 11:00"), peak=D(104_000))
        assert after([seen], ONE_STEP).peak_note
        assert not after([seen], ONE_STEP, figures=figures).peak_note

    def test_the_lowest_equity_seen_is_kept(self) -> None:
        low = [look(at, 100_000, 97_000) for at in ("06-10 12:01", "06-10 12:01:30")]
        state = after([look("06-10 12:00"), *low, look("06-10 12:02")])
        assert state.low_equity == 97_000
        assert state.low_equity_at == utc("06-10 12:01")


class TestPayoutsAndDeposits:
    def test_a_withdrawal_leaves_the_smaller_room_until_the_reset(self) -> None:
        # R03: began with 104,000; literally the floor is 99,000, shifted by the payout 95,000
        deals = [flow("06-10 09:00", -4000), *round_turn("06-10 12:00", 150, ticket=2)]
        state = after([look("06-10 13:00", 100_150, deals=deals)])
        assert headroom_now(FTMO, state).distance_daily == 1150
        assert "4,000.00 went out today" in headroom_now(FTMO, state).because
        after_reset = after([look("06-10 22:06", 100_150, deals=deals)], state=state)
        assert headroom_now(FTMO, after_reset).distance_daily == 5000
        assert not headroom_now(FTMO, after_reset).estimated

    def test_a_withdrawal_that_would_itself_be_a_breach_shifts_the_reference(self) -> None:
        deals = [flow("06-10 09:00", -6000)]
        state = after([look("06-10 08:00", 106_000), look("06-10 12:00", 100_000, deals=deals)])
        assert headroom_now(FTMO, state).distance_daily == 5000
        assert state.breach is None
        assert "is moved by it" in headroom_now(FTMO, state).because

    def test_a_loss_after_a_withdrawal_gives_no_room_back(self) -> None:
        # literally 1,000 above 99,000; then 1,200 are lost: the shifted floor of 95,000 would leave 3,800
        paid = [flow("06-10 09:00", -4000)]
        lost = [*paid, *round_turn("06-10 13:00", -1200, ticket=2)]
        state = after([look("06-10 12:00", 100_000, deals=paid), look("06-10 14:00", 98_800, deals=lost)])
        assert headroom_now(FTMO, state).distance_daily == -200

    def test_a_deposit_raises_the_reference_and_every_peak(self) -> None:
        opening = flow("06-01 08:00", 100_000)
        grown = [opening, *round_turn("06-08 09:00", 4000, ticket=2), *round_turn("06-09 09:00", -1000, ticket=4)]
        before = after([look("06-10 08:00", 103_000, deals=grown)], ONE_STEP)
        paid_in = [*grown, flow("06-10 09:00", 10_000, ticket=6)]
        state = after([look("06-10 12:00", 113_000, deals=paid_in)], ONE_STEP, before)
        assert headroom_now(ONE_STEP, before).distance_daily == headroom_now(ONE_STEP, state).distance_daily == 3000
        assert headroom_now(ONE_STEP, before).distance_overall == headroom_now(ONE_STEP, state).distance_overall == 9000

    def test_a_deposit_raises_the_peak_of_equity(self) -> None:
        looks = [
            look("06-10 12:00"),
            look("06-10 12:00:30", 100_000, 102_000),
            look("06-10 12:01", 110_000, deals=[flow("06-10 12:00:50", 10_000)]),
        ]
        assert after(looks, APEX).equity_peak == 112_000

    @pytest.mark.parametrize(
        ("effect", "peak", "floor"),
        [("keep", "eod_balance", 94_000), ("shift", "eod_balance", 90_000), ("keep", "equity", 94_000)],
    )
    def test_a_withdrawal_keeps_or_shifts_a_peak_by_the_rule(self, effect: OnPayout, peak: Peak, floor: int) -> None:
        rules = shifting(replace(ONE_STEP, overall=replace(ONE_STEP.overall, peak=peak)), effect)
        earned = [flow("06-01 08:00", 100_000), *round_turn("06-08 09:00", 4000, ticket=2)]
        paid = [*earned, flow("06-10 09:00", -4000, ticket=4)]
        looks = [look("06-10 08:00", 104_000, deals=earned), look("06-10 08:00:30", 104_000, deals=earned)]
        state = after([*looks, look("06-10 12:00", 100_000, deals=paid)], rules)
        assert headroom_now(rules, state).overall_floor == floor
        assert state.high_water == 104_000

    @pytest.mark.parametrize("peak", ["eod_balance", "closed_balance", "eod_max", "equity"])
    def test_what_is_earned_after_a_shift_moves_the_floor_by_itself(self, peak: Peak) -> None:
        rules = shifting(replace(ONE_STEP, overall=replace(ONE_STEP.overall, peak=peak)), "shift")
        deals = [
            flow("06-01 08:00", 100_000),
            *round_turn("06-08 09:00", 4000, ticket=2),
            flow("06-08 12:00", -4000, ticket=4),
            *round_turn("06-09 09:00", 1500, ticket=5),
        ]
        state = after([look("06-10 12:00", 101_500, deals=deals)], rules)
        assert headroom_now(rules, state).overall_floor == 91_500

    def test_equity_that_rises_after_a_shift_is_a_new_peak(self) -> None:
        rules = shifting(APEX, "shift")
        opening = flow("06-01 08:00", 100_000)
        earned = [opening, deal("06-10 12:00:10", 4000, DealKind.OTHER, ticket=2)._replace(kind=DealKind.TRADE)]
        paid = [*earned, flow("06-10 12:00:20", -4000, ticket=3)]
        looks = [
            look("06-10 12:00", deals=[opening]),
            look("06-10 12:00:15", 104_000, deals=earned),
            look("06-10 12:00:30", 100_000, deals=paid),
            look("06-10 12:00:40", 100_000, 101_500, deals=paid),
        ]
        assert headroom_now(rules, after(looks[:3], rules)).overall_floor == 94_000
        assert headroom_now(rules, after(looks, rules)).overall_floor == 95_500

    def test_a_withdrawal_from_an_account_without_a_daily_rule_voids_nothing(self) -> None:
        state = after([look("06-10 12:00", 96_000, deals=[flow("06-10 09:00", -4000)])], APEX)
        assert not state.literal_void

    def test_a_floor_broken_by_trading_does_not_void_a_later_withdrawal(self) -> None:
        paid = [flow("06-10 13:00", -1000)]
        looks = [look("06-10 12:00", 100_000, 94_000), look("06-10 12:30"), look("06-10 13:30", 99_000, deals=paid)]
        assert headroom_now(FTMO, after(looks)).distance_daily == 4000

    def test_a_payout_lifts_the_floor_to_the_initial_size_where_the_rule_says_so(self) -> None:
        rules = shifting(FTMO, "floor_to_initial")
        earned = [flow("06-01 08:00", 100_000), *round_turn("06-08 09:00", 4000, ticket=2)]
        paid = [*earned, flow("06-09 09:00", -2000, ticket=4)]
        assert headroom_now(rules, after([look("06-10 12:00", 104_000, deals=earned)], rules)).overall_floor == 90_000
        assert headroom_now(rules, after([look("06-10 12:00", 102_000, deals=paid)], rules)).overall_floor == 100_000

    def test_a_payout_that_history_does_not_show_is_assumed_where_it_can_have_been(self) -> None:
        rules = shifting(FTMO, "floor_to_initial")
        above, below = look("06-10 12:00", 104_000), look("06-10 12:00", 100_000)
        assert headroom_now(rules, after([above], rules)).overall_floor == 100_000
        assert "assumed" in headroom_now(rules, after([above], rules)).because
        assert headroom_now(rules, after([below], rules)).overall_floor == 90_000
        never = FirmFigures(utc("06-10 11:00"), payout_taken=False)
        assert headroom_now(rules, after([above], rules, figures=never)).overall_floor == 90_000

    def test_an_account_that_is_filled_again_after_it_was_emptied_is_not_opened_anew(self) -> None:
        opening, emptied = flow("06-01 08:00", 100_000), flow("06-09 09:00", -100_000, ticket=2)
        filled = flow("06-10 09:00", 100_000, ticket=3)
        first = after([look("06-10 08:00", 0, deals=[opening, emptied])])
        state = after([look("06-10 12:00", deals=[opening, emptied, filled])], state=first)
        assert state.began == utc("06-01 08:00")
        assert state.path.deposits == 100_000


class TestBreachAndPause:
    def test_the_first_snapshot_below_a_floor_denies_and_the_second_latches(self) -> None:
        first = after([look("06-10 12:00", 100_000, 94_999)])
        assert first.breach is not None
        assert not first.breach.confirmed
        assert headroom_now(FTMO, first).breached
        second = after([look("06-10 12:01", 100_000, 94_998)], state=first)
        assert second.breach is not None
        assert second.breach.confirmed
        assert (second.breach.limit, second.breach.floor, second.breach.measure) == ("daily", D(95_000), D(94_999))

    def test_a_latched_breach_outlives_recovery_and_midnight(self) -> None:
        state = after([look("06-10 12:00", 100_000, 94_000), look("06-10 12:01", 100_000, 94_000)])
        later = after([look("06-10 12:02"), look("06-11 12:00")], state=state)
        assert headroom_now(FTMO, later).breached
        assert later.breach == state.breach

    def test_a_single_snapshot_below_a_floor_is_forgotten_when_the_next_is_above(self) -> None:
        state = after([look("06-10 12:00", 100_000, 94_000), look("06-10 12:01", 100_000, 96_000)])
        assert state.breach is None
        assert not headroom_now(FTMO, state).breached

    def test_the_same_snapshot_twice_confirms_nothing(self) -> None:
        state = after([look("06-10 12:00", 100_000, 94_000)] * 2)
        assert state.breach is not None
        assert not state.breach.confirmed

    def test_only_a_human_clears_a_breach(self) -> None:
        state = after([look("06-10 12:00", 100_000, 94_000), look("06-10 12:01", 100_000, 94_000)])
        assert after([look("06-10 12:02")], state=resumed(state)).breach is None
        again = after(
            [look("06-10 12:02", 100_000, 94_000), look("06-10 12:03", 100_000, 94_000)], state=resumed(state)
        )
        assert again.breach is not None
        assert again.breach.confirmed

    def test_an_overall_breach_is_named(self) -> None:
        state = after([look("06-10 12:00", 92_000, 89_999, deals=round_turn("06-08 09:00", -8000, ticket=1))])
        assert state.breach is not None
        assert (state.breach.limit, state.breach.floor) == ("overall", D(90_000))

    def test_a_pause_holds_until_the_next_reset(self) -> None:
        rules = Rules("pause", DailyRule(FIVE, action="pause"), FTMO.overall, PRAGUE)
        state = after([look("06-10 12:00", 100_000, 94_000), look("06-10 12:01")], rules)
        assert state.breach is None
        assert headroom_now(rules, state).paused
        assert not headroom_now(rules, after([look("06-10 22:06")], rules, state)).paused


class TestAroundTheReset:
    def test_before_it_the_next_days_floor_counts_too(self) -> None:
        # FTMO's trap: balance 104,000, equity 99,500; the floor is 95,000 and will be 99,000
        deals = round_turn("06-10 09:00", 4000, ticket=1)
        at = {text: after([look(f"06-10 {text}", 104_000, 99_500, deals=deals)]) for text in ("21:54:59", "21:55")}
        assert headroom_now(FTMO, at["21:54:59"]).distance_daily == 4500
        assert headroom_now(FTMO, at["21:55"]).distance_daily == 500
        assert not headroom_now(FTMO, at["21:55"]).breached

    def test_after_it_yesterdays_floor_counts_too(self) -> None:
        lost = round_turn("06-10 09:00", -3000, ticket=1)
        yesterday = after([look("06-10 21:50", 97_000, deals=lost)])
        at = {
            text: after([look(f"06-10 {text}", 97_000, deals=lost)], state=yesterday) for text in ("22:04:59", "22:05")
        }
        assert headroom_now(FTMO, at["22:04:59"]).distance_daily == 2000
        assert headroom_now(FTMO, at["22:05"]).distance_daily == 5000

    def test_after_it_yesterdays_recorded_floor_counts_with_its_equity(self) -> None:
        held = [position("06-08 15:00", price="1.1200", profit="2000")]
        looks = [
            look("06-09 21:59:50", 100_000, 102_000, positions=held),
            look("06-09 22:00:10", 100_000, 102_000, positions=held),
            look("06-10 21:59:50", 100_000, 100_500, positions=held),
            look("06-10 22:00:10", 100_000, 100_500, positions=held),
        ]
        assert headroom_now(BY_MAX, after(looks, BY_MAX)).daily_floor == 97_000

    def test_after_it_yesterdays_floor_is_rebuilt_where_yesterday_was_not_seen(self) -> None:
        lost = round_turn("06-10 09:00", -3000, ticket=1)
        assert headroom_now(FTMO, after([look("06-10 22:01", 97_000, deals=lost)])).distance_daily == 2000

    def test_before_it_the_next_overall_floor_counts_too(self) -> None:
        deals = round_turn("06-10 09:00", 4000, ticket=1)
        state = after([look("06-10 21:56", 104_000, deals=deals)], ONE_STEP)
        assert headroom_now(ONE_STEP, state).overall_floor == 94_000
        early = after([look("06-10 21:50", 104_000, deals=deals)], ONE_STEP)
        assert headroom_now(ONE_STEP, early).overall_floor == 90_000

    def test_a_moment_later_than_the_state_is_judged_by_its_own_time(self) -> None:
        state = after([look("06-10 21:54:50", 104_000, deals=round_turn("06-10 09:00", 4000, ticket=1))])
        assert references(FTMO, state, utc("06-10 21:54:50")).worse_daily is None
        assert references(FTMO, state, utc("06-10 21:55:10")).worse_daily == 99_000


class TestIdentity:
    def test_another_account_is_another_state(self) -> None:
        state = after([look("06-10 12:00")])
        assert refused(look("06-10 12:01", login=2), state=state).code == "account_changed"

    def test_another_initial_size_needs_a_new_epoch(self) -> None:
        state = after([look("06-10 12:00")])
        assert refused(look("06-10 12:01", 200_000), state=state, initial=200_000).code == "epoch_mismatch"
        scaled = after([look("06-10 12:01", 200_000)], state=state, initial=200_000, epoch=2)
        assert (scaled.epoch, scaled.initial, scaled.day_balance) == (2, D(200_000), D(200_000))

    def test_an_epoch_never_falls(self) -> None:
        state = after([look("06-10 12:00")], epoch=2)
        assert refused(look("06-10 12:01"), state=state, epoch=1).code == "epoch_mismatch"

    def test_a_new_epoch_forgets_the_peaks_and_the_breach_of_the_old(self) -> None:
        earned = [flow("06-01 08:00", 100_000), *round_turn("06-08 09:00", 8000, ticket=2)]
        old = after([look("06-10 12:00", 108_000, 90_000, deals=earned)] * 2, ONE_STEP)
        back = [*earned, flow("06-10 13:00", -8000, ticket=4)]
        new = after([look("06-10 14:00", 100_000, deals=back)], ONE_STEP, old, epoch=2)
        assert headroom_now(ONE_STEP, new).overall_floor == 90_000
        assert headroom_now(ONE_STEP, new).daily_floor == 97_000
        assert new.breach is None
        assert new.path.withdrawals == 0

    def test_the_first_day_of_an_epoch_counts_from_the_initial_size(self) -> None:
        old = after([look("06-10 12:00")])
        new = after([look("06-10 14:00", 99_000)], state=old, epoch=2)
        assert new.day_balance == 100_000
        assert after([look("06-10 22:10", 99_000)], state=new, epoch=2).day_balance == 99_000

    def test_a_clock_may_not_go_back(self) -> None:
        state = after([look("06-10 12:00")])
        assert refused(look("06-10 11:59:57"), state=state).code == "clock_suspect"
        assert after([look("06-10 11:59:58")], state=state).seen_at == utc("06-10 12:00")

    def test_the_firms_day_may_not_go_back_even_by_a_second(self) -> None:
        state = after([look("06-10 22:00")])
        assert refused(look("06-10 21:59:59"), state=state).code == "clock_suspect"


STATES = [
    after([look("06-10 12:00")]),
    after([look("06-10 12:00", 100_000, 94_000), look("06-10 12:01", 100_000, 94_000)]),
    after([look("06-10 13:00", "100150.25", deals=[flow("06-10 09:00", -4000)])], ONE_STEP),
]


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("numbers", ["string", "number"])
def test_a_state_survives_being_written_and_read(state: AccountState, numbers: Any) -> None:  # noqa: ANN401
    text = msgspec.json.Encoder(decimal_format=numbers).encode(state)
    assert msgspec.json.decode(text, type=AccountState) == state


MOMENTS = st.integers(1, 14 * 24 * 60).map(
    lambda minutes: datetime(2026, 10, 20, tzinfo=UTC) + timedelta(minutes=minutes)
)


@given(st.lists(st.tuples(MOMENTS, st.integers(-4000, 4000)), min_size=1, max_size=12), st.integers(0, 3000))
def test_peaks_and_days_never_go_back(trades: list[tuple[datetime, int]], floating: int) -> None:
    # P28, over the change of clocks
    state, done, balance = None, [flow("10-19 08:00", 100_000)], 100_000
    for ticket, (at, net) in enumerate(sorted(trades), start=2):
        done = [*done, deal("10-19 09:00", net, ticket=ticket)._replace(at=at)]
        balance += net
        seen = replace(look("10-19 09:00", balance, balance + floating, deals=done), taken_at=at)
        new = after([seen], ONE_STEP, state)
        if state is not None:
            assert new.day >= state.day
            assert new.high_water >= state.high_water
            assert new.path.eod_balance >= state.path.eod_balance
            assert new.low_equity <= state.low_equity
            assert new.day_start > state.day_start or new.day_balance == state.day_balance
        state = new


def test_amounts_of_a_size_are_used_for_the_accounts_own() -> None:
    amount = Amount(by_initial=((D(50_000), D(2000)), (D(100_000), D(3000))))
    rules = Rules("topstep", None, OverallRule(amount, peak="eod_balance", lock=D(0)), PRAGUE)
    assert headroom_now(rules, after([look("06-10 12:00")], rules)).overall_floor == 97_000
