"""The database keeps what was answered, and whatever ails it is a refusal with its own code."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path, PurePosixPath, PureWindowsPath

import apsw
import pytest

from portfolio.errors import StoreCorruptError, StoreError
from portfolio.ledger import budget_entries as spending
from portfolio.ledger import halts
from portfolio.ledger import rows as ledger_rows
from portfolio.ledger.ledger import reservations
from portfolio.reasons import refuse
from portfolio.reservation.reservation import State
from portfolio.store import file as store_file
from portfolio.store import migrations
from portfolio.store.database import Store
from portfolio.store.failure import store_error
from portfolio.store.file import check_engine
from portfolio.store.folder import mounted, unsafe_folder
from portfolio.store.rows import AccountRow, account_key, fetch_one, from_microseconds, microseconds
from tests.paths import ROOT
from tests.portfolio.ledger_world import ACCOUNT, NOON, after, d, reserved

ROW = AccountRow(ACCOUNT, 0, date(2026, 6, 10), d(100_000), b'{"peak":100000}')


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with Store.open(path, anywhere=True) as opened:
        yield opened


@pytest.fixture
def any_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrations, "schema_figure", lambda _database: migrations.SCHEMA)


def code_of(path: Path, *, stamp: str = "1", fresh: bool = False) -> str:
    with pytest.raises(StoreError) as caught:
        Store.open(path, anywhere=True, stamp=stamp, fresh=fresh)
    return caught.value.reason.code


# --- what is kept


def test_state_survives_a_restart(path: Path) -> None:
    with Store.open(path, anywhere=True) as store:
        store.put_account_state(ROW)
    with Store.open(path, anywhere=True) as store:
        assert store.account_state(ACCOUNT) == ROW


def test_halt_survives_a_restart(path: Path) -> None:
    with Store.open(path, anywhere=True) as store:
        halts.halt(store, ACCOUNT, refuse("rule_breached", "x"), NOON)
    with Store.open(path, anywhere=True) as store:
        assert [(one.scope, one.code, one.at) for one in halts.halts(store)] == [(ACCOUNT, "rule_breached", NOON)]


def test_ordinary_folder_needs_no_permission(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_file, "mounted", lambda: (("/", "ext4"),))
    Store.open(path).close()


def test_unknown_account_has_no_state(store: Store) -> None:
    assert store.account_state("5@X") is None


def test_configuration_is_kept_once(store: Store) -> None:
    store.put_config("sha256:1", b"first", NOON)
    store.put_config("sha256:1", b"second", NOON)
    assert (store.config("sha256:1"), store.config("sha256:2")) == (b"first", None)


def test_newer_statistic_takes_the_older_s_place(store: Store) -> None:
    store.put_statistic("cvar/EURUSD/H1", b"1", NOON)
    store.put_statistic("cvar/EURUSD/H1", b"2", after(1))
    assert (store.get_statistic("cvar/EURUSD/H1"), store.get_statistic("x")) == (b"2", None)


def test_altered_statistic_counts_as_not_kept(store: Store) -> None:
    store.put_statistic("a", b"1", NOON)
    with store.write() as database:
        database.execute("UPDATE statistic SET value = x'32'")
    assert store.get_statistic("a") is None


def test_memory_store_is_empty_and_works() -> None:
    with Store.memory() as store:
        store.put_account_state(ROW)
        assert store.account_state(ACCOUNT) == ROW
        store.check()


def test_account_is_named_by_login_and_server() -> None:
    assert account_key("FTMO-Demo", 1234) == "1234@FTMO-Demo"


def test_moment_comes_back_to_the_microsecond() -> None:
    odd = NOON.replace(microsecond=123_457)
    assert from_microseconds(microseconds(odd)) == odd


def test_every_commit_is_synced(store: Store) -> None:
    with store.read() as database:
        settings = [database.pragma(name) for name in ("journal_mode", "synchronous", "foreign_keys")]
    assert settings == ["wal", 2, 1]


def test_block_that_raises_writes_nothing(store: Store) -> None:
    def fails() -> None:
        with store.write() as database:
            database.execute("INSERT INTO config (digest, body, at) VALUES ('a', x'00', 0)")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    assert store.config("a") is None


def test_threads_take_turns(store: Store) -> None:
    def write(number: int) -> None:
        for turn in range(20):
            store.put_config(f"{number}-{turn}", b"x", NOON)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    with store.read() as database:
        assert database.execute("SELECT count(*) FROM config").get == 80


def test_database_is_made_whole_or_not_at_all(path: Path) -> None:
    Store.open(path, anywhere=True).close()
    assert sorted(one.name for one in path.parent.iterdir()) == ["state.db"]


# --- what may not loosen


def loosened(store: Store, sql: str) -> str:
    with pytest.raises(StoreError) as caught, store.write() as database:
        database.execute(sql)
    assert caught.value.reason.code == "state_loosening"
    return caught.value.reason.detail


LOWER = [
    ("peak", ROW._replace(peak=d("99999.99"))),
    ("day", ROW._replace(day=date(2026, 6, 9))),
    ("epoch", ROW._replace(epoch=-1, peak=d(200_000))),
    ("new epoch", ROW._replace(epoch=1, peak=d(90_000))),
]


@pytest.mark.parametrize("lower", [row for _, row in LOWER], ids=[name for name, _ in LOWER])
def test_state_never_falls(store: Store, lower: AccountRow) -> None:
    store.put_account_state(ROW)
    with pytest.raises(StoreError, match="state_loosening"):
        store.put_account_state(lower)
    assert store.account_state(ACCOUNT) == ROW


@pytest.mark.parametrize("peak", ["100000", "100000.00", "100000.000001", "2e5"])
def test_state_may_stay_or_rise(store: Store, peak: str) -> None:
    store.put_account_state(ROW)
    higher = ROW._replace(peak=d(peak), day=date(2026, 6, 11))
    store.put_account_state(higher)
    assert store.account_state(ACCOUNT) == higher


def test_recorded_epoch_lets_the_peak_start_anew(store: Store) -> None:
    store.put_account_state(ROW)
    halts.begin_epoch(store, ACCOUNT, 1, "phase 2 begins", NOON)
    anew = ROW._replace(epoch=1, peak=d(90_000), day=date(2026, 6, 1))
    store.put_account_state(anew)
    assert store.account_state(ACCOUNT) == anew


def test_epoch_recorded_for_another_account_lets_nothing_start_anew(store: Store) -> None:
    store.put_account_state(ROW)
    halts.begin_epoch(store, "5@X", 1, "phase 2 begins", NOON)
    with pytest.raises(StoreError, match="state_loosening"):
        store.put_account_state(ROW._replace(epoch=1, peak=d(90_000)))


FORBIDDEN = [
    "UPDATE decision SET lots = '9'",
    "DELETE FROM decision",
    "UPDATE reservation SET loss = '0.01', crc = 0, lots = '2'",
    "UPDATE reservation SET exposure = '999999999'",
    "UPDATE reservation SET valid_until = valid_until + 1",
    "UPDATE reservation SET fence = 0",
    "UPDATE reservation SET symbol = 'GBPUSD'",
    "UPDATE reservation SET state = 'QUARANTINE'; UPDATE reservation SET state = 'HELD'",
    "UPDATE reservation SET state = 'EXPIRED', open = 0; UPDATE reservation SET state = 'HELD', open = 1",
    "DELETE FROM reservation",
    "UPDATE reservation_event SET state = 'EXPIRED'",
    "DELETE FROM reservation_event",
    "DELETE FROM ledger",
    "INSERT OR REPLACE INTO ledger SELECT * FROM ledger",
    "UPDATE ledger SET resolved = -1",
    "DELETE FROM account_state",
    "INSERT OR REPLACE INTO account_state SELECT account, epoch, day, '1', state, crc FROM account_state",
    "UPDATE config SET body = x'00'",
    "UPDATE act SET reason = 'x'",
    "DELETE FROM act",
    "DELETE FROM halt",
    "UPDATE halt SET detail = 'x'",
    "UPDATE spending SET amount = '0'",
    "DELETE FROM spending",
    "INSERT INTO spending SELECT 9, account, budget, period, '-0.5', at, because, seq FROM spending",
]


@pytest.mark.parametrize("sql", FORBIDDEN)
def test_database_itself_refuses_to_loosen(store: Store, sql: str) -> None:
    reserved(store, "A")
    store.put_account_state(ROW)
    store.put_config("a", b"x", NOON)
    halts.begin_epoch(store, ACCOUNT, 1, "test", NOON)
    halts.halt(store, ACCOUNT, refuse("rule_breached", "x"), NOON)
    spending.spend(store, ACCOUNT, spending.Spend("exposure", "2026-W24", d(1), "A"), now=NOON)
    assert loosened(store, sql)


def test_spending_adds_up_and_is_reversed_whole_and_once(store: Store) -> None:
    for amount in ("0.1", "0.2"):
        spending.spend(store, ACCOUNT, spending.Spend("exposure", "2026-W24", d(amount), "A"), now=NOON)
    first, _ = spending.entries(store, ACCOUNT, "exposure", "2026-W24")
    assert spending.spent(store, ACCOUNT, "exposure", "2026-W24") == d("0.3")
    spending.reverse(store, ACCOUNT, first, "closed, freed at the scan of 15:55", now=after(1))
    assert spending.spent(store, ACCOUNT, "exposure", "2026-W24") == d("0.2")
    with pytest.raises(StoreError, match="state_loosening"):
        spending.reverse(store, ACCOUNT, first, "again", now=after(1))
    assert spending.spent(store, ACCOUNT, "exposure", "2026-W25") == 0


@pytest.mark.parametrize("amount", ["-1", "NaN"])
def test_less_than_nothing_can_not_be_spent(store: Store, amount: str) -> None:
    with pytest.raises((ValueError, ArithmeticError)):
        spending.spend(store, ACCOUNT, spending.Spend("exposure", "2026-W24", d(amount), "A"), now=NOON)


# --- what ails it


def test_locked_database_is_busy(path: Path) -> None:
    with Store.open(path, anywhere=True) as store, Store.open(path, anywhere=True, busy_seconds=0.05) as other:
        with store.write(), pytest.raises(StoreError, match="state_busy"):
            other.put_account_state(ROW)
        other.put_account_state(ROW)
        assert store.account_state(ACCOUNT) == ROW


def test_reading_needs_no_lock(path: Path) -> None:
    with Store.open(path, anywhere=True) as store, Store.open(path, anywhere=True, busy_seconds=0) as other:
        store.put_account_state(ROW)
        with store.write():
            assert other.account_state(ACCOUNT) == ROW


def test_full_database_keeps_what_it_had(store: Store) -> None:
    store.put_account_state(ROW)
    with store.read() as database:
        pages = database.pragma("page_count")
    store._database.pragma("max_page_count", pages)
    with pytest.raises(StoreError, match="state_full"):
        store.put_config("a", b"x" * 100_000, NOON)
    assert store.account_state(ACCOUNT) == ROW
    store._database.pragma("max_page_count", pages + 100)
    store.put_config("a", b"x" * 100_000, NOON)


FILE_LIMIT = """
import resource, sys
from datetime import UTC, datetime
from portfolio.errors import StoreError
from portfolio.store.database import Store
noon = datetime(2026, 6, 10, 12, tzinfo=UTC)
with Store.open(sys.argv[1], anywhere=True) as store:
    store.put_config("before", b"x", noon)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
    try:
        store.put_config("after", b"x" * 400_000, noon)
    except StoreError as error:
        print(error.reason.code, store.config("before"), store.config("after"))
