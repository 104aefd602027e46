"""The console: its width, its signs, its colours; and the two streams a command writes to."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from elite_sizer.display.glyphs import ASCII, Glyphs, glyphs

WIDEST: Final = 100
"""Sentences of more columns are hard to read."""
UNKNOWN: Final = 80


@dataclass(frozen=True, slots=True)
class Console:
    """Standard output and error as they are now; text that the encoding does not hold becomes `?`."""

    json: bool = False
    colour: bool = False
    width: int = UNKNOWN
    glyphs: Glyphs = ASCII

    @classmethod
    def of(cls, words: Sequence[str], environment: Mapping[str, str] = os.environ) -> Console:
        """Read the streams, NO_COLOR and TERM, and --json and --no-color anywhere in the words."""
        for stream in (sys.stdout, sys.stderr):
            reconfigure = getattr(stream, "reconfigure", None)
            if reconfigure is not None:
                reconfigure(errors="replace")
        quiet = "--no-color" in words or bool(environment.get("NO_COLOR")) or environment.get("TERM") == "dumb"
        columns = shutil.get_terminal_size((UNKNOWN, 24)).columns
        return cls(
            json="--json" in words,
            colour=sys.stdout.isatty() and not quiet,
            width=min(columns, WIDEST),
            glyphs=glyphs(sys.stdout.encoding),
        )

    def emit(self, data: Mapping[str, Any] | bytes) -> None:
        """Write one object of JSON as a line; every object has `lots`."""
        body = data if isinstance(data, bytes) else as_json(data)
        stream = getattr(sys.stdout, "buffer", None)
        if stream is None:
            sys.stdout.write(body.decode() + "\n")
            return
        sys.stdout.flush()
        stream.write(body + b"\n")
        stream.flush()

    def write(self, text: str) -> None:
        """Write data for people to standard output."""
        sys.stdout.write(text + "\n")
        sys.stdout.flush()

    def lines(self, texts: Iterable[str]) -> None:
        """Write several lines of data."""
        self.write("\n".join(texts))

    def say(self, message: str) -> None:
        """Write a message to standard error."""
        sys.stderr.write(message + "\n")
        sys.stderr.flush()

    def hush(self) -> None:
        """Send what is left of the output nowhere, as its reader has gone; else closing the streams raises again."""
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())


def as_json(data: Mapping[str, Any]) -> bytes:
    """Return an object as canonical JSON, decimals as exact numbers; without a size it has 0 lots."""
    from msgspec.json import Encoder  # noqa: PLC0415 - 8 ms that --help and --version save

    return Encoder(decimal_format="number").encode({"lots": 0, **data})
