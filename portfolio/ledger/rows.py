"""How the ledger stands in the database: one row per reservation, its history, and a list of the open ones.

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
from portfolio.store.rows import checksum, exact, fetch, fetch_one, microseconds, moment


class _Row(NamedTuple):
    """The columns of a reservation; what follows `born` is made from them."""

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


_COLUMNS: Final = ", ".join(_Row._fields)
_MARKS: Final = ", ".join("?" for _ in _Row._fields)
_INSERT: Final = f"INSERT INTO reservation ({_COLUMNS}, open, crc) VALUES ({_MARKS}, ?, ?)"  # noqa: S608 -- constants
_UPDATE: Final = (
    "UPDATE reservation SET lots = ?, loss = ?, entry_loss = ?, exposure = ?, margin = ?, gain = ?, whole = ?,"
    " state = ?, fence = ?, fenced = ?, valid_until = ?, since = ?, ticket = ?, absent_since = ?, absent_epoch = ?,"
    " seen = ?, open = ?, crc = ? WHERE id = ?"
)
_SELECT: Final = f"SELECT {_COLUMNS}, crc FROM reservation"  # noqa: S608 -- constants
_ONE: Final = f"{_SELECT} WHERE id = ?"


class LedgerState(NamedTuple):
    """What the ledger knows of an account as a whole."""

    open: tuple[str, ...] = ()
    """The reservations that count, oldest first."""
    resolved: int = 0
    """Number of the last event that evidence brought about: a snapshot begun before may not be used."""
    clock: int = 0
    """Latest time seen, in microseconds since 1970."""


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
    listed, resolved, clock = figures
    return LedgerState(tuple(listed.split()), resolved, clock)


def write_account(database: apsw.Connection, account: str, figures: LedgerState) -> None:
    """Write the account's figures."""
    listed = " ".join(figures.open)
    crc = checksum(account, listed, figures.resolved, figures.clock)
    values = (listed, figures.resolved, figures.clock, crc, account)
    database.execute("UPDATE ledger SET open = ?, resolved = ?, clock = ?, crc = ? WHERE account = ?", values)
    if not database.changes():
        database.execute("INSERT INTO ledger (open, resolved, clock, crc, account) VALUES (?, ?, ?, ?, ?)", values)


def open_reservations(database: apsw.Connection, account: str, listed: tuple[str, ...]) -> tuple[Reservation, ...]:
    """Return the reservations that the account's figures list as counting; each must be there, and count."""
    found = []
    for identifier in listed:
        row = fetch_one(database, _ONE, (identifier,))
        if row is None:
            damaged(f"the reservation {identifier} of {account} has vanished")
        one = _reservation(*row)
        if not one.counts or one.account != account:
            damaged(f"the reservation {identifier} is listed as open for {account}, and is {one.state}")
        found.append(one)
    return tuple(found)


def account_of(database: apsw.Connection, identifier: str) -> str | None:
    """Return the account of a reservation, or None where there is no such reservation."""
    row = fetch_one(database, "SELECT account FROM reservation WHERE id = ?", (identifier,))
    return None if row is None else str(row[0])


def read_reservation(database: apsw.Connection, identifier: str) -> Reservation:
    """Return one reservation that exists, whatever its state."""
    return _reservation(*fetch_one(database, _ONE, (identifier,)))


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
    """Append a line to a reservation's history and return its number."""
    one = reservation
    values = (one.id, one.account, microseconds(at), str(one.state), exact(one.hold.lots), one.fence, because)
    columns = "id, account, at, state, lots, fence, because"
    database.execute(f"INSERT INTO reservation_event ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?)", values)  # noqa: S608 -- constants
    return database.last_insert_rowid()


def has_event(database: apsw.Connection, reservation: Reservation, because: str) -> bool:
    """Return whether a reservation's history has a line with this reason."""
    query = "SELECT 1 FROM reservation_event WHERE seq >= ? AND id = ? AND because = ?"
    return bool(fetch(database, query, (reservation.born, reservation.id, because)))


def insert_reservation(database: apsw.Connection, reservation: Reservation) -> None:
    """Add a new reservation; its first event was appended before and gave `born`."""
    row = _row(reservation)
    database.execute(_INSERT, (*row, int(reservation.counts), _signed(*row)))


def update_reservation(database: apsw.Connection, reservation: Reservation) -> None:
    """Write what may change of a reservation."""
    row = _row(reservation)
    changing = (*row[6:16], *row[18:24])
    database.execute(_UPDATE, (*changing, int(reservation.counts), _signed(*row), reservation.id))


def _row(one: Reservation) -> _Row:
    hold = one.hold
    return _Row(
        one.id,
        one.account,
        one.caller,
        one.signal,
        hold.symbol,
        str(hold.side),
        exact(hold.lots),
        exact(hold.loss),
        exact(hold.entry_loss),
        exact(hold.exposure),
        exact(hold.margin),
        None if hold.gain is None else exact(hold.gain),
        exact(one.whole),
        str(one.state),
        one.fence,
        int(one.fenced),
        one.magic,
        microseconds(one.issued),
        microseconds(one.valid_until),
        microseconds(one.since),
        one.ticket,
        None if one.absent_since is None else microseconds(one.absent_since),
        one.absent_epoch,
        None if one.seen is None else microseconds(one.seen),
        one.born,
        one.oco_group,
    )


def _signed(*row: str | int | None) -> int:
    """Return the check figure of a row; without a group it is that of a row from before there were groups."""
    return checksum(*(row if row[-1] is not None else row[:-1]))


def _reservation(*stored: str | int | None) -> Reservation:
    if _signed(*stored[:-1]) != stored[-1]:
        damaged(f"the reservation {stored[0]} was altered")
    row = _Row._make(stored[:-1])
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
        issued=moment(row.issued),
        valid_until=moment(row.valid_until),
        since=moment(row.since),
        ticket=row.ticket,
        absent_since=None if row.absent_since is None else moment(row.absent_since),
        absent_epoch=row.absent_epoch,
        seen=None if row.seen is None else moment(row.seen),
        born=row.born,
        oco_group=row.oco_group,
    )
