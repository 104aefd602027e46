"""Size by two caps at once, the risk to the stop and the capital deployed, and take the smaller (source 000)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from elite_sizer.model.context import SizingContext
from elite_sizer.model.plugin import Proposal, Step
from elite_sizer.model.setting import FRACTION, FREE_TO_CHANGE
from portfolio.model import ONE, ZERO
from portfolio.reasons import refuse
from portfolio.rounding import DOWN, room_down, under


@dataclass(frozen=True, slots=True)
class DualCap:
    """2 % of equity at risk and 10 % of equity deployed; the request's multiplier (at most 1) scales both.

    The source's own example prints 62 shares, which deploy 10,540 of an allowed 10,500: its cap broken. Here it is 61.
    """

    risk_pct: Annotated[Decimal, FRACTION, FREE_TO_CHANGE] = Decimal("0.02")
    exposure_pct: Annotated[Decimal, FRACTION, FREE_TO_CHANGE] = Decimal("0.10")

    def __call__(self, context: SizingContext) -> Proposal:
        """Return the smaller of both in lots; refuses `value_unavailable` where a lot's notional is not known."""
        lot, equity, currency = context.lot, context.account.equity, context.account.currency
        if not lot.exposure:
            return Proposal(refusal=refuse("value_unavailable", f"the notional of {context.request.symbol} is unknown"))
        with under(DOWN):
            multiplier = context.request.multiplier
            scale = ONE if multiplier is None else min(multiplier, ONE)
            risk, exposure = self.risk_pct * equity * scale, self.exposure_pct * equity * scale
            by_risk = room_down(risk / lot.at_stop) if lot.at_stop > ZERO else ZERO
            by_exposure = room_down(exposure / lot.exposure)
            steps = (
                Step("base", "risk", None, room_down(risk), f"{self.risk_pct:.2%} of {equity:,.2f} {currency} at risk"),
                Step("lots", "by_risk", None, by_risk, f"{risk:,.2f} over {lot.at_stop:,.2f} a lot at the stop"),
                Step("lots", "by_exposure", None, by_exposure, f"{exposure:,.2f} over {lot.exposure:,.2f} a lot"),
            )
            return Proposal(lots=min(by_risk, by_exposure), steps=steps)
