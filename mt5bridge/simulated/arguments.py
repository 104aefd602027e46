"""What the package refuses before it asks the terminal, and how.

Measured on the genuine module 5.0.6231. Most wrong arguments are answered with None and -2; some wrong scalars raise
SystemError instead, caused by a TypeError or OverflowError. Integers are read in two ways: `exact` ones must be Python
ints (numpy's are refused), `index` ones take anything that can be an index. A symbol or comment holds 29 characters.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from operator import index
from typing import Any, SupportsFloat

from mt5bridge.metatrader.constants import NAME_CHARACTERS, Constants

INT, LONG = 1 << 31, 1 << 64
"""What C int and unsigned long long do not hold any more (Windows: C long is 32 bits)."""


class RefusedError(Exception):
    """The call is answered with None (or False) and last_error with this pair, or `exception` is raised as well."""

    def __init__(self, code: int | None, text: str = "", exception: Exception | None = None) -> None:
        super().__init__(code, text)
        self.error = None if code is None else (code, text)
        """None leaves last_error as it was."""
        self.exception = exception


def invalid(name: str = "") -> RefusedError:
    """Return the refusal of one argument, or of the whole list."""
    return RefusedError(Constants.RES_E_INVALID_PARAMS, f'Invalid "{name}" argument' if name else "Invalid arguments")


def misplaced() -> RefusedError:
    """Return the refusal of a call with too many or too few arguments, where the package says so."""
    return RefusedError(Constants.RES_E_INVALID_PARAMS, "Invalid number of arguments")


def raised(refused: RefusedError, cause: Exception) -> RefusedError:
    """Let the refusal raise SystemError, as C code does that returns a result with an exception set."""
    message = "<built-in function> returned a result with an exception set"
    refused.exception = SystemError(message)
    refused.exception.__cause__ = cause
    return refused


def counted(args: tuple[object, ...], least: int, most: int | None = None) -> None:
    """Check the number of positional arguments."""
    if not least <= len(args) <= (least if most is None else most):
        raise invalid()


def symbol(value: object) -> str:
    """Take a symbol's name."""
    if not isinstance(value, str) or len(value) > NAME_CHARACTERS:
        raise invalid()
    return value


def exact(value: object) -> int:
    """Take a Python int or bool, as the order calculations do for the action."""
    if not isinstance(value, int):
        kind = "None" if value is None else type(value).__name__
        raise raised(invalid(), TypeError(f"argument 1 must be int, not {kind}"))
    return int(value)


def indexed(value: Any) -> int:  # noqa: ANN401 - whatever the caller passed
    """Take an integer of any make, as the copy functions do for timeframe, position, count and flags."""
    try:
        number = index(value)
    except TypeError as error:
        raise raised(invalid(), error) from None
    if not -INT <= number < INT:
        raise raised(invalid(), OverflowError("Python int too large to convert to C long"))
    return number


def number(value: object) -> float:
    """Take anything that turns into a float, but no text."""
    if isinstance(value, str | bytes) or not isinstance(value, SupportsFloat):
        raise raised(invalid(), TypeError(f"must be real number, not {type(value).__name__}"))
    return float(value)


def date(value: object) -> float:
    """Take a datetime (a naive one in this machine's zone, as the package does) or a number; return the epoch."""
    if isinstance(value, datetime):
        value = value.timestamp()
    if not isinstance(value, int | float):
        raise invalid()
    if isinstance(value, int) and not -INT <= value < INT:
        raise raised(RefusedError(None), OverflowError("Python int too large to convert to C long"))
    return min(max(float(value), -INT), INT - 1) if value == value else 0.0  # noqa: PLR0124 - NaN is no date at all


def text_word(words: Mapping[str, object], name: str, most: int | None = NAME_CHARACTERS) -> str | None:
    """Return a keyword's text, None where it is missing."""
    if name not in words:
        return None
    value = words[name]
    if not isinstance(value, str) or (most is not None and len(value) > most):
        raise invalid(name)
    return value


def whole_word(words: Mapping[str, object], name: str) -> int | None:
    """Return a keyword's number from 0 to 2**64 - 1, None where it is missing; numpy's integers are refused."""
    if name not in words:
        return None
    value = words[name]
    if not isinstance(value, int):
        raise invalid(name)
    if value < 0:
        raise raised(invalid(name), OverflowError("can't convert negative int to unsigned"))
    if value >= LONG:
        raise raised(invalid(name), OverflowError("int too big to convert"))
    return int(value)
