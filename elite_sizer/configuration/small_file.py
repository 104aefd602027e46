"""A small text file of the user's, read again only when it has changed."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

_LONGEST: Final = 1000
"""Characters of a STOP file or a flag file that are read."""


@dataclass(slots=True)
class SmallFile:
    """A small text file, read again only when it has changed."""

    path: Path
    _stamp: tuple[int, int, int] | None = field(default=None, repr=False)
    _text: str = field(default="", repr=False)

    def text(self) -> str | None:
        """Return the content without surrounding space, None without a file; else OSError or ValueError."""
        try:
            stat = self.path.stat()
        except (FileNotFoundError, NotADirectoryError):
            self._stamp = None
            return None
        stamp = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
        if stamp != self._stamp:
            with self.path.open(encoding="utf-8-sig") as file:
                self._text = file.read(_LONGEST).strip()
            self._stamp = stamp
        return self._text


def write_text(path: Path, text: str) -> Path:
    """Replace the file by one line of text, never leaving half of it, and return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    fresh.write_text(text + "\n", encoding="utf-8", newline="\n")
    fresh.replace(path)
    return path
