"""The figures of a decision as people read them, one way for the table and the log."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_FLOOR, Decimal
from typing import Final

from elite_sizer.model.breakdown import Breakdown
from elite_sizer.model.outcome import SizerResult
from elite_sizer.model.plugin import Step

SIMULATED: Final = "simulated"
"""The terminal whose answers are marked wherever they are shown."""


def lots_shown(lots: Decimal) -> str:
    """Return lots with at least two decimals and at most three, cut and never rounded up."""
    places = min(max(-int(lots.as_tuple().exponent), 2), 3)
    return f"{lots.quantize(Decimal(1).scaleb(-places), rounding=ROUND_FLOOR):,f}"


def price_shown(price: Decimal, digits: int) -> str:
    """Return a price with the symbol's digits, more where it has more."""
    return f"{price:.{max(digits, -int(price.as_tuple().exponent))}f}"


def times(step: Step) -> str:
    """Return what a step multiplied by, empty where it did not."""
    if step.before is None or step.after is None or step.before == 0:
        return ""
    return f"{step.after / step.before:.3f}"


def risk(decision: Breakdown) -> str:
    """Say what the lots risk, and what cut them."""
    context, answer = decision.context, decision.answer
    cut = "as proposed" if decision.binding == "proposal" else f"cut by {decision.binding}"
    if context is None or answer is None:
        return cut
    money, at_stop = decision.lots * answer.loss_per_lot, decision.lots * context.lot.at_stop
    currency = context.account.currency
    share = f" = {money / context.basis:.2%}" if context.basis > 0 else ""
    return f"risk {money:,.2f} {currency}{share}, {at_stop:,.2f} at the stop, {cut}"


def others(decision: Breakdown) -> Iterator[tuple[str, SizerResult]]:
    """Yield the answers beside the one that was returned, each with its role."""
    verdict = decision.verdict
    if verdict is None:
        return
    if verdict.answer is not verdict.legacy:
        yield "legacy", verdict.legacy
    if verdict.elite is not None and verdict.answer is not verdict.elite:
        yield "elite", verdict.elite
    for answer in verdict.also:
        yield "also", answer
