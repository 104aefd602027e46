"""Rooms net of the whole book: no order of stops, before or after a reset, crosses a floor."""

from __future__ import annotations

from datetime import UTC, datetime, time
from decimal import Decimal
from itertools import permutations
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from portfolio.book.charges import Charge
from portfolio.calendar.firm_day import DayRule
from portfolio.model import ZERO, Side
from portfolio.rules.headroom import Headroom, References, after_reset, daily_floor, headroom, measured, overall_floor
from portfolio.rules.rooms import Room, daily_risk_budget, daily_room, following_peaks, overall_room, room_after_reset
from portfolio.rules.rule_set import Amount, DailyRule, OverallRule, Rules

D = Decimal
NOON = datetime(2026, 6, 10, 12, tzinfo=UTC)
PRAGUE = DayRule("Europe/Prague", time(0))
FIVE, TEN, SIX = Amount(D(5)), Amount(D(10)), Amount(D(6))
FTMO = Rules("ftmo", DailyRule(FIVE), OverallRule(TEN), PRAGUE)


class Trade(NamedTuple):
    """An open position by what it shows now, and what it will have made once its stop is hit."""

    floating: Decimal
    at_stop: Decimal

    def charge(self) -> Charge:
        """From here: what floats less what is left at the stop. From entry: what is lost at the stop."""
        here = max(ZERO, self.floating - self.at_stop)
        entry = max(ZERO, -self.at_stop)
        return Charge("position", "1", "EURUSD", Side.BUY, D(1), here, entry, here, None, ZERO, ZERO)


def trade(floating: int, at_stop: int) -> Trade:
    return Trade(D(floating), D(at_stop))


def charge(loss: int | None = None, *, entry: int | None = None, gain: int | None = None) -> Charge:
    losses = [None if amount is None else D(amount) for amount in (loss, loss if entry is None else entry, gain)]
    return Charge("position", "1", "EURUSD", Side.BUY, D(1), losses[0], losses[1], losses[0], losses[2], ZERO, ZERO)


def head(rules: Rules, balance: int, equity: int, known: References | None = None) -> Headroom:
    return headroom(rules, known or References(D(100000), D(100000)), D(balance), D(equity), NOON)


def money(room: Room) -> Decimal:
    assert room.money is not None
    return room.money


A_WINNER, A_LOSER = trade(3000, 2800), trade(-3000, -3200)


def test_the_room_after_the_reset_gives_no_credit_for_a_locked_profit() -> None:
    # spec 04: 100,000; A +3,000 with its stop at +2,800, B -3,000 with its stop at -3,200: 4,500 today, 1,700 after
    book = [A_WINNER.charge(), A_LOSER.charge()]
    rules = Rules("one percent buffer free", DailyRule(FIVE), OverallRule(TEN), PRAGUE)
    found = head(rules, 100000, 100000)
    assert money(daily_room(rules, found, book, ZERO)) == 4600  # 5,000 - 200 - 200: equity keeps the 2,800
    assert money(room_after_reset(rules, found, book, ZERO)) == 1800  # 5,000 - 0 - 3,200


def test_the_worked_case_with_its_buffer_of_a_hundred() -> None:
    # the same with a buffer of 100: the room is 1,700, not 4,500
    book = [A_WINNER.charge(), A_LOSER.charge()]
    found = head(FTMO, 100000, 100000)
    assert money(daily_room(FTMO, found, book, D(100))) == 4500
    assert money(room_after_reset(FTMO, found, book, D(100))) == 1700


def test_approving_two_thousand_would_end_below_the_floor_with_every_stop_doing_its_job() -> None:
    # A closes at its stop before the reset: balance 102,800, next floor 97,800. Then B and the new trade lose
    # 3,200 and 2,000: 97,600.
    assert 100000 + 2800 - 3200 - 2000 < 100000 + 2800 - 5000


def test_open_risk_and_buffer_come_off_todays_distance() -> None:
    found = head(FTMO, 100000, 99000)
    assert money(daily_room(FTMO, found, [charge(270)], D(250))) == 3480  # 99,000 - 95,000 - 270 - 250
    assert money(overall_room(FTMO, found, [charge(270)], D(250))) == 8480


