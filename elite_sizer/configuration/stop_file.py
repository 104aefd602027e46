"""The STOP file: while it lies beside the store, no new entry is approved."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from elite_sizer.configuration.small_file import SmallFile, write_text
from portfolio.reasons import Refusal, refuse

STOP: Final = "STOP"


def stopped(folder: Path) -> Refusal | None:
    """Return the refusal of every new entry while the STOP file is there, or can't be read."""
    path = folder / STOP
    try:
        text = SmallFile(path).text()
    except (OSError, ValueError) as error:
        return refuse("halted", f"the STOP file {path} can't be read ({error})")
    if text is None:
        return None
    return refuse("halted", text or f"the STOP file {path} is there")


def write_stop(folder: Path, why: str) -> Path:
    """Write the STOP file and return its path; `why` is shown in every refusal."""
    return write_text(folder / STOP, why)


def clear_stop(folder: Path) -> bool:
    """Remove the STOP file; return whether there was one."""
    try:
        (folder / STOP).unlink()
    except FileNotFoundError:
        return False
    return True
