"""The few signs a table is drawn with, and an ASCII sign for each where a console can't print it."""

from __future__ import annotations

from typing import Final, NamedTuple


class Glyphs(NamedTuple):
    """Signs that the output's encoding holds."""

    rule: str = "-"
    mark: str = "<"
    dot: str = "|"
    full: str = "#"
    empty: str = "."


ASCII: Final = Glyphs()

_CHOICES: Final = Glyphs(rule="\u2500-", mark="\u25c4\u00ab<", dot="\u00b7|", full="\u2588#", empty="\u2591.")
"""Candidates, the best first; the last one of each is ASCII."""


def glyphs(encoding: str | None) -> Glyphs:
    """Return the best signs that an encoding holds; ASCII where it is unknown."""
    return Glyphs(*(next(sign for sign in signs if _holds(encoding, sign)) for signs in _CHOICES))


def _holds(encoding: str | None, sign: str) -> bool:
    if sign.isascii():
        return True
    try:
        sign.encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
