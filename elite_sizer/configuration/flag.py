"""The flag that chooses the sizer, read for each decision from a variable, a small file or the configuration.

    environment ELITE_SIZER_SIZER (alias USE_ELITE_SIZER) > file `flag` > configuration > default

A flag that can't be read keeps the last good value and raises an alarm; without one the decision is refused.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

from elite_sizer.configuration.settings import Settings
from elite_sizer.configuration.small_file import SmallFile, write_text
from elite_sizer.model.outcome import Flag, FlagValue
from portfolio.reasons import Refusal, refuse

VARIABLE: Final = "ELITE_SIZER_SIZER"
ALIAS: Final = "USE_ELITE_SIZER"
"""Source 003's own switch: true is elite, false is legacy."""
FLAG: Final = "flag"

_TRUE: Final = frozenset(("1", "true", "yes", "on"))
_FALSE: Final = frozenset(("0", "false", "no", "off"))


class FlagReading(NamedTuple):
    """The flag of one decision, or why there is none; an alarm where it is only the last good one."""

    flag: Flag | None
    refusal: Refusal | None = None
    alarm: str | None = None


@dataclass(slots=True)
class FlagReader:
    """Reads the flag anew for each decision and remembers the last good one."""

    folder: Path
    last: Flag | None = None
    _file: SmallFile = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._file = SmallFile(self.folder / FLAG)

    def read(self, settings: Settings, environment: Mapping[str, str] | None = None) -> FlagReading:
        """Return the flag that holds now."""
        try:
            self.last = resolve(settings, os.environ if environment is None else environment, self._file.text())
        except (OSError, ValueError) as error:
            return fallback(self.last, str(error))
        return FlagReading(self.last)


def resolve(settings: Settings, environment: Mapping[str, str], file: str | None) -> Flag:
    """Return the flag of the strongest of these that sets one; ValueError where its value makes no sense."""
    if VARIABLE in environment:
        return Flag(value(environment[VARIABLE], VARIABLE), "environment")
    if ALIAS in environment:
        return Flag(_switch(environment[ALIAS]), "environment")
    if file is not None:
        return Flag(value(file, "the flag file"), "flag file")
    if settings.by_user("sizer"):
        return Flag(settings.sizer, "config")
    if settings.by_user("legacy"):
        return Flag(FlagValue.SHADOW, "default")
    return Flag(settings.sizer, "default")


def fallback(last: Flag | None, problem: str) -> FlagReading:
    """Return the last good flag with an alarm, or the refusal where there never was one."""
    if last is None:
        return FlagReading(None, refuse("flag_unreadable", problem))
    return FlagReading(last, None, f"The flag can't be read ({problem}); {last.value} stays in force.")


def value(text: str, where: str) -> FlagValue:
    """Return one of the three values, in any case; ValueError names what was read."""
    try:
        return FlagValue(text.strip().lower())
    except ValueError:
        message = f"{where} says {text.strip()[:40]!r}, which is neither legacy, shadow nor elite"
        raise ValueError(message) from None


def _switch(text: str) -> FlagValue:
    word = text.strip().lower()
    if word in _TRUE:
        return FlagValue.ELITE
    if word in _FALSE:
        return FlagValue.LEGACY
    return value(text, ALIAS)


def write_flag(folder: Path, chosen: FlagValue) -> Path:
    """Write the flag file in one piece and return its path; OSError where it can't be written."""
    return write_text(folder / FLAG, chosen.value)
