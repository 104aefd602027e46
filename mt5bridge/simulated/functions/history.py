"""Filters of past deals and orders: by the server's dates, a ticket, a position or a mask of symbols."""

from __future__ import annotations

import re
from collections.abc import Iterable

from mt5bridge.metatrader.structs import Record


def matches(mask: str, symbol: str) -> bool:
    """Whether a comma-separated mask (`*USD*,!EUR*`) takes the symbol: some part allows it and none forbids it."""
    parts = [part.strip() for part in mask.split(",") if part.strip()]
    exclusion = any(_covers(part[1:], symbol) for part in parts if part.startswith("!"))
    return not exclusion and any(_covers(part, symbol) for part in parts if not part.startswith("!"))


def _covers(pattern: str, symbol: str) -> bool:
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), symbol) is not None


def by_mask(rows: Iterable[Record], mask: str) -> tuple[Record, ...]:
    """Return the rows whose symbol the mask takes."""
    return tuple(row for row in rows if matches(mask, row.symbol))


def between(rows: Iterable[Record], column: str, first: float, last: float) -> tuple[Record, ...]:
    """Return the rows whose time (server seconds) lies from `first` to `last`, both included."""
    return tuple(row for row in rows if first <= getattr(row, column) <= last)


def where(rows: Iterable[Record], column: str, value: int | str) -> tuple[Record, ...]:
    """Return the rows with that value in a column."""
    return tuple(row for row in rows if getattr(row, column) == value)
