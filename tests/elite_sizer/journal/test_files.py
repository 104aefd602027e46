"""Every decision is one line of its UTC day's file; what can't be written is an alarm, never an error."""

from __future__ import annotations

import logging
import multiprocessing
import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from elite_sizer.journal.files import KEPT_DAYS, Journal, TornLine, config_name, delete, outdated, read_lines
from tests.paths import ROOT

NOON = datetime(2026, 6, 10, 12, tzinfo=UTC)
LINE = b'{"id":"A"}\n'


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "state")


def day_file(journal: Journal, day: str = "2026-06-10") -> Path:
    return journal.folder / f"decisions-{day}.jsonl"


def test_line_goes_to_the_file_of_its_day(journal: Journal) -> None:
    assert journal.append(LINE, NOON)
    assert day_file(journal).read_bytes() == LINE


def test_lines_stand_in_their_order(journal: Journal) -> None:
    for name in (b"A", b"B", b"C"):
        journal.append(b'{"id":"%s"}\n' % name, NOON)
    assert list(journal.lines()) == [b'{"id":"A"}', b'{"id":"B"}', b'{"id":"C"}']


def test_day_is_utc_wherever_the_clock_stands(journal: Journal) -> None:
    # 01:30 in Prague in June is 23:30 UTC of the day before
    journal.append(LINE, datetime(2026, 6, 11, 1, 30, tzinfo=timezone(timedelta(hours=2))))
    assert day_file(journal).exists()


def test_bytes_are_written_as_they_are(journal: Journal) -> None:
    line = '{"note":"Zürich – ×"}\n'.encode()
    journal.append(line, NOON)
    assert day_file(journal).read_bytes() == line


def test_days_are_read_oldest_first(journal: Journal) -> None:
    for days in (2, 0, 1):
        journal.append(b'{"day":%d}\n' % days, NOON + timedelta(days=days))
    assert list(journal.lines()) == [b'{"day":0}', b'{"day":1}', b'{"day":2}']
    assert list(journal.lines(since=date(2026, 6, 11))) == [b'{"day":1}', b'{"day":2}']


def test_empty_journal_has_no_lines(journal: Journal) -> None:
    assert list(journal.lines()) == []


# --- torn lines


def test_torn_last_line_is_reported_and_kept(journal: Journal) -> None:
    journal.append(LINE, NOON)
    with day_file(journal).open("ab") as file:
        file.write(b'{"id":"B","lo')
    assert list(journal.lines()) == [b'{"id":"A"}', TornLine(day_file(journal), b'{"id":"B","lo')]
    assert day_file(journal).read_bytes() == LINE + b'{"id":"B","lo'


def test_line_after_a_torn_one_starts_a_new_line(journal: Journal) -> None:
    journal.append(b'{"id":"A","lo', NOON)
    journal.append(b'{"id":"B"}\n', NOON)
    assert list(journal.lines()) == [TornLine(day_file(journal), b'{"id":"A","lo\n'), b'{"id":"B"}']


def test_empty_line_is_no_line(journal: Journal) -> None:
    journal.append(LINE + b"\n", NOON)
    journal.append(LINE, NOON)
    assert list(journal.lines()) == [b'{"id":"A"}', b'{"id":"A"}']


def test_one_file_is_read_by_itself(journal: Journal) -> None:
    journal.append(LINE, NOON)
    assert list(read_lines(day_file(journal))) == [b'{"id":"A"}']


# --- configuration


def test_configuration_stands_beside_the_journal_once(journal: Journal) -> None:
    assert journal.put_config("sha256:ab12", b"{}")
    before = (journal.folder / "config-ab12.json").stat().st_mtime_ns
    assert journal.put_config("sha256:ab12", b"{}")
    assert (journal.folder / "config-ab12.json").stat().st_mtime_ns == before
    assert journal.config("sha256:ab12") == b"{}"


def test_missing_configuration_is_none(journal: Journal) -> None:
    assert journal.config("sha256:ab12") is None


def test_configuration_that_a_crash_cut_is_written_again(journal: Journal) -> None:
    journal.put_config("sha256:ab12", b"{}")
    (journal.folder / "config-ab12.json").write_bytes(b"{")
    assert journal.put_config("sha256:ab12", b"{}")
    assert journal.config("sha256:ab12") == b"{}"
    assert [one.name for one in journal.folder.iterdir()] == ["config-ab12.json"]


