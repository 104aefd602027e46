"""Size by the margin to commit, with margin, leverage and exposure shown as three numbers (source 002)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from elite_sizer.model.context import SizingContext
from elite_sizer.model.plugin import Proposal, Step
from elite_sizer.model.setting import FRACTION, FREE_TO_CHANGE, MONEY, TIMES
from portfolio.model import ZERO
from portfolio.reasons import refuse
from portfolio.rounding import DOWN, room_down, under


@dataclass(frozen=True, slots=True)
class LeveragedMargin:
    """A quarter of the free cash as margin, at most 5,000, times 30; the leverage is the source's, not the account's.

    The source's costly mistake was to take margin for position size: 5,000 of margin at 30 is 150,000 of exposure.
    """

    allocation: Annotated[Decimal, FRACTION, FREE_TO_CHANGE] = Decimal("0.25")
    """Share of the free cash for one of four positions."""
    max_margin: Annotated[Decimal, MONEY, FREE_TO_CHANGE] = Decimal(5000)
    leverage: Annotated[Decimal, TIMES, FREE_TO_CHANGE] = Decimal(30)
    by_confidence: Annotated[bool, FREE_TO_CHANGE] = False
    """Scale the margin by the win probability."""

    def __call__(self, context: SizingContext) -> Proposal:
        """Return the exposure over a lot's notional; refuses `no_room` without free cash."""
        lot, confidence = context.lot, context.request.confidence
        cash = context.account.free_margin - context.totals.margin
        currency = context.account.currency
        if not lot.exposure:
            return Proposal(refusal=refuse("value_unavailable", f"the notional of {context.request.symbol} is unknown"))
        if cash <= ZERO:
            return Proposal(refusal=refuse("no_room", f"free cash is {cash:,.2f} {currency}"))
        with under(DOWN):
            margin = room_down(min(self.max_margin, cash * self.allocation))
            because = f"{self.allocation:.0%} of {cash:,.2f} {currency} free, at most {self.max_margin:,.2f}"
            steps = [Step("base", "margin", None, margin, because)]
            if self.by_confidence and confidence is not None:
                before, margin = margin, room_down(margin * confidence)
                steps.append(Step("factor", "confidence", before, margin, f"win probability {confidence:.1%}"))
            exposure = room_down(margin * self.leverage)
            lots = room_down(exposure / lot.exposure)
            steps.append(Step("lots", "exposure", margin, exposure, f"margin {margin:,.2f} x leverage {self.leverage}"))
            steps.append(Step("lots", "by_exposure", None, lots, f"{exposure:,.2f} over {lot.exposure:,.2f} a lot"))
            return Proposal(lots=lots, steps=tuple(steps))
