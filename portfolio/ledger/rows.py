"""The ledger's rows in the database: one per reservation, its history, and a list of the open ones.

Every row carries a check figure, and every account names its open reservations, so that a damaged file can't make
one shrink or vanish unseen.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Final, NamedTuple

import apsw

from portfolio.model import Side
from portfolio.reservation.hold import Hold
from portfolio.reservation.reservation import Reservation, State
from portfolio.store.failure import damaged
from portfolio.store.rows import checksum, exact, fetch, fetch_one, from_microseconds, microseconds


class _Row(NamedTuple):
    """The columns of a reservation, as `_SELECT` and `_INSERT` list them; `open` and `crc` are made from these."""

    id: str
    account: str
    caller: str
    signal: str | None
    symbol: str
    side: str
    lots: str
    loss: str
    entry_loss: str
    exposure: str
    margin: str
    gain: str | None
    whole: str
    state: str
    fence: int
    fenced: int
    magic: int
    issued: int
    valid_until: int
    since: int
    ticket: int | None
    absent_since: int | None
    absent_epoch: int | None
    seen: int | None
    born: int
    oco_group: str | None


_INSERT: Final = (
    "INSERT INTO reservation (id, account, caller, signal, symbol, side, lots, loss, entry_loss, exposure, margin,"
    " gain, whole, state, fence, fenced, magic, issued, valid_until, since, ticket, absent_since, absent_epoch, seen,"
    " born, oco_group, open, crc)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_UPDATE: Final = (
    "UPDATE reservation SET lots = ?, loss = ?, entry_loss = ?, exposure = ?, margin = ?, gain = ?, whole = ?,"
    " state = ?, fence = ?, fenced = ?, valid_until = ?, since = ?, ticket = ?, absent_since = ?, absent_epoch = ?,"
    " seen = ?, open = ?, crc = ? WHERE id = ?"
)
_SELECT: Final = (
    "SELECT id, account, caller, signal, symbol, side, lots, loss, entry_loss, exposure, margin, gain, whole, state,"
    " fence, fenced, magic, issued, valid_until, since, ticket, absent_since, absent_epoch, seen, born, oco_group, crc"
    " FROM reservation"
)
_BY_ID: Final = f"{_SELECT} WHERE id = ?"


class LedgerState(NamedTuple):
    """The ledger's figures of a whole account."""

    open: tuple[str, ...] = ()
    """Ids of the reservations that count, oldest first."""
    resolved: int = 0
    """Number of the last event that evidence brought about: a snapshot begun before may not be used."""
    clock: int = 0
    """Latest time of the computer's clock, in microseconds since 1970."""


def last_event(database: apsw.Connection) -> int:
    """Return the number of the ledger's last event over all accounts, 0 before the first."""
    return int(database.execute("SELECT coalesce(max(seq), 0) FROM reservation_event").get)


def read_account(database: apsw.Connection, account: str) -> LedgerState:
    """Return the account's figures; a new account has nothing open."""
    row = fetch_one(database, "SELECT open, resolved, clock, crc FROM ledger WHERE account = ?", (account,))
    if row is None:
        return LedgerState()
    *figures, crc = row
    if crc != checksum(account, *figures):
        damaged(f"the ledger of {account} was altered")
    open_ids, resolved, clock = figures
    return LedgerState(tuple(open_ids.split()), resolved, clock)


def write_account(database: apsw.Connection, account: str, figures: LedgerState) -> None:
    """Write the account's figures."""
    open_ids = " ".join(figures.open)
    crc = checksum(account, open_ids, figures.resolved, figures.clock)
    values = (open_ids, figures.resolved, figures.clock, crc, account)
    database.execute("UPDATE ledger SET open = ?, resolved = ?, clock = ?, crc = ? WHERE account = ?", values)
    if not database.changes():
        database.execute("INSERT INTO ledger (open, resolved, clock, crc, account) VALUES (?, ?, ?, ?, ?)", values)


def open_reservations(database: apsw.Connection, account: str, identifiers: tuple[str, ...]) -> tuple[Reservation, ...]:
    """Return the reservations that the account's figures list as counting; each must be there, and count."""
    reservations = []
    for identifier in identifiers:
        row = fetch_one(database, _BY_ID, (identifier,))
        if row is None:
            damaged(f"the reservation {identifier} of {account} has vanished")
        reservation = _reservation(*row)
        if not reservation.counts or reservation.account != account:
            damaged(f"the reservation {identifier} is listed as open for {account}, and is {reservation.state}")
        reservations.append(reservation)
    return tuple(reservations)


def account_of(database: apsw.Connection, identifier: str) -> str | None:
    """Return the account of a reservation, or None where there is no such reservation."""
    row = fetch_one(database, "SELECT account FROM reservation WHERE id = ?", (identifier,))
    return None if row is None else str(row[0])


def read_reservation(database: apsw.Connection, identifier: str) -> Reservation:
    """Return one reservation that exists, whatever its state."""
    [row] = fetch(database, _BY_ID, (identifier,))
    return _reservation(*row)


