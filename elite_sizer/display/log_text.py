"""The record of a decision for the log: figures with units, and the words that source 003's own log is grepped for."""

from __future__ import annotations

from collections.abc import Iterator

from elite_sizer.display.figures import SIMULATED, lots_shown, others, risk, times
from elite_sizer.model.breakdown import Breakdown
from elite_sizer.model.context import SizingContext
from elite_sizer.model.outcome import Outcome, SizerResult


def log_record(decision: Breakdown) -> str:
    """Return the record: the lots first, then a line for the portfolio, each factor, the tail and each other sizer."""
    request, context, answer = decision.request, decision.context, decision.answer
    trade = "" if request is None else f" {request.symbol} {request.side}"
    flag = "" if decision.flag is None else f", flag {decision.flag.value} from {decision.flag.source}"
    outcome = f"{lots_shown(decision.lots)} lots"
    if decision.reason is not None:
        outcome = f"0.00 lots, {decision.outcome} {decision.reason.code}: {decision.reason.detail}"
    elif decision.outcome is not Outcome.EXIT:
        outcome += f", {risk(decision)}"
    sizer = "ELITE" if decision.sizer == "elite" else decision.sizer or "EXIT"
    mode = " SIMULATED" if decision.envelope.terminal == SIMULATED else ""
    first = f"{sizer}{mode}{trade}: {outcome}{flag}, decision {decision.id}"
    if context is None or answer is None:
        return first
    return "\n  ".join([first, *_details(decision, context, answer)])


def _details(decision: Breakdown, context: SizingContext, answer: SizerResult) -> Iterator[str]:
    account, totals = context.account, context.totals
    steps = {step.name: step for step in answer.proposal.steps}
    open_risk = "unbounded" if totals.open_risk is None else f"{totals.open_risk:,.2f}"
    room = "no limit" if context.rooms.least is None else f"{context.rooms.least:,.2f}"
    yield (
        f"Portfolio: equity {account.equity:,.2f} {account.currency}, open or pending {totals.trades}, "
        f"at risk {open_risk}, room {room}"
    )
    for name, title in (("diversification", "Diversification"), ("performance", "Performance")):
        step = steps.get(name)
        yield f"{title}: " + ("not asked" if step is None else f"{times(step) or '-'}x, {step.because}")
    yield f"CVaR: {_tail(context)}"
    for step in answer.proposal.steps:
        if step.name not in {"diversification", "performance"}:
            money = "-" if step.after is None else f"{step.after:,.2f}"
            yield f"{step.name}: {times(step) or '-'}x to {money}, {step.because}"
    for role, result in others(decision):
        yield f"{'ELITE' if role == 'elite' else role} {result.sizer}: {lots_shown(result.lots)} lots" + (
            f", {result.refusal.code}" if result.refusal else ""
        )


def _tail(context: SizingContext) -> str:
    if context.lot.tail is None:
        return f"no data ({context.market.tail_because})"
    return f"{context.lot.tail:,.2f} {context.account.currency} a lot beside {context.lot.stop:,.2f} at the stop"
