"""Stay within the lots the broker accepts: in one order, and in one direction of the symbol."""

from __future__ import annotations

from elite_sizer.context import SizingContext
from elite_sizer.outcome import Limit


def broker_volume(context: SizingContext) -> Limit:
    """Return the smaller of the largest order and what the broker's limit leaves on this side of the symbol.

    The limit counts open, pending and reserved lots of the same side. Step and minimum are CLAMP's own grid.
    """
    spec = context.spec
    if spec.volume_limit <= 0:
        return Limit(spec.volume_max, "lot", f"at most {spec.volume_max!s} lots an order")
    used = context.totals.side_lots
    return Limit(
        min(spec.volume_max, spec.volume_limit - used),
        "lot",
        f"at most {spec.volume_max!s} lots an order and {spec.volume_limit!s} a side, {used!s} of them taken",
    )