def test_name_of_a_configuration_is_a_file_name_everywhere() -> None:
    assert config_name("sha256:ab12") == config_name("ab12") == "config-ab12.json"


# --- alarms


def test_line_that_can_not_be_written_is_an_alarm(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "state").write_bytes(b"")
    journal = Journal(tmp_path / "state")
    assert not journal.append(LINE, NOON)
    assert not journal.put_config("ab12", b"{}")
    assert [one.levelname for one in caplog.records] == ["ERROR", "ERROR"]
    assert "the database has the decision" in caplog.text


FILE_LIMIT = """
import resource, signal, sys
from datetime import UTC, datetime
from elite_sizer.journal.files import Journal
resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
journal = Journal(sys.argv[1])
noon = datetime(2026, 6, 10, 12, tzinfo=UTC)
print(journal.append(b'{"x":"' + b"x" * 60 + b'"}\\n', noon), journal.append(b'{"x":"' + b"x" * 60 + b'"}\\n', noon))
"""


@pytest.mark.skipif(os.name != "posix", reason="a file-size limit is a POSIX one")
def test_disk_that_fills_up_tears_a_line_and_says_so(journal: Journal) -> None:
    done = subprocess.run(  # noqa: S603 -- our own program
        [sys.executable, "-c", FILE_LIMIT, str(journal.folder)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.stdout.strip() == "True False"
    assert "only 31 of 69 bytes were written" in done.stderr
    first, torn = journal.lines()
    assert isinstance(first, bytes)
    assert isinstance(torn, TornLine)


# --- the human record


def test_record_is_logged_for_whoever_listens(journal: Journal, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="elite_sizer"):
        journal.append(LINE, NOON, lambda: "ELITE 10.00 lots, 100 % sure")
    assert [(one.name, one.message) for one in caplog.records] == [("elite_sizer", "ELITE 10.00 lots, 100 % sure")]


def test_record_is_not_formed_when_nobody_listens(journal: Journal, caplog: pytest.LogCaptureFixture) -> None:
    def never() -> str:
        pytest.fail("formed for nobody")

    with caplog.at_level(logging.WARNING, logger="elite_sizer"):
        assert journal.append(LINE, NOON, never)


# --- several processes


def keep(folder: str, name: str) -> None:
    for number in range(200):
        Journal(folder).append(b'{"by":"%s","n":%d,"x":"%s"}\n' % (name.encode(), number, b"x" * 500), NOON)


def test_lines_of_several_processes_do_not_mix(journal: Journal) -> None:
    spawn = multiprocessing.get_context("spawn")
    writers = [spawn.Process(target=keep, args=(str(journal.folder), name)) for name in "abc"]
    for one in writers:
        one.start()
    for one in writers:
        one.join(60)
    lines = list(journal.lines())
    assert len(lines) == 600
    assert all(isinstance(line, bytes) and line.startswith(b'{"by":"') for line in lines)


# --- retention


def test_outdated_files_are_named_not_deleted(journal: Journal) -> None:
    for days in (0, 399, 400, 401):
        journal.append(LINE, NOON - timedelta(days=days))
    old = outdated(journal.files(), NOON.date())
    assert KEPT_DAYS == 400
    assert [one.name for one in old] == ["decisions-2025-05-05.jsonl"]  # 401 days before 2026-06-10
    assert all(one.exists() for one in old)


def test_only_day_files_are_outdated_or_deleted(journal: Journal) -> None:
    journal.append(LINE, NOON - timedelta(days=500))
    others = [journal.folder / name for name in ("config-ab12.json", "decisions-2020-13-01.jsonl", "state.db")]
    for one in others:
        one.write_bytes(b"{}")
    assert len(journal.files()) == 1
    assert outdated(journal.folder.iterdir(), NOON.date()) == journal.files()
    gone = delete(sorted(journal.folder.iterdir()))
    assert [one.name for one in gone] == ["decisions-2025-01-26.jsonl"]  # 500 days before
    assert sorted(journal.folder.iterdir()) == sorted(others)


def test_deleting_twice_does_no_harm(journal: Journal) -> None:
    journal.append(LINE, NOON)
    files = journal.files()
    delete(files)
    assert delete(files) == files
