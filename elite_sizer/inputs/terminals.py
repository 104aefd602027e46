"""Open the terminal that the configuration names, and its clock; never another one instead."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Context
from pathlib import Path
from typing import Any, Final, NamedTuple

from elite_sizer.configuration.settings import Settings
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

SIMULATED: Final = "simulated"
_ARITHMETIC: Final = Context(prec=50)
"""What a reading is converted with, whatever the program around us has set."""
RECORDING: Final = "recording"
_QUICK: Final = ("forex", "gold", "metals")
"""Classes that the bridge knows as one: the shortest of their ages holds for all."""


class OpenTerminal(NamedTuple):
    """An open terminal, its clock, and what this process remembers of it."""

    name: str
    terminal: Any
    """A terminal or source of `mt5bridge`."""
    clock: Callable[[], datetime]
    memory: Memory
    freshness: Freshness

    def look(self, ask: SnapshotRequest) -> Snapshot | Refusal:
        """Return one consistent moment, or why there is none; values that no reading can make sense of are none."""
        try:
            with under(_ARITHMETIC):
                return take(self.terminal, ask, now=self.clock, memory=self.memory, freshness=self.freshness)
        except BridgeError as error:
            return error.reason
        except (ArithmeticError, LookupError, TypeError, ValueError) as error:
            log.exception("the terminal's values can't be read")
            return refuse("value_not_finite", f"the terminal's values can't be read: {type(error).__name__}: {error}")

    def close(self) -> None:
        """Let go of the terminal."""
        self.terminal.shutdown()


def name_of(settings: Settings) -> str:
    """Return which terminal the configuration means: `auto` is the host on Windows and the simulated one elsewhere."""
    if settings.terminal.recording is not None and settings.terminal.name == "auto":
        return RECORDING
    if settings.terminal.name == "auto":
        return "host" if sys.platform == "win32" else SIMULATED
    return settings.terminal.name


def open_desk(settings: Settings, at: datetime | None = None) -> OpenTerminal:
    """Open it; `at` sets the clock of a terminal whose time stands still.

    Raises ConfigError where the configuration can't name one, BridgeError where it can't be reached.
    """
    name = name_of(settings)
    memory = Memory(pin=_pin(settings), override=_offset(settings))
    ages = settings.terminal.quote_age_seconds
    quick = min(ages.get(name, ages["default"]) for name in _QUICK)
    freshness = Freshness(forex=float(quick), other=float(ages["default"]))
    terminal = _OPEN[name](settings, at)
    clock = _system_clock if name in {"native", "host"} else (lambda: terminal.now)
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
    """Return the user's word on the broker's clock: seconds, a zone, or a zone and seconds to add."""
    said = settings.terminal.server_utc_offset
    if said == "auto":
        return None
    try:
        return said if isinstance(said, int) else parse(said)
    except ValueError as error:
        message = f"[terminal] server_utc_offset: {error}"
        raise ConfigError(message) from error


def _recording(settings: Settings, at: datetime | None) -> Any:  # noqa: ANN401
    from mt5bridge.captures.replay import RecordingTerminal  # noqa: PLC0415 - only the chosen terminal is loaded

    if settings.terminal.recording is None:
        message = "The terminal is a recording, but none is named. Give --recording FILE."
        raise ConfigError(message)
    return RecordingTerminal(Path(settings.terminal.recording), at=at)


def _simulated(settings: Settings, at: datetime | None) -> Any:  # noqa: ANN401, ARG001
    from mt5bridge.simulated import SimulatedTerminal  # noqa: PLC0415

    return SimulatedTerminal.demo()


def _native(settings: Settings, at: datetime | None) -> Any:  # noqa: ANN401, ARG001
    from mt5bridge.connections.native import attach  # noqa: PLC0415

    return attach(settings.terminal.path)


def _host(settings: Settings, at: datetime | None) -> Any:  # noqa: ANN401, ARG001
    from mt5bridge.connections.host import Host  # noqa: PLC0415

    return Host(
        settings.terminal.command, path=settings.terminal.path, deadline=float(settings.terminal.deadline_seconds)
    )


_OPEN: Final = {RECORDING: _recording, SIMULATED: _simulated, "native": _native, "host": _host}
