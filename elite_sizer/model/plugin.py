"""What a factor, a cap and a sizer are, and what each returns: a number with its sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from portfolio.model import ZERO
from portfolio.reasons import Refusal

if TYPE_CHECKING:
    from elite_sizer.model.context import SizingContext


Per = Literal["loss", "swing", "margin", "exposure", "lot"]
"""What a lot uses of a room: loss per lot, that and its gain together, margin, notional, or the lot itself."""


PerLot = Mapping[Per, Decimal | None]
"""How much a lot uses of each; None is unknown, and no room allows it."""


FREE = frozenset({"margin", "exposure"})
"""What a lot may use nothing of; one that loses nothing is an error, and no room allows it."""


class Scaling(Struct, frozen=True):
    """A factor's answer: multiply the money at risk by `value` (finite, not negative)."""

    value: Decimal
    because: str


class Limit(Struct, frozen=True):
    """A cap's answer: an exact room, what a lot uses of it, and the sentence. `room` None is no limit, 0 refuses."""

    room: Decimal | None
    per: Per
    because: str
    least: Decimal | None = None
    """What the trade must use of it to be taken at all; None asks for nothing."""

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
"""A limit under its registry name, and whether it is a hard one."""


class Step(Struct, frozen=True):
    """One line of the breakdown; money before the raw lots, lots after."""

    stage: str
    name: str
    before: Decimal | None
    after: Decimal | None
    because: str


class Proposal(Struct, frozen=True):
    """A sizer's answer: money at risk, or lots, or its own refusal."""

    money: Decimal | None = None
    lots: Decimal | None = None
    refusal: Refusal | None = None
    steps: tuple[Step, ...] = ()
    loss_per_lot: Decimal | None = None
    """What the sizer holds a lot to lose, where that is more than the loss at the stop; caps divide by it too."""


Factor = Callable[["SizingContext", Decimal], Scaling]
"""The second argument is the money at risk so far; most factors ignore it."""


Cap = Callable[["SizingContext"], Limit]
"""Answers from the context alone, never from a proposed size, so the order of the caps does not matter."""


Proposer = Callable[["SizingContext"], Proposal]
