"""An older database is copied and brought up to date in one step, a newer or a foreign one is left alone."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import apsw
import pytest

from portfolio.errors import StoreError
from portfolio.reservation.transition import MOVES
from portfolio.store import migrations
from portfolio.store.database import Store
from portfolio.store.migrations import APPLICATION, MIGRATIONS, SCHEMA, VERSION, migrate, schema_figure, version
from portfolio.store.rows import AccountRow, checksum
from tests.portfolio.ledger_world import ACCOUNT, d

ROW = AccountRow(ACCOUNT, 0, date(2026, 6, 10), d(100_000), b"{}")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.db"


def first_version(path: Path) -> None:
    """A database as version 1 left it, with one account in it."""
    database = apsw.Connection(str(path))
    database.execute("PRAGMA journal_mode = WAL")
    database.execute(MIGRATIONS[0])
    database.pragma("application_id", APPLICATION)
    database.pragma("user_version", 1)
    values = (0, "2026-06-10", "100000", b"{}")
    database.execute(
        "INSERT INTO account_state (account, epoch, day, peak, state, crc) VALUES (?, ?, ?, ?, ?, ?)",
        (ACCOUNT, *values, checksum(ACCOUNT, *values)),
    )
    database.close()


def numbered(path: Path, number: int, application: int = APPLICATION) -> None:
    Store.open(path, anywhere=True).close()
    database = apsw.Connection(str(path))
    database.pragma("user_version", number)
    database.pragma("application_id", application)
    database.close()


def version_of(path: Path) -> int:
    database = apsw.Connection(str(path))
    try:
        return version(database)
    finally:
        database.close()


def test_new_database_has_the_newest_version(path: Path) -> None:
    Store.open(path, anywhere=True).close()
    assert version_of(path) == VERSION


def test_schema_figure_is_that_of_the_tables() -> None:
    database = apsw.Connection(":memory:")
    migrate(database, None)
    assert schema_figure(database) == SCHEMA, hex(schema_figure(database))


def test_older_database_keeps_what_it_holds(path: Path) -> None:
    first_version(path)
    with Store.open(path, anywhere=True, stamp="20260610") as store:
        assert store.account_state(ACCOUNT) == ROW
        store.check()
    assert version_of(path) == VERSION


def test_older_database_is_copied_first(path: Path) -> None:
    first_version(path)
    Store.open(path, anywhere=True, stamp="20260610").close()
    assert version_of(path.with_name("state.db.v1-20260610")) == 1


def test_current_database_is_not_copied(path: Path) -> None:
    Store.open(path, anywhere=True).close()
    Store.open(path, anywhere=True).close()
    assert [one.name for one in path.parent.iterdir()] == ["state.db"]


def test_existing_copy_is_not_overwritten(path: Path) -> None:
    first_version(path)
    copy = path.with_name("state.db.v1-1")
    copy.write_bytes(b"earlier")
    Store.open(path, anywhere=True, stamp="1").close()
    assert copy.read_bytes() == b"earlier"


def test_half_a_copy_of_a_crash_is_made_again(path: Path) -> None:
    first_version(path)
    path.with_name("state.db.v1-1.part").write_bytes(b"half")
    Store.open(path, anywhere=True, stamp="1").close()
    assert version_of(path.with_name("state.db.v1-1")) == 1


def test_migration_that_fails_leaves_the_older_database(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first_version(path)
    broken = (MIGRATIONS[0], MIGRATIONS[1] + "CREATE TABLE act (x);")
    monkeypatch.setattr(migrations, "MIGRATIONS", broken)
    with pytest.raises(apsw.SQLError, match="already exists"):
        Store.open(path, anywhere=True)
    monkeypatch.undo()
    assert version_of(path) == 1
    Store.open(path, anywhere=True).close()


def test_two_programs_migrate_once(path: Path) -> None:
    first_version(path)
    one, two = apsw.Connection(str(path)), apsw.Connection(str(path))
    assert (version(one), version(two)) == (1, 1)
    assert migrate(one, None) == 1
    migrate(two, None)
    assert schema_figure(two) == SCHEMA


@pytest.mark.parametrize("number", [VERSION + 1, 99, 0, -1])
def test_other_version_is_refused_and_left_alone(path: Path, number: int) -> None:
    numbered(path, number)
    before = path.read_bytes()
    with pytest.raises(StoreError, match="state_version"):
        Store.open(path, anywhere=True)
    assert path.read_bytes() == before


def test_database_of_another_program_is_refused(path: Path) -> None:
    numbered(path, VERSION, application=0x1234)
    with pytest.raises(StoreError, match=r"another program \(id 0x1234\)"):
        Store.open(path, anywhere=True)


def test_empty_database_of_another_program_is_refused(path: Path) -> None:
    database = apsw.Connection(str(path))
    database.execute("CREATE TABLE theirs (x)")
    database.close()
    with pytest.raises(StoreError, match="state_version"):
        Store.open(path, anywhere=True)


def test_database_allows_the_moves_of_the_rules_and_no_other() -> None:
    [trigger] = re.findall(r"TRIGGER reservation_moves.*?END;", MIGRATIONS[0], flags=re.DOTALL)
    written = set(re.findall(r" ([A-Z]+)>([A-Z]+)(?=[ '])", trigger))
    assert written == {(before.value, end.value) for before, ends in MOVES.items() for end in ends}
