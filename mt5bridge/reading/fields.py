"""Read one field of a terminal's raw row, or refuse it by name.

Every number passes `decimal`: a double becomes the `Decimal` of its shortest text. NaN, infinity and absurd magnitudes
are refused (`value_not_finite`). Errors: `UnusableValueError`.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NoReturn, TypeVar

from mt5bridge.errors import UnusableValueError
from portfolio.model import ZERO
from portfolio.reasons import refuse

Raw = Mapping[str, Any]
T = TypeVar("T")

LARGEST = Decimal(2**64)
SMALLEST = Decimal("1E-12")
NOISE_DIGITS = 12
"""A double whose first 15 digits read as at most this many is that short number with noise (1.5523099999999999)."""


def refuse_value(code: str, detail: str) -> NoReturn:
    """Raise that no size may be made from a value."""
    raise UnusableValueError(refuse(code, detail))


def decimal(value: float, where: str) -> Decimal:
    """Return a terminal's number exactly as its shortest text reads; refused where it is no finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        refuse_value("value_not_finite", f"{where} is {value!r}, not a number")
    exact = _shortest(value)
    if not exact.is_finite():
        refuse_value("value_not_finite", f"{where} is {value!r}")
    if exact and not SMALLEST <= abs(exact) <= LARGEST:
        refuse_value("value_not_finite", f"{where} is {value!r}, out of any plausible range")
    return exact or ZERO


def _shortest(value: float) -> Decimal:
    if isinstance(value, int) or value.is_integer():
        return Decimal(int(value))
    # a numpy double is a float whose repr is not a number
    text = float.__repr__(value)
    short = Decimal(f"{float(value):.15g}")
    if short.is_finite() and len(text) > NOISE_DIGITS and len(short.normalize().as_tuple().digits) <= NOISE_DIGITS:
        return short
    return Decimal(text)


def number(row: Raw, field: str, where: str) -> Decimal:
    """Return `row[field]` as a Decimal; `where` names the row in the refusal."""
    if field not in row:
        refuse_value("value_not_finite", f"{where}.{field} is missing")
    return decimal(row[field], f"{where}.{field}")


def whole_number(row: Raw, field: str, where: str) -> int:
    """Return `row[field]` as an int; a fraction is refused."""
    exact = number(row, field, where)
    if exact != exact.to_integral_value():
        refuse_value("value_not_finite", f"{where}.{field} is {row[field]!r}, not a whole number")
    return int(exact)


def text(row: Raw, field: str, where: str) -> str:
    """Return `row[field]`, which must be text."""
    value = row.get(field)
    if not isinstance(value, str):
        refuse_value("value_not_finite", f"{where}.{field} is {value!r}, not text")
    return value


def flag(row: Raw, field: str, where: str) -> bool:
    """Return `row[field]` as yes or no; the terminal writes both True and 1."""
    value = row.get(field)
    if value not in (0, 1):
        refuse_value("value_not_finite", f"{where}.{field} is {value!r}, not yes or no")
    return bool(value)


def positive(row: Raw, field: str, where: str, code: str) -> Decimal:
    """Return `row[field]`; refused with `code` where it is not above 0."""
    value = number(row, field, where)
    if value <= 0:
        refuse_value(code, f"{where}.{field} is {value:f}, must be above 0")
    return value


def not_negative(row: Raw, field: str, where: str, code: str) -> Decimal:
    """Return `row[field]`; refused with `code` where it is below 0."""
    value = number(row, field, where)
    if value < 0:
        refuse_value(code, f"{where}.{field} is {value:f}, must not be below 0")
    return value


def choice(row: Raw, field: str, where: str, choices: Mapping[int, T]) -> T:
    """Return the meaning of the code in `row[field]`; a code outside `choices` is refused."""
    code = whole_number(row, field, where)
    if code not in choices:
        refuse_value("value_not_finite", f"{where}.{field} is {code}, not one of {sorted(choices)}")
    return choices[code]
