"""How the account's money is counted: basis, budget, buffers."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from portfolio.model import ZERO
from portfolio.rounding import loss_up
from portfolio.rules.headroom import Headroom


@dataclass(frozen=True, slots=True)
class Policy:
    """How the account's money is counted; settings that several parts share."""

    basis: str = "min"
    """`min` (of balance and equity), `balance`, `equity` or `initial`."""
    budget_fraction: Decimal = Decimal("0.7")
    max_concentration: Decimal = Decimal("0.30")
    """Largest share of the daily risk budget for one trade (source 003)."""
    max_daily_risk_pct: Decimal = Decimal("0.03")
    """Stands for the daily room where the firm has no daily rule."""
    buffer_of_initial: Decimal = Decimal("0.0025")
    buffer_of_daily: Decimal = Decimal("0.05")
    open_stop: str = "deny"
    """What an open trade without a stop does to new ones: `deny`, or `gap` charges it three daily ATRs."""

    def buffer(self, headroom: Headroom) -> Decimal:
        """Return what is kept back before every floor: the larger of a share of initial and of the daily amount."""
        daily = headroom.daily_amount or ZERO
        return loss_up(max(self.buffer_of_initial * headroom.references.initial, self.buffer_of_daily * daily))
