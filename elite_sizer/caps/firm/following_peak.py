"""Stay above a floor that follows equity up: first every target, then every stop, must still end above it."""

from __future__ import annotations

from decimal import Decimal

from elite_sizer.model.context import SizingContext
from elite_sizer.model.plugin import Limit
from portfolio.model import ZERO
from portfolio.reasons import Reason
from portfolio.rounding import DOWN
from portfolio.rules.rooms import FollowingPeak

REASON = Reason("The room before a floor that follows equity is used up.", "Reduce the open risk.")


def following_peak(context: SizingContext) -> Limit:
    """Return the least room of the floors that follow equity; no limit where none does.

    Each allows the larger of its span over what a lot can swing (loss plus gain) and, where it locks, of the locked
    room over the loss. Without a target the loss alone is charged, and the decision's guarantee is `not_provable`.
    """
    peaks = context.rooms.peaks
    if not peaks:
        return Limit(None, "swing", "no floor follows equity")
    limits = [_limit(context, peak) for peak in peaks]
    return limits[0] if len(limits) == 1 else min(limits, key=lambda limit: _lots(context, limit))


def _limit(context: SizingContext, peak: FollowingPeak) -> Limit:
    lot, currency = context.lot, context.account.currency
    loss = lot.at_stop
    swing = loss if lot.gain is None else loss + lot.gain
    if peak.locked is not None and peak.locked * swing > peak.span * loss:
        return Limit(peak.locked, "loss", f"{peak.locked:,.2f} {currency} above the highest the floor can ever be")
    because = f"{peak.span:,.2f} {currency} for losses and gains together: {peak.because}"
    return Limit(peak.span, "swing", because if lot.gain is not None else f"{because}; without a target, not provable")


def _lots(context: SizingContext, limit: Limit) -> Decimal:
    """Return what a limit of this file allows, in lots by the loss at the stop, to find the least of several."""
    lot = context.lot
    use = lot.at_stop if limit.per == "loss" or lot.gain is None else lot.at_stop + lot.gain
    return ZERO if limit.room is None or use <= 0 else DOWN.divide(limit.room, use)
