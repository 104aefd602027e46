"""Open the terminal that the configuration names, and its clock; never another one instead."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Context
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from elite_sizer.configuration.settings import Settings
from elite_sizer.sizing.registry import load_object
from mt5bridge.errors import BridgeError
from mt5bridge.reading.freshness import Freshness
from mt5bridge.reading.request import SnapshotRequest
from mt5bridge.reading.server_time import ServerClock, parse
from mt5bridge.reading.snapshot import take
from mt5bridge.reading.terminal_memory import Memory
from portfolio.errors import ConfigError
from portfolio.model import Snapshot
from portfolio.reasons import Refusal, refuse
from portfolio.rounding import under

log = logging.getLogger(__name__)

HOST: Final = "host"
SIMULATED: Final = "simulated"
RECORDING: Final = "recording"
_ARITHMETIC: Final = Context(prec=50)
"""Converts readings, whatever decimal context the program around us has set."""
_QUICK: Final = ("forex", "gold", "metals")
"""Asset classes that the bridge knows as one: the shortest of their quote ages holds for all."""


class Opening(NamedTuple):
    """The class of a terminal, just loaded, and what it is opened with."""

    make: Any
    settings: Settings
    at: datetime | None
    """The instant of a clock that does not run; None leaves it where the terminal has it."""


class TerminalKind(NamedTuple):
    """One kind of terminal that `[terminal] name` may choose."""

    made_by: str
    """Module and class that make it; only those of the terminal in use are imported."""
    open: Callable[[Opening], Any]
    system_clock: bool
    """Its time is this computer's; else the terminal has a clock of its own."""
    memory_store: bool
    """Its record stays in memory unless the user names a folder, so that a trial never touches a real account's."""


class OpenTerminal(NamedTuple):
    """An open terminal, its clock, and the memory of this process about its account."""

    name: str
    mt5: Any
    """The functions of the MetaTrader5 package, by a terminal of `mt5bridge`."""
    clock: Callable[[], datetime]
    memory: Memory
    freshness: Freshness

    @property
    def terminal(self) -> Any:  # noqa: ANN401 - the terminal is what its opener returns
        """The first version's name of `mt5`."""
        return self.mt5

    def snapshot(self, ask: SnapshotRequest) -> Snapshot | Refusal:
        """Return one consistent reading, or why there is none; values that can't be converted are refused too."""
        try:
            with under(_ARITHMETIC):
                return take(self.mt5, ask, now=self.clock, memory=self.memory, freshness=self.freshness)
        except BridgeError as error:
            return error.reason
        except (ArithmeticError, LookupError, TypeError, ValueError) as error:
            log.exception("the terminal's values can't be read")
            return refuse("value_not_finite", f"the terminal's values can't be read: {type(error).__name__}: {error}")

    def close(self) -> None:
        """Close the terminal."""
        self.mt5.shutdown()


def name_of(settings: Settings) -> str:
    """Return the kind of terminal to open: `auto` is the host on Windows and the simulated one elsewhere."""
    if settings.terminal.recording is not None and settings.terminal.name == "auto":
        return RECORDING
    if settings.terminal.name == "auto":
        return HOST if sys.platform == "win32" else SIMULATED
    return settings.terminal.name


def open_terminal(settings: Settings, at: datetime | None = None) -> OpenTerminal:
    """Open it; `at` sets the clock of a terminal whose time does not run.

    Raises ConfigError where the configuration can't name one, BridgeError where it can't be reached.
    """
    name = name_of(settings)
    memory = Memory(pin=_pin(settings), override=_offset(settings))
    ages = settings.terminal.quote_age_seconds
    quick = min(ages.get(name, ages["default"]) for name in _QUICK)
    freshness = Freshness(forex=float(quick), other=float(ages["default"]))
    kind = TERMINALS[name]
    terminal = kind.open(Opening(load_object(kind.made_by), settings, at))
    clock = _system_clock if kind.system_clock else (lambda: terminal.now)
    return OpenTerminal(name, terminal, clock, memory, freshness)


def _system_clock() -> datetime:
    return datetime.now(UTC)


def _pin(settings: Settings) -> tuple[str, int] | None:
    account = settings.account
    if account.login is None and account.server is None:
        return None
    if account.login is None or account.server is None:
        message = (
            "[account] login and server pin an account together, since a login means something on one server only."
        )
        raise ConfigError(message)
    return account.server, account.login


def _offset(settings: Settings) -> ServerClock | int | None:
    """Return the configured clock of the broker: seconds, a zone, or a zone and seconds to add; None finds it out."""
    offset = settings.terminal.server_utc_offset
    if offset == "auto":
        return None
    try:
        return offset if isinstance(offset, int) else parse(offset)
    except ValueError as error:
        message = f"[terminal] server_utc_offset: {error}"
        raise ConfigError(message) from error


def _open_recording(opening: Opening) -> object:
    path = opening.settings.terminal.recording
    if path is None:
        message = "The terminal is a recording, but none is named. Give --recording FILE."
        raise ConfigError(message)
    return opening.make(Path(path), at=opening.at)


def _open_simulated(opening: Opening) -> object:
    return opening.make.demo()


def _open_native(opening: Opening) -> object:
    return opening.make(opening.settings.terminal.path)


def _open_host(opening: Opening) -> object:
    table = opening.settings.terminal
    return opening.make(table.command, path=table.path, deadline=float(table.deadline_seconds))


TERMINALS: Final[Mapping[str, TerminalKind]] = MappingProxyType(
    {
        SIMULATED: TerminalKind(
            "mt5bridge.simulated.module:SimulatedTerminal", _open_simulated, system_clock=False, memory_store=True
        ),
        RECORDING: TerminalKind(
            "mt5bridge.captures.replay:RecordingTerminal", _open_recording, system_clock=False, memory_store=True
        ),
        "native": TerminalKind(
            "mt5bridge.connections.native:attach", _open_native, system_clock=True, memory_store=False
        ),
        HOST: TerminalKind("mt5bridge.connections.host:Host", _open_host, system_clock=True, memory_store=False),
    }
)
"""Every kind of terminal; `configuration.document.tables.TerminalName` has the same names, and a test sees to it."""
