"""The elite sizer: a risk budget, scaled by confidence, regime, record and diversification, over the tail risk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Annotated

from elite_sizer.model.context import Factor, SizingContext
from elite_sizer.model.expectancy import break_even, reward_to_risk
from elite_sizer.model.plugin import Proposal, Scaling, Step
from elite_sizer.model.risk_budget import concentration_limit
from elite_sizer.model.setting import FRACTION, FREE_TO_CHANGE, RATIO
from portfolio.model import ONE, ZERO
from portfolio.reasons import Refusal, refuse
from portfolio.rounding import DOWN, room_down, under


@dataclass(frozen=True, slots=True)
class Elite:
    """Source 003's chain; every number below is a setting with its origin in config/defaults.toml."""

    base_risk_pct: Annotated[Decimal, FRACTION, FREE_TO_CHANGE] = Decimal("0.011")
    ceiling: Annotated[Decimal, RATIO, FREE_TO_CHANGE] = Decimal("1.5")
    """Most that the factors before diversification may multiply to."""
    minimum_confidence: Annotated[Decimal, FRACTION, FREE_TO_CHANGE] = Decimal("0.50")
    """Least win probability of a trade without a target, whose break-even is unknown."""
    blend: Mapping[str, Factor] = field(default_factory=dict)
    """By name in order, bounded together by the ceiling; filled from the configuration."""
    reduce: Mapping[str, Factor] = field(default_factory=dict)
    """By name in order, each held to at most 1, after the ceiling."""

    def __call__(self, context: SizingContext) -> Proposal:
        """Return the money to risk, divided by the larger of stop, tail and gap; or a refusal without an edge."""
        with under(DOWN):
            base, because = self._base(context)
            refusal = self._without_edge(context) or (refuse("no_room", because) if base <= ZERO else None)
            steps = [Step("base", "base_risk", None, base, because)]
            if refusal is not None:
                return Proposal(refusal=refusal, steps=tuple(steps))
            scalings: list[tuple[str, Scaling]] = []
            money = self._scale(context, base, steps, scalings)
            return Proposal(money=money, steps=tuple(steps), loss_per_lot=context.lot.risk, scalings=tuple(scalings))

    def _scale(
        self, context: SizingContext, base: Decimal, steps: list[Step], scalings: list[tuple[str, Scaling]]
    ) -> Decimal:
        """Return the base times every factor, with a step and a scaling for each."""
        money = base
        for name, factor in self.blend.items():
            scaling = factor(context, money)
            before = money
            if scaling.value != ONE:
                money = room_down(money * scaling.value)
            steps.append(Step("factor", name, before, money, scaling.because))
            scalings.append((name, scaling))
        if money > (most := room_down(base * self.ceiling)):
            steps.append(Step("factor", "ceiling", money, most, f"at most {self.ceiling}x the base"))
            money = most
        for name, factor in self.reduce.items():
            scaling = factor(context, money)
            before = money
            if scaling.value < ONE:
                money = room_down(money * scaling.value)
            steps.append(Step("factor", name, before, money, scaling.because))
            scalings.append((name, scaling))
        return money

    def _base(self, context: SizingContext) -> tuple[Decimal, str]:
        basis = context.basis
        share, limit = room_down(self.base_risk_pct * basis), room_down(concentration_limit(context))
        if limit < share:
            return limit, f"{context.policy.max_concentration:.0%} of the daily risk budget, below {share:,.2f}"
        return share, f"{self.base_risk_pct:.2%} of {basis:,.2f} {context.account.currency}"

    def _without_edge(self, context: SizingContext) -> Refusal | None:
        probability, ratio = context.request.confidence, reward_to_risk(context)
        if probability is None:
            return None
        if ratio is None:
            if probability >= self.minimum_confidence:
                return None
            least = f"below {self.minimum_confidence:.0%} and has no target"
            return refuse("no_edge", f"win probability {probability:.1%} is {least}")
        if probability * ratio > 1 - probability:
            return None
        return refuse(
            "no_edge",
            f"win probability {probability:.1%} is not above break-even {break_even(ratio):.1%} "
            f"at {ratio:.2f} R after costs",
        )
