"""Worst loss today (cleared at the firm's reset) and worst drawdown (cleared by `elite-sizer resume`).

A halt measured by the equity of the moment would end at the first small recovery. The worst is recorded with the
account's state, so the halt holds after a recovery and after a restart.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal
from typing import Final, NamedTuple

from portfolio.model import ZERO
from portfolio.rounding import UP

FINEST: Final = Decimal("1E-12")
"""Finest step of a share; a coarser one could not tell a cent on a large account."""


class WorstSeen(NamedTuple):
    """Worst figures of all snapshots so far."""

    day_loss: Decimal = ZERO
    """The deepest fall below the day's reference since the reset as a share of it; rounded up."""
    drawdown: Decimal = ZERO
    """The deepest fall below the peak as a share of it, since a human last lifted it; rounded up."""
    peak: Decimal | None = None
    """The highest equity since then; None counts from the account's own peak."""


def watched(
    before: WorstSeen | None, *, same_day: bool, reference: Decimal, equity: Decimal, high_water: Decimal
) -> WorstSeen:
    """Return the worst after one more snapshot; `reference` is the day's, `high_water` the account's own peak."""
    worst = before or WorstSeen()
    peak = None if worst.peak is None else max(worst.peak, equity)
    return WorstSeen(
        day_loss=max(share_below(reference, equity), worst.day_loss if same_day else ZERO),
        drawdown=max(worst.drawdown, share_below(high_water if peak is None else peak, equity)),
        peak=peak,
    )


def lift_drawdown(worst: WorstSeen, equity: Decimal) -> WorstSeen:
    """Return the worst after a human lifted the drawdown: it counts from this equity on; the day's loss stays."""
    return worst._replace(drawdown=ZERO, peak=equity)


def share_below(peak: Decimal, equity: Decimal) -> Decimal:
    """Return the fall of equity below a peak as a share of it, rounded up to 1e-12; all of it without a peak."""
    if peak <= ZERO:
        return Decimal(1)
    drawdown = max(UP.subtract(peak, equity), ZERO)
    return UP.divide(drawdown, peak).quantize(FINEST, rounding=ROUND_CEILING, context=UP)
