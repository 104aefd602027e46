"""The daily risk budget, and the share of it that one trade may use (source 003)."""

from __future__ import annotations

from decimal import Decimal

from elite_sizer.model.context import SizingContext
from portfolio.rules import rooms as rules


def daily_risk_budget(context: SizingContext) -> Decimal:
    """Return the money the day may still risk, by the rooms that open risk, reservations and buffer leave."""
    rooms, policy = context.rooms, context.policy
    return rules.daily_risk_budget(
        (rooms.daily, rooms.after_reset, rooms.overall),
        fraction=policy.budget_fraction,
        own_share=policy.max_daily_risk_pct,
        basis=context.basis,
        day_loss=context.day_loss,
        at_risk=context.totals.floor_loss,
    )


def concentration_limit(context: SizingContext) -> Decimal:
    """Return the share of the daily risk budget that one trade may use."""
    return context.policy.max_concentration * daily_risk_budget(context)
