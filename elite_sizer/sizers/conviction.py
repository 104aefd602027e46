"""Size by a share of equity that grows and shrinks with the conviction score (source 001)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from elite_sizer.model.context import SizingContext
from elite_sizer.model.plugin import Proposal, Step
from elite_sizer.model.setting import FRACTION, FREE_TO_CHANGE, MONEY, SCORE
from portfolio.model import ZERO
from portfolio.reasons import Refusal, refuse
from portfolio.rounding import DOWN, room_down, under


@dataclass(frozen=True, slots=True)
class Conviction:
    """1.5 % of equity deployed, 2.0 % above a score of 4.5, 1.0 % below 3.5, never above the largest position.

    The modifiers follow in the source's order: signal, then slippage or regime.
    """

    base_pct: Annotated[Decimal, FRACTION, FREE_TO_CHANGE] = Decimal("0.015")
    high_pct: Annotated[Decimal, FRACTION, FREE_TO_CHANGE] = Decimal("0.020")
    low_pct: Annotated[Decimal, FRACTION, FREE_TO_CHANGE] = Decimal("0.010")
    high_above: Annotated[Decimal, SCORE, FREE_TO_CHANGE] = Decimal("4.5")
    low_below: Annotated[Decimal, SCORE, FREE_TO_CHANGE] = Decimal("3.5")
    max_position_dollar: Annotated[Decimal | None, MONEY, FREE_TO_CHANGE] = None
    """Largest position in deposit currency; None takes the base share of equity, the source's own ceiling."""

    def __call__(self, context: SizingContext) -> Proposal:
        """Return the position over a lot's notional; refuses `no_edge` for a score of 0 or less."""
        refusal = self._refusal(context)
        lot, request, equity = context.lot, context.request, context.account.equity
        if refusal is not None or not lot.exposure:
            return Proposal(refusal=refusal)
        with under(DOWN):
            pct, because = self._share(request.conviction)
            money = room_down(pct * equity)
            steps = [Step("base", "conviction", None, money, f"{because} {equity:,.2f} {context.account.currency}")]
            for name, value in (("signal", request.signal_modifier), ("slippage", request.slippage_modifier)):
                before, money = money, money if value is None else room_down(money * value)
                steps.append(Step("factor", name, before, money, "no data" if value is None else "as requested"))
            most = room_down(self.base_pct * equity) if self.max_position_dollar is None else self.max_position_dollar
            if money > most:
                steps.append(Step("factor", "max_position_dollar", money, most, "the largest position"))
                money = most
            lots = room_down(money / lot.exposure)
            steps.append(Step("lots", "by_exposure", None, lots, f"{money:,.2f} over {lot.exposure:,.2f} a lot"))
            return Proposal(lots=lots, steps=tuple(steps))

    def _refusal(self, context: SizingContext) -> Refusal | None:
        score = context.request.conviction
        if score is not None and score <= ZERO:
            return refuse("no_edge", f"conviction {score} is not above 0")
        if not context.lot.exposure:
            return refuse("value_unavailable", f"the notional of {context.request.symbol} is unknown")
        return None

    def _share(self, score: Decimal | None) -> tuple[Decimal, str]:
        if score is None:
            return self.base_pct, f"no conviction given: {self.base_pct:.1%} of"
        if score > self.high_above:
            return self.high_pct, f"conviction {score} above {self.high_above}: {self.high_pct:.1%} of"
        if score < self.low_below:
            return self.low_pct, f"conviction {score} below {self.low_below}: {self.low_pct:.1%} of"
        return self.base_pct, f"conviction {score}: {self.base_pct:.1%} of"
