"""What the package refuses before it asks the terminal, and how: an error code, or an exception for a wrong type.

Measured on the genuine module 5.0.6231: a wrongly typed scalar raises SystemError whose cause is a TypeError; a symbol
or comment of 30 characters or more, a date that is neither datetime nor number, and a request's wrong field are
answered with None and -2.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, SupportsFloat

from mt5bridge.simulated.constants import Constants

MOST_CHARACTERS = 29
INVALID = Constants.RES_E_INVALID_PARAMS


class Refused(Exception):  # noqa: N818 - it is an answer on its way out, not a fault
    """The call is answered with None (or False), and last_error with this pair."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(code, text)
        self.code = code
        self.text = text


def counted(args: tuple[object, ...], least: int, most: int, function: str) -> None:
    """Check the number of positional arguments."""
    if not least <= len(args) <= most:
        expected = str(least) if least == most else f"{least} to {most}"
        message = f"{function}() takes {expected} arguments ({len(args)} given)"
        raise TypeError(message)


def _mistyped(wanted: str, value: object) -> SystemError:
    error = SystemError("returned a result with an exception set")
    error.__cause__ = TypeError(f"must be {wanted}, not {type(value).__name__}")
    return error


def whole(value: object) -> int:
    """Take a Python int (or bool); numpy's integers are refused as the package refuses them."""
    if not isinstance(value, int):
        raise _mistyped("int", value)
    return int(value)


def number(value: object) -> float:
    """Take anything that turns into a float, but no text."""
    if isinstance(value, str | bytes) or not isinstance(value, SupportsFloat):
        raise _mistyped("real number", value)
    return float(value)


def symbol(value: object) -> str:
    """Take a symbol's name of at most 29 characters."""
    if not isinstance(value, str):
        raise _mistyped("str", value)
    if len(value) > MOST_CHARACTERS:
        raise Refused(INVALID, 'Invalid "symbol" argument')
    return value


def date(value: object) -> float:
    """Take a datetime (a naive one in this machine's zone, as the package does) or a number; return the epoch."""
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, int | float):
        return float(value)
    raise Refused(INVALID, "Invalid arguments")


def keyword(words: Mapping[str, object], name: str, kind: type) -> Any | None:  # noqa: ANN401 - the caller named the type
    """Return a keyword argument, None where it is missing; a wrong type is refused."""
    value = words.get(name)
    if value is None and name not in words:
        return None
    if not isinstance(value, kind):
        raise Refused(INVALID, f'Invalid "{name}" argument')
    if isinstance(value, str) and name != "group" and len(value) > MOST_CHARACTERS:
        raise Refused(INVALID, f'Invalid "{name}" argument')
    return value