def never_sent(database: apsw.Connection, account: str, prefix: str) -> tuple[Reservation, ...]:
    """Return the account's final reservations that ended without an order and whose id begins with `prefix`."""
    where = "WHERE id >= ? AND id < ? AND account = ? AND open = 0 AND ticket IS NULL"
    rows = fetch(database, f"{_SELECT} {where}", (prefix, f"{prefix}\U0010ffff", account))
    return tuple(_reservation(*row) for row in rows)


def known_tickets(database: apsw.Connection, account: str, since: datetime) -> frozenset[int]:
    """Return the tickets of the account's reservations that were issued at `since` or later."""
    query = "SELECT ticket FROM reservation WHERE account = ? AND issued >= ? AND ticket IS NOT NULL"
    return frozenset(ticket for (ticket,) in fetch(database, query, (account, microseconds(since))))


def decisions_named(database: apsw.Connection, account: str, prefix: str) -> list[tuple[str, str]]:
    """Return id and lots of the account's decisions whose id begins with `prefix`, oldest first."""
    query = "SELECT id, lots FROM decision WHERE id >= ? AND id < ? AND account = ? ORDER BY seq"
    return fetch(database, query, (prefix, f"{prefix}\U0010ffff", account))


def append_event(database: apsw.Connection, reservation: Reservation, at: datetime, because: str) -> int:
    """Append an event to a reservation's history and return its number."""
    lots, state = exact(reservation.hold.lots), str(reservation.state)
    database.execute(
        "INSERT INTO reservation_event (id, account, at, state, lots, fence, because) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (reservation.id, reservation.account, microseconds(at), state, lots, reservation.fence, because),
    )
    return database.last_insert_rowid()


def has_event(database: apsw.Connection, reservation: Reservation, because: str) -> bool:
    """Return whether a reservation's history has an event with this reason."""
    query = "SELECT 1 FROM reservation_event WHERE seq >= ? AND id = ? AND because = ?"
    return bool(fetch(database, query, (reservation.born, reservation.id, because)))


def insert_reservation(database: apsw.Connection, reservation: Reservation) -> None:
    """Add a new reservation; its first event was appended before and gave `born`."""
    row = _row(reservation)
    database.execute(_INSERT, (*row, int(reservation.counts), _row_checksum(*row)))


def update_reservation(database: apsw.Connection, reservation: Reservation) -> None:
    """Write the columns of a reservation that may change."""
    row = _row(reservation)
    changing = (*row[6:16], *row[18:24])
    database.execute(_UPDATE, (*changing, int(reservation.counts), _row_checksum(*row), reservation.id))


def _row(reservation: Reservation) -> _Row:
    hold = reservation.hold
    return _Row(
        reservation.id,
        reservation.account,
        reservation.caller,
        reservation.signal,
        hold.symbol,
        str(hold.side),
        exact(hold.lots),
        exact(hold.loss),
        exact(hold.entry_loss),
        exact(hold.exposure),
        exact(hold.margin),
        None if hold.gain is None else exact(hold.gain),
        exact(reservation.whole),
        str(reservation.state),
        reservation.fence,
        int(reservation.fenced),
        reservation.magic,
        microseconds(reservation.issued),
        microseconds(reservation.valid_until),
        microseconds(reservation.since),
        reservation.ticket,
        None if reservation.absent_since is None else microseconds(reservation.absent_since),
        reservation.absent_epoch,
        None if reservation.seen is None else microseconds(reservation.seen),
        reservation.born,
        reservation.oco_group,
    )


def _row_checksum(*row: str | int | None) -> int:
    """Return the check figure of a row; without a group it is that of a row from before there were groups."""
    return checksum(*(row if row[-1] is not None else row[:-1]))


def _reservation(*columns: str | int | None) -> Reservation:
    if _row_checksum(*columns[:-1]) != columns[-1]:
        damaged(f"the reservation {columns[0]} was altered")
    row = _Row._make(columns[:-1])
    return Reservation(
        id=row.id,
        account=row.account,
        caller=row.caller,
        signal=row.signal,
        hold=Hold(
            row.symbol,
            Side(row.side),
            Decimal(row.lots),
            loss=Decimal(row.loss),
            entry_loss=Decimal(row.entry_loss),
            exposure=Decimal(row.exposure),
            margin=Decimal(row.margin),
            gain=None if row.gain is None else Decimal(row.gain),
        ),
        whole=Decimal(row.whole),
        state=State(row.state),
        fence=row.fence,
        fenced=bool(row.fenced),
        magic=row.magic,
        issued=from_microseconds(row.issued),
        valid_until=from_microseconds(row.valid_until),
        since=from_microseconds(row.since),
        ticket=row.ticket,
        absent_since=None if row.absent_since is None else from_microseconds(row.absent_since),
        absent_epoch=row.absent_epoch,
        seen=None if row.seen is None else from_microseconds(row.seen),
        born=row.born,
        oco_group=row.oco_group,
    )
