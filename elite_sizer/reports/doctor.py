"""Check everything a size depends on: this program, its configuration and records, then the terminal itself."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterable
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version

from elite_sizer.configuration.flag import FlagReader
from elite_sizer.configuration.settings import Settings
from elite_sizer.configuration.settings import check as mistakes
from elite_sizer.configuration.stop_file import stopped
from elite_sizer.inputs.terminals import OpenTerminal, open_terminal
from elite_sizer.journal.database import database_path, open_database
from elite_sizer.version import VERSION
from mt5bridge.diagnosis.check import Check, CheckState, good, refused
from mt5bridge.diagnosis.examine import examine
from mt5bridge.errors import BridgeError
from mt5bridge.reading.request import SnapshotRequest
from portfolio.calendar.firm_day import last_reset, next_reset
from portfolio.errors import ConfigError, StoreError
from portfolio.reasons import Refusal


def checkup(settings: Settings, symbols: Iterable[str], at: datetime | None = None) -> tuple[Check, ...]:
    """Return every check, the program's own first; nothing is written but what opening the database writes."""
    own = [program(), configuration(settings), flag(settings), halt(settings)]
    try:
        terminal = open_terminal(settings, at)
    except BridgeError as error:
        return (*own, database(settings, None), refused("terminal", error.reason))
    try:
        now = terminal.clock()
        own += [database(settings, now), firm_day(settings, now)]
        names = tuple(dict.fromkeys(symbols)) or _in_use(terminal)
        results = examine(terminal.mt5, names, now=terminal.clock, memory=terminal.memory, freshness=terminal.freshness)
        return (*own, *results)
    finally:
        terminal.close()


def program() -> Check:
    """Name the versions that a report needs."""
    try:
        package = f", MetaTrader5 {version('MetaTrader5')}"
    except PackageNotFoundError:
        package = ", without the package MetaTrader5"
    system = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"
    return good("program", f"elite-sizer {VERSION}, {system}{package}")


def configuration(settings: Settings) -> Check:
    """Check also what is switched off."""
    faults = mistakes(settings)
    if faults:
        return Check("configuration", CheckState.WARNING, " ".join(faults), "elite-sizer config check")
    files = [str(path) for path in settings.files if path.is_file()]
    return good("configuration", f"{', '.join(files)}; {settings.digest[:19]}")


def flag(settings: Settings) -> Check:
    """Say which sizer answers."""
    reading = FlagReader(settings.folder).read(settings)
    if reading.flag is None:
        return refused("flag", reading.refusal or Refusal("flag_unreadable", ""))
    return good("flag", f"{reading.flag.value} ({reading.flag.source}), guard {'on' if settings.guard else 'off'}")


def halt(settings: Settings) -> Check:
    """Say whether new entries are stopped by hand."""
    stop = stopped(settings.folder)
    if stop is None:
        return good("halt", "none")
    return Check("halt", CheckState.WARNING, stop.detail, "elite-sizer resume --reason TEXT")


def database(settings: Settings, at: datetime | None) -> Check:
    """Open and check the database; one that is not there yet is made with the first decision."""
    if not database_path(settings).exists():
        return _writable(settings)
    return _attempt("database", lambda: _check_database(settings, at))


def firm_day(settings: Settings, now: datetime) -> Check:
    """Say when the firm's day began and ends."""
    try:
        rules = settings.firm_rules
    except ConfigError as error:
        return Check("firm", CheckState.BAD, str(error), "Give --rules ID.")
    span = f"{last_reset(rules.day, now):%Y-%m-%d %H:%M} to {next_reset(rules.day, now):%Y-%m-%d %H:%M} UTC"
    source = f"{rules.id} as of {rules.as_of}, {rules.confidence}" if rules.as_of else rules.id
    return good("firm", f"{source}; the day is {span} ({rules.day.tz})")


def _in_use(terminal: OpenTerminal) -> tuple[str, ...]:
    snapshot = terminal.snapshot(SnapshotRequest())
    return () if isinstance(snapshot, Refusal) else tuple(snapshot.specs)


def _attempt(topic: str, check: Callable[[], Check]) -> Check:
    try:
        return check()
    except StoreError as error:
        return refused(topic, error.reason)


def _check_database(settings: Settings, at: datetime | None) -> Check:
    path = database_path(settings)
    with open_database(settings, at) as store:
        store.check()
    return good("database", f"{path}, {path.stat().st_size / 1024:,.0f} kB, whole")


def _writable(settings: Settings) -> Check:
    try:
        settings.folder.mkdir(parents=True, exist_ok=True)
        probe = settings.folder / ".writable"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        return Check("database", CheckState.BAD, f"{settings.folder}: {error}", "Set store.path to a local folder.")
    return good("database", f"none yet in {settings.folder}, which can be written")