def test_the_cent_of_a_floor_that_may_not_be_touched_is_no_room() -> None:
    inclusive = Rules("inclusive", DailyRule(FIVE), OverallRule(TEN), PRAGUE, inclusive=True)
    found = head(inclusive, 100000, 100000)
    assert money(daily_room(inclusive, found, [], ZERO)) == D("4999.99")
    assert money(overall_room(inclusive, found, [], ZERO)) == D("9999.99")
    assert money(room_after_reset(inclusive, found, [], ZERO)) == D("4999.99")


def test_something_without_a_stop_leaves_no_room_anywhere() -> None:
    found = head(FTMO, 100000, 100000)
    for room in (daily_room, overall_room, room_after_reset):
        assert money(room(FTMO, found, [charge(None)], ZERO)) == 0
        assert "no stop" in room(FTMO, found, [charge(None)], ZERO).because
        assert money(room(FTMO, found, [charge(10)], ZERO)) > 0


def test_a_day_counted_from_equity_is_charged_from_the_better_of_entry_and_price() -> None:
    # a winner of +3,000 whose stop is at -500: from here it can lose 3,500, from entry 500
    winner = trade(3000, -500).charge()
    by_balance, by_max = FTMO, Rules("max", DailyRule(FIVE, ref="max"), OverallRule(TEN), PRAGUE)
    assert money(room_after_reset(by_balance, head(by_balance, 100000, 103000), [winner], ZERO)) == 4500
    assert money(room_after_reset(by_max, head(by_max, 100000, 103000), [winner], ZERO)) == 1500


def test_a_peak_of_closed_balances_rises_at_once() -> None:
    # 100,000 with 6 % below the highest closed balance: if A closes first the floor is 102,800 - 6,000 = 96,800, and
    # B leaves 99,600: 2,800 more may be lost, not 5,600
    rules = Rules("e8", None, OverallRule(SIX, peak="closed_balance"), PRAGUE)
    book = [A_WINNER.charge(), A_LOSER.charge()]
    assert money(overall_room(rules, head(rules, 100000, 100000), book, ZERO)) == 2800
    static = Rules("static", None, OverallRule(SIX), PRAGUE)
    assert money(overall_room(static, head(static, 100000, 100000), book, ZERO)) == 5600


def test_a_peak_of_closed_balances_rises_only_as_far_as_its_lock() -> None:
    # the peak is 105,000 and the floor 99,000; it can rise to 100,000 and no further: 106,000 - 200 - 200 - 100,000
    rules = Rules("e8", None, OverallRule(SIX, peak="closed_balance", lock=ZERO), PRAGUE)
    known = References(D(100000), D(105000), peak=D(105000))
    book = [A_WINNER.charge(), A_LOSER.charge()]
    assert money(overall_room(rules, head(rules, 106000, 106000, known), book, ZERO)) == 5600


def test_a_peak_of_day_ends_rises_at_the_reset() -> None:
    rules = Rules("1-step", None, OverallRule(SIX, peak="eod_balance"), PRAGUE)
    book = [A_WINNER.charge(), A_LOSER.charge()]
    found = head(rules, 100000, 100000)
    assert money(overall_room(rules, found, book, ZERO)) == 5600
    assert money(room_after_reset(rules, found, book, ZERO)) == 2800


def test_a_static_floor_without_a_daily_rule_has_nothing_to_fear_from_the_reset() -> None:
    rules = Rules("static", None, OverallRule(SIX), PRAGUE)
    assert room_after_reset(rules, head(rules, 100000, 100000), [], ZERO).money is None
    assert daily_room(rules, head(rules, 100000, 100000), [], ZERO).money is None


def test_where_the_balance_is_watched_too_the_losers_may_close_first() -> None:
    # equity is 103,000 - 200, but if B closes first the balance is 96,800, 1,800 above the floor
    rules = Rules("goat", DailyRule(FIVE), OverallRule(TEN), PRAGUE, measure="min_balance_equity")
    book = [trade(6000, 5800).charge(), A_LOSER.charge()]
    assert money(daily_room(rules, head(rules, 100000, 103000), book, ZERO)) == 1800


