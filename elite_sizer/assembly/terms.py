"""What the configuration says about valuing trades."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from elite_sizer.model.policy import Policy
from portfolio.valuation.costs import ASSUMED


@dataclass(frozen=True, slots=True)
class Terms:
    """What the configuration says about valuing trades; made once."""

    policy: Policy
    classes: Mapping[str, str]
    commission: Decimal | None = None
    """Round turn per lot; None learns it from the deals."""
    slippage: Decimal | None = None
    """Per lot; None takes one spread."""
    assumed: Decimal = ASSUMED
    """Round turn as a share of the notional, where neither deals nor a figure say."""
    tail_multiple: Decimal = Decimal(2)
    gap_charged: bool = False
    """What has no stop is charged three daily ATRs instead of refused."""