"""


@pytest.mark.skipif(os.name != "posix", reason="a file-size limit is a POSIX one")
def test_file_that_can_not_grow_is_full(path: Path) -> None:
    assert _python(FILE_LIMIT, str(path)) == "state_full b'x' None"


READ_ONLY = """
import os, sys
from portfolio.errors import StoreError
from portfolio.store.database import Store
if os.geteuid() == 0:
    os.seteuid(65534)  # what root may not do does not exist
try:
    Store.open(sys.argv[1], anywhere=True)
except StoreError as error:
    print(error.reason.code)
"""


@pytest.mark.skipif(os.name != "posix", reason="permissions are set the POSIX way")
@pytest.mark.parametrize(("file", "folder"), [(0o444, 0o777), (0o666, 0o555), (0o000, 0o555), (0o666, 0o000)], ids=oct)
def test_database_that_can_not_be_written_is_read_only(file: int, folder: int) -> None:
    with tempfile.TemporaryDirectory() as parent:
        Path(parent).chmod(0o755)
        path = Path(parent) / "state" / "state.db"
        with Store.open(path, anywhere=True) as store:
            store.put_account_state(ROW)
        path.chmod(file)
        path.parent.chmod(folder)
        try:
            assert _python(READ_ONLY, str(path)) == "state_readonly"
        finally:
            path.parent.chmod(0o755)


def test_folder_that_is_a_file_is_read_only(tmp_path: Path) -> None:
    (tmp_path / "state").write_bytes(b"")
    assert code_of(tmp_path / "state" / "state.db") == "state_readonly"


def _python(program: str, *arguments: str) -> str:
    done = subprocess.run(  # noqa: S603 -- our own program
        [sys.executable, "-c", program, *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
    )
    return done.stdout.strip() or done.stderr


# --- damage


def spoil(path: Path, content: bytes) -> None:
    Store.open(path, anywhere=True).close()
    path.write_bytes(content)


@pytest.mark.parametrize("content", [b"", b"SQLite", b"no database " * 1000], ids=["empty", "cut", "other"])
def test_damaged_file_is_set_aside_under_the_given_name(path: Path, content: bytes) -> None:
    spoil(path, content)
    assert code_of(path, stamp="20260610T120000Z") == "state_corrupt"
    assert path.with_name("state.db.corrupt-20260610T120000Z").read_bytes() == content
    assert not path.exists()


def test_nothing_takes_the_place_of_a_damaged_file_by_itself(path: Path) -> None:
    spoil(path, b"")
    code_of(path)
    assert code_of(path) == "state_corrupt"
    assert not path.exists()


def test_new_start_after_damage_is_the_caller_s_decision(path: Path) -> None:
    spoil(path, b"")
    code_of(path)
    with Store.open(path, anywhere=True, fresh=True) as store:
        assert store.account_state(ACCOUNT) is None
    Store.open(path, anywhere=True).close()


def test_second_damaged_file_does_not_overwrite_the_first(path: Path) -> None:
    spoil(path, b"first")
    code_of(path)
    Store.open(path, anywhere=True, fresh=True).close()
    path.write_bytes(b"second")
    code_of(path)
    assert path.with_name("state.db.corrupt-1").read_bytes() == b"first"
    assert path.with_name("state.db.corrupt-1-2").read_bytes() == b"second"


ALTERED = [
    "UPDATE account_state SET state = x'00'",
    "UPDATE account_state SET peak = '999999'",
    "UPDATE ledger SET open = ''",
    "UPDATE ledger SET resolved = 99",
    "DROP TRIGGER halt_is_final; UPDATE halt SET account = '5@X'",
]


@pytest.mark.usefixtures("any_tables")
@pytest.mark.parametrize("sql", ALTERED)
def test_altered_figure_is_found_at_the_start(path: Path, sql: str) -> None:
    with Store.open(path, anywhere=True) as store:
        reserved(store, "A")
        store.put_account_state(ROW)
        halts.halt(store, ACCOUNT, refuse("rule_breached", "x"), NOON)
        with store.write() as database:
            database.execute(sql)
    assert code_of(path) == "state_corrupt"


def test_ledger_altered_while_in_use_is_found(store: Store) -> None:
    reserved(store, "A")
    with store.write() as database:
        database.execute("UPDATE ledger SET open = ''")
    with pytest.raises(StoreCorruptError, match="ledger of 1234@FTMO-Demo was altered"):
        reservations(store, ACCOUNT, now=NOON)


def test_text_that_is_no_text_is_damage(store: Store) -> None:
    with store.write() as database:
        database.execute("INSERT INTO flag VALUES ('sizer', CAST(x'ff' AS TEXT), 'x', 0)")
    with pytest.raises(StoreCorruptError, match="unreadable text"), store.read() as database:
        fetch_one(database, "SELECT value FROM flag WHERE name = 'sizer'")


def test_damaged_file_that_can_not_be_moved_stays_and_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spoil(path, b"cut")
    monkeypatch.setattr(Path, "rename", lambda _self, _target: (_ for _ in ()).throw(PermissionError("in use")))
    with pytest.raises(StoreCorruptError, match="could not be set aside"):
        Store.open(path, anywhere=True)
    assert path.read_bytes() == b"cut"


def test_log_of_a_damaged_file_goes_with_it(path: Path) -> None:
    spoil(path, b"cut")
    path.with_name("state.db-wal").write_bytes(b"log")
    code_of(path, stamp="1")
    assert path.with_name("state.db.corrupt-1-wal").read_bytes() == b"log"


def test_first_of_two_programs_makes_the_file(path: Path) -> None:
    with Store.open(path, anywhere=True) as store:
        store.put_account_state(ROW)
    store_file.create(path, fresh=False)
    with Store.open(path, anywhere=True) as store:
        assert store.account_state(ACCOUNT) == ROW


def test_file_is_made_where_there_are_no_links(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "link", lambda *_paths: (_ for _ in ()).throw(OSError("no links here")))
    Store.open(path, anywhere=True).close()
    assert [one.name for one in path.parent.iterdir()] == ["state.db"]


def test_large_file_is_not_read_through_at_the_start(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Store.open(path, anywhere=True).close()
    monkeypatch.setattr("portfolio.store.database.QUICK_CHECK_BYTES", 0)
    monkeypatch.setattr("portfolio.store.database._check_structure", lambda *_arguments: pytest.fail("read through"))
    Store.open(path, anywhere=True).close()


@pytest.mark.parametrize("sql", ["loss = '1'", "margin = '0'", "valid_until = 0", "fenced = 1"])
def test_altered_reservation_is_found_when_it_is_read(path: Path, sql: str) -> None:
    with Store.open(path, anywhere=True, stamp="1") as store:
        reserved(store, "A")
        with store.write() as database:
            database.execute(f"UPDATE reservation SET {sql}")  # noqa: S608 -- the test's own
        with pytest.raises(StoreCorruptError):
            reservations(store, ACCOUNT, now=NOON)
    assert path.with_name("state.db.corrupt-1").exists()


def test_vanished_reservation_is_found(path: Path) -> None:
    with Store.open(path, anywhere=True) as store:
        reserved(store, "A")
        with store.write() as database:
            database.execute("DROP TRIGGER reservation_is_kept; DELETE FROM reservation")
        with pytest.raises(StoreCorruptError, match="reservation A of 1234@FTMO-Demo has vanished"):
            reservations(store, ACCOUNT, now=NOON)


def test_altered_decision_is_not_repeated(path: Path) -> None:
    with Store.open(path, anywhere=True) as store:
        reserved(store, "A")
        with store.write() as database:
            database.execute("DROP TRIGGER decision_is_final; UPDATE decision SET line = x'7b7d'")
        with pytest.raises(StoreCorruptError, match="decision A was altered"):
            store.decision("A")


def test_store_in_memory_is_not_set_aside() -> None:
    with Store.memory() as store:
        reserved(store, "A")
        with store.write() as database:
            database.execute("UPDATE reservation SET loss = '1'")
        with pytest.raises(StoreCorruptError, match=r"altered$"):
            reservations(store, ACCOUNT, now=NOON)


def test_file_that_was_replaced_while_in_use_is_not_written(path: Path) -> None:
    with Store.open(path, anywhere=True) as store:
        path.rename(path.with_name("moved.db"))
        Store.open(path, anywhere=True).close()
        with pytest.raises(StoreError, match="state_disk"):
            store.put_account_state(ROW)


def test_file_that_was_taken_away_while_in_use_is_not_written(path: Path) -> None:
    with Store.open(path, anywhere=True) as store:
        path.rename(path.with_name("moved.db"))
        with pytest.raises(StoreError, match="state_disk"):
            store.account_state(ACCOUNT)


@pytest.mark.parametrize("sql", ["DROP TRIGGER peak_never_falls", "DROP INDEX decision_once", "CREATE TABLE x (y)"])
def test_database_without_its_guards_is_refused(path: Path, sql: str) -> None:
    with Store.open(path, anywhere=True) as store, store.write() as database:
        database.execute(sql)
    assert code_of(path) == "state_version"
    assert path.exists()


@pytest.mark.usefixtures("any_tables")
def test_whole_check_finds_an_index_that_lacks_a_row(path: Path) -> None:
    def index_where(condition: str) -> None:
        with Store.open(path, anywhere=True) as store, store.write() as database:
            database.execute("PRAGMA writable_schema = ON")
            sql = f"CREATE INDEX act_about ON act (account, kind, subject) WHERE {condition}"
            database.execute("UPDATE sqlite_schema SET sql = ? WHERE name = 'act_about'", (sql,))

    index_where("at < 0")
    with Store.open(path, anywhere=True) as store:
        halts.begin_epoch(store, ACCOUNT, 1, "test", NOON)
        store.check()
    index_where("at > 0")
    with Store.open(path, anywhere=True) as store, pytest.raises(StoreCorruptError, match="missing from index"):
        store.check()


def test_ended_reservation_that_is_listed_as_open_is_damage(store: Store) -> None:
    reserved(store, "A")
    [one] = reservations(store, ACCOUNT, now=NOON)
    with store.write() as database:
        ledger_rows.update_reservation(database, one._replace(state=State.CANCELLED))
    with pytest.raises(StoreCorruptError, match="listed as open for 1234@FTMO-Demo, and is CANCELLED"):
        reservations(store, ACCOUNT, now=NOON)


def _write_error() -> apsw.Error:
    error = apsw.IOError("disk I/O error")
    error.extendedresult = apsw.SQLITE_IOERR_WRITE  # type: ignore[attr-defined]  # set by apsw
    return error


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (_write_error(), "state_full"),
        (apsw.BusyError("x"), "state_busy"),
        (apsw.LockedError("x"), "state_busy"),
        (apsw.ReadOnlyError("x"), "state_readonly"),
        (apsw.CantOpenError("x"), "state_readonly"),
        (apsw.PermissionsError("x"), "state_readonly"),
        (apsw.FullError("x"), "state_full"),
        (apsw.CorruptError("x"), "state_corrupt"),
        (apsw.NotADBError("x"), "state_corrupt"),
        (apsw.IOError("x"), "state_disk"),
    ],
)
def test_every_failure_has_its_code(error: apsw.Error, code: str) -> None:
    failure = store_error(error)
    assert failure is not None
    assert failure.reason.code == code


@pytest.mark.parametrize("error", [apsw.SQLError("no such table"), apsw.ConstraintError("UNIQUE")], ids=str)
def test_fault_of_the_program_is_no_refusal(error: apsw.Error) -> None:
    assert store_error(error) is None


def test_fault_of_the_program_is_raised_as_it_is(store: Store) -> None:
    with pytest.raises(apsw.SQLError), store.write() as database:
        database.execute("no sql")


# --- engine and folder


@pytest.mark.parametrize("engine", ["3.51.2", "3.7.0", "3.40.1"])
def test_engine_with_the_wal_fault_is_refused(engine: str) -> None:
    with pytest.raises(StoreError, match="state_engine"):
        check_engine(engine)


@pytest.mark.parametrize("engine", ["3.51.3", "3.52.0", "4.0.0", "3.54.1.2"])
def test_engine_without_it_is_taken(engine: str) -> None:
    check_engine(engine)


UNSAFE = [
    PureWindowsPath("C:/Users/me/OneDrive/trading"),
    PureWindowsPath("C:/Users/me/OneDrive - Company/trading"),
    PureWindowsPath("//nas/share/trading"),
    PureWindowsPath("C:/Users/me/Dropbox"),
    PureWindowsPath("G:/My Drive/trading"),
    PurePosixPath("/Users/me/Library/Mobile Documents/com~apple~CloudDocs/trading"),
    PurePosixPath("/Users/me/Library/CloudStorage/OneDrive-Personal"),
    PurePosixPath("/home/me/Nextcloud/trading"),
]
SAFE = [
    PureWindowsPath("C:/Users/me/AppData/Local/elite-sizer"),
    PurePosixPath("/home/me/.local/share/elite-sizer"),
    PurePosixPath("/home/me/onedrives"),
]


@pytest.mark.parametrize("folder", UNSAFE, ids=str)
def test_shared_folder_is_unsafe(folder: PureWindowsPath | PurePosixPath) -> None:
    assert unsafe_folder(folder)


@pytest.mark.parametrize("folder", SAFE, ids=str)
def test_own_folder_is_safe(folder: PureWindowsPath | PurePosixPath) -> None:
    assert unsafe_folder(folder, [("/", "ext4")]) is None


@pytest.mark.parametrize(("system", "unsafe"), [("nfs4", True), ("cifs", True), ("fuse.sshfs", True), ("ext4", False)])
def test_longest_mount_tells_the_file_system(system: str, unsafe: bool) -> None:  # noqa: FBT001 -- expected value
    mounts = [("/", "ext4"), ("/mnt/data", system), ("/mnt", "nfs")]
    assert bool(unsafe_folder(PurePosixPath("/mnt/data/trading"), mounts)) is unsafe


def test_computer_without_a_mount_table_has_no_mounts(tmp_path: Path) -> None:
    assert mounted(tmp_path / "none") == ()


def test_mount_table_is_read(tmp_path: Path) -> None:
    (tmp_path / "mounts").write_text("nas:/x /mnt/my\\040disk nfs4 rw 0 0\nshort\n", encoding="utf-8")
    assert mounted(tmp_path / "mounts") == (("/mnt/my disk", "nfs4"),)


def test_windows_names_its_synchronised_folder() -> None:
    folder = PureWindowsPath("D:/Cloud/trading")
    assert unsafe_folder(folder, (), {"OneDrive": "D:/Cloud"})
    assert unsafe_folder(folder, (), {"OneDrive": "D:/Other"}) is None


def test_cloud_folder_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="state_folder"):
        Store.open(tmp_path / "Dropbox" / "state.db")
    assert list(tmp_path.iterdir()) == []


def test_cloud_folder_is_taken_when_the_caller_says_so(tmp_path: Path) -> None:
    with Store.open(tmp_path / "Dropbox" / "state.db", anywhere=True) as store:
        store.put_account_state(ROW)


def test_store_loads_no_numbers_library() -> None:
    program = (
        "import sys; import portfolio.ledger.lease, portfolio.ledger.budget_entries;"
        "print([m for m in ('numpy', 'pydantic', 'rich', 'scipy', 'msgspec') if m in sys.modules])"
    )
    assert _python(program) == "[]"
