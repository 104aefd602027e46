"""A reservation counts until it is known what became of its order, and ends exactly once."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.model import Side
from portfolio.reasons import Refusal
from portfolio.reservation.events import (
    Cancelled,
    Claim,
    ClockWentBack,
    Event,
    Found,
    Lost,
    Missing,
    Placed,
    Rejected,
    Replaced,
    Restarted,
    Settled,
    TimePassed,
)
from portfolio.reservation.hold import Hold
from portfolio.reservation.reservation import COUNTING, LATE, QUIET, Reservation, State
from portfolio.reservation.transition import MOVES, grows, transition
from tests.portfolio.ledger_world import NOON, after, d, hold, reservation

END = after(10)
"""The end of every reservation here."""
DEAD = END + LATE
"""From here on nothing can still be on its way: 12:00:40."""


def moved(start: Reservation, event: Event, now: datetime = NOON) -> Reservation:
    end = transition(start, event, now)
    assert isinstance(end, Reservation), end
    return end


def refused(start: Reservation, event: Event, now: datetime = NOON) -> str:
    end = transition(start, event, now)
    assert isinstance(end, Refusal), end
    return end.code


LOST = reservation(state=State.UNKNOWN)
"""Sent, and no answer came."""


def found(filled: str | int = 0, waiting: str | int = 0, at: float = 1, ticket: int = 7, epoch: int = 0) -> Found:
    return Found(ticket, d(filled), d(waiting), after(at), epoch)


# Every state against every event, by hand; `code` in lower case where the event does not apply.
TABLE = {
    "Claim": "CLAIMED lease_state lease_state lease_state lease_state",
    "Placed": "WORKING WORKING WORKING WORKING WORKING",
    "Rejected": "REJECTED REJECTED lease_state lease_state CANCELLED",
    "Lost": "UNKNOWN UNKNOWN WORKING UNKNOWN UNKNOWN",
    "Cancelled": "CANCELLED CANCELLED lease_state lease_state CANCELLED",
    "Replaced": "CANCELLED CLAIMED WORKING UNKNOWN CANCELLED",
    "TimePassed": "HELD CLAIMED WORKING UNKNOWN QUARANTINE",
    "ClockWentBack": "QUARANTINE CLAIMED WORKING UNKNOWN QUARANTINE",
    "Restarted": "UNKNOWN UNKNOWN UNKNOWN UNKNOWN UNKNOWN",
    "Found": "CONVERTED CONVERTED CONVERTED CONVERTED CONVERTED",
    "Missing": "HELD CLAIMED WORKING UNKNOWN QUARANTINE",
    "Settled": "CANCELLED REJECTED REJECTED REJECTED CANCELLED",
}
EVENTS: dict[str, Event] = {
    "Claim": Claim(1, hold()),
    "Placed": Placed(7),
    "Rejected": Rejected(1),
    "Lost": Lost(1),
    "Cancelled": Cancelled(1),
    "Replaced": Replaced(),
    "TimePassed": TimePassed(),
    "ClockWentBack": ClockWentBack(),
    "Restarted": Restarted(),
    "Found": found(filled=1),
    "Missing": Missing(after(1), 0),
    "Settled": Settled(),
}
ORDER = (State.HELD, State.CLAIMED, State.WORKING, State.UNKNOWN, State.QUARANTINE)
CASES = [
    pytest.param(state, EVENTS[name], expected, id=f"{state}-{name}")
    for name, row in TABLE.items()
    for state, expected in zip(ORDER, row.split(), strict=True)
]


@pytest.mark.parametrize(("state", "event", "expected"), CASES)
def test_event_moves_state_as_the_table_says(state: State, event: Event, expected: str) -> None:
    end = transition(reservation(state=state), event, after(1))
    assert (end.code if isinstance(end, Refusal) else end.state.value) == expected


FINAL = (State.CONVERTED, State.EXPIRED, State.CANCELLED, State.REJECTED)


@pytest.mark.parametrize("state", FINAL)
@pytest.mark.parametrize("event", EVENTS.values(), ids=EVENTS)
def test_final_state_is_never_left(state: State, event: Event) -> None:
    over = reservation(state=state)
    end = transition(over, event, after(1))
    assert isinstance(end, Refusal) or end == over


@pytest.mark.parametrize("state", FINAL)
def test_order_on_an_ended_reservation_is_late_use(state: State) -> None:
    assert refused(reservation(state=state), Placed(7)) == "late_use"


def test_the_converted_order_may_be_reported_again() -> None:
    over = reservation(state=State.CONVERTED, ticket=7)
    assert moved(over, Placed(7)) == over


# What a bot says after the end, by hand: an empty word where saying it again changes nothing.
AFTER = [
    (Rejected(1), {State.REJECTED}),
    (Cancelled(1), {State.CANCELLED, State.EXPIRED}),
    (Lost(1), set()),
    (Claim(1, hold()), set()),
]


@pytest.mark.parametrize("state", FINAL)
@pytest.mark.parametrize(("event", "harmless"), AFTER, ids=["rejected", "cancelled", "lost", "claim"])
def test_word_after_the_end_is_refused_unless_it_is_a_repetition(
    state: State, event: Event, harmless: set[State]
) -> None:
    over = reservation(state=state)
    if state in harmless:
        assert moved(over, event) == over
    else:
        assert refused(over, event) == "lease_state"


def test_every_move_of_the_table_is_allowed_and_reachable() -> None:
    made: set[tuple[State, State]] = set()
    times = (NOON, END, DEAD, DEAD + QUIET)
    flags = itertools.product(ORDER, EVENTS.values(), times, (True, False), (None, after(0)))
    for state, event, now, fenced, absent in flags:
        start = reservation(state=state, fenced=fenced, absent_since=absent and DEAD, absent_epoch=absent and 0)
        events = [event, Missing(now, 0), found(waiting=1), found(filled="0.5", at=45)]
        for one in events:
            end = transition(start, one, now)
            if isinstance(end, Reservation) and end.state is not state:
                made.add((state, end.state))
    assert made == {(before, end) for before, ends in MOVES.items() for end in ends}


# --- the holder's time


def test_unfenced_hold_is_quarantined_at_its_end() -> None:
    assert moved(reservation(), TimePassed(), END).state is State.QUARANTINE


def test_fenced_hold_expires_at_its_end() -> None:
    assert moved(reservation(fenced=True), TimePassed(), END).state is State.EXPIRED


def test_hold_stands_until_its_end() -> None:
    early = END - timedelta(microseconds=1)
    assert moved(reservation(fenced=True), TimePassed(), early).state is State.HELD


def test_claim_at_the_end_is_refused() -> None:
    assert refused(reservation(), Claim(1, hold()), END) == "lease_expired"


def test_claim_just_before_the_end_is_taken() -> None:
    assert moved(reservation(), Claim(1, hold()), END - timedelta(microseconds=1)).state is State.CLAIMED


def test_claim_makes_the_next_fence_and_binds_the_holder() -> None:
    claimed = moved(reservation(), Claim(1, hold()))
    assert (claimed.fence, claimed.fenced) == (2, True)


@pytest.mark.parametrize("event", [Claim(2, hold()), Rejected(2), Lost(2), Cancelled(2)], ids=type)
def test_wrong_fence_is_refused(event: Event) -> None:
    assert refused(reservation(), event) == "lease_fenced"


def test_claim_may_shrink_the_hold() -> None:
    claimed = moved(reservation(), Claim(1, hold("0.4")))
    assert (claimed.hold, claimed.whole) == (hold("0.4"), d("0.4"))


@pytest.mark.parametrize("field", ["lots", "loss", "entry_loss", "exposure", "margin", "gain"])
def test_claim_may_not_grow_any_amount(field: str) -> None:
    change: dict[str, Any] = {field: d(1_000_000)}
    larger = hold()._replace(**change)
    assert refused(reservation(), Claim(1, larger)) == "kernel_invariant"


@pytest.mark.parametrize("other", [hold(symbol="GBPUSD"), hold(side=Side.SELL)], ids=["symbol", "side"])
def test_claim_may_not_change_the_trade(other: Hold) -> None:
    assert grows(other, hold())


def test_claimed_order_is_unknown_once_it_can_no_longer_be_on_its_way() -> None:
    claimed = reservation(state=State.CLAIMED)
    assert moved(claimed, TimePassed(), DEAD - timedelta(seconds=1)).state is State.CLAIMED
    assert moved(claimed, TimePassed(), DEAD).state is State.UNKNOWN


def test_working_order_stays_working_however_late() -> None:
    working = reservation(state=State.WORKING, ticket=7)
    assert moved(working, TimePassed(), DEAD) == working


def test_clock_that_went_back_shortens_the_end_to_the_full_length_from_now() -> None:
    # issued 12:00:00 for 10 s; the clock now says 11:00:00, so it can't be valid after 11:00:10
    back = moved(reservation(), ClockWentBack(), NOON - timedelta(hours=1))
    assert back.valid_until == NOON - timedelta(hours=1) + timedelta(seconds=10)


def test_clock_that_went_back_never_extends_the_end() -> None:
    assert moved(reservation(), ClockWentBack(), after(5)).valid_until == END


def test_restart_takes_the_fence_from_the_old_holder() -> None:
    claimed = moved(reservation(), Claim(1, hold()))
    again = moved(claimed, Restarted())
    assert (again.state, again.fence) == (State.UNKNOWN, 3)
    assert moved(again, Lost(2)) == again
    assert refused(again, Rejected(2)) == "lease_state"


@pytest.mark.parametrize("state", [State.HELD, State.QUARANTINE])
def test_claim_with_the_same_gain_does_not_grow(state: State) -> None:
    aimed = reservation(hold=hold(gain=d(80)), state=state)
    assert not grows(aimed.hold, aimed.hold)
    assert grows(aimed.hold, hold())


def test_restart_changes_nothing_about_an_unknown_order() -> None:
    assert moved(LOST, Restarted()) == LOST


def test_restart_leaves_a_hold_that_was_never_claimed() -> None:
    assert moved(reservation(fenced=True), Restarted()).state is State.HELD


def test_second_order_on_one_reservation_is_one_too_many() -> None:
    assert refused(reservation(state=State.WORKING, ticket=7), Placed(8)) == "late_use"


def test_since_stays_while_the_state_stays() -> None:
    working = reservation(state=State.WORKING, ticket=7)
    assert moved(working, found(waiting=1), after(9)).since == NOON


# --- evidence


def test_waiting_order_works_and_counts_whole() -> None:
    working = moved(reservation(), found(waiting=1))
    assert (working.state, working.ticket, working.hold.lots) == (State.WORKING, 7, d(1))


def test_part_fill_leaves_the_waiting_rest() -> None:
    working = moved(reservation(), found(filled="0.4", waiting="0.6"))
    # 100 a lot: 60 of the 100 stay
    assert (working.state, working.hold.lots, working.hold.loss) == (State.WORKING, d("0.6"), d(60))


def test_part_fill_without_a_waiting_rest_keeps_the_rest_until_it_is_late() -> None:
    working = moved(reservation(), found(filled="0.4", at=1))
    assert (working.hold.lots, working.absent_since) == (d("0.6"), None)


def test_part_fill_ends_when_two_late_snapshots_lack_the_rest() -> None:
    once = moved(reservation(), found(filled="0.4", at=40), DEAD)
    assert (once.state, once.absent_since) == (State.WORKING, after(40))
    soon = moved(once, found(filled="0.4", at=44.9), after(45))
    assert soon.state is State.WORKING
    assert moved(once, found(filled="0.4", at=45), after(45)).state is State.CONVERTED


def test_partly_closed_position_does_not_bring_the_hold_back() -> None:
    half = moved(reservation(), found(filled="0.5", waiting="0.5"))
    assert moved(half, found(filled="0.2", waiting="0.5")).hold.lots == d("0.5")


def test_more_than_was_held_converts() -> None:
    assert moved(reservation(), found(filled="1.5")).state is State.CONVERTED


def test_order_under_another_ticket_is_not_its_own() -> None:
    assert refused(reservation(state=State.WORKING, ticket=7), found(filled=1, ticket=8)) == "lease_state"


def test_missing_proves_nothing_while_an_order_can_be_on_its_way() -> None:
    early = Missing(DEAD - timedelta(microseconds=1), 0)
    assert moved(LOST, early, DEAD).absent_since is None


def test_missing_twice_ends_an_unknown_order() -> None:
    once = moved(LOST, Missing(DEAD, 0), DEAD)
    assert (once.state, once.absent_since) == (State.UNKNOWN, DEAD)
    assert moved(once, Missing(DEAD + QUIET, 0), DEAD + QUIET).state is State.REJECTED


def test_missing_twice_too_close_together_is_not_enough() -> None:
    once = moved(LOST, Missing(DEAD, 0), DEAD)
    assert moved(once, Missing(DEAD + QUIET - timedelta(microseconds=1), 0), after(60)).state is State.UNKNOWN


def test_missing_in_another_connection_starts_again() -> None:
    once = moved(LOST, Missing(DEAD, 0), DEAD)
    again = moved(once, Missing(DEAD + QUIET, 1), after(60))
    assert (again.state, again.absent_since, again.absent_epoch) == (State.UNKNOWN, DEAD + QUIET, 1)


@pytest.mark.parametrize("state", [State.HELD, State.CLAIMED])
def test_missing_proves_nothing_about_what_was_not_sent_yet(state: State) -> None:
    start = reservation(state=state)
    assert moved(start, Missing(DEAD, 0), DEAD) == start


def test_look_from_before_the_first_one_starts_again() -> None:
    once = moved(LOST, Missing(DEAD + QUIET, 0), after(50))
    assert moved(once, Missing(DEAD, 0), after(50)).absent_since == DEAD


def test_incomplete_history_proves_nothing() -> None:
    once = moved(LOST, Missing(DEAD, 0, complete=False), DEAD)
    assert once == LOST


def test_found_again_starts_over() -> None:
    once = moved(LOST, Missing(DEAD, 0), DEAD)
    assert moved(once, found(waiting=1, at=46), after(46)).absent_since is None


def test_last_sight_of_a_waiting_order_does_not_go_back() -> None:
    working = moved(reservation(), found(waiting=1, at=5))
    assert moved(working, found(waiting=1, at=4)).seen == after(5)


def test_quarantine_expires_when_nothing_came() -> None:
    once = moved(reservation(state=State.QUARANTINE), Missing(DEAD, 0), DEAD)
    assert moved(once, Missing(DEAD + QUIET, 0), DEAD + QUIET).state is State.EXPIRED


def test_part_filled_order_whose_rest_is_gone_is_a_position() -> None:
    working = moved(reservation(), found(filled="0.4", waiting="0.6"))
    once = moved(working, Missing(DEAD, 0), DEAD)
    assert moved(once, Missing(DEAD + QUIET, 0), DEAD + QUIET).state is State.CONVERTED


# --- amounts

AMOUNTS = st.decimals(min_value=0, max_value=10**9, places=8, allow_nan=False, allow_infinity=False)
LOTS = st.decimals(min_value=Decimal("0.01"), max_value=100, places=2, allow_nan=False, allow_infinity=False)


@given(loss=AMOUNTS, whole=LOTS, lots=LOTS)
def test_part_charges_its_share_rounded_up_and_never_more_than_the_whole(
    loss: Decimal, whole: Decimal, lots: Decimal
) -> None:
    part = hold(str(whole), str(loss)).part(lots)
    if lots >= whole:
        assert part.loss == loss
    else:
        share = part.loss * whole - loss * lots  # (rounded - exact) x whole, exact in 28 digits
        assert 0 <= share < Decimal("1E-8") * whole or part.loss == loss
        assert part.loss <= loss


@given(lots=st.lists(LOTS, min_size=1, max_size=5), loss=AMOUNTS)
def test_parts_together_charge_at_least_the_whole(lots: list[Decimal], loss: Decimal) -> None:
    whole = hold(str(sum(lots)), str(loss))
    assert sum(whole.part(one).loss for one in lots) >= loss


def test_hold_is_charged_to_every_floor() -> None:
    charge = hold("0.5", gain=d(80)).charge("A")
    # 0.5 lots: 50 at the stop, notional 54,250, margin 1,808
    assert charge == ("reservation", "A", "EURUSD", Side.BUY, d("0.5"), d(50), d(50), d(50), d(80), d(54_250), d(1_808))


def test_counting_and_final_states_are_all_states() -> None:
    assert set(FINAL) | COUNTING == set(State)
