"""The options that every command takes: terminal, configuration, clock and output."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final

from elite_sizer.cli.console import Console
from elite_sizer.cli.option import Option
from elite_sizer.cli.values import parse_money, parse_time
from elite_sizer.configuration.settings import Settings, load

_PANEL: Final = "Common options"


@dataclass(frozen=True, slots=True, kw_only=True)
class Common:
    """The options beside a command's own, and the console that the command writes to."""

    terminal: Annotated[str | None, Option("simulated, native, host or recording.", _PANEL)] = None
    recording: Annotated[Path | None, Option("A capture instead of a terminal.", _PANEL)] = None
    config: Annotated[Path | None, Option("Instead of ./elite-sizer.toml.", _PANEL)] = None
    profile: Annotated[str | None, Option("A shipped set of values.", _PANEL)] = None
    rules: Annotated[str | None, Option("The firm's rule set, as ftmo_2step.", _PANEL)] = None
    initial: Annotated[str | None, Option("The account's initial size.", _PANEL)] = None
    now: Annotated[str | None, Option("ISO 8601, where time stands still.", _PANEL)] = None
    json: Annotated[bool, Option("One object per line.", _PANEL)] = False
    no_color: Annotated[bool, Option("As NO_COLOR.", _PANEL)] = False
    console: Console = field(default_factory=Console)

    def options(self) -> dict[str, Any]:
        """Return the options that stand for a key of the configuration."""
        recording = None if self.recording is None else str(self.recording)
        terminal = "recording" if recording is not None and self.terminal is None else self.terminal
        keys: dict[str, Any] = {
            "terminal": terminal,
            "recording": recording,
            "profile": self.profile,
            "rules": self.rules,
            "initial": None if self.initial is None else parse_money(self.initial),
        }
        return {key: value for key, value in keys.items() if value is not None}

    def settings(self) -> Settings:
        """Return the effective configuration; ConfigError lists its mistakes."""
        return load(self.config, options=self.options())

    @property
    def fixed_time(self) -> datetime | None:
        """The time that --now gives; BadParameter where it can't be read."""
        return None if self.now is None else parse_time(self.now)

    def time_of_call(self) -> datetime:
        """Return `--now`, or the clock."""
        return self.fixed_time or datetime.now(UTC)
