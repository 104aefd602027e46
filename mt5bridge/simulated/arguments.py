"""Read the arguments of a call as the package does, and refuse them as it does, before the terminal is asked.

Measured on the genuine module 5.0.6231. Most wrong arguments are answered with None and -2; some wrong scalars raise
SystemError instead, caused by a TypeError or OverflowError. Integers are read in two ways: `exact` ones must be Python
ints (numpy's are refused), `index` ones take anything that can be an index. A symbol or comment holds 29 characters.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from operator import index
from typing import SupportsFloat, SupportsIndex, cast

from mt5bridge.metatrader.constants import NAME_CHARACTERS, Constants

INT, LONG = 1 << 31, 1 << 64
"""The first numbers beyond C int and unsigned long long (Windows: C long is 32 bits)."""


class RefusedError(Exception):
    """The call is answered with None (or False) and last_error with this pair, or `exception` is raised as well."""

    def __init__(self, code: int | None, text: str = "", exception: Exception | None = None) -> None:
        super().__init__(code, text)
        self.error = None if code is None else (code, text)
        """None leaves last_error as it was."""
        self.exception = exception


def invalid_argument(name: str = "") -> RefusedError:
    """Return the refusal of one argument, or of the whole list."""
    return RefusedError(Constants.RES_E_INVALID_PARAMS, f'Invalid "{name}" argument' if name else "Invalid arguments")


def wrong_count() -> RefusedError:
    """Return the refusal of a call with too many or too few arguments, where the package says so."""
    return RefusedError(Constants.RES_E_INVALID_PARAMS, "Invalid number of arguments")


def with_system_error(refusal: RefusedError, cause: Exception) -> RefusedError:
    """Let the refusal raise SystemError, as C code does that returns a result with an exception set."""
    message = "<built-in function> returned a result with an exception set"
    refusal.exception = SystemError(message)
    refusal.exception.__cause__ = cause
    return refusal


def check_count(args: tuple[object, ...], least: int, most: int | None = None) -> None:
    """Check the number of positional arguments."""
    if not least <= len(args) <= (least if most is None else most):
        raise invalid_argument()


def read_symbol(value: object) -> str:
    """Take a symbol's name."""
    if not isinstance(value, str) or len(value) > NAME_CHARACTERS:
        raise invalid_argument()
    return value


def read_int(value: object) -> int:
    """Take a Python int or bool, as the order calculations do for the action."""
    if not isinstance(value, int):
        kind = "None" if value is None else type(value).__name__
        raise with_system_error(invalid_argument(), TypeError(f"argument 1 must be int, not {kind}"))
    return int(value)


def read_index(value: object) -> int:
    """Take an integer of any make, as the copy functions do for timeframe, position, count and flags."""
    try:
        number = index(cast("SupportsIndex", value))
    except TypeError as error:
        raise with_system_error(invalid_argument(), error) from None
    if not -INT <= number < INT:
        raise with_system_error(invalid_argument(), OverflowError("Python int too large to convert to C long"))
    return number


def read_float(value: object) -> float:
    """Take anything that turns into a float, but no text."""
    if isinstance(value, str | bytes) or not isinstance(value, SupportsFloat):
        raise with_system_error(invalid_argument(), TypeError(f"must be real number, not {type(value).__name__}"))
    return float(value)


def read_date(value: object) -> float:
    """Take a datetime (a naive one in this machine's zone, as the package does) or a number; return the epoch."""
    if isinstance(value, datetime):
        value = value.timestamp()
    if not isinstance(value, int | float):
        raise invalid_argument()
    if isinstance(value, int) and not -INT <= value < INT:
        raise with_system_error(RefusedError(None), OverflowError("Python int too large to convert to C long"))
    # NaN is no date at all
    return 0.0 if math.isnan(value) else min(max(float(value), -INT), INT - 1)


def read_text(words: Mapping[str, object], name: str, most: int | None = NAME_CHARACTERS) -> str | None:
    """Return a keyword's text, None where it is missing."""
    if name not in words:
        return None
    value = words[name]
    if not isinstance(value, str) or (most is not None and len(value) > most):
        raise invalid_argument(name)
    return value


def read_whole(words: Mapping[str, object], name: str) -> int | None:
    """Return a keyword's number from 0 to 2**64 - 1, None where it is missing; numpy's integers are refused."""
    if name not in words:
        return None
    value = words[name]
    if not isinstance(value, int):
        raise invalid_argument(name)
    if value < 0:
        raise with_system_error(invalid_argument(name), OverflowError("can't convert negative int to unsigned"))
    if value >= LONG:
        raise with_system_error(invalid_argument(name), OverflowError("int too big to convert"))
    return int(value)
