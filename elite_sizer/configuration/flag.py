"""Which sizer answers now, and whether entries are stopped: two small files and a variable, read for each decision.

    environment ELITE_SIZER_SIZER (alias USE_ELITE_SIZER) > file `flag` > configuration > default

What can't be read keeps the last good value and raises an alarm; without one the decision is refused. A STOP file
needs no database; one that can't be looked at stops too.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

from elite_sizer.configuration.settings import Settings
from elite_sizer.model.outcome import Flag, FlagValue
from portfolio.reasons import Refusal, refuse

VARIABLE: Final = "ELITE_SIZER_SIZER"
ALIAS: Final = "USE_ELITE_SIZER"
"""Source 003's own switch: true is elite, false is legacy."""
STOP: Final = "STOP"
FLAG: Final = "flag"

_TRUE: Final = frozenset(("1", "true", "yes", "on"))
_FALSE: Final = frozenset(("0", "false", "no", "off"))
_LONGEST: Final = 1000
"""Characters of a STOP file or a flag file that are read."""


class FlagReading(NamedTuple):
    """The flag of one decision, or why there is none; an alarm where it is only the last good one."""

    flag: Flag | None
    refusal: Refusal | None = None
    alarm: str | None = None


@dataclass(slots=True)
class Watched:
    """A small text file, read again only when it has changed."""

    path: Path
    _seen: tuple[int, int, int] | None = field(default=None, repr=False)
    _text: str = field(default="", repr=False)

    def text(self) -> str | None:
        """Return the content without surrounding space, None without a file; else OSError or ValueError."""
        try:
            stat = self.path.stat()
        except (FileNotFoundError, NotADirectoryError):
            self._seen = None
            return None
        seen = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
        if seen != self._seen:
            with self.path.open(encoding="utf-8-sig") as file:
                self._text = file.read(_LONGEST).strip()
            self._seen = seen
        return self._text


@dataclass(slots=True)
class FlagReader:
    """Reads the flag anew for each decision and remembers the last good one."""

    folder: Path
    last: Flag | None = None
    _file: Watched = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._file = Watched(self.folder / FLAG)

    def read(self, settings: Settings, environment: Mapping[str, str] | None = None) -> FlagReading:
        """Return the flag that holds now."""
        try:
            self.last = resolve(settings, os.environ if environment is None else environment, self._file.text())
        except (OSError, ValueError) as error:
            return fallback(self.last, str(error))
        return FlagReading(self.last)


def resolve(settings: Settings, environment: Mapping[str, str], file: str | None) -> Flag:
    """Return the flag that these say; ValueError where the first one that speaks makes no sense."""
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


def stopped(folder: Path) -> Refusal | None:
    """Return the refusal of every new entry while the STOP file is there, or where nobody can tell."""
    path = folder / STOP
    try:
        text = Watched(path).text()
    except (OSError, ValueError) as error:
        return refuse("halted", f"the STOP file {path} can't be read ({error})")
    if text is None:
        return None
    return refuse("halted", text or f"the STOP file {path} is there")


def write_flag(folder: Path, chosen: FlagValue) -> Path:
    """Write the flag file in one piece and return its path; OSError where it can't be written."""
    return _write(folder / FLAG, chosen.value)


def write_stop(folder: Path, why: str) -> Path:
    """Write the STOP file and return its path; `why` is shown in every refusal."""
    return _write(folder / STOP, why)


def clear_stop(folder: Path) -> bool:
    """Remove the STOP file; return whether there was one."""
    try:
        (folder / STOP).unlink()
    except FileNotFoundError:
        return False
    return True


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    fresh.write_text(text + "\n", encoding="utf-8", newline="\n")
    fresh.replace(path)
    return path
