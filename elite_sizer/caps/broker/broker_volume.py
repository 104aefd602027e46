"""Stay within the lots the broker accepts: in one order, and in one direction of the symbol."""

from __future__ import annotations

from elite_sizer.model.context import SizingContext
from elite_sizer.model.plugin import Limit
from portfolio.reasons import REASONS

# a broker refuses an order with it too, so that its sentence is portfolio's
REASON = REASONS["broker_volume"]


def broker_volume(context: SizingContext) -> Limit:
    """Return the smaller of the largest order and what the broker's limit leaves on this side of the symbol.

    The limit counts open, pending and reserved lots of the same side; what a reversal closes goes in the same order.
    Step and minimum are CLAMP's own grid.
    """
    spec = context.spec
    most = spec.volume_max - context.closing
    because = f"at most {spec.volume_max!s} lots an order"
    if context.closing > 0:
        because = f"{because}, {context.closing!s} of them to close"
    # SYMBOL_VOLUME_LIMIT holds for one direction, positions and pending orders together; 0 sets none
    if spec.volume_limit <= 0:
        return Limit(most, "lot", because)
    open_lots = context.totals.side_lots
    return Limit(
        min(most, spec.volume_limit - open_lots),
        "lot",
        f"{because} and {spec.volume_limit!s} a side, {open_lots!s} of them taken",
    )
