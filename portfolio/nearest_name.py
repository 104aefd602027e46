"""The known name that a mistyped one most likely means, for every "did you mean" of the program."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

LONGEST: Final = 100
"""Characters of the mistyped name that are compared; a pasted page must not cost a minute."""


def nearest_name(name: str, names: Iterable[str], *, cutoff: float = 0.6) -> str | None:
    """Return the nearest of the known names whatever their case; None where none is near.

    `cutoff` is difflib's ratio, 0 to 1: 0 always returns a name where there is any.
    """
    by_casefold = {spelling.casefold(): spelling for spelling in names}
    near = get_close_matches(name[:LONGEST].casefold(), by_casefold, n=1, cutoff=cutoff)
    return by_casefold[near[0]] if near else None


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """Return the words that help after a mistyped name: the nearest known one, or the list of them all."""
    candidates = tuple(names)
    near = nearest_name(name, candidates)
    if near is not None:
        return f"did you mean {near}?"
    return f"known are {', '.join(candidates)}" if candidates else "nothing can be given here"


def unknown_name(name: str, names: Iterable[str], kind: str) -> str:
    """Return the sentence that refuses a name nobody knows, with what helps."""
    return f"There is no {kind} {name!r}; {did_you_mean(name, names)}"
