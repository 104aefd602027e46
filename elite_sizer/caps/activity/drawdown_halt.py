"""Stop after a deep drawdown until a human says go on."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from elite_sizer.model.context import SizingContext
from elite_sizer.model.plugin import Limit
from elite_sizer.model.setting import FRACTION, TIGHTER_BELOW
from portfolio.account.worst_seen import WorstSeen
from portfolio.model import ZERO
from portfolio.reasons import HALTED, Reason, Refusal

REASON = Reason("The drawdown has reached the configured halt.", "elite-sizer resume --reason TEXT", HALTED)


@dataclass(frozen=True, slots=True)
class DrawdownHalt:
    """No entries once equity was this share below its peak; reaching it counts, and a human lifts it."""

    drawdown_pct: Annotated[Decimal, FRACTION, TIGHTER_BELOW] = Decimal("0.15")

    def __call__(self, context: SizingContext) -> Limit:
        """Allow nothing once the drawdown was seen, nor while no peak is known; a resume counts from there on."""
        watch, equity = context.watch, context.account.equity
        peak = context.peak_equity if watch is None or watch.peak is None else watch.peak
        if peak is None:
            return Limit(ZERO, "lot", "the highest equity is unknown")
        because = f"{equity:,.2f} {context.account.currency} against a peak of {peak:,.2f} less {self.drawdown_pct:.2%}"
        at_limit = self.reached(watch) is not None
        if at_limit and watch is not None:
            because += f"; it was {watch.drawdown:.2%} below"
        return Limit(ZERO if at_limit or peak - equity >= self.drawdown_pct * peak else None, "lot", because)

    def reached(self, watch: WorstSeen | None) -> Refusal | None:
        """Return the halt where the deepest drawdown reached the share; `status` and `resume` ask it too."""
        if watch is None or watch.drawdown < self.drawdown_pct:
            return None
        detail = f"{watch.drawdown:.2%} below the peak, halted from {self.drawdown_pct:.2%} on"
        return Refusal("drawdown_halt", detail)
