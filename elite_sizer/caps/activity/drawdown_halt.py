"""Stop after a deep drawdown until a human says go on."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from elite_sizer.model.context import SizingContext
from elite_sizer.model.plugin import Limit
from portfolio.model import ZERO


@dataclass(frozen=True, slots=True)
class DrawdownHalt:
    """No entries once equity was this share below its peak; reaching it counts, and a human lifts it."""

    drawdown_pct: Decimal = Decimal("0.15")

    def __call__(self, context: SizingContext) -> Limit:
        """Allow nothing once the drawdown was seen, nor while no peak is known; a resume counts from there on."""
        watch, equity = context.watch, context.account.equity
        peak = context.peak_equity if watch is None or watch.peak is None else watch.peak
        if peak is None:
            return Limit(ZERO, "lot", "the highest equity is unknown")
        because = f"{equity:,.2f} {context.account.currency} against a peak of {peak:,.2f} less {self.drawdown_pct:.2%}"
        seen = watch is not None and watch.drawdown >= self.drawdown_pct
        if seen and watch is not None:
            because += f"; it was {watch.drawdown:.2%} below"
        return Limit(ZERO if seen or peak - equity >= self.drawdown_pct * peak else None, "lot", because)
