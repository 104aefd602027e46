"""What the account itself shows of its spending: which positions were opened when, how large, and closed when.

Trades that went past the sizer spend as well; that they did not was the incident of source 000. Entries are read from
the deals and from what is open; what the database already knows is kept as it was written, and nothing is freed
because a broker's history forgot it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import apsw

from portfolio.book.exposure_budget import Allocation, freed
from portfolio.calendar.exchange_sessions import Scans
from portfolio.errors import StoreError
from portfolio.ledger.budget_entries import BudgetEntry, Spend, reverse, write_spending
from portfolio.model import ZERO, Deal, DealEntry, DealKind, Snapshot
from portfolio.reasons import Refusal
from portfolio.rounding import loss_up
from portfolio.store.database import Store
from portfolio.store.rows import microseconds, moment
from portfolio.valuation.money_per_lot import Prices, exposure_per_lot

_log = logging.getLogger(__name__)

EXPOSURE: Final = "exposure"
"""The budget that positions spend of; its periods are the positions, its amounts their notional."""
CLOSED: Final = "closed"
"""Entries of nothing that keep when a position was closed."""
OPENED: Final = " opened"
KEPT: Final = timedelta(days=60)
"""How far back closed positions are looked for; older ones were freed long ago."""


def seen(snapshot: Snapshot) -> tuple[Allocation, ...]:
    """Return the entries that a snapshot shows, oldest first."""
    since = snapshot.taken_at - KEPT
    market = Prices.of(snapshot)
    found: dict[str, list[Allocation]] = {}
    net: dict[str, Decimal] = {}
    for deal in sorted(snapshot.deals, key=lambda deal: (deal.at, deal.ticket)):
        if deal.kind is DealKind.TRADE and deal.at >= since:
            _take(market, deal, found, net)
    open_now = {str(held.identifier or held.ticket): held for held in snapshot.positions}
    for position, entries in found.items():
        if position in open_now:
            found[position] = [one._replace(closed=None) for one in entries]
    for position, held in open_now.items():
        if not found.get(position):
            exposure = _notional(market, held.symbol, held.volume, held.open_price)
            found[position] = [Allocation(position, held.symbol, exposure, held.opened_at)]
    return tuple(sorted((one for entries in found.values() for one in entries), key=lambda one: one.opened))


def known(store: Store, account: str, now: datetime) -> tuple[Allocation, ...]:
    """Return the entries that were kept, those of the last weeks and all that were never freed."""
    with store.read() as database:
        return tuple(one for one, _ in _rows(database, account, now))


def merged(kept: Iterable[Allocation], shown: Iterable[Allocation], now: datetime) -> tuple[Allocation, ...]:
    """Return what is kept and what a snapshot shows as one; what was kept stands, a close that is new is added.

    A position that is kept as open and shown nowhere any more counts as closed at `now`.
    """
    together = {(one.position, one.opened): one for one in shown}
    alive = {one.position: one.closed for one in together.values()}
    for one in kept:
        key = (one.position, one.opened)
        closed = one.closed or alive.get(one.position, now)
        fresh = together.get(key)
        together[key] = one._replace(closed=closed, exposure=_larger(one, fresh))
    return tuple(sorted(together.values(), key=lambda one: one.opened))


def keep(store: Store, account: str, every: Iterable[Allocation], scans: Scans, now: datetime) -> None:
    """Write what is new of these entries and reverse those that a scan has freed; doing it twice changes nothing."""
    every = tuple(every)
    kept = known(store, account, now)
    if {one for one in every if one.exposure is not None} != {*kept}:
        _write(store, account, every, now)
    if any(freed(one, now, scans) for one in kept):
        _free(store, account, scans, now)


def _write(store: Store, account: str, every: tuple[Allocation, ...], now: datetime) -> None:
    with store.write() as database:
        have = {(one.position, one.opened): one for one, _ in _rows(database, account, now)}
        shut = {one.position for one in have.values() if one.closed is not None}
        for one in every:
            if (one.position, one.opened) not in have and one.exposure is not None:
                opened = Spend(EXPOSURE, one.position, one.exposure, f"{one.symbol}{OPENED}")
                write_spending(database, account, (opened,), one.opened)
            if one.closed is not None and one.position not in shut:
                shut.add(one.position)
                write_spending(
                    database, account, (Spend(CLOSED, one.position, ZERO, f"{one.symbol} closed"),), one.closed
                )


def _free(store: Store, account: str, scans: Scans, now: datetime) -> None:
    with store.read() as database:
        rows = _rows(database, account, now)
    for one, number in rows:
        if number is not None and one.closed is not None and one.exposure is not None and freed(one, now, scans):
            because = f"{one.symbol} closed {one.closed:%Y-%m-%d %H:%M} UTC, free since the scan after it"
            entry = BudgetEntry(number, EXPOSURE, one.position, one.exposure, one.opened, because, None)
            try:
                reverse(store, account, entry, because, now=now)
            except StoreError as error:
                if error.reason.code != "state_loosening":
                    raise
                _log.info("%s: entry %d was freed by another process: %s", account, number, error.reason.detail)


def _rows(database: apsw.Connection, account: str, now: datetime) -> list[tuple[Allocation, int | None]]:
    """Return the kept entries, each with its number where it is not reversed yet."""
    query = (
        "SELECT seq, period, amount, at, because,"
        " (SELECT max(at) FROM spending AS shut"
        " WHERE shut.account = one.account AND shut.budget = ? AND shut.period = one.period),"
        " EXISTS (SELECT 1 FROM spending AS undo WHERE undo.reverses = one.seq)"
        " FROM spending AS one WHERE account = ? AND budget = ? AND reverses IS NULL ORDER BY seq"
    )
    rows: Iterable[Any] = database.execute(query, (CLOSED, account, EXPOSURE))
    oldest = microseconds(now - KEPT)
    return [
        (
            Allocation(
                period,
                because.removesuffix(OPENED),
                Decimal(amount),
                moment(at),
                None if shut is None else moment(shut),
            ),
            None if undone else seq,
        )
        for seq, period, amount, at, because, shut, undone in rows
        if not undone or at >= oldest
    ]


def _take(market: Prices, deal: Deal, found: dict[str, list[Allocation]], net: dict[str, Decimal]) -> None:
    """Let one deal open, add to, close or reverse its position."""
    position = str(deal.position_id)
    entries, held = found.setdefault(position, []), net.get(position, ZERO)
    if deal.entry is DealEntry.IN:
        _enter(entries, _entry(market, deal, deal.volume))
        net[position] = held + deal.volume
        return
    left = held - deal.volume
    if deal.entry is DealEntry.INOUT or left <= ZERO:
        found[position] = [one if one.closed is not None else one._replace(closed=deal.at) for one in entries]
    if deal.entry is DealEntry.INOUT and left < ZERO:
        found[position].append(_entry(market, deal, -left))
        left = -left
    net[position] = max(left, ZERO)


def _enter(entries: list[Allocation], one: Allocation) -> None:
    """Add an entry; one filled in parts at the same moment is one entry."""
    last = entries[-1] if entries else None
    if last is None or last.opened != one.opened or last.closed is not None:
        entries.append(one)
        return
    both = last.exposure is not None and one.exposure is not None
    entries[-1] = last._replace(exposure=(last.exposure or ZERO) + (one.exposure or ZERO) if both else None)


def _larger(one: Allocation, other: Allocation | None) -> Decimal | None:
    figures = [each.exposure for each in (one, other) if each is not None and each.exposure is not None]
    return max(figures, default=None)


def _entry(market: Prices, deal: Deal, lots: Decimal) -> Allocation:
    return Allocation(str(deal.position_id), deal.symbol, _notional(market, deal.symbol, lots, deal.price), deal.at)


def _notional(market: Prices, symbol: str, lots: Decimal, price: Decimal) -> Decimal | None:
    each = exposure_per_lot(market, symbol, price) if symbol in market.specs else None
    return None if each is None or isinstance(each, Refusal) else loss_up(each * lots)
