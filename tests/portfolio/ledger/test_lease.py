"""A bot claims before it sends, says what became of it, and can't use what is no longer its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from portfolio.ledger import lease
from portfolio.ledger.account_ledger import Held, View
from portfolio.ledger.halts import EVERYTHING, acts, halt, halts, scope_of
from portfolio.ledger.ledger import mark, reconcile, reservations
from portfolio.reasons import Refusal, refuse
from portfolio.reservation.hold import Hold
from portfolio.reservation.reservation import Reservation, State
from portfolio.store.database import Store
from tests.portfolio.ledger_world import ACCOUNT, NOON, after, d, hold, position, reserved, snapshot, states


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.memory() as opened:
        reserved(opened, "A", lots=4)
        yield opened


def code(answer: object) -> str:
    assert isinstance(answer, Refusal), answer
    return answer.code


def taken(answer: Reservation | Refusal) -> Reservation:
    assert isinstance(answer, Reservation), answer
    return answer


def test_claim_gives_the_lots_and_the_next_fence(store: Store) -> None:
    claimed = taken(lease.claim(store, "A", 1, now=after(1)))
    assert (claimed.state, claimed.fence, claimed.hold.lots) == (State.CLAIMED, 2, d(4))


def test_second_claim_is_refused(store: Store) -> None:
    lease.claim(store, "A", 1, now=after(1))
    assert code(lease.claim(store, "A", 1, now=after(1))) == "lease_state"


def test_claim_after_the_end_is_refused(store: Store) -> None:
    assert code(lease.claim(store, "A", 1, now=after(10))) == "lease_state"
    assert states(store) == {"A": State.QUARANTINE}


@pytest.mark.parametrize("call", ["claim", "placed", "cancel", "rejected", "lost", "settle"])
def test_unknown_reservation_is_refused(store: Store, call: str) -> None:
    answers = {
        "claim": lambda: lease.claim(store, "B", 1, now=NOON),
        "placed": lambda: lease.placed(store, "B", 7, now=NOON),
        "cancel": lambda: lease.cancel(store, "B", 1, now=NOON),
        "rejected": lambda: lease.rejected(store, "B", 1, "10019", now=NOON),
        "lost": lambda: lease.lost(store, "B", 1, "10012", now=NOON),
        "settle": lambda: lease.settle_reservation(store, "B", "looked", now=NOON),
    }
    assert code(answers[call]()) == "lease_unknown"


@pytest.mark.parametrize("scope", [EVERYTHING, ACCOUNT, scope_of(ACCOUNT, "bot")])
def test_halt_between_answer_and_order_stops_the_claim(store: Store, scope: str) -> None:
    halt(store, scope, refuse("rule_breached", "x"), NOON)
    assert code(lease.claim(store, "A", 1, now=after(1))) == "halted"


def test_halt_of_another_bot_stops_no_claim(store: Store) -> None:
    halt(store, scope_of(ACCOUNT, "other"), refuse("late_use", "x"), NOON)
    assert taken(lease.claim(store, "A", 1, now=after(1))).state is State.CLAIMED


def test_recheck_may_shrink_what_is_sent(store: Store) -> None:
    def half(held: Hold, _others: tuple[Held, ...]) -> Hold:
        return held.part(d(2))

    claimed = taken(lease.claim(store, "A", 1, now=after(1), recheck=half))
    assert (claimed.hold, claimed.whole) == (hold(2), d(2))


def test_recheck_sees_the_other_holds_only(store: Store) -> None:
    reserved(store, "B", caller="other")
    got: list[tuple[Hold, list[str]]] = []

    def same(held: Hold, others: tuple[Held, ...]) -> Hold:
        got.append((held, [one.reservation.id for one in others]))
        return held

    lease.claim(store, "A", 1, now=after(1), view=View(mark(store), snapshot()), recheck=same)
    assert got == [(hold(4), ["B"])]


def test_recheck_that_grows_is_refused(store: Store) -> None:
    assert code(lease.claim(store, "A", 1, now=after(1), recheck=lambda _one, _others: hold(5))) == "kernel_invariant"
    assert states(store) == {"A": State.HELD}


@pytest.mark.parametrize("left", [Refusal("daily_loss", "room 0.00"), hold(0)], ids=["refusal", "nothing"])
def test_recheck_without_room_gives_the_hold_back(store: Store, left: Hold | Refusal) -> None:
    answer = lease.claim(store, "A", 1, now=after(1), recheck=lambda _one, _others: left)
    assert isinstance(answer, Refusal)
    assert states(store) == {"A": State.CANCELLED}


def test_recheck_is_not_asked_about_a_claim_that_fails_anyway(store: Store) -> None:
    def never(_held: Hold, _others: tuple[Held, ...]) -> Hold:
        pytest.fail("asked")

    assert code(lease.claim(store, "A", 2, now=after(1), recheck=never)) == "lease_fenced"
    assert code(lease.claim(store, "A", 1, now=after(10), recheck=never)) == "lease_state"


def test_word_of_a_bot_keeps_what_time_changed(store: Store) -> None:
    reserved(store, "B", fenced=True, caller="other")
    lease.placed(store, "A", 7, now=after(10))
    assert [one.id for one in reservations(store, ACCOUNT, now=after(10))] == ["A"]
    assert states(store) == {"A": State.WORKING, "B": State.EXPIRED}


def test_claim_keeps_what_time_changed(store: Store) -> None:
    reserved(store, "B", fenced=True, caller="other", valid_until=after(5))
    lease.claim(store, "A", 1, now=after(5))
    assert [one.id for one in reservations(store, ACCOUNT, now=after(5))] == ["A"]
    assert states(store) == {"A": State.CLAIMED, "B": State.EXPIRED}


def test_restart_keeps_what_time_changed(store: Store) -> None:
    reserved(store, "B", fenced=True)
    lease.restart(store, ACCOUNT, "bot", now=after(10))
    assert [one.id for one in reservations(store, ACCOUNT, now=after(10))] == ["A"]


@pytest.mark.parametrize("fence", [2, 1])
def test_ordinary_refusal_halts_nobody(store: Store, fence: int) -> None:
    lease.placed(store, "A", 7, now=after(1))
    assert isinstance(lease.cancel(store, "A", fence, now=after(1)), Refusal)
    assert halts(store) == ()


def test_claim_on_a_stale_snapshot_is_refused(store: Store) -> None:
    view = View(mark(store), snapshot())
    reserved(store, "B", caller="other")
    reconcile(store, ACCOUNT, View(mark(store), snapshot(position(7, comment="es:B"))), now=after(1))
    assert code(lease.claim(store, "A", 1, now=after(1), view=view)) == "snapshot_stale"


def test_claim_with_a_clock_that_went_back_is_refused(store: Store) -> None:
    assert code(lease.claim(store, "A", 1, now=after(-60))) == "clock_suspect"
    assert states(store) == {"A": State.QUARANTINE}


def test_claim_that_finds_its_order_already_there_is_refused(store: Store) -> None:
    view = View(mark(store), snapshot(position(7, lots=4, comment="es:A")))
    assert code(lease.claim(store, "A", 1, now=after(1), view=view)) == "lease_state"
    assert states(store) == {"A": State.CONVERTED}


def test_placed_order_is_recognised_by_its_ticket(store: Store) -> None:
    lease.placed(store, "A", 7, now=after(1))
    reconcile(store, ACCOUNT, View(mark(store), snapshot(position(7, lots=4))), now=after(2))
    assert states(store) == {"A": State.CONVERTED}


def test_placed_may_be_said_again_after_it_became_a_position(store: Store) -> None:
    lease.placed(store, "A", 7, now=after(1))
    reconcile(store, ACCOUNT, View(mark(store), snapshot(position(7, lots=4))), now=after(2))
    assert taken(lease.placed(store, "A", 7, now=after(3))).state is State.CONVERTED
    assert halts(store) == ()


def test_cancelled_hold_frees_its_room(store: Store) -> None:
    lease.cancel(store, "A", 1, now=after(1))
    assert reservations(store, ACCOUNT, now=after(1)) == ()


def test_cancel_with_the_fence_before_the_claim_is_refused(store: Store) -> None:
    lease.claim(store, "A", 1, now=after(1))
    assert code(lease.cancel(store, "A", 1, now=after(1))) == "lease_fenced"
    assert taken(lease.cancel(store, "A", 2, now=after(1))).state is State.CANCELLED


def test_definite_rejection_frees_the_room(store: Store) -> None:
    lease.claim(store, "A", 1, now=after(1))
    assert taken(lease.rejected(store, "A", 2, "10019 no money", now=after(1))).state is State.REJECTED


def test_order_without_an_answer_keeps_the_room(store: Store) -> None:
    lease.claim(store, "A", 1, now=after(1))
    assert taken(lease.lost(store, "A", 2, "10012 timeout", now=after(1))).state is State.UNKNOWN
    assert len(reservations(store, ACCOUNT, now=after(1))) == 1


def test_late_order_halts_the_bot(store: Store) -> None:
    lease.cancel(store, "A", 1, now=after(1))
    assert code(lease.placed(store, "A", 7, now=after(2))) == "late_use"
    assert [(one.scope, one.code) for one in halts(store)] == [(scope_of(ACCOUNT, "bot"), "late_use")]


def test_order_on_a_hold_that_expires_in_this_call_is_late() -> None:
    with Store.memory() as store:
        reserved(store, "A", fenced=True)
        assert code(lease.placed(store, "A", 7, now=after(10))) == "late_use"


def test_restart_makes_sent_orders_unknown_and_shuts_out_the_old_process(store: Store) -> None:
    reserved(store, "B", fenced=True)
    reserved(store, "C", caller="other")
    lease.claim(store, "A", 1, now=after(1))
    lease.claim(store, "C", 1, now=after(1))
    left = lease.restart(store, ACCOUNT, "bot", now=after(2))
    assert {one.id: (one.state, one.fence) for one in left} == {"A": (State.UNKNOWN, 3), "B": (State.HELD, 1)}
    assert states(store)["C"] is State.CLAIMED
    assert code(lease.rejected(store, "A", 2, "10019", now=after(2))) == "lease_state"


def test_human_settles_what_evidence_can_not(store: Store) -> None:
    lease.lost(store, "A", 1, "timeout", now=after(1))
    assert taken(lease.settle_reservation(store, "A", "not in the history", now=after(400))).state is State.REJECTED
    assert [(one.kind, one.subject, one.reason) for one in acts(store, ACCOUNT)] == [
        ("settle", "A", "not in the history")
    ]


def test_settling_ages_older_snapshots(store: Store) -> None:
    view = View(mark(store), snapshot())
    lease.settle_reservation(store, "A", "looked", now=after(1))
    assert code(reconcile(store, ACCOUNT, view, now=after(1))) == "snapshot_stale"
