"""Old answers may be forgotten; what counts, and what a caller may still ask for again, may not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from portfolio.ledger import lease
from portfolio.ledger.ledger import mark, record, reservations
from portfolio.store.database import Store
from portfolio.store.retention import KEPT, Forgotten, forget
from tests.portfolio.ledger_world import ACCOUNT, NOON, after, decision, question, reserved, states

DAY = timedelta(days=1)
LATER = NOON + KEPT + timedelta(microseconds=1)
"""One microsecond more than the kept time after everything here happened."""


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.memory() as opened:
        yield opened


def test_old_answers_and_reservations_are_forgotten(store: Store) -> None:
    reserved(store, "A")
    lease.cancel(store, "A", 1, now=NOON)
    record(store, ACCOUNT, decision("B"))
    store.put_statistic("s", b"1", NOON)
    assert forget(store, LATER) == Forgotten(decisions=2, reservations=1, statistics=1)
    assert (store.decision("A"), store.decision("B"), store.get_statistic("s"), states(store)) == (None, None, None, {})
    store.check()


def test_what_is_just_old_enough_stays(store: Store) -> None:
    record(store, ACCOUNT, decision("B"))
    assert forget(store, NOON + KEPT) == Forgotten(0, 0, 0)


def test_open_reservation_stays_with_its_answer_and_history(store: Store) -> None:
    reserved(store, "A")
    assert forget(store, LATER) == Forgotten(0, 0, 0)
    assert [one.id for one in reservations(store, ACCOUNT, now=LATER)] == ["A"]
    assert store.decision("A") is not None
    with store.read() as database:
        assert database.execute("SELECT count(*) FROM reservation_event").get == 1


def test_answer_stays_as_long_as_its_reservation_ended_lately(store: Store) -> None:
    reserved(store, "A")
    lease.cancel(store, "A", 1, now=after(60))
    assert forget(store, LATER) == Forgotten(0, 0, 0)


def test_count_of_events_never_restarts(store: Store) -> None:
    reserved(store, "A")
    lease.cancel(store, "A", 1, now=NOON)
    before = mark(store)
    forget(store, LATER)
    assert mark(store) == before


def test_nothing_younger_than_a_week_is_forgotten(store: Store) -> None:
    record(store, ACCOUNT, decision("A"), question(key="k", body=b"1"))
    assert forget(store, NOON + 7 * DAY, keep=timedelta(0)) == Forgotten(0, 0, 0)
    assert forget(store, NOON + 7 * DAY + timedelta(microseconds=1), keep=timedelta(0)).decisions == 1
