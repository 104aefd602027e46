"""The base risk of a trade on a fresh account: a share of the balance, or of the day's risk budget if less."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Final

from elite_sizer.configuration.settings import Settings
from portfolio.model import ZERO
from portfolio.rounding import DOWN
from portfolio.rules.headroom import References, headroom
from portfolio.rules.rooms import daily_risk_budget, daily_room, overall_room, room_after_reset
from portfolio.rules.rule_set import Rules
from portfolio.rules.size_limits import size_refusal

EXAMPLE: Final = Decimal(100_000)
"""The account that is shown where the configuration names no size."""


def base_in_force(settings: Settings, now: datetime) -> str:
    """Return in a sentence which of the two limits the elite sizer's base risk is, before anything is traded."""
    rules = settings.firm_rules
    initial = EXAMPLE if settings.account.initial == "auto" else Decimal(settings.account.initial)
    misfit = size_refusal(rules, initial)
    if misfit is not None:
        return f"unknown: {misfit.detail}"
    share = Decimal(str(settings.values["sizers.elite.base_risk_pct"]))
    own_base, limit = DOWN.multiply(share, initial), _concentration(settings, rules, initial, now)
    least, most = f"{settings.policy.max_concentration:.0%} of the daily risk budget", f"{share:.2%} of the balance"
    on = f"on a fresh account of {initial:,.0f} under {rules.id} a trade starts from"
    if limit < own_base:
        return f"{on} {limit:,.2f}: {least} ({most} would be {own_base:,.2f})"
    return f"{on} {own_base:,.2f}: {most} ({least} would be {limit:,.2f})"


def _concentration(settings: Settings, rules: Rules, initial: Decimal, now: datetime) -> Decimal:
    policy = settings.policy
    head = headroom(rules, References(initial, initial), initial, initial, now)
    buffer = policy.buffer(head)
    budget = daily_risk_budget(
        (
            daily_room(rules, head, (), buffer),
            room_after_reset(rules, head, (), buffer),
            overall_room(rules, head, (), buffer),
        ),
        fraction=policy.budget_fraction,
        own_share=policy.max_daily_risk_pct,
        basis=initial,
        day_loss=ZERO,
        at_risk=ZERO,
    )
    return DOWN.multiply(policy.max_concentration, budget)
