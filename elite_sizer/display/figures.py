"""Figures of a decision as people read them, written the same way in the table and in the log."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_FLOOR, Decimal
from typing import Final

from elite_sizer.model.breakdown import Breakdown
from elite_sizer.model.outcome import SizerResult
from elite_sizer.model.plugin import Step

SIMULATED: Final = "simulated"
"""Name of the paper terminal; its decisions are marked wherever they are shown."""


def lots_shown(lots: Decimal) -> str:
    """Return lots with at least two decimals and at most three, cut and never rounded up."""
    places = min(max(-int(lots.as_tuple().exponent), 2), 3)
    return f"{lots.quantize(Decimal(1).scaleb(-places), rounding=ROUND_FLOOR):,f}"


def price_shown(price: Decimal, digits: int) -> str:
    """Return a price with the symbol's digits, more where it has more."""
    return f"{price:.{max(digits, -int(price.as_tuple().exponent))}f}"


def times(step: Step) -> str:
    """Return the factor of a step, empty where it multiplied nothing."""
    if step.before is None or step.after is None or step.before == 0:
        return ""
    return f"{step.after / step.before:.3f}"


def risk(decision: Breakdown) -> str:
    """Return the money the lots risk, and the cap that cut them."""
    context, answer = decision.context, decision.answer
    cut = "as proposed" if decision.binding == "proposal" else f"cut by {decision.binding}"
    if context is None or answer is None:
        return cut
    money, at_stop = decision.lots * answer.loss_per_lot, decision.lots * context.lot.at_stop
    currency = context.account.currency
    share = f" = {money / context.basis:.2%}" if context.basis > 0 else ""
    return f"risk {money:,.2f} {currency}{share}, {at_stop:,.2f} at the stop, {cut}"


def others(decision: Breakdown) -> Iterator[tuple[str, SizerResult]]:
    """Yield the results beside the one that counts, each with its role."""
    rollout = decision.verdict
    if rollout is None:
        return
    if rollout.answer is not rollout.legacy:
        yield "legacy", rollout.legacy
    if rollout.elite is not None and rollout.answer is not rollout.elite:
        yield "elite", rollout.elite
    for result in rollout.also:
        yield "also", result