def test_where_the_balance_is_watched_too_a_floating_profit_lifts_the_next_reference_and_does_not_help() -> None:
    # goat: at the reset the reference is equity, 103,000, its floor 98,000; the balance of 100,000 may lose 2,000
    rules = Rules("goat", DailyRule(FIVE, ref="max"), OverallRule(TEN), PRAGUE, measure="min_balance_equity")
    book = [trade(3000, 3000).charge()]
    assert money(room_after_reset(rules, head(rules, 100000, 103000), book, ZERO)) == 2000
    equity_alone = Rules("the5ers", rules.daily, rules.overall, PRAGUE)
    assert money(room_after_reset(equity_alone, head(equity_alone, 100000, 103000), book, ZERO)) == 5000


def test_next_days_share_of_a_reference_is_of_the_balance_it_will_begin_with() -> None:
    rules = Rules("share", DailyRule(Amount(D(4)), "reference"), OverallRule(TEN), PRAGUE)
    assert money(room_after_reset(rules, head(rules, 105000, 105000), [], ZERO)) == 4200


def test_behind_a_peak_that_follows_equity_gains_count_as_well_as_losses() -> None:
    # 2,500 below the peak; open: 300 to its stop and 700 to its target
    amount = Amount(by_initial=((D(50000), D(2500)),))
    rules = Rules("apex", None, OverallRule(amount, peak="equity", lock=D(100)), PRAGUE)
    known = References(D(50000), D(50000), peak=D(51500))
    found = following_peaks(rules, head(rules, 51000, 51000, known), [charge(300, gain=700)], D(50))
    # the span is 2,500 less 1,000; under the lock at 50,100 there are 900 less 300 and the buffer
    assert [(entry.span, entry.locked, entry.provable) for entry in found] == [(D(1500), D(550), True)]


def test_a_book_without_targets_can_not_be_proven_behind_a_following_peak() -> None:
    rules = Rules("apex", None, OverallRule(FIVE, peak="equity"), PRAGUE)
    found = following_peaks(rules, head(rules, 100000, 100000), [charge(300)], ZERO)
    assert [(entry.span, entry.locked, entry.provable) for entry in found] == [(D(4700), None, False)]


def test_a_day_that_follows_its_own_peak_has_no_lock() -> None:
    rules = Rules("hyro", DailyRule(FIVE, ref="peak_equity_today"), OverallRule(TEN), PRAGUE, inclusive=True)
    found = following_peaks(rules, head(rules, 100000, 100000), [charge(300, gain=200)], ZERO)
    assert [(entry.span, entry.locked, entry.provable) for entry in found] == [(D("4499.99"), None, True)]


def test_most_rules_follow_no_peak_intraday() -> None:
    assert following_peaks(FTMO, head(FTMO, 100000, 100000), [], ZERO) == ()


OVERALL = [
    OverallRule(TEN),
    OverallRule(SIX, peak="eod_balance"),
    OverallRule(SIX, peak="eod_balance", lock=ZERO),
    OverallRule(SIX, peak="closed_balance"),
    OverallRule(SIX, of="peak", peak="closed_balance", lock=ZERO),
    OverallRule(SIX, peak="eod_max", lock=ZERO),
]
DAILY = [
    None,
    DailyRule(FIVE),
    DailyRule(Amount(D(4)), "reference"),
    DailyRule(FIVE, ref="max"),
    DailyRule(Amount(D(4)), "reference", "max"),
    DailyRule(FIVE, ref="equity"),
]
RULES = st.builds(
    lambda daily, overall, measure, inclusive: Rules("any", daily, overall, PRAGUE, measure, inclusive),
    st.sampled_from(DAILY),
    st.sampled_from(OVERALL),
    st.sampled_from(["equity", "min_balance_equity"]),
    st.booleans(),
)
TRADES = st.builds(
    lambda floating, below: trade(floating, floating - below), st.integers(-2000, 4000), st.integers(0, 2500)
)


