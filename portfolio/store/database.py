"""The database beside the trader: every decision, reservation and peak, safe through any crash.

One SQLite file by apsw's own engine, in WAL mode with every commit synced. Whatever makes it unusable is a
`StoreError` with its reason code, so that a decision which can't be recorded is never given. A damaged file is
set aside, never deleted, and no new one takes its place unless the caller says so. Nothing is renamed or deleted
while it is open here, as Windows demands.
"""

from __future__ import annotations

import os
import threading
import zlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import apsw

from portfolio.errors import StoreCorruptError, StoreError
from portfolio.reasons import refuse
from portfolio.store import file as store_file
from portfolio.store import migrations
from portfolio.store.failure import damaged, store_error, unusable
from portfolio.store.rows import (
    AccountRow,
    check_rows,
    fetch_one,
    microseconds,
    read_account_state,
    write_account_state,
)

BUSY_SECONDS: Final = 2.0
"""Time a decision waits for another process before it is refused `state_busy`."""

QUICK_CHECK_BYTES: Final = 4 * 1024 * 1024
"""Up to this size the whole structure is checked at every start; a larger one by `Store.check` only."""

_LEAST_FILE: Final = 512


class Store:
    """An open database; a context manager, for one process and any of its threads."""

    def __init__(self, database: apsw.Connection, path: Path | None, stamp: str) -> None:
        self._database = database
        self.path = path
        self._stamp = stamp
        self._lock = threading.RLock()
        self._file = path.stat().st_ino if path is not None else 0

    @classmethod
    def open(
        cls,
        path: str | os.PathLike[str],
        *,
        stamp: str = "damaged",
        anywhere: bool = False,
        fresh: bool = False,
        busy_seconds: float = BUSY_SECONDS,
    ) -> Self:
        """Open or create the database at `path`, check it, and bring an older one up to date.

        `stamp` names what is set aside (`NAME.corrupt-<stamp>`) and the copy of an older version; `anywhere`
        overrules the refusal of network and cloud folders; `fresh` starts anew after a damaged file was set aside.
        Raises StoreError with the reason code.
        """
        store_file.check_engine(apsw.sqlite_lib_version())
        file = Path(os.path.abspath(path))  # noqa: PTH100 -- resolve() would hide the name of a linked cloud folder
        if not anywhere:
            store_file.check_folder(file.parent)
        with _opening(file, stamp):
            if not file.exists():
                store_file.create(file, fresh=fresh)
            size = file.stat().st_size
            if size < _LEAST_FILE:
                damaged(f"{file.name} is cut to {size} bytes")
            return cls._open_file(file, size, stamp, busy_seconds)

    @classmethod
    def _open_file(cls, file: Path, size: int, stamp: str, busy_seconds: float) -> Self:
        database = apsw.Connection(str(file), flags=apsw.SQLITE_OPEN_READWRITE)
        try:
            database.set_busy_handler(store_file.patience(busy_seconds))
            store_file.prepare(database)
            before = migrations.version(database)
            if database.pragma("journal_mode", "wal") != "wal" or database.readonly("main"):
                unusable("state_readonly", f"{file} can be read but not written")
            migrations.migrate(database, file.with_name(f"{file.name}.v{before}-{stamp}"))
            if size <= QUICK_CHECK_BYTES:
                _check_structure(database, "quick_check")
            check_rows(database)
            return cls(database, file, stamp)
        except BaseException:
            database.close()
            raise

    @classmethod
    def memory(cls) -> Self:
        """Return an empty store that lives as long as this process; nothing in it is durable."""
        store_file.check_engine(apsw.sqlite_lib_version())
        database = apsw.Connection(":memory:")
        store_file.prepare(database)
        migrations.migrate(database, None)
        return cls(database, None, "memory")

    def close(self) -> None:
        """Close the file; closing twice does no harm."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def write(self) -> AbstractContextManager[apsw.Connection]:
        """Hold the only right to write: everything inside is committed and synced together, or not at all."""
        return self._transaction("BEGIN IMMEDIATE")

    def read(self) -> AbstractContextManager[apsw.Connection]:
        """See one moment of the database, whatever others write meanwhile."""
        return self._transaction("BEGIN")

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[apsw.Connection]:
        with self._lock:
            self._check_in_place()
            try:
                self._database.execute(begin)
                try:
                    yield self._database
                    self._database.execute("COMMIT")
                except BaseException:
                    if self._database.in_transaction:
                        self._database.execute("ROLLBACK")
                    raise
            except apsw.Error as error:
                failure = store_error(error)
                if failure is None:
                    raise
                raise self._failure(failure) from error
            except StoreCorruptError as error:
                raise self._failure(error) from error

    def _failure(self, failure: StoreError) -> StoreError:
        if not isinstance(failure, StoreCorruptError) or self.path is None:
            return failure
        self._database.close()
        return store_file.put_away(failure, self.path, self._stamp)

    def _check_in_place(self) -> None:
        if self.path is None:
            return
        try:
            same = self.path.stat().st_ino == self._file
        except OSError:
            same = False
        if not same:
            unusable("state_disk", f"{self.path.name} was moved or replaced while it was in use")

    def check(self) -> None:
        """Check everything, structure and figures; raise StoreCorruptError where anything is wrong."""
        with self.read() as database:
            _check_structure(database, "integrity_check")
            check_rows(database)

    def account_state(self, account: str) -> AccountRow | None:
        """Return the state of an account, or None where there is none yet."""
        with self.read() as database:
            return read_account_state(database, account)

    def put_account_state(self, row: AccountRow) -> None:
        """Write the state of an account; a fall of epoch, day or peak is refused `state_loosening`."""
        with self.write() as database:
            write_account_state(database, row)

    def decision(self, identifier: str) -> bytes | None:
        """Return the journal line of a decision as it was answered, or None."""
        with self.read() as database:
            row = fetch_one(database, "SELECT line, crc FROM decision WHERE id = ?", (identifier,))
            if row is not None and zlib.crc32(row[0]) != row[1]:
                damaged(f"the decision {identifier} was altered")
        return None if row is None else row[0]

    def put_config(self, digest: str, body: bytes, at: datetime) -> None:
        """Write an effective configuration under its digest, once."""
        with self.write() as database:
            values = (digest, body, microseconds(at))
            database.execute("INSERT INTO config (digest, body, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", values)

    def config(self, digest: str) -> bytes | None:
        """Return the configuration with this digest, or None."""
        with self.read() as database:
            row = fetch_one(database, "SELECT body FROM config WHERE digest = ?", (digest,))
        return None if row is None else row[0]

    def get_statistic(self, key: str) -> bytes | None:
        """Return a stored statistic, or None; one that was altered counts as not stored."""
        with self.read() as database:
            row = fetch_one(database, "SELECT value, crc FROM statistic WHERE key = ?", (key,))
        return row[0] if row is not None and zlib.crc32(row[0]) == row[1] else None

    def put_statistic(self, key: str, value: bytes, at: datetime) -> None:
        """Store a statistic under `key`, in place of an older one."""
        with self.write() as database:
            values = (key, value, microseconds(at), zlib.crc32(value))
            database.execute("INSERT OR REPLACE INTO statistic (key, value, at, crc) VALUES (?, ?, ?, ?)", values)


@contextmanager
def _opening(file: Path, stamp: str) -> Iterator[None]:
    """Turn every failure to open into a StoreError, and put a damaged file away."""
    try:
        yield
    except apsw.Error as error:
        failure = store_error(error)
        if failure is None:
            raise
        raise store_file.put_away(failure, file, stamp) from error
    except StoreCorruptError as error:
        raise store_file.put_away(error, file, stamp) from error
    except OSError as error:
        raise StoreError(refuse("state_readonly", str(error))) from error


def _check_structure(database: apsw.Connection, pragma: str) -> None:
    fault = database.execute(f"PRAGMA {pragma}(1)").get
    if fault != "ok":
        damaged(str(fault))
