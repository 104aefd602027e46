"""Settings that sizers and caps share: the basis of percentages, the daily risk budget, the buffer before a floor."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from portfolio.model import ZERO
from portfolio.rounding import loss_up
from portfolio.rules.headroom import Headroom


@dataclass(frozen=True, slots=True)
class Policy:
    """Policy by which the account's money is counted; fractions as fractions (0.7, not 70)."""

    basis: str = "min"
    """`min` (of balance and equity), `balance`, `equity` or `initial`."""
    budget_fraction: Decimal = Decimal("0.7")
    max_concentration: Decimal = Decimal("0.30")
    """Largest share of the daily risk budget for one trade (source 003)."""
    max_daily_risk_pct: Decimal = Decimal("0.03")
    """Share of the basis used as the daily room where the firm has no daily rule."""
    # for losses that no rule states: a fill behind the stop, a firm that takes its midnight figure minutes late
    buffer_of_initial: Decimal = Decimal("0.0025")
    buffer_of_daily: Decimal = Decimal("0.05")
    open_stop: str = "deny"
    """With an open trade that has no stop: `deny` refuses new trades, `gap` charges the open one three daily ATRs."""

    def buffer(self, headroom: Headroom) -> Decimal:
        """Return the money kept back before every floor: the larger of a share of initial and of the daily amount."""
        daily = headroom.daily_amount or ZERO
        return loss_up(max(self.buffer_of_initial * headroom.references.initial, self.buffer_of_daily * daily))
