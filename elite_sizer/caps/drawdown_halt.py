"""Stop after a deep drawdown until a human says go on."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from elite_sizer.context import SizingContext
from elite_sizer.outcome import Limit
from portfolio.model import ZERO


@dataclass(frozen=True, slots=True)
class DrawdownHalt:
    """No entries once equity is this share below its peak; reaching it counts."""

    drawdown_pct: Decimal = Decimal("0.15")

    def __call__(self, context: SizingContext) -> Limit:
        """Allow nothing at or below the drawdown, nor while no peak is known."""
        peak = context.peak_equity
        if peak is None:
            return Limit(ZERO, "lot", "the highest equity is unknown")
        equity = context.account.equity
        because = f"{equity:,.2f} {context.account.currency} against a peak of {peak:,.2f} less {self.drawdown_pct:.2%}"
        return Limit(ZERO if peak - equity >= self.drawdown_pct * peak else None, "lot", because)
