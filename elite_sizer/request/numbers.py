"""Reads the numbers of a trade idea exactly as they were meant, within the bounds of what is traded."""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Context, Decimal, InvalidOperation
from types import MappingProxyType
from typing import Final, NamedTuple

from portfolio.model import ZERO
from portfolio.reasons import Refusal, refuse
from portfolio.rounding import EXACT

Number = Decimal | float | int | str

_FINEST, _BEYOND = Decimal("1E-12"), Decimal("1E15")
_DIGITS: Final = 60
"""Most digits of a number, so that products stay exact; a double written out in full has up to 55."""
_DOUBLE: Final = Context(prec=15)
"""A double is certain to 15 digits."""
_NOISELESS: Final = 12
"""A number with at most 12 digits after rounding to 15 was meant that short; the terminal's are read the same way."""
LONGEST_QUOTE: Final = 40
"""Characters of an input that a refusal repeats."""


class _Bounds(NamedTuple):
    low: Decimal
    high: Decimal | None
    open_low: bool
    code: str = "input_range"

    def hold(self, number: Decimal) -> bool:
        too_low = number <= self.low if self.open_low else number < self.low
        return not too_low and (self.high is None or number <= self.high)

    def __str__(self) -> str:
        if self.high is not None:
            return f"between {self.low} and {self.high}"
        return f"above {self.low}" if self.open_low else f"at least {self.low}"


_POSITIVE = _Bounds(ZERO, None, open_low=True)
_FROM_ZERO = _Bounds(ZERO, None, open_low=False)
_BOUNDS: Mapping[str, _Bounds] = MappingProxyType(
    {
        "stop": _POSITIVE,
        "stop_points": _POSITIVE,
        "atr_stop": _POSITIVE,
        "entry": _POSITIVE,
        "target": _POSITIVE,
        "rr": _POSITIVE,
        "atr_target": _POSITIVE,
        "confidence": _Bounds(ZERO, Decimal(1), open_low=False, code="confidence_range"),
        "score": _Bounds(ZERO, Decimal(100), open_low=False),
        "conviction": _Bounds(ZERO, Decimal(5), open_low=False),
        "multiplier": _Bounds(ZERO, Decimal(1), open_low=False),
        "signal_modifier": _FROM_ZERO,
        "slippage_modifier": _FROM_ZERO,
        "legacy_lots": _FROM_ZERO,
        "volume": _POSITIVE,
    }
)
UNTOUCHED: Final = frozenset(("legacy_lots",))
"""Fields computed by another program; they come back digit for digit."""
NUMBERS: Final = tuple(_BOUNDS)
"""The fields of an idea that are numbers."""


def decimal(value: object) -> Decimal | None:
    """Return a number exactly, a double by its shortest text; None where the value is no finite number."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, float):
        return Decimal(repr(float(value))) if math.isfinite(value) else None
    if not isinstance(value, (int, str, Decimal)):
        return _from_numpy(value)
    try:
        number = Decimal(value.strip() if isinstance(value, str) else value)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _from_numpy(value: object) -> Decimal | None:
    """Read numpy's scalars without importing numpy; an array is refused, even one of a single number."""
    item = getattr(value, "item", None)
    if not callable(item) or getattr(value, "ndim", None) != 0:
        return None
    plain = item()
    return decimal(plain) if isinstance(plain, (int, float)) else None


def read_number(name: str, value: Number | None) -> Decimal | Refusal | None:
    """Return a field of an idea in exact digits, or why it can't be meant; None where the caller gave none."""
    if value is None:
        return None
    bounds = _BOUNDS[name]
    per_cent = name == "confidence" and isinstance(value, str) and value.strip().endswith("%")
    figure = decimal(value.strip()[:-1] if per_cent and isinstance(value, str) else value)
    if figure is None:
        return refuse("value_not_finite", f"{name} is {quoted(value)}, which is not a finite number")
    if not _is_tradable(figure):
        digits = len(figure.as_tuple().digits)
        return refuse("input_range", f"{name} (1E{figure.adjusted():+d}, {digits} digits) is beyond anything traded")
    figure = figure if name in UNTOUCHED else _without_noise(figure)
    fraction = EXACT.scaleb(figure, -2)
    number = fraction if per_cent else figure
    if not bounds.hold(number):
        fits = name == "confidence" and not per_cent and 0 < fraction <= 1
        hint = f'; {figure:f} % is written {fraction:f} or "{figure:f}%"' if fits else ""
        return refuse(bounds.code, f"{name} {number:f} must be {bounds}{hint}")
    # 0.00 and -0 become a plain 0
    return number or ZERO


def _is_tradable(number: Decimal) -> bool:
    """Return whether a price, a ratio or a volume can be this large, this small and this long."""
    return not number or (_FINEST <= number.copy_abs() < _BEYOND and len(number.as_tuple().digits) <= _DIGITS)


def _without_noise(number: Decimal) -> Decimal:
    """Return the number that was meant where arithmetic in doubles left noise: 1.0827 for 1.0826999999999999."""
    if len(number.as_tuple().digits) <= _DOUBLE.prec:
        return number
    short = _DOUBLE.normalize(number)
    return Decimal(f"{short:f}") if len(short.as_tuple().digits) <= _NOISELESS else number


def quoted(value: object) -> str:
    """Return an input in a few characters, as a refusal repeats it; an object of another kind by its type."""
    plain = isinstance(value, (str, bool, float, Decimal))
    return repr(value)[:LONGEST_QUOTE] if plain else f"a {type(value).__name__}"
