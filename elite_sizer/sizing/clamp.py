"""Cuts a proposal down to every limit, exactly: the few lines that keep an account alive.

Exact decimals only, and no import but the model, reasons and rounding. A limit's room is divided by what one *step* of
lots uses and floored once, so no quotient is ever rounded before it is floored. The lots are then checked against every
room by multiplication; a contradiction is our own bug and refuses with `kernel_invariant`.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, getcontext, localcontext

from msgspec import Struct

from elite_sizer.model.plugin import FREE, Limit, Named, PerLot
from portfolio.model import ZERO, SymbolSpec
from portfolio.reasons import Refusal, refuse
from portfolio.rounding import EXACT, smallest_lots


class Grid(Struct, frozen=True):
    """The lots a broker accepts: whole multiples of `step` from `smallest` to `largest`."""

    step: Decimal
    smallest: Decimal
    largest: Decimal


class Clamped(Struct, frozen=True):
    """Lots that no limit forbids, and the name of the cap that cut last."""

    lots: Decimal
    binding: str
    refusal: Refusal | None = None


def grid(spec: SymbolSpec) -> Grid:
    """Return the broker's grid; a minimum that is no multiple of the step is raised to the next one."""
    step, smallest = spec.volume_step, spec.volume_min
    if smallest <= ZERO or EXACT.remainder(smallest, step) != ZERO:
        smallest = smallest_lots(smallest, step)
    return Grid(step, smallest, spec.volume_max)


def clamp(proposal: Limit, limits: Sequence[Named], per_lot: PerLot, grid: Grid) -> Clamped:
    """Return the most lots on the grid that neither the proposal nor any limit forbids, 0 below the smallest.

    Ties go to the first limit in order; the proposal binds only where no limit cuts below it. The arithmetic is
    exact whatever the caller's own decimal context is: a product that would have to be rounded refuses.
    """
    if getcontext() is not EXACT:
        with localcontext(EXACT):
            return _clamp(proposal, limits, per_lot, grid)
    return _clamp(proposal, limits, per_lot, grid)


def _clamp(proposal: Limit, limits: Sequence[Named], per_lot: PerLot, grid: Grid) -> Clamped:
    try:
        clamping = _cut(proposal, limits, _usable(per_lot), grid)
        if clamping.refusal is None and not _holds(clamping.lots, proposal, limits, per_lot, grid):
            violation = refuse("kernel_invariant", f"{clamping.lots} lots contradict the limits they were cut to")
            return Clamped(ZERO, clamping.binding, violation)
    except (ArithmeticError, KeyError) as error:
        violation = refuse(
            "kernel_invariant", f"{type(error).__name__} while clamping {proposal.room} per {proposal.per}"
        )
        return Clamped(ZERO, "proposal", violation)
    return clamping


def _usable(per_lot: PerLot) -> PerLot:
    """Return the use of a lot, None for one that makes no sense: no room allows a lot of unknown use."""
    for use in per_lot.values():
        if use is None or use <= ZERO:
            return {
                per: use if (use and use > ZERO) or (use == ZERO and per in FREE) else None
                for per, use in per_lot.items()
            }
    return per_lot


def _cut(proposal: Limit, limits: Sequence[Named], per_lot: PerLot, grid: Grid) -> Clamped:
    """Cut limit by limit; multiplying is faster, so a division is made only where a limit cuts."""
    step = grid.step
    room, use = proposal.room, per_lot[proposal.per]
    lots = room // (use * step) * step if room is not None and use and room > ZERO else ZERO
    binding, no_room = "proposal", False
    for name, _, limit in limits:
        room = limit.room
        if room is None:
            continue
        use = per_lot[limit.per]
        if use is None or room <= ZERO:
            if lots > ZERO:
                lots, binding, no_room = ZERO, name, True
        elif lots * use > room:
            lots, binding, no_room = room // (use * step) * step, name, False
    if lots > grid.largest:
        lots, binding, no_room = grid.largest // step * step, "broker_volume", False
    if lots >= grid.smallest:
        return Clamped(lots, binding)
    return Clamped(ZERO, binding, Refusal(binding, "") if no_room else refuse("below_min_lot", ""))


def _holds(lots: Decimal, proposal: Limit, limits: Sequence[Named], per_lot: PerLot, grid: Grid) -> bool:
    """Return whether lots are on the grid and fit every room when multiplied back; if not, our arithmetic is wrong."""
    if lots % grid.step or not grid.smallest <= lots <= grid.largest:
        return False
    for _, _, limit in [("proposal", True, proposal), *limits]:
        room = limit.room
        if room is not None:
            use = per_lot[limit.per]
            if use is None or lots * use > room:
                return False
    return True
