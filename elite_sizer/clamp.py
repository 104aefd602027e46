"""Cut a proposal down to every limit, exactly: the few lines that keep an account alive.

Pure integers and exact decimals; imports nothing but the model. A limit's room is divided by what one *step* of
lots uses and floored once, so no quotient is ever rounded before it is floored. The answer is then checked against
every room by multiplication; a contradiction is our own bug and refuses with `kernel_invariant`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, localcontext
from typing import NamedTuple

from elite_sizer.outcome import Check, Limit, Per
from portfolio.model import ZERO, SymbolSpec
from portfolio.reasons import Refusal, refuse
from portfolio.rounding import DOWN, EXACT, RESOLUTION, smallest_lots

PerLot = Mapping[Per, Decimal | None]
"""What one lot uses of each kind of room; None is unknown and refuses every limit that needs it."""

Named = tuple[str, bool, Limit]
"""A limit under its registry name, and whether it is a hard one."""


FREE = frozenset({"margin", "exposure"})
"""What a lot may use nothing of; a lot that loses nothing is an error, and gets no room."""


class Grid(NamedTuple):
    """The lots a broker accepts: whole multiples of `step` from `smallest` to `largest`."""

    step: Decimal
    smallest: Decimal
    largest: Decimal


class Clamped(NamedTuple):
    """Lots that no limit forbids, the name of what cut last, and every limit in lots."""

    lots: Decimal
    binding: str
    refusal: Refusal | None
    raw_lots: Decimal
    checks: tuple[Check, ...]


def grid(spec: SymbolSpec) -> Grid:
    """Return the broker's grid; a minimum that is no multiple of the step is raised to the next one."""
    return Grid(spec.volume_step, smallest_lots(spec.volume_min, spec.volume_step), spec.volume_max)


def clamp(proposed: Limit, limits: Sequence[Named], per_lot: PerLot, grid: Grid) -> Clamped:
    """Return the most lots on the grid that neither the proposal nor any limit forbids, 0 below the smallest.

    Ties go to the first limit in order; the proposal binds only where no limit cuts below it. The arithmetic is
    exact whatever the caller's own decimal context is: what would have to be rounded raises, and refuses.
    """
    try:
        with localcontext(EXACT):
            return _checked(_cut(proposed, limits, per_lot, grid), proposed, limits, per_lot, grid)
    except ArithmeticError as error:
        broken = refuse("kernel_invariant", f"{type(error).__name__} while clamping {proposed.room} per {proposed.per}")
        return Clamped(ZERO, "proposal", broken, ZERO, ())


def _cut(proposed: Limit, limits: Sequence[Named], per_lot: PerLot, grid: Grid) -> Clamped:
    step = grid.step
    per_step = {per: None if use is None else use * step for per, use in per_lot.items()}
    least, binding = _steps(proposed, per_step) or ZERO, "proposal"
    spent = False
    checks = []
    for name, hard, limit in limits:
        steps = _steps(limit, per_step)
        checks.append(Check(name, hard, limit, None if steps is None else steps * step))
        if steps is not None and steps < least:
            least, binding = steps, name
            spent = limit.room is not None and (limit.room <= 0 or per_step[limit.per] is None)
    if (most := grid.largest // step) < least:
        least, binding, spent = most, "broker_volume", False
    lots = least * step
    raw = _raw(proposed, per_lot)
    if lots >= grid.smallest:
        return Clamped(lots, binding, None, raw, tuple(checks))
    return Clamped(ZERO, binding, refuse(binding if spent else "below_min_lot", ""), raw, tuple(checks))


def _steps(limit: Limit, per_step: PerLot) -> Decimal | None:
    """Return the whole steps a limit allows, None where it is no limit; 0 where what a lot uses is unknown."""
    room, per, _ = limit
    if room is None:
        return None
    use = per_step[per]
    if use is None or room <= 0:
        return ZERO
    if use <= 0:
        return None if use == 0 and per in FREE else ZERO
    return room // use


def _raw(proposed: Limit, per_lot: PerLot) -> Decimal:
    """Return the proposal in lots, rounded down to 1e-8, for people to read."""
    use = per_lot[proposed.per]
    if proposed.room is None or not use or proposed.room <= 0:
        return ZERO
    return DOWN.quantize(DOWN.divide(proposed.room, use), RESOLUTION)


def _checked(answer: Clamped, proposed: Limit, limits: Sequence[Named], per_lot: PerLot, grid: Grid) -> Clamped:
    """Return the answer if it holds when multiplied back against every room, else refuse: our arithmetic is wrong."""
    lots = answer.lots
    if lots == 0 and answer.refusal is not None:
        return answer
    on_grid = lots % grid.step == 0 and grid.smallest <= lots <= grid.largest
    if answer.refusal is None and on_grid and _fits(lots, proposed, per_lot):
        for _, _, limit in limits:
            if not _fits(lots, limit, per_lot):
                break
        else:
            return answer
    broken = refuse("kernel_invariant", f"{lots} lots contradict the limits they were cut to")
    return answer._replace(lots=ZERO, refusal=broken)


def _fits(lots: Decimal, limit: Limit, per_lot: PerLot) -> bool:
    room, per, _ = limit
    if room is None:
        return True
    use = per_lot[per]
    return use is not None and lots * use <= room
