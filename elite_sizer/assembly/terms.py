"""Settings of valuing a trade: costs, asset classes, and the charge for an open trade without a stop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from elite_sizer.model.policy import Policy
from portfolio.valuation.costs import ASSUMED


@dataclass(frozen=True, slots=True)
class Terms:
    """Settings of valuing a trade, read once from the configuration."""

    policy: Policy
    classes: Mapping[str, str]
    commission: Decimal | None = None
    """Round turn per lot; None learns it from the deals."""
    slippage: Decimal | None = None
    """Per lot; None takes one spread."""
    usual_rate: Decimal = ASSUMED
    """Round turn as a share of the notional, where neither deals nor a setting give one."""
    tail_multiple: Decimal = Decimal(2)
    gap_charged: bool = False
    """An open trade without a stop is charged three daily ATRs instead of refused."""
