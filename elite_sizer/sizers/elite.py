"""The elite sizer: a risk budget, scaled by confidence, regime, record and diversification, over the tail risk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from elite_sizer.context import SizingContext
from elite_sizer.expectancy import break_even, expectancy, reward_to_risk
from elite_sizer.outcome import Factor, Proposal, Step
from elite_sizer.risk_budget import concentration_limit
from portfolio.model import ONE, ZERO
from portfolio.reasons import Refusal, refuse
from portfolio.rounding import DOWN, room_down


@dataclass(frozen=True, slots=True)
class Elite:
    """Source 003's chain; every number below is a setting with its origin in config/defaults.toml."""

    base_risk_pct: Decimal = Decimal("0.011")
    ceiling: Decimal = Decimal("1.5")
    """Most that the factors before diversification may multiply to."""
    minimum_confidence: Decimal = Decimal("0.50")
    """Where no target says what break-even is."""
    blend: Mapping[str, Factor] = field(default_factory=dict)
    """By name in order, bounded together by the ceiling; filled from the configuration."""
    reduce: Mapping[str, Factor] = field(default_factory=dict)
    """By name in order, each held to at most 1, after the ceiling."""

    def __call__(self, context: SizingContext) -> Proposal:
        """Return the money to risk, divided by the larger of stop, tail and gap; or a refusal without an edge."""
        refusal = self._without_edge(context)
        money, because = self._base(context)
        steps = [Step("base", "base_risk", None, money, because)]
        if refusal is None and money <= 0:
            refusal = refuse("no_room", because)
        if refusal is not None:
            return Proposal(refusal=refusal, steps=tuple(steps))
        base = money
        for name, factor in self.blend.items():
            steps.append(_step(context, name, factor, money))
            money = steps[-1].after or ZERO
        most = room_down(DOWN.multiply(base, self.ceiling))
        if money > most:
            steps.append(Step("factor", "ceiling", money, most, f"at most {self.ceiling}x the base"))
            money = most
        for name, factor in self.reduce.items():
            steps.append(_step(context, name, factor, money, most=ONE))
            money = steps[-1].after or ZERO
        return Proposal(money=money, steps=tuple(steps), loss_per_lot=context.lot.risk)

    def _base(self, context: SizingContext) -> tuple[Decimal, str]:
        share = room_down(DOWN.multiply(self.base_risk_pct, context.basis))
        limit = room_down(concentration_limit(context))
        if limit < share:
            policy = context.policy
            return limit, (
                f"{policy.max_concentration:.0%} of the daily risk budget "
                f"(below {self.base_risk_pct:.2%} of {context.basis:,.2f})"
            )
        return share, f"{self.base_risk_pct:.2%} of {context.basis:,.2f}"

    def _without_edge(self, context: SizingContext) -> Refusal | None:
        probability, ratio, expected = context.request.confidence, reward_to_risk(context), expectancy(context)
        if expected is not None and ratio is not None and expected <= 0:
            return refuse(
                "no_edge",
                f"win probability {probability:.1%} is not above break-even {break_even(ratio):.1%} "
                f"at {ratio:.2f} R after costs",
            )
        if probability is not None and ratio is None and probability < self.minimum_confidence:
            return refuse(
                "no_edge", f"win probability {probability:.1%} is below {self.minimum_confidence:.0%} and has no target"
            )
        return None


def _step(context: SizingContext, name: str, factor: Factor, money: Decimal, most: Decimal | None = None) -> Step:
    value, because = factor(context, money)
    if most is not None and value > most:
        value = most
    return Step("factor", name, money, room_down(DOWN.multiply(money, value)), because)