def _survives(rules: Rules, known: References, balance: Decimal, book: list[Trade], resets_after: int) -> bool:
    """Hit the stops in this order, with the reset after some of them, and look at the floors after every one."""
    for step in range(len(book) + 1):
        left = book[step:]
        equity = balance + sum((entry.floating for entry in left), ZERO)
        if step == resets_after:
            known = after_reset(rules, known, balance, equity)
        if rules.overall.peak == "closed_balance":
            known = References(
                known.initial, known.day_balance, known.day_equity, max(known.peak or known.initial, balance)
            )
        floors = [overall_floor(rules.overall, known)]
        if rules.daily is not None:
            floors.append(daily_floor(rules.daily, known))
        measure = measured(rules, balance, equity)
        if any(measure <= floor if rules.inclusive else measure < floor for floor in floors):
            return False
        balance += left[0].at_stop if left else ZERO
    return True


@given(RULES, st.lists(TRADES, max_size=3), st.integers(-3000, 6000), st.integers(0, 100))
def test_no_order_of_stops_crosses_a_floor_before_or_after_the_reset(
    rules: Rules, book: list[Trade], earned: int, share: int
) -> None:
    balance = D(100000 + earned)
    equity = balance + sum((entry.floating for entry in book), ZERO)
    known = References(D(100000), D(100000), D(100000), D(max(100000, 100000 + earned)))
    found = headroom(rules, known, balance, equity, NOON)
    charges = [entry.charge() for entry in book]
    rooms = [room(rules, found, charges, ZERO).money for room in (daily_room, overall_room, room_after_reset)]
    least = min(room for room in rooms if room is not None)
    if least <= 0 or found.breached:
        return
    loss = (least * share / 100).quantize(D("0.01"), rounding="ROUND_FLOOR")
    for order in permutations([*book, Trade(ZERO, -loss)]):
        for resets_after in range(len(order) + 2):
            assert _survives(rules, known, balance, list(order), resets_after)


def test_one_cent_more_than_the_room_crosses_a_floor_in_some_order() -> None:
    book = [A_WINNER, A_LOSER]
    known = References(D(100000), D(100000))
    charges = [entry.charge() for entry in book]
    least = money(room_after_reset(FTMO, headroom(FTMO, known, D(100000), D(100000), NOON), charges, ZERO))

    def survives(loss: Decimal) -> bool:
        return all(
            _survives(FTMO, known, D(100000), list(order), resets_after)
            for order in permutations([*book, Trade(ZERO, -loss)])
            for resets_after in range(5)
        )

    assert survives(least)
    assert not survives(least + D("0.01"))


def budget(daily: str | None, overall: str, *, at_risk: str | None = "0") -> Decimal:
    """70 % of the least room; without a daily rule 3 % of 100,000, of which today has lost 500."""
    rooms = (Room(None if daily is None else D(daily), ""), Room(None, ""), Room(D(overall), ""))
    risk = None if at_risk is None else D(at_risk)
    policy = {"fraction": D("0.7"), "own_share": D("0.03"), "basis": D(100000)}
    return daily_risk_budget(rooms, **policy, day_loss=D(500), at_risk=risk)


def test_the_budget_is_a_fraction_of_the_least_room() -> None:
    assert budget("4000", "9000") == 2800  # 70 % of 4,000
    assert budget("9000", "4000") == 2800


def test_without_a_daily_rule_the_own_share_stands_for_its_room() -> None:
    assert budget(None, "9000", at_risk="300") == 1540  # 70 % of (3,000 - 500 - 300)
    assert budget(None, "9000", at_risk=None) == 0


def test_a_daily_room_of_exactly_nothing_is_no_missing_rule() -> None:
    assert budget("0", "9000") == 0
    assert budget(None, "9000") == 1750  # 70 % of (3,000 - 500)


def test_the_budget_is_never_below_nothing() -> None:
    assert str(budget("-0.01", "9000")) == "0"
    assert budget("0.01", "9000") == D("0.007")
