"""Two bots can't spend the same headroom, and every answer is kept before it is given."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import pytest

from portfolio.errors import StoreError
from portfolio.ledger import lease
from portfolio.ledger.account_ledger import Held, View
from portfolio.ledger.budget_entries import Spend, spent
from portfolio.ledger.halts import EVERYTHING, acts, halt, halts, resume, scope_of
from portfolio.ledger.ledger import CallTerms, Replay, answered, charges, mark, reconcile, record, reservations, reserve
from portfolio.ledger.throttle import Throttle
from portfolio.model import ZERO, Side
from portfolio.reasons import Refusal, refuse
from portfolio.reservation.hold import Hold
from portfolio.reservation.reservation import State
from portfolio.store.database import Store
from portfolio.store.rows import AccountRow
from tests.portfolio.ledger_world import (
    ACCOUNT,
    NOON,
    Decision,
    after,
    answers,
    d,
    decision,
    hold,
    order,
    position,
    question,
    reserved,
    snapshot,
    states,
    within,
)


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.memory() as opened:
        yield opened


def held_loss(store: Store) -> Decimal:
    return sum((one.hold.loss for one in reservations(store, ACCOUNT, now=NOON)), ZERO)


def code(answer: object) -> str:
    assert isinstance(answer, Refusal), answer
    return answer.code


def seen(store: Store, *trades: object, at: float = 1, epoch: int = 0) -> View:
    return View(mark(store), snapshot(*trades, at=at, epoch=epoch))  # type: ignore[arg-type]  # positions and orders


# --- one headroom


def test_second_bot_gets_what_the_first_left(store: Store) -> None:
    reserved(store, "A", lots=4)
    # 1,000 in all, 400 held: 600 is left
    got = reserve(store, ACCOUNT, within(1000, "B"), question(caller="other"), View(mark(store)), now=NOON)
    assert isinstance(got, Decision)
    assert got.lots == 6
    assert held_loss(store) == 1000


def test_third_bot_gets_nothing(store: Store) -> None:
    reserved(store, "A", lots=10)
    got = reserve(store, ACCOUNT, within(1000, "B"), question(caller="other"), View(mark(store)), now=NOON)
    assert isinstance(got, Decision)
    assert got.lots == 0
    assert states(store) == {"A": State.HELD}


def test_other_account_has_its_own_headroom(store: Store) -> None:
    reserved(store, "A", lots=10)
    got = reserve(store, "5@X", within(1000, "B"), question(), View(mark(store)), now=NOON)
    assert isinstance(got, Decision)
    assert got.lots == 10


def test_holds_are_charged_as_reservations(store: Store) -> None:
    reserved(store, "A", lots=2)
    held = reconcile(store, ACCOUNT, View(mark(store)), now=NOON)
    assert not isinstance(held, Refusal)
    assert charges(held) == (hold(2).charge("A"),)


def test_quote_reserves_nothing(store: Store) -> None:
    quote = decision("A")._replace(lots=d(3))
    assert record(store, ACCOUNT, quote) is quote
    assert store.decision("A") == quote.line
    assert states(store) == {}


def test_decision_and_reservation_are_kept_together(store: Store) -> None:
    made = reserved(store, "A")
    assert store.decision("A") == made.line
    [kept] = reservations(store, ACCOUNT, now=NOON)
    assert (kept.id, kept.hold, kept.fence, kept.valid_until) == ("A", made.hold, 1, after(10))


def test_error_of_the_decision_undoes_everything(store: Store) -> None:
    def fails(_held: tuple[Held, ...]) -> Decision:
        raise ZeroDivisionError

    row = AccountRow(ACCOUNT, 0, date(2026, 6, 10), d(100_000), b"{}")
    with pytest.raises(ZeroDivisionError):
        reserve(store, ACCOUNT, fails, question(), View(0), now=NOON, advance=lambda _before: row)
    assert store.account_state(ACCOUNT) is None


def test_same_decision_id_twice_is_a_broken_program(store: Store) -> None:
    reserved(store, "A")
    with pytest.raises(Exception, match="UNIQUE"):
        reserved(store, "A", caller="other")
    assert held_loss(store) == 100


# --- what the decision may not do


@pytest.mark.parametrize(
    "broken",
    [
        decision("A")._replace(lots=d(1)),
        decision("A", hold())._replace(lots=d(2)),
        decision("A", hold(symbol="GBPUSD")),
        decision("A", hold(side=Side.SELL)),
        decision("A", hold(loss=-1)),
        decision("A", hold(loss="NaN")),
        decision("A", hold(0)),
    ],
    ids=["no hold", "more lots", "symbol", "side", "negative", "NaN", "zero"],
)
def test_answer_that_does_not_fit_its_hold_is_refused(store: Store, broken: Decision) -> None:
    assert code(reserve(store, ACCOUNT, answers(broken), question(), View(0), now=NOON)) == "kernel_invariant"
    assert store.decision("A") is None


def test_answer_may_not_exceed_what_was_proposed(store: Store) -> None:
    made = answers(decision("A", hold(2)))
    assert code(reserve(store, ACCOUNT, made, question(), View(0), now=NOON, most=d("1.99"))) == "kernel_invariant"


def test_refused_answer_still_keeps_what_time_changed(store: Store) -> None:
    reserved(store, "A", fenced=True)
    broken = answers(decision("B", hold(loss=-1)))
    assert code(reserve(store, ACCOUNT, broken, question(), View(mark(store)), now=after(10))) == "kernel_invariant"
    assert states(store) == {"A": State.EXPIRED}
    assert reservations(store, ACCOUNT, now=after(10)) == ()


def test_throttled_caller_still_keeps_what_time_changed(store: Store) -> None:
    reserved(store, "A", fenced=True)
    reserved(store, "B")
    asked, view = question(symbol="GBPUSD"), View(mark(store))
    got = reserve(store, ACCOUNT, within(1000, "C"), asked, view, now=after(10), throttle=Throttle(per_minute=1))
    assert code(got) == "throttle"
    assert [one.id for one in reservations(store, ACCOUNT, now=after(10))] == ["B"]


def test_trade_that_can_lose_nothing_is_held_too(store: Store) -> None:
    free = decision("A", hold(loss=0))
    assert reserve(store, ACCOUNT, answers(free), question(), View(0), now=NOON) is free


def test_answer_as_large_as_proposed_is_taken(store: Store) -> None:
    made = decision("A", hold(2))
    assert reserve(store, ACCOUNT, answers(made), question(), View(0), now=NOON, most=d(2)) is made


# --- the same question again


def test_newer_answer_replaces_the_bot_s_own_fenced_hold(store: Store) -> None:
    reserved(store, "A", lots=10, fenced=True)
    got = reserve(store, ACCOUNT, within(1000, "B"), question(), View(mark(store)), now=NOON)
    assert isinstance(got, Decision)
    assert got.lots == 10
    assert states(store) == {"A": State.CANCELLED, "B": State.HELD}


def test_unfenced_hold_is_replaced_when_a_later_look_lacks_it(store: Store) -> None:
    reserved(store, "A", lots=10)
    got = reserve(store, ACCOUNT, within(1000, "B"), question(), seen(store), now=after(1))
    assert isinstance(got, Decision)
    assert got.lots == 10
    assert states(store) == {"A": State.CANCELLED, "B": State.HELD}


def test_unfenced_hold_is_not_replaced_without_a_look(store: Store) -> None:
    reserved(store, "A", lots=4)
    got = reserve(store, ACCOUNT, within(1000, "B"), question(), View(mark(store)), now=NOON)
    assert isinstance(got, Decision)
    assert got.lots == 6


def test_unfenced_hold_is_not_replaced_by_a_look_begun_before_it(store: Store) -> None:
    early = mark(store)
    reserved(store, "A", lots=4)
    got = reserve(store, ACCOUNT, within(1000, "B"), question(), View(early, snapshot()), now=after(1))
    assert isinstance(got, Decision)
    assert got.lots == 6


def test_sent_hold_is_counted_in_the_book_and_not_replaced(store: Store) -> None:
    reserved(store, "A", lots=4)
    view = seen(store, position(7, lots=4, comment="es:A"))
    got = reserve(store, ACCOUNT, within(600, "B"), question(), view, now=after(1))
    assert isinstance(got, Decision)
    assert got.lots == 6  # the caller's cap is what the book left of 1,000
    assert states(store) == {"A": State.CONVERTED, "B": State.HELD}


def test_quarantined_own_hold_gives_way_too(store: Store) -> None:
    reserved(store, "A", lots=10)
    got = reserve(store, ACCOUNT, within(1000, "B", after(20)), question(), seen(store, at=20), now=after(20))
    assert isinstance(got, Decision)
    assert states(store) == {"A": State.CANCELLED, "B": State.HELD}


@pytest.mark.parametrize(
    "change",
    [{"caller": "other"}, {"symbol": "GBPUSD"}, {"side": Side.SELL}],
    ids=["caller", "symbol", "side"],
)
def test_other_question_replaces_nothing(store: Store, change: dict[str, str]) -> None:
    reserved(store, "A", fenced=True)
    reserved(store, "B", fenced=True, **change)
    assert states(store) == {"A": State.HELD, "B": State.HELD}


def test_same_signal_replaces_across_symbols(store: Store) -> None:
    reserved(store, "A", fenced=True, signal="s1")
    reserved(store, "B", fenced=True, signal="s1", symbol="GBPUSD")
    assert states(store) == {"A": State.CANCELLED, "B": State.HELD}


def test_another_signal_replaces_nothing_across_symbols(store: Store) -> None:
    reserved(store, "A", fenced=True, signal="s1")
    reserved(store, "B", fenced=True, signal="s2", symbol="GBPUSD")
    assert states(store) == {"A": State.HELD, "B": State.HELD}


def test_order_of_a_group_replaces_an_older_one_of_none(store: Store) -> None:
    reserved(store, "A", fenced=True)
    reserved(store, "B", fenced=True, oco_group="g")
    assert states(store) == {"A": State.CANCELLED, "B": State.HELD}


def test_same_signal_of_another_bot_replaces_nothing(store: Store) -> None:
    reserved(store, "A", fenced=True, signal="s1")
    reserved(store, "B", fenced=True, signal="s1", caller="other")
    assert states(store) == {"A": State.HELD, "B": State.HELD}


def test_nameless_callers_do_not_replace_each_other(store: Store) -> None:
    reserved(store, "A", fenced=True, caller="")
    reserved(store, "B", fenced=True, caller="")
    assert states(store) == {"A": State.HELD, "B": State.HELD}


def test_nameless_caller_replaces_its_own_signal(store: Store) -> None:
    reserved(store, "A", fenced=True, caller="", signal="s1")
    reserved(store, "B", fenced=True, caller="", signal="s1")
    assert states(store) == {"A": State.CANCELLED, "B": State.HELD}


def test_claimed_hold_is_not_replaced(store: Store) -> None:
    reserved(store, "A", lots=4)
    lease.claim(store, "A", 1, now=NOON)
    got = reserve(store, ACCOUNT, within(1000, "B"), question(), seen(store), now=after(1))
    assert isinstance(got, Decision)
    assert got.lots == 6


def test_refused_question_leaves_the_older_hold(store: Store) -> None:
    reserved(store, "A", fenced=True)
    reserve(store, ACCOUNT, answers(decision("B")), question(), View(mark(store)), now=NOON)
    assert states(store) == {"A": State.HELD}


def test_reconcile_leaves_out_what_the_question_would_replace(store: Store) -> None:
    reserved(store, "A", fenced=True)
    reserved(store, "B", caller="other")
    held = reconcile(store, ACCOUNT, View(mark(store)), now=NOON, terms=question())
    assert not isinstance(held, Refusal)
    assert [one.reservation.id for one in held] == ["B"]
    assert states(store) == {"A": State.HELD, "B": State.HELD}


# --- idempotency


def keyed(**changes: str | bytes) -> CallTerms:
    return question(key="k", body=b"one")._replace(**changes)  # type: ignore[arg-type]  # one field each


def ask(store: Store, asked: CallTerms, identifier: str = "A", lots: int = 1) -> Decision | Replay | Refusal:
    made = decision(identifier, hold(lots) if lots else None)
    return reserve(store, ACCOUNT, answers(made), asked, View(mark(store)), now=NOON)


def test_same_key_and_body_get_the_stored_bytes(store: Store) -> None:
    ask(store, keyed())
    assert ask(store, keyed(), "B") == Replay(decision("A").line)
    assert states(store) == {"A": State.HELD}


def test_refusal_is_replayed_too(store: Store) -> None:
    ask(store, keyed(), lots=0)
    assert ask(store, keyed(), "B") == Replay(decision("A").line)


def test_quote_is_replayed_too(store: Store) -> None:
    record(store, ACCOUNT, decision("A"), keyed())
    assert record(store, ACCOUNT, decision("B"), keyed()) == Replay(decision("A").line)


def test_same_key_with_another_body_is_a_conflict(store: Store) -> None:
    ask(store, keyed())
    assert code(ask(store, keyed(body=b"two"), "B")) == "idempotency_conflict"
    assert states(store) == {"A": State.HELD}


@pytest.mark.parametrize("change", [{"key": "k2"}, {"caller": "other"}], ids=["key", "caller"])
def test_other_key_is_another_question(store: Store, change: dict[str, str]) -> None:
    ask(store, keyed())
    assert isinstance(ask(store, keyed(**change), "B"), Decision)


def test_stored_answer_survives_the_reservation_s_end(store: Store) -> None:
    ask(store, keyed())
    again = reserve(store, ACCOUNT, answers(decision("B")), keyed(), View(mark(store)), now=after(3600))
    assert again == Replay(decision("A").line)


def test_stored_answer_does_not_depend_on_a_halt(store: Store) -> None:
    ask(store, keyed())
    halt(store, EVERYTHING, refuse("halted", "test"), NOON)
    assert ask(store, keyed(), "B") == Replay(decision("A").line)


def test_stored_answer_can_be_read_before_anything_is_decided(store: Store) -> None:
    assert answered(store, ACCOUNT, keyed()) is None
    ask(store, keyed())
    assert answered(store, ACCOUNT, keyed()) == Replay(decision("A").line)
    assert answered(store, ACCOUNT, question()) is None


def test_altered_answer_is_not_repeated(store: Store) -> None:
    ask(store, keyed())
    with store.write() as database:
        database.execute("DROP TRIGGER decision_is_final; UPDATE decision SET line = x'7b7d'")
    with pytest.raises(StoreError, match="answer under key 'k' was altered"):
        ask(store, keyed(), "B")


def test_orders_of_one_group_do_not_replace_each_other(store: Store) -> None:
    reserved(store, "A", fenced=True, oco_group="g")
    reserved(store, "B", fenced=True, oco_group="g")
    assert states(store) == {"A": State.HELD, "B": State.HELD}


# --- snapshots and generations


def test_snapshot_begun_before_a_resolution_is_refused(store: Store) -> None:
    reserved(store, "A", lots=10)
    stale = seen(store)
    reconcile(store, ACCOUNT, seen(store, position(7, lots=10, comment="es:A")), now=after(1))
    answer = reserve(store, ACCOUNT, within(1000, "B"), question(caller="other"), stale, now=after(1))
    assert code(answer) == "snapshot_stale"


def test_snapshot_begun_after_the_resolution_is_taken(store: Store) -> None:
    reserved(store, "A", lots=10)
    reconcile(store, ACCOUNT, seen(store, position(7, lots=10, comment="es:A")), now=after(1))
    answer = reserve(store, ACCOUNT, within(1000, "B"), question(caller="other"), seen(store), now=after(1))
    assert isinstance(answer, Decision)


def test_resolution_of_another_account_does_not_matter(store: Store) -> None:
    stale = View(mark(store))
    reserved(store, "A", lots=10)
    reconcile(store, ACCOUNT, seen(store, position(7, lots=10, comment="es:A")), now=after(1))
    assert isinstance(reserve(store, "5@X", within(1000, "B"), question(), stale, now=after(1)), Decision)


def test_part_fill_ages_older_snapshots(store: Store) -> None:
    reserved(store, "A", lots=4)
    stale = seen(store)
    part = seen(store, position(7, lots=1, comment="es:A"), order(7, lots=3, comment="es:A"))
    reconcile(store, ACCOUNT, part, now=after(1))
    assert code(reconcile(store, ACCOUNT, stale, now=after(1))) == "snapshot_stale"


def test_waiting_order_ages_no_snapshot(store: Store) -> None:
    reserved(store, "A", lots=4)
    older = seen(store)
    reconcile(store, ACCOUNT, seen(store, order(7, lots=4, comment="es:A")), now=after(1))
    assert not isinstance(reconcile(store, ACCOUNT, older, now=after(1)), Refusal)


def test_position_of_an_earlier_order_is_no_evidence_for_the_next(store: Store) -> None:
    reserved(store, "A")
    lease.placed(store, "A", 7, now=after(1))
    reconcile(store, ACCOUNT, seen(store, position(7)), now=after(1))
    reserved(store, "B", at=after(2))
    for at in (50, 60):
        reconcile(store, ACCOUNT, seen(store, position(7), at=at), now=after(at))
    assert states(store) == {"A": State.CONVERTED, "B": State.EXPIRED}


def test_giving_back_ages_no_snapshot(store: Store) -> None:
    reserved(store, "A")
    view = View(mark(store))
    lease.cancel(store, "A", 1, now=NOON)
    assert isinstance(reserve(store, ACCOUNT, within(1000, "B"), question(), view, now=NOON), Decision)


def test_snapshot_of_another_account_is_refused(store: Store) -> None:
    view = View(0, snapshot())
    assert code(reserve(store, "5@X", within(1000), question(), view, now=NOON)) == "account_changed"


def test_waiting_order_in_the_snapshot_is_not_counted_twice(store: Store) -> None:
    reserved(store, "A", lots=4)
    held = reconcile(store, ACCOUNT, seen(store, order(7, lots=4, comment="es:A")), now=after(1))
    assert held == ()
    assert states(store) == {"A": State.WORKING}


def test_waiting_order_counts_beside_a_snapshot_that_lacks_it(store: Store) -> None:
    reserved(store, "A", lots=4)
    reconcile(store, ACCOUNT, seen(store, order(7, lots=4, comment="es:A")), now=after(1))
    held = reconcile(store, ACCOUNT, seen(store), now=after(2))
    assert not isinstance(held, Refusal)
    assert [one.hold.lots for one in held] == [d(4)]


def test_part_filled_order_counts_no_more_than_is_missing(store: Store) -> None:
    reserved(store, "A", lots=4)
    view = seen(store, position(7, lots=1, comment="es:A"), order(7, lots=2, comment="es:A"))
    held = reconcile(store, ACCOUNT, view, now=after(1))
    assert not isinstance(held, Refusal)
    assert [one.hold.lots for one in held] == [d(1)]  # 4 - 1 done - 2 waiting


def test_deleted_order_frees_its_room_after_two_looks(store: Store) -> None:
    reserved(store, "A", lots=4)
    reconcile(store, ACCOUNT, seen(store, order(7, lots=4, comment="es:A")), now=after(1))
    reconcile(store, ACCOUNT, seen(store, at=100), now=after(100))
    assert states(store) == {"A": State.WORKING}
    reconcile(store, ACCOUNT, seen(store, at=105), now=after(105))
    assert states(store) == {"A": State.REJECTED}


def test_sight_of_a_waiting_order_is_refreshed(store: Store) -> None:
    reserved(store, "A", lots=4)
    for at in (1, 60, 900):
        reconcile(store, ACCOUNT, seen(store, order(7, lots=4, comment="es:A"), at=at), now=after(at))
    [kept] = reservations(store, ACCOUNT, now=after(900))
    assert kept.seen == after(900)


def test_sight_of_a_waiting_order_is_not_written_at_every_look(store: Store) -> None:
    reserved(store, "A", lots=4)
    for at in (1, 600):
        reconcile(store, ACCOUNT, seen(store, order(7, lots=4, comment="es:A"), at=at), now=after(at))
    [kept] = reservations(store, ACCOUNT, now=after(600))
    assert kept.seen == after(1)


# --- time


def test_unfenced_hold_counts_after_its_end_until_nothing_is_found(store: Store) -> None:
    reserved(store, "A", lots=10)
    for at, expected in ((11, State.QUARANTINE), (39, State.QUARANTINE), (40, State.QUARANTINE), (45, State.EXPIRED)):
        reconcile(store, ACCOUNT, seen(store, at=at), now=after(at))
        assert states(store) == {"A": expected}, at


def test_fenced_hold_frees_its_room_at_its_end(store: Store) -> None:
    reserved(store, "A", lots=10, fenced=True)
    got = reserve(store, ACCOUNT, within(1000, "B"), question(caller="other"), View(mark(store)), now=after(10))
    assert isinstance(got, Decision)
    assert got.lots == 10


def test_clock_that_went_back_is_refused_once_and_quarantines(store: Store) -> None:
    reserved(store, "A", lots=4, fenced=True)
    asked = question(caller="other")
    early = after(-3)
    assert code(reserve(store, ACCOUNT, within(1000, "B"), asked, View(mark(store)), now=early)) == "clock_suspect"
    assert states(store) == {"A": State.QUARANTINE}
    got = reserve(store, ACCOUNT, within(1000, "B"), asked, View(mark(store)), now=early)
    assert isinstance(got, Decision)
    assert got.lots == 6


def test_clock_that_went_back_a_little_is_believed(store: Store) -> None:
    reserved(store, "A", lots=4)
    got = reserve(store, ACCOUNT, within(1000, "B"), question(caller="x"), View(mark(store)), now=after(-2))
    assert isinstance(got, Decision)


def test_unknown_order_stops_everything_after_five_minutes(store: Store) -> None:
    reserved(store, "A")
    lease.lost(store, "A", 1, "10012 timeout", now=after(1))
    fate = timedelta(minutes=5)
    asked = question(caller="other")
    in_time = reserve(store, ACCOUNT, within(1000, "B"), asked, View(mark(store)), now=after(1) + fate)
    assert isinstance(in_time, Decision)
    late = after(1) + fate + timedelta(microseconds=1)
    assert code(reserve(store, ACCOUNT, within(1000, "C"), asked, View(mark(store)), now=late)) == (
        "reservation_unresolved"
    )
    lease.settle_reservation(store, "A", "not in the terminal's history", now=late)
    assert isinstance(reserve(store, ACCOUNT, within(1000, "C"), asked, View(mark(store)), now=late), Decision)


def test_order_that_works_for_long_stops_nothing(store: Store) -> None:
    reserved(store, "A")
    lease.placed(store, "A", 7, now=after(1))
    view = seen(store, order(7), at=3600)
    got = reserve(store, ACCOUNT, within(1000, "B"), question(caller="other"), view, now=after(3600))
    assert isinstance(got, Decision)


# --- halts


@pytest.mark.parametrize("scope", [EVERYTHING, ACCOUNT, scope_of(ACCOUNT, "bot")])
def test_halt_stops_new_answers(store: Store, scope: str) -> None:
    halt(store, scope, refuse("rule_breached", "daily loss 5,000.01"), NOON)
    assert code(reserve(store, ACCOUNT, within(1000), question(), View(0), now=NOON)) == "halted"


@pytest.mark.parametrize("scope", ["5@X", scope_of(ACCOUNT, "other")])
def test_halt_of_another_scope_stops_nothing(store: Store, scope: str) -> None:
    halt(store, scope, refuse("rule_breached", "daily loss 5,000.01"), NOON)
    assert isinstance(reserve(store, ACCOUNT, within(1000), question(), View(0), now=NOON), Decision)


def test_resume_lifts_the_halts_of_its_scope_and_records_why(store: Store) -> None:
    halt(store, ACCOUNT, refuse("rule_breached", "x"), NOON)
    halt(store, scope_of(ACCOUNT, "bot"), refuse("late_use", "y"), NOON)
    halt(store, "5@X", refuse("rule_breached", "z"), NOON)
    lifted = resume(store, ACCOUNT, "new challenge", after(1))
    assert {one.code for one in lifted} == {"rule_breached", "late_use"}
    assert [one.scope for one in halts(store)] == ["5@X"]
    assert [(one.subject, one.reason) for one in acts(store, ACCOUNT)] == [
        ("rule_breached", "new challenge"),
        ("late_use", "new challenge"),
    ]


def test_first_reason_of_a_halt_stays(store: Store) -> None:
    halt(store, ACCOUNT, refuse("rule_breached", "first"), NOON)
    halt(store, ACCOUNT, refuse("rule_breached", "second"), after(1))
    assert [one.detail for one in halts(store)] == ["first"]


def test_order_found_on_an_ended_reservation_halts_the_bot_once(store: Store) -> None:
    reserved(store, "01JD3M7KA")
    lease.cancel(store, "01JD3M7KA", 1, now=NOON)
    view = seen(store, position(7, comment="es:01JD3M7K"))
    reconcile(store, ACCOUNT, view, now=after(1))
    assert [(one.scope, one.code) for one in halts(store)] == [(scope_of(ACCOUNT, "bot"), "late_use")]
    resume(store, EVERYTHING, "the bot is repaired", after(2))
    reconcile(store, ACCOUNT, view, now=after(3))
    assert halts(store) == ()


def test_old_position_is_not_taken_for_the_late_order_of_a_neighbour(store: Store) -> None:
    # two answers of one second share their short id; the first was given back, the second became a position
    reserved(store, "01JD3M7KA", fenced=True)
    reserved(store, "01JD3M7KB", fenced=True)
    view = seen(store, position(7, comment="es:01JD3M7K"))
    reconcile(store, ACCOUNT, view, now=after(1))
    assert states(store) == {"01JD3M7KA": State.CANCELLED, "01JD3M7KB": State.CONVERTED}
    month = 30 * 86_400
    reserved(store, "01JF", at=after(month), caller="other")
    reconcile(store, ACCOUNT, seen(store, position(7, comment="es:01JD3M7K"), at=month), now=after(month))
    assert halts(store) == ()


def test_position_from_before_the_reservation_halts_nobody(store: Store) -> None:
    reserved(store, "01JD3M7KA")
    lease.cancel(store, "01JD3M7KA", 1, now=NOON)
    reconcile(store, ACCOUNT, seen(store, position(7, at=-3, comment="es:01JD3M7K")), now=after(1))
    assert halts(store) == ()


def test_order_of_another_trade_under_the_tag_halts_nobody(store: Store) -> None:
    reserved(store, "01JD3M7KA")
    lease.cancel(store, "01JD3M7KA", 1, now=NOON)
    reconcile(store, ACCOUNT, seen(store, position(7, comment="es:01JD3M7K", side=Side.SELL)), now=after(1))
    assert halts(store) == ()


# --- the account's state and its budgets in the same transaction


def test_state_is_advanced_from_what_is_stored(store: Store) -> None:
    first = AccountRow(ACCOUNT, 0, date(2026, 6, 10), d(100_000), b"1")
    store.put_account_state(first)
    got: list[AccountRow | None] = []

    def advance(row: AccountRow | None) -> AccountRow:
        got.append(row)
        return first._replace(peak=d(100_500), state=b"2")

    reserve(store, ACCOUNT, within(1000), question(), View(0), now=NOON, advance=advance)
    assert got == [first]
    assert store.account_state(ACCOUNT) == first._replace(peak=d(100_500), state=b"2")


def test_state_that_loosens_leaves_no_decision(store: Store) -> None:
    row = AccountRow(ACCOUNT, 0, date(2026, 6, 10), d(100_000), b"1")
    store.put_account_state(row)
    lower = row._replace(peak=d("99999.99"))
    with pytest.raises(StoreError, match="state_loosening"):
        reserve(store, ACCOUNT, within(1000), question(), View(0), now=NOON, advance=lambda _before: lower)
    assert store.decision("A") is None
    assert states(store) == {}


@pytest.mark.parametrize("same", [True, False], ids=["the same", "none"])
def test_state_that_stays_is_not_written(store: Store, same: bool) -> None:  # noqa: FBT001 -- a case
    row = AccountRow(ACCOUNT, 0, date(2026, 6, 10), d(100_000), b"1")
    store.put_account_state(row)
    with store.write() as database:
        database.execute("CREATE TRIGGER untouched BEFORE UPDATE ON account_state BEGIN SELECT RAISE(ABORT, 'no'); END")
    reserve(
        store, ACCOUNT, within(1000), question(), View(0), now=NOON, advance=lambda before: before if same else None
    )
    assert store.account_state(ACCOUNT) == row


def test_state_is_advanced_with_a_quote_and_not_with_a_repeated_one(store: Store) -> None:
    row = AccountRow(ACCOUNT, 0, date(2026, 6, 10), d(100_000), b"1")
    asked = question(key="k", body=b"1")
    record(store, ACCOUNT, decision("A"), asked, advance=lambda _before: row)
    assert store.account_state(ACCOUNT) == row
    record(store, ACCOUNT, decision("B"), asked, advance=lambda _before: row._replace(state=b"2"))
    assert store.account_state(ACCOUNT) == row
    why = refuse("day_start_unknown", "test")
    assert record(store, ACCOUNT, decision("C"), advance=lambda _before: why) == why
    assert store.decision("C") is None


def test_refusal_of_the_state_is_the_answer(store: Store) -> None:
    why = refuse("day_start_unknown", "test")
    answer = reserve(store, ACCOUNT, within(1000), question(), View(0), now=NOON, advance=lambda _before: why)
    assert answer == why


def test_budget_is_spent_with_the_decision(store: Store) -> None:
    def uses(made: Decision) -> list[Spend]:
        return [Spend("exposure", "2026-W24", made.lots * 100, made.id)]

    reserve(store, ACCOUNT, within(1000), question(), View(0), now=NOON, spend=uses)
    assert spent(store, ACCOUNT, "exposure", "2026-W24") == 1000


# --- what is kept


def test_amounts_come_back_exactly(store: Store) -> None:
    odd = Hold("EURUSD", Side.BUY, d("0.01"), d("12.34567891"), d("0.00000001"), d("1E+3"), d("3.10"), gain=d("7.7"))
    reserve(store, ACCOUNT, answers(decision("A", odd)), question(), View(0), now=NOON)
    [kept] = reservations(store, ACCOUNT, now=NOON)
    assert kept.hold == odd


def test_history_of_a_reservation_is_written_line_by_line(store: Store) -> None:
    reserved(store, "A")
    lease.claim(store, "A", 1, now=after(1))
    lease.placed(store, "A", 7, now=after(2))
    reconcile(store, ACCOUNT, seen(store, position(7)), now=after(3))
    with store.read() as database:
        lines = database.execute("SELECT state, fence, because FROM reservation_event ORDER BY seq").fetchall()
    assert lines == [
        ("HELD", 1, "reserved"),
        ("CLAIMED", 2, "claimed"),
        ("WORKING", 2, "placed 7"),
        ("CONVERTED", 2, "found"),
    ]
