"""The daily risk budget, and the share of it that one trade may use (source 003)."""

from __future__ import annotations

from decimal import Decimal

from elite_sizer.model.context import SizingContext
from portfolio.model import ZERO


def daily_risk_budget(context: SizingContext) -> Decimal:
    """Return the money the day may still risk: a fraction of the least net room, never below 0.

    The rooms are net of open risk, reservations and buffer. Where the firm has no daily rule, a share of the basis
    less today's loss, open risk and reservations takes its place.
    """
    least = context.rooms.least
    if context.rooms.daily.money is None:
        own = _own_daily_room(context)
        least = own if least is None else min(least, own)
    return ZERO if least is None or least <= ZERO else context.policy.budget_fraction * least


def concentration_limit(context: SizingContext) -> Decimal:
    """Return the share of the daily risk budget that one trade may use."""
    return context.policy.max_concentration * daily_risk_budget(context)


def _own_daily_room(context: SizingContext) -> Decimal:
    at_risk = context.totals.floor_loss
    if at_risk is None:
        return ZERO
    return context.policy.max_daily_risk_pct * context.basis - context.day_loss - at_risk
