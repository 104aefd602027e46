"""Read the numbers of a trade idea exactly as they were meant, within the bounds of what is traded."""

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
"""Of a number that arithmetic can still hold exactly; a double written out in full has up to 55."""
_DOUBLE: Final = Context(prec=15)
"""The digits that a double tells for certain."""
_NOISELESS: Final = 12
"""A number that is this short by those digits is meant to be that short, as the terminal's are read."""
MOST_SAID: Final = 40
"""Characters of what was given that a refusal repeats."""


class _Bounds(NamedTuple):
    low: Decimal
    high: Decimal | None
    open_low: bool
    code: str = "input_range"


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
"""What another program has computed comes back digit for digit."""
NUMBERS: Final = tuple(_BOUNDS)
"""The fields of an idea that are numbers."""


def decimal(value: object) -> Decimal | None:
    """Return a number exactly (a double by its shortest text), or None for what is no finite number."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, float):
        return Decimal(repr(float(value))) if math.isfinite(value) else None
    if not isinstance(value, (int, str, Decimal)):
        return _like_a_number(value)
    try:
        made = Decimal(value.strip() if isinstance(value, str) else value)
    except InvalidOperation:
        return None
    return made if made.is_finite() else None


def _like_a_number(value: object) -> Decimal | None:
    """Read numpy's scalars without knowing numpy; an array is no number, whatever it holds."""
    item = getattr(value, "item", None)
    if not callable(item) or getattr(value, "ndim", None) != 0:
        return None
    plain = item()
    return decimal(plain) if isinstance(plain, (int, float)) else None


def quantity(name: str, value: Number | None) -> Decimal | Refusal | None:
    """Return a field of an idea in exact digits, or why it can't be meant; None where it was not given."""
    if value is None:
        return None
    bounds = _BOUNDS[name]
    per_cent = name == "confidence" and isinstance(value, str) and value.strip().endswith("%")
    read = decimal(value.strip()[:-1] if per_cent and isinstance(value, str) else value)
    if read is None:
        return refuse("value_not_finite", f"{name} is {said(value)}, which is not a finite number")
    if not _traded(read):
        digits = len(read.as_tuple().digits)
        return refuse("input_range", f"{name} (1E{read.adjusted():+d}, {digits} digits) is beyond anything traded")
    read = read if name in UNTOUCHED else _without_noise(read)
    fraction = EXACT.scaleb(read, -2)
    made = fraction if per_cent else read
    too_low = made <= bounds.low if bounds.open_low else made < bounds.low
    if too_low or (bounds.high is not None and made > bounds.high):
        wanted = f"above {bounds.low}" if bounds.high is None and bounds.open_low else f"at least {bounds.low}"
        wanted = wanted if bounds.high is None else f"between {bounds.low} and {bounds.high}"
        fits = name == "confidence" and not per_cent and 0 < fraction <= 1
        hint = f'; {read:f} % is written {fraction:f} or "{read:f}%"' if fits else ""
        return refuse(bounds.code, f"{name} {made:f} must be {wanted}{hint}")
    return made or ZERO


def _traded(number: Decimal) -> bool:
    """Return whether a price, a ratio or a volume can be this large, this small and this long."""
    return not number or (_FINEST <= number.copy_abs() < _BEYOND and len(number.as_tuple().digits) <= _DIGITS)


def _without_noise(number: Decimal) -> Decimal:
    """Return the number that was meant where arithmetic in doubles has left a trace: 1.0827 for 1.0826999999999999."""
    if len(number.as_tuple().digits) <= _DOUBLE.prec:
        return number
    short = _DOUBLE.normalize(number)
    return Decimal(f"{short:f}") if len(short.as_tuple().digits) <= _NOISELESS else number


def said(value: object) -> str:
    """Return what was given in a few characters; what is neither text nor a number by its type."""
    return repr(value)[:MOST_SAID] if isinstance(value, (str, bool, float, Decimal)) else f"a {type(value).__name__}"
