"""Results of plug-ins, each a number with its sentence: a factor scales, a cap limits, a sizer proposes.

Their callables are `Factor`, `Cap` and `Proposer` in `elite_sizer.model.context`.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final, Literal, NamedTuple, TypeGuard

from msgspec import Struct

from portfolio.model import ZERO
from portfolio.reasons import Refusal

Per = Literal["loss", "swing", "margin", "exposure", "lot"]
"""Unit of a room: loss per lot, loss and gain per lot together, margin, notional, or lots."""

PerLot = Mapping[Per, Decimal | None]
"""Use of one lot in each unit; None is unknown, and then no room allows a lot."""

FREE = frozenset({"margin", "exposure"})
"""A lot may use 0 of these; 0 of any other is an error, and then no room allows a lot."""


class Scaling(Struct, frozen=True):
    """A factor's result: multiply the money at risk by `value` (finite, not negative)."""

    value: Decimal
    because: str


class Limit(Struct, frozen=True):
    """A cap's result: an exact room, the unit it is counted in, and the sentence; room None is no limit, 0 refuses."""

    room: Decimal | None
    per: Per
    because: str
    least: Decimal | None = None
    """Least use, in the same unit, below which the trade is refused; None sets none."""

    def lots(self, per_step: PerLot, step: Decimal) -> Decimal | None:
        """Return the most whole steps of lots that fit, `EXACT`; None where nothing is limited."""
        room, per = self.room, self.per
        if room is None:
            return None
        use = per_step[per]
        if use is not None and use > ZERO and room > ZERO:
            return room // use * step
        return None if use == ZERO and per in FREE and room > ZERO else step * ZERO


Named = tuple[str, bool, Limit]
"""A cap's registry name, whether the cap is hard, and its limit."""


class Step(Struct, frozen=True):
    """One line of the breakdown; money before the raw lots, lots after."""

    stage: str
    name: str
    before: Decimal | None
    after: Decimal | None
    because: str


class Proposal(Struct, frozen=True):
    """A sizer's result: money at risk, or lots, or its own refusal."""

    money: Decimal | None = None
    lots: Decimal | None = None
    refusal: Refusal | None = None
    steps: tuple[Step, ...] = ()
    loss_per_lot: Decimal | None = None
    """Loss of a lot by the sizer's own count, used by the caps too where it exceeds the loss at the stop."""
    scalings: tuple[tuple[str, Scaling], ...] = ()
    """Results of the factors that the sizer called, by name; the journal records those of the user's own."""


class UserPlugin(NamedTuple):
    """A cap, a factor or a sizer that the configuration names as `module:name`, as it was loaded."""

    kind: str
    """`cap`, `factor` or `sizer`."""
    name: str
    digest: str
    """SHA-256 of the module's file; empty for a module without one."""
    hard: bool = False
    """Whether a cap also guards the legacy sizer."""


LARGEST: Final = Decimal("1e15")
"""Largest figure that is believed: above any account, and small enough for exact arithmetic."""
FINEST: Final = -60
"""Least exponent of a figure that is believed; the terminal's prices and our own rounding need -8."""


def is_figure(value: object) -> TypeGuard[Decimal]:
    """Return whether a plug-in's number can be computed with: a plain finite Decimal of a size that money can have."""
    if type(value) is not Decimal or not value.is_finite():
        return False
    exponent = value.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= FINEST and value.copy_abs() <= LARGEST


def is_sentence(value: object) -> TypeGuard[str]:
    """Return whether this is text that every log and screen can hold."""
    return isinstance(value, str) and bool(value) and value.isprintable()


def error_text(error: BaseException) -> str:
    """Return an error's type and words on one line; a plug-in's own error may fail to say them."""
    try:
        words = str(error)
    except Exception:  # noqa: BLE001 - whatever its __str__ does
        words = "its words can't be read"
    printable = words if words.isprintable() else words.encode("unicode_escape").decode("ascii")
    return f"{type(error).__name__}: {printable}"


class UserFactorError(Exception):
    """A factor of the user's own failed, or returned what is no scaling; the sizer refuses with `plugin_error`."""
