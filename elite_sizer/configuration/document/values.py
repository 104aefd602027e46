"""The numbers of a configuration: plain, positive, a fraction, a correlation; none is negative, infinite or text."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from typing import Annotated, Final

from pydantic import PlainValidator

from elite_sizer.model.setting import FRACTION

_PER_CENT: Final = re.compile(r"\s*([+-]?\d+(?:\.\d+)?)\s*%\s*")


class Percentage(Decimal):
    """A fraction that was written with a per cent sign, which 1 (100 %) may be only then."""

    __slots__ = ()


class Whole(int):
    """A whole number that was checked before: a 1 that may have been written as 100 %."""


def read(value: object) -> object:
    """Return a value of a file with percentages made fractions, doubles exact, and lists frozen; tables inside too."""
    if isinstance(value, str) and (per_cent := _PER_CENT.fullmatch(value)):
        return Percentage(_short(Decimal(per_cent[1]).scaleb(-2)))
    if isinstance(value, (float, Decimal)) and not isinstance(value, Percentage):
        number = Decimal(repr(value)) if isinstance(value, float) else value
        return _short(number) if number.is_finite() else number
    if isinstance(value, (list, tuple)):
        return tuple(read(item) for item in value)
    if isinstance(value, dict):
        return {str(key): read(item) for key, item in value.items()}
    return value


def plain(value: object) -> object:
    """Return a value as the canonical form holds it: one spelling for each number."""
    if isinstance(value, Decimal):
        return _short(value)
    if isinstance(value, Whole):
        return int(value)
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return value


def _short(value: Decimal) -> Decimal:
    """Return a number without idle zeros, so that a sentence made of it doesn't depend on how it was written."""
    return Decimal(f"{Decimal(value).normalize():f}")


def number(value: object) -> Decimal:
    """Return a finite number of 0 or more; ValueError says what is wrong with anything else."""
    figure = _finite(value)
    if figure < 0:
        message = f"{value} is negative"
        raise ValueError(message)
    return figure


def fraction(value: object) -> Decimal:
    """Return a fraction from 0 to 1; a bare number of 1 or more was meant as a percentage and is refused."""
    share = number(value)
    if share >= 1 and not isinstance(value, (Percentage, Whole)):
        message = f'{share} is no fraction; write "{share}%" or {share.scaleb(-2)}'
        raise ValueError(message)
    if share > 1:
        message = f'"{share.scaleb(2).normalize():f}%" is more than the whole'
        raise ValueError(message)
    return Decimal(share)


def positive(value: object) -> Decimal:
    """Return a finite number above 0."""
    figure = number(value)
    if figure == 0:
        message = "it must be above 0"
        raise ValueError(message)
    return figure


def correlation(value: object) -> float:
    """Return a correlation from -1 to 1."""
    figure = _finite(value)
    if abs(figure) > 1:
        message = f"a correlation lies between -1 and 1, not at {figure}"
        raise ValueError(message)
    return float(figure)


def _finite(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        message = f"a number is needed, not {shown(value)}"
        raise mistake(message)
    if not math.isfinite(value):
        message = f"{value} is not a finite number"
        raise ValueError(message)
    return Decimal(repr(value)) if isinstance(value, float) else Decimal(value)


def mistake(message: str) -> ValueError:
    """Return the error for a value of the wrong type: pydantic collects ValueError alone, never a TypeError."""
    return ValueError(message)


def shown(value: object) -> str:
    """Return a value as a file would spell it, short enough for a sentence."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, (list, tuple)):
        return "a list"
    if isinstance(value, Percentage):
        return f'"{value.scaleb(2).normalize():f}%"'
    return f'"{value}"' if isinstance(value, str) else str(value)


def _float(value: object) -> float:
    return float(number(value))


def _float_fraction(value: object) -> float:
    return float(fraction(value))


Number = Annotated[Decimal, PlainValidator(number)]
Positive = Annotated[Decimal, PlainValidator(positive)]
Fraction = Annotated[Decimal, PlainValidator(fraction), FRACTION]
Real = Annotated[float, PlainValidator(_float)]
RealFraction = Annotated[float, PlainValidator(_float_fraction), FRACTION]
Correlation = Annotated[float, PlainValidator(correlation)]
