"""Stop for the day after a bad one, well before the firm would."""

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

REASON = Reason("Today's loss has reached the configured halt.", "Wait for the reset.", HALTED)


@dataclass(frozen=True, slots=True)
class DailyHalt:
    """No entries once today has lost this share of what the day began with; reaching it counts."""

    loss_pct: Annotated[Decimal, FRACTION, TIGHTER_BELOW] = Decimal("0.05")

    def __call__(self, context: SizingContext) -> Limit:
        """Allow nothing once the loss was seen, whatever came back since; the reset forgets it."""
        loss, watch = context.day_loss, context.watch
        start = context.account.equity + loss
        because = f"today's loss of {loss:,.2f} {context.account.currency} against {self.loss_pct:.2%} of {start:,.2f}"
        at_limit = self.reached(watch) is not None
        if at_limit and watch is not None:
            because += f"; it was {watch.day_loss:.2%}"
        return Limit(ZERO if at_limit or loss >= self.loss_pct * start else None, "lot", because)

    def reached(self, watch: WorstSeen | None) -> Refusal | None:
        """Return the halt where today's worst loss reached the share; `status` shows it before a trade is asked for."""
        if watch is None or watch.day_loss < self.loss_pct:
            return None
        return Refusal("daily_halt", f"{watch.day_loss:.2%} lost today, halted from {self.loss_pct:.2%} on")
