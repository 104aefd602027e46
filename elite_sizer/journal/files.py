"""The trader's own copy of every decision: one line each, in a file per day, readable by anything.

The database is the record of truth; the journal is written after it has committed. When a line can't be written
an alarm is logged and the decision holds. Nothing here deletes a file but `delete`, file by file.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

KEPT_DAYS: Final = 400
"""Days a journal file is kept by default: a year, and a month to compare it with."""

_DAY_FILE: Final = re.compile(r"decisions-(\d{4}-\d{2}-\d{2})\.jsonl\Z")

_log = logging.getLogger(__name__)
_record = logging.getLogger("elite_sizer")


class TornLine(NamedTuple):
    """A line without its end, left by a crash or a full disk; it stays in the file."""

    path: Path
    content: bytes


class Journal:
    """The journal in one folder, the database's."""

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = Path(folder)

    def append(self, line: bytes, at: datetime, text: Callable[[], str] | None = None) -> bool:
        """Add one line, newline included, to the file of its UTC day; log what `text` gives if somebody listens.

        Returns whether the line was written; if not, the reason has been logged as an error.
        """
        path = self.folder / f"decisions-{at.astimezone(UTC):%Y-%m-%d}.jsonl"
        success = self._try(path, lambda: _append(path, line))
        if text is not None and _record.isEnabledFor(logging.INFO):
            _record.info("%s", text())
        return success

    def put_config(self, digest: str, body: bytes) -> bool:
        """Write the effective configuration once, as config-<digest>.json; return whether it is there."""
        path = self.folder / config_name(digest)
        return self._try(path, lambda: _write_once(path, body))

    def config(self, digest: str) -> bytes | None:
        """Return the configuration a decision was made under, or None where it is not in this folder."""
        path = self.folder / config_name(digest)
        return path.read_bytes() if path.exists() else None

    def files(self) -> tuple[Path, ...]:
        """Return the files of all days, oldest first."""
        return tuple(sorted(path for path in self.folder.glob("decisions-*.jsonl") if _day(path) is not None))

    def lines(self, since: date | None = None) -> Iterator[bytes | TornLine]:
        """Give every line from the day `since` on, without its newline; a torn one as `TornLine`."""
        for path in self.files():
            day = _day(path)
            if since is None or (day is not None and day >= since):
                yield from read_lines(path)

    def _try(self, path: Path, write: Callable[[], None]) -> bool:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            write()
        except OSError as error:
            _log.error("%s could not be written; the database has the decision: %s", path, error)
            return False
        return True


def config_name(digest: str) -> str:
    """Return the name of a configuration's file; the digest may carry its `sha256:`, which no file name can."""
    return f"config-{digest.rpartition(':')[2]}.json"


def read_lines(path: Path) -> Iterator[bytes | TornLine]:
    """Give the lines of one file without their newlines; one that does not end as an object ends is torn.

    An empty line is none: a writer leaves one when it took another's unfinished line for a torn one.
    """
    with path.open("rb") as file:
        for line in file:
            if line != b"\n":
                yield line[:-1] if line.endswith(b"}\n") else TornLine(path, line)


def outdated(paths: Iterable[Path], today: date, kept_days: int = KEPT_DAYS) -> tuple[Path, ...]:
    """Return the day files that are older than `kept_days`; files with other names are never among them."""
    oldest = today - timedelta(days=kept_days)
    return tuple(path for path in paths if (day := _day(path)) is not None and day < oldest)


def delete(paths: Iterable[Path]) -> tuple[Path, ...]:
    """Delete these day files, and only day files; return those that are gone."""
    expired_files = tuple(path for path in paths if _day(path) is not None)
    for path in expired_files:
        path.unlink(missing_ok=True)
    return expired_files


def _day(path: Path) -> date | None:
    match = _DAY_FILE.match(path.name)
    try:
        return None if match is None else date.fromisoformat(match[1])
    except ValueError:
        return None


def _append(path: Path, line: bytes) -> None:
    binary = getattr(os, "O_BINARY", 0)  # Windows would turn the newline into two characters
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | binary, 0o644)
    try:
        content = line if _ends_whole(file) else b"\n" + line
        count = os.write(file, content)
    finally:
        os.close(file)
    if count < len(content):
        message = f"only {count} of {len(content)} bytes were written"
        raise OSError(message)


def _ends_whole(file: int) -> bool:
    if os.lseek(file, 0, os.SEEK_END) == 0:
        return True
    os.lseek(file, -1, os.SEEK_END)
    return os.read(file, 1) == b"\n"


def _write_once(path: Path, body: bytes) -> None:
    if path.exists() and path.read_bytes() == body:
        return
    part_file = path.with_name(f"{path.name}.{os.getpid()}")
    part_file.write_bytes(body)
    part_file.replace(path)
