"""The file that holds the database: made in one piece, opened carefully, set aside when it is damaged."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import apsw

from portfolio.errors import StoreCorruptError, StoreError
from portfolio.reasons import refuse
from portfolio.store import migrations
from portfolio.store.failure import damaged, unusable
from portfolio.store.folder import mounted, unsafe_folder

OLDEST_ENGINE: Final = (3, 51, 3)
"""The first SQLite without the WAL-reset fault, by which two writers could damage a database (3.7.0 to 3.51.2)."""

_NAP: Final = 0.0003
"""Seconds between two tries for the lock, about one commit. Naps that grow let the newest win and the oldest starve."""


def check_engine(engine: str) -> None:
    """Refuse a SQLite that is too old to be trusted with two writers."""
    version = tuple(int(part) for part in engine.split(".")[:3])
    if version < OLDEST_ENGINE:
        oldest = ".".join(map(str, OLDEST_ENGINE))
        unusable("state_engine", f"SQLite {engine}, at least {oldest} is needed")


def check_folder(folder: Path) -> None:
    """Refuse a network drive and the folder of a cloud client."""
    why = unsafe_folder(folder, mounted(), os.environ)
    if why is not None:
        unusable("state_folder", f"{folder}: {why}")


def patience(seconds: float) -> Callable[[int], bool]:
    """Return the function that SQLite asks, while another process writes, whether to try again: no after `seconds`."""
    began = 0.0

    def wait(tries: int) -> bool:
        nonlocal began
        now = time.monotonic()
        if tries == 0:
            began = now
        if now - began >= seconds:
            return False
        time.sleep(_NAP)
        return True

    return wait


def prepare(database: apsw.Connection) -> None:
    """Set up a connection: each commit synced, references and cell sizes checked."""
    database.execute("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA cell_size_check = ON;")
    database.execute("PRAGMA recursive_triggers = ON; PRAGMA trusted_schema = OFF;")


def create(file: Path, *, fresh: bool) -> None:
    """Make a new database with all its tables and only then give it its name, so that nobody meets half of one.

    Where a damaged file was set aside before, a new one would forget reservations and peaks: refused unless `fresh`.
    """
    aside = sorted(file.parent.glob(f"{file.name}.corrupt-*"))
    if aside and not fresh:
        damaged(f"{aside[-1].name} was set aside and nothing has taken its place")
    file.parent.mkdir(parents=True, exist_ok=True)
    part_file = file.with_name(f"{file.name}.new-{os.getpid()}")
    part_file.unlink(missing_ok=True)
    database = apsw.Connection(str(part_file))
    try:
        prepare(database)
        database.execute("PRAGMA journal_mode = WAL")
        migrations.migrate(database, None)
    finally:
        database.close()
    _name(part_file, file)


def _name(part_file: Path, file: Path) -> None:
    try:
        os.link(part_file, file)
    except FileExistsError:
        part_file.unlink()  # another process was faster; its file is as good
    except OSError:
        part_file.rename(file)  # a file system without hard links
    else:
        part_file.unlink()


def put_away(failure: StoreError, file: Path, stamp: str) -> StoreError:
    """Set a damaged database aside and return the failure with the file's new name; other failures are unchanged."""
    if not isinstance(failure, StoreCorruptError) or not file.exists():
        return failure
    return StoreCorruptError(refuse("state_corrupt", f"{failure.reason.detail}; {_set_aside(file, stamp)}"))


def _set_aside(file: Path, stamp: str) -> str:
    """Rename the database and what belongs to it to NAME.corrupt-<stamp>; return a sentence about it."""
    target = file.with_name(f"{file.name}.corrupt-{stamp}")
    number = 1
    while target.exists():
        number += 1
        target = file.with_name(f"{file.name}.corrupt-{stamp}-{number}")
    try:
        file.rename(target)
        for suffix in ("-wal", "-shm"):
            part = file.with_name(file.name + suffix)
            if part.exists():
                part.rename(target.with_name(target.name + suffix))
    except OSError as error:
        return f"it could not be set aside ({error})"
    return f"it was set aside as {target.name}"
