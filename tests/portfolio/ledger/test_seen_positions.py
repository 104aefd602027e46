"""What the account shows of its spending, and that the database neither forgets nor frees it by itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from portfolio.book.exposure_budget import Allocation, spent
from portfolio.calendar.exchange_sessions import Scans
from portfolio.errors import StoreError
from portfolio.ledger.budget_entries import entries, reverse
from portfolio.ledger.seen_positions import EXPOSURE, entries_in, merged, record, recorded
from portfolio.model import Deal, DealEntry, DealKind, Position, Quote, Side, Snapshot, TerminalState
from portfolio.store.database import Store
from tests.builders import account, spec

SCANS = Scans()
ACCOUNT = "1234@FTMO-Demo"
D = Decimal
SHARE = spec("PLTR", contract_size="1", tick_size="0.01", tick_value="0.01", tick_value_loss="0.01", calc_mode=2)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def deal(ticket: int, side: Side, entry: DealEntry, lots: int, at: str) -> Deal:
    price, none = D("170.00"), D(0)
    return Deal(ticket, ticket, 7, "PLTR", DealKind.TRADE, side, entry, D(lots), price, none, none, none, none, utc(at))


def held(lots: int, at: str, position: int = 7) -> Position:
    price = D("170.00")
    return Position(
        position, "PLTR", Side.BUY, D(lots), price, price, D(163), None, D(0), D(0), utc(at), identifier=position
    )


def moment(at: str, *deals: Deal, positions: tuple[Position, ...] = ()) -> Snapshot:
    return Snapshot(
        taken_at=utc(at),
        account=account(105_000),
        terminal=TerminalState("test"),
        specs={"PLTR": SHARE},
        quotes={"PLTR": Quote("PLTR", D("170.00"), D("170.01"), utc(at))},
        positions=positions,
        deals=deals,
        deals_since=utc("2026-01-01"),
    )


BOUGHT = deal(1, Side.BUY, DealEntry.IN, 61, "2026-06-10T14:31")
SOLD = deal(2, Side.SELL, DealEntry.OUT, 61, "2026-06-10T16:00")
OPEN = moment("2026-06-10T15:00", BOUGHT, positions=(held(61, "2026-06-10T14:31"),))
SHUT = moment("2026-06-10T17:00", BOUGHT, SOLD)
SPENT = Allocation("7", "PLTR", D("10370.00"), utc("2026-06-10T14:31"))  # 61 x 170


def test_a_deal_in_spends_its_notional() -> None:
    assert entries_in(OPEN) == (SPENT,)


def test_a_deal_out_closes_what_it_was_in() -> None:
    assert entries_in(SHUT) == (SPENT._replace(closed=utc("2026-06-10T16:00")),)


def test_a_part_that_is_closed_frees_nothing() -> None:
    part = deal(2, Side.SELL, DealEntry.OUT, 60, "2026-06-10T16:00")
    rest = moment("2026-06-10T17:00", BOUGHT, part, positions=(held(1, "2026-06-10T14:31"),))
    assert entries_in(rest) == (SPENT,)


def test_an_addition_spends_on_its_own_day() -> None:
    more = deal(2, Side.BUY, DealEntry.IN, 10, "2026-06-11T14:31")
    found = entries_in(moment("2026-06-11T15:00", BOUGHT, more, positions=(held(71, "2026-06-10T14:31"),)))
    assert [(one.position, one.exposure) for one in found] == [("7", D("10370.00")), ("7", D("1700.00"))]


def test_fills_in_parts_are_one_entry() -> None:
    parts = [replace_ticket(BOUGHT, number, lots) for number, lots in ((1, 40), (2, 21))]
    assert entries_in(moment("2026-06-10T15:00", *parts, positions=(held(61, "2026-06-10T14:31"),))) == (SPENT,)


def replace_ticket(one: Deal, ticket: int, lots: int) -> Deal:
    return one._replace(ticket=ticket, volume=D(lots))


def test_a_reversal_closes_the_one_and_opens_the_other() -> None:
    turned = deal(2, Side.SELL, DealEntry.INOUT, 100, "2026-06-10T16:00")
    found = entries_in(moment("2026-06-10T17:00", BOUGHT, turned, positions=(held(39, "2026-06-10T16:00"),)))
    # 100 - 61 = 39 x 170 = 6,630
    assert [(one.exposure, one.opened) for one in found] == [
        (D("10370.00"), utc("2026-06-10T14:31")),
        (D("6630.00"), utc("2026-06-10T16:00")),
    ]


def test_a_position_whose_deals_are_not_there_spends_too() -> None:
    assert entries_in(moment("2026-06-10T15:00", positions=(held(61, "2026-06-10T14:31"),))) == (SPENT,)


def test_a_symbol_without_a_contract_can_t_be_valued() -> None:
    assert entries_in(replace(SHUT, specs={}))[0].exposure is None


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "elite-sizer.db") as made:
        yield made


def sync(store: Store, snapshot: Snapshot) -> tuple[Allocation, ...]:
    now = snapshot.taken_at
    every = merged(recorded(store, ACCOUNT, now), entries_in(snapshot), now)
    record(store, ACCOUNT, every, SCANS, now)
    return every


def test_what_was_spent_outlives_the_process_and_the_broker_s_history(tmp_path: Path) -> None:
    path = tmp_path / "elite-sizer.db"
    with Store.open(path) as store:
        sync(store, OPEN)
    with Store.open(path) as store:
        kept = sync(store, moment("2026-06-10T15:30", positions=(held(61, "2026-06-10T14:31"),)))
    assert kept == (SPENT,)


def test_a_contract_that_is_gone_does_not_make_it_unknown(store: Store) -> None:
    sync(store, OPEN)
    assert sync(store, replace(SHUT, specs={}))[0].exposure == D("10370.00")


def test_keeping_twice_changes_nothing(store: Store) -> None:
    for _ in range(3):
        sync(store, SHUT)
    assert len(entries(store, ACCOUNT, EXPOSURE, "7")) == 1


def test_a_scan_after_the_close_frees_it_by_a_recorded_reversal(store: Store) -> None:
    sync(store, OPEN)
    sync(store, SHUT)
    assert len(entries(store, ACCOUNT, EXPOSURE, "7")) == 1
    for at in ("2026-06-10T19:55", "2026-06-10T19:56"):
        sync(store, moment(at, BOUGHT, SOLD))
    spending, reversal = entries(store, ACCOUNT, EXPOSURE, "7")
    assert (spending.amount, reversal.amount, reversal.reverses) == (D("10370.00"), D("-10370.00"), spending.number)
    assert reversal.because == "PLTR closed 2026-06-10 16:00 UTC, free since the scan after it"


def test_a_crash_between_writing_and_freeing_is_made_good_by_the_next_look(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync(store, SHUT)
    later = moment("2026-06-10T20:30", BOUGHT, SOLD)

    def crash(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("portfolio.ledger.seen_positions.reverse", crash)
        with pytest.raises(KeyboardInterrupt):
            sync(store, later)
    assert len(entries(store, ACCOUNT, EXPOSURE, "7")) == 1
    assert spent(sync(store, later), later.taken_at, SCANS).week == 0
    assert len(entries(store, ACCOUNT, EXPOSURE, "7")) == 2


def test_two_processes_free_the_same_position_once(tmp_path: Path) -> None:
    path, later = tmp_path / "elite-sizer.db", moment("2026-06-10T20:30", BOUGHT, SOLD)
    with Store.open(path) as one, Store.open(path) as other:
        sync(one, SHUT)
        before = recorded(other, ACCOUNT, later.taken_at)
        sync(one, later)
        record(other, ACCOUNT, before, SCANS, later.taken_at)
        assert len(entries(one, ACCOUNT, EXPOSURE, "7")) == 2


def test_freeing_what_another_process_has_just_freed_is_no_failure(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync(store, SHUT)
    later = moment("2026-06-10T20:30", BOUGHT, SOLD)
    spending = entries(store, ACCOUNT, EXPOSURE, "7")[0]

    def raced(*arguments: Any, **words: Any) -> None:  # noqa: ANN401 - as the function's own
        reverse(store, ACCOUNT, spending, "another process", now=later.taken_at)
        reverse(*arguments, **words)

    monkeypatch.setattr("portfolio.ledger.seen_positions.reverse", raced)
    sync(store, later)
    assert len(entries(store, ACCOUNT, EXPOSURE, "7")) == 2


def test_a_position_that_vanished_without_a_trace_waits_for_the_next_scan(store: Store) -> None:
    sync(store, OPEN)
    gone = moment("2026-06-10T17:00")
    assert spent(sync(store, gone), gone.taken_at, SCANS).week == D("10370.00")
    later = moment("2026-06-10T19:55")
    assert spent(sync(store, later), later.taken_at, SCANS).week == 0


def test_what_was_spent_can_t_be_deleted(store: Store) -> None:
    sync(store, OPEN)
    with pytest.raises(StoreError), store.write() as database:
        database.execute("DELETE FROM spending")
