"""The unit of a setting, and which change of it is tighter; both stand in the annotation of its field.

    risk_pct: Annotated[Decimal, FRACTION, TIGHTER_BELOW] = Decimal("0.02")

The unit says what a configuration file may write there: 10 is no FRACTION. The direction says which changes a running
program takes over; a field without one changes only at a restart. Both hold for every number of a mapping or a list.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, TypeGuard


@dataclass(frozen=True, slots=True)
class Unit:
    """Unit of a number, as the reference of the settings prints it."""

    words: str


FRACTION: Final = Unit("share of a whole, 0 to 1")
MONEY: Final = Unit("deposit currency")
MONEY_PER_LOT: Final = Unit("deposit currency per lot")
LOTS: Final = Unit("lots")
TIMES_EQUITY: Final = Unit("times equity")
TIMES: Final = Unit("times")
RATIO: Final = Unit("ratio")
CORRELATION: Final = Unit("correlation, -1 to 1")
SCORE: Final = Unit("score")
ATRS: Final = Unit("average true ranges")
POINTS: Final = Unit("points")
COUNT: Final = Unit("count")
SECONDS: Final = Unit("seconds")
MINUTES: Final = Unit("minutes")
HOURS: Final = Unit("hours")
DAYS: Final = Unit("days")
IDENTIFIER: Final = Unit("a number that only names something")


@dataclass(frozen=True, slots=True)
class Direction:
    """Direction in which a running program may take over a change of the setting, and the words for it."""

    words: str
    allows: Callable[[object, object], bool]
    """Whether the change from the first value to the second loosens nothing."""


def tighter_at(value: object) -> Direction:
    """Return the direction of a choice of which one value is the tightest."""
    return Direction(f"{str(value).lower()} is tighter", lambda _, after: after == value)


def _below(before: object, after: object) -> bool:
    return _is_number(before) and _is_number(after) and Decimal(after) < Decimal(before)


def _above(before: object, after: object) -> bool:
    return _below(after, before)


def _above_zero(before: object, after: object) -> bool:
    return before != 0 and _above(before, after)


def _is_number(value: object) -> TypeGuard[int | Decimal]:
    return isinstance(value, (int, Decimal)) and not isinstance(value, bool)


def _more(before: object, after: object) -> bool:
    return isinstance(before, list) and isinstance(after, list) and {*before} <= {*after}


TIGHTER_BELOW: Final = Direction("smaller is tighter", _below)
TIGHTER_ABOVE: Final = Direction("larger is tighter", _above)
TIGHTER_ABOVE_ZERO: Final = Direction("larger is tighter; 0 is another rule", _above_zero)
"""For a number that 0 switches off: from 0 to it and back is no step along the same scale."""
TIGHTER_TRUE: Final = tighter_at(value=True)
TIGHTER_FALSE: Final = tighter_at(value=False)
TIGHTER_MORE: Final = Direction("a list with more in it is tighter", _more)
NEVER_WHILE_RUNNING: Final = Direction("only at a restart", lambda _, __: False)
"""The direction of a field without one, said where it was thought about."""
FREE_TO_CHANGE: Final = Direction("free", lambda _, __: True)
"""No limit depends on it: the caps cut what a sizer proposes, whatever it is."""
