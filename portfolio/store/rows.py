"""Values of a database row, written and read back: exact text, whole microseconds, and a check figure.

The check figure finds what SQLite can't: a flipped bit that leaves a readable number. Rows that decide about money
have one.
"""

from __future__ import annotations

import zlib
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final, NamedTuple, TypeAlias

import apsw

from portfolio.store.failure import damaged

Row: TypeAlias = tuple[Any, ...]
"""The columns of one row as SQLite has them: text, whole numbers, bytes or None."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


class AccountRow(NamedTuple):
    """The state of one account: the figures that may never loosen, and the whole state as the caller's own bytes."""

    account: str
    epoch: int
    """Grows by one when a human starts the account anew (phase, payout, correction); only then may the rest fall."""
    day: date
    """The firm's day."""
    peak: Decimal
    """The highest figure that any floor follows; not negative."""
    state: bytes


def account_key(server: str, login: int) -> str:
    """Return the key of an account: a login means something on one server only."""
    return f"{login}@{server}"


def masked_key(account: str) -> str:
    """Return an account's key as it may be shown or logged."""
    login, at, server = account.partition("@")
    return f"..{login[-4:]}{at}{server}"


def microseconds(at: datetime) -> int:
    """Return an aware moment as whole microseconds since 1970 in UTC, rounded down."""
    return (at - _EPOCH) // _MICROSECOND


def from_microseconds(count: int) -> datetime:
    """Return the UTC moment that was stored as microseconds since 1970."""
    return _EPOCH + count * _MICROSECOND


def exact(number: Decimal) -> str:
    """Return a finite decimal as plain digits, without an exponent."""
    return format(number, "f")


def checksum(*fields: str | int | bytes | None) -> int:
    """Return the check figure of a row's fields."""
    return zlib.crc32(repr(fields).encode())


def fetch(database: apsw.Connection, sql: str, values: tuple[str | int, ...] = ()) -> list[Row]:
    """Return all rows of a query; text that can't be decoded means a damaged file (StoreCorruptError)."""
    try:
        return database.execute(sql, values).fetchall()
    except UnicodeDecodeError as error:
        damaged(f"unreadable text ({error.reason})")


def fetch_one(database: apsw.Connection, sql: str, values: tuple[str | int, ...] = ()) -> Row | None:
    """Return the first row of a query, or None."""
    rows = fetch(database, sql, values)
    return rows[0] if rows else None


def read_account_state(database: apsw.Connection, account: str) -> AccountRow | None:
    """Return the state of an account, or None where there is none yet; raise StoreCorruptError if it was altered."""
    row = fetch_one(database, "SELECT * FROM account_state WHERE account = ?", (account,))
    return None if row is None else _account_row(row)


def account_keys(database: apsw.Connection) -> tuple[str, ...]:
    """Return the keys of the accounts whose state was ever recorded, in their order."""
    return tuple(account for (account,) in fetch(database, "SELECT account FROM account_state ORDER BY account"))


def write_account_state(database: apsw.Connection, row: AccountRow) -> None:
    """Write the state of an account inside the caller's transaction."""
    values = (row.epoch, row.day.isoformat(), exact(row.peak), row.state)
    columns = (*values, checksum(row.account, *values), row.account)
    database.execute(
        "UPDATE account_state SET epoch = ?, day = ?, peak = ?, state = ?, crc = ? WHERE account = ?", columns
    )
    if not database.changes():
        database.execute(
            "INSERT INTO account_state (epoch, day, peak, state, crc, account) VALUES (?, ?, ?, ?, ?, ?)", columns
        )


def check_rows(database: apsw.Connection) -> None:
    """Raise StoreCorruptError where an account's state, its ledger or a halt is not what was written."""
    for row in fetch(database, "SELECT * FROM account_state"):
        _account_row(row)
    for account, count, resolved, clock, crc in fetch(database, "SELECT * FROM ledger"):
        if crc != checksum(account, count, resolved, clock):
            damaged(f"the ledger of {account} was altered")
    for *halt, crc in fetch(database, "SELECT account, code, at, detail, crc FROM halt"):
        if crc != checksum(*halt):
            damaged(f"a halt of {halt[0]} was altered")


def _account_row(row: Row) -> AccountRow:
    account, epoch, day, peak, state, crc = row
    if crc != checksum(account, epoch, day, peak, state):
        damaged(f"the state of {account} was altered")
    return AccountRow(account, epoch, date.fromisoformat(day), Decimal(peak), state)
