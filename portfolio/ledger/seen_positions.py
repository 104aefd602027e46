"""Spending as the account itself shows it: which positions were opened when, how large, and closed when.

Trades that went past the sizer spend as well; that they did not was the incident of source 000. Entries are read from
the deals and from the open positions; an entry that the database has stays as it was written, and nothing is freed
because a broker's history lacks it by now.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

import apsw

from portfolio.book.exposure_budget import Allocation, freed
from portfolio.calendar.exchange_sessions import Scans
from portfolio.errors import StoreError
from portfolio.ledger.budget_entries import BudgetEntry, Spend, reverse, write_spending
from portfolio.model import ZERO, Deal, DealEntry, DealKind, Snapshot
from portfolio.reasons import Refusal
from portfolio.rounding import loss_up
from portfolio.store.database import Store
from portfolio.store.rows import fetch, from_microseconds, microseconds
from portfolio.valuation.conversion import Prices
from portfolio.valuation.money_per_lot import exposure_per_lot

_log = logging.getLogger(__name__)

EXPOSURE: Final = "exposure"
"""The budget that positions spend of; its periods are the positions, its amounts their notional."""
CLOSED: Final = "closed"
"""Entries without an amount that record when a position was closed."""
OPENED: Final = " opened"
KEPT: Final = timedelta(days=60)
"""Age up to which closed positions are read; older ones were freed long ago."""


def entries_in(snapshot: Snapshot) -> tuple[Allocation, ...]:
    """Return the entries that a snapshot shows, oldest first."""
    since = snapshot.taken_at - KEPT
    market = Prices.of(snapshot)
    by_position: dict[str, list[Allocation]] = {}
    net: dict[str, Decimal] = {}
    for deal in sorted(snapshot.deals, key=lambda deal: (deal.at, deal.ticket)):
        if deal.kind is DealKind.TRADE and deal.at >= since:
            _take(market, deal, by_position, net)
    open_now = {str(position.identifier or position.ticket): position for position in snapshot.positions}
    for identifier, entries in by_position.items():
        if identifier in open_now:
            by_position[identifier] = [entry._replace(closed=None) for entry in entries]
    for identifier, position in open_now.items():
        if not by_position.get(identifier):
            exposure = _notional(market, position.symbol, position.volume, position.open_price)
            by_position[identifier] = [Allocation(identifier, position.symbol, exposure, position.opened_at)]
    return _by_time(entry for entries in by_position.values() for entry in entries)


def recorded(store: Store, account: str, now: datetime) -> tuple[Allocation, ...]:
    """Return the entries in the database, those of the last weeks and all that were never freed."""
    with store.read() as database:
        return tuple(entry for entry, _ in _rows(database, account, now))


def merged(
    in_database: Iterable[Allocation], in_snapshot: Iterable[Allocation], now: datetime
) -> tuple[Allocation, ...]:
    """Return the entries of the database and of a snapshot as one; the database's stand, a new close is added.

    A position that the database has as open and the snapshot does not show counts as closed at `now`.
    """
    together = {(entry.position, entry.opened): entry for entry in in_snapshot}
    closes = {entry.position: entry.closed for entry in together.values()}
    for entry in in_database:
        key = (entry.position, entry.opened)
        closed_at = entry.closed or closes.get(entry.position, now)
        together[key] = entry._replace(closed=closed_at, exposure=_larger(entry, together.get(key)))
    return _by_time(together.values())


def record(store: Store, account: str, entries: Iterable[Allocation], scans: Scans, now: datetime) -> None:
    """Write the new ones of these entries and reverse those that a scan has freed; doing it twice changes nothing."""
    entries = tuple(entries)
    before = recorded(store, account, now)
    if {entry for entry in entries if entry.exposure is not None} != {*before}:
        _write(store, account, entries, now)
    if any(freed(entry, now, scans) for entry in before):
        _free(store, account, scans, now)


def _by_time(entries: Iterable[Allocation]) -> tuple[Allocation, ...]:
    return tuple(sorted(entries, key=lambda entry: entry.opened))


def _write(store: Store, account: str, entries: tuple[Allocation, ...], now: datetime) -> None:
    with store.write() as database:
        before = [entry for entry, _ in _rows(database, account, now)]
        recorded_keys = {(entry.position, entry.opened) for entry in before}
        closed_ids = {entry.position for entry in before if entry.closed is not None}
        for entry in entries:
            if (entry.position, entry.opened) not in recorded_keys and entry.exposure is not None:
                opening = Spend(EXPOSURE, entry.position, entry.exposure, f"{entry.symbol}{OPENED}")
                write_spending(database, account, (opening,), entry.opened)
            if entry.closed is not None and entry.position not in closed_ids:
                closed_ids.add(entry.position)
                closing = Spend(CLOSED, entry.position, ZERO, f"{entry.symbol} closed")
                write_spending(database, account, (closing,), entry.closed)


def _free(store: Store, account: str, scans: Scans, now: datetime) -> None:
    with store.read() as database:
        rows = _rows(database, account, now)
    for entry, number in rows:
        if number is None or entry.closed is None or entry.exposure is None or not freed(entry, now, scans):
            continue
        because = f"{entry.symbol} closed {entry.closed:%Y-%m-%d %H:%M} UTC, free since the scan after it"
        spending = BudgetEntry(number, EXPOSURE, entry.position, entry.exposure, entry.opened, because, None)
        try:
            reverse(store, account, spending, because, now=now)
        except StoreError as error:
            if error.reason.code != "state_loosening":
                raise
            _log.info("%s: entry %d was freed by another process: %s", account, number, error.reason.detail)


def _rows(database: apsw.Connection, account: str, now: datetime) -> list[tuple[Allocation, int | None]]:
    """Return the recorded entries, each with its number where it is not reversed yet."""
    query = (
        "SELECT seq, period, amount, at, because,"
        " (SELECT max(at) FROM spending AS shut"
        " WHERE shut.account = opening.account AND shut.budget = ? AND shut.period = opening.period),"
        " EXISTS (SELECT 1 FROM spending AS undo WHERE undo.reverses = opening.seq)"
        " FROM spending AS opening WHERE account = ? AND budget = ? AND reverses IS NULL ORDER BY seq"
    )
    oldest = microseconds(now - KEPT)
    entries = []
    for seq, period, amount, at, because, shut, undone in fetch(database, query, (CLOSED, account, EXPOSURE)):
        if undone and at < oldest:
            continue
        symbol = because.removesuffix(OPENED)
        closed_at = None if shut is None else from_microseconds(shut)
        entry = Allocation(period, symbol, Decimal(amount), from_microseconds(at), closed_at)
        entries.append((entry, None if undone else seq))
    return entries


def _take(market: Prices, deal: Deal, by_position: dict[str, list[Allocation]], net: dict[str, Decimal]) -> None:
    """Let one deal open, add to, close or reverse its position."""
    position = str(deal.position_id)
    entries, lots = by_position.setdefault(position, []), net.get(position, ZERO)
    if deal.entry is DealEntry.IN:
        _enter(entries, _entry(market, deal, deal.volume))
        net[position] = lots + deal.volume
        return
    rest = lots - deal.volume
    if deal.entry is DealEntry.INOUT or rest <= ZERO:
        by_position[position] = [
            entry if entry.closed is not None else entry._replace(closed=deal.at) for entry in entries
        ]
    if deal.entry is DealEntry.INOUT and rest < ZERO:
        by_position[position].append(_entry(market, deal, -rest))
        rest = -rest
    net[position] = max(rest, ZERO)


def _enter(entries: list[Allocation], entry: Allocation) -> None:
    """Add an entry; one filled in parts at the same moment is one entry."""
    last = entries[-1] if entries else None
    if last is None or last.opened != entry.opened or last.closed is not None:
        entries.append(entry)
        return
    figures = last.exposure is not None and entry.exposure is not None
    entries[-1] = last._replace(exposure=(last.exposure or ZERO) + (entry.exposure or ZERO) if figures else None)


def _larger(entry: Allocation, snapshot_entry: Allocation | None) -> Decimal | None:
    figures = [
        candidate.exposure
        for candidate in (entry, snapshot_entry)
        if candidate is not None and candidate.exposure is not None
    ]
    return max(figures, default=None)


def _entry(market: Prices, deal: Deal, lots: Decimal) -> Allocation:
    return Allocation(str(deal.position_id), deal.symbol, _notional(market, deal.symbol, lots, deal.price), deal.at)


def _notional(market: Prices, symbol: str, lots: Decimal, price: Decimal) -> Decimal | None:
    per_lot = exposure_per_lot(market, symbol, price) if symbol in market.specs else None
    return None if per_lot is None or isinstance(per_lot, Refusal) else loss_up(per_lot * lots)
