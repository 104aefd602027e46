"""Entries: one reading of the terminal, its context, the sizers' answers, and the reservation of the lots."""

from __future__ import annotations

from elite_sizer.inputs.account_standing import account_standing
from elite_sizer.inputs.market_study import needs_placing
from elite_sizer.journal.recorder import record_of
from elite_sizer.model.request import Request
from elite_sizer.service.entry_context import trade_context
from elite_sizer.service.reserve import CommitDecision, SizedTrade
from elite_sizer.service.scope import EntryInputs
from elite_sizer.service.sizing_run import SizingRun, hopeless
from elite_sizer.sizing.decision import Decision, make_decision
from elite_sizer.sizing.rollout import cut_and_choose, propose_all
from portfolio.errors import StoreError
from portfolio.ledger.account_ledger import View
from portfolio.ledger.account_states import row_of
from portfolio.ledger.ledger import Advance
from portfolio.ledger.throttle import Throttle
from portfolio.model import ZERO, Snapshot
from portfolio.reasons import Refusal
from portfolio.reservation.reservation import FIRST_FENCE
from portfolio.store.rows import AccountRow


def size_entry(run: SizingRun, request: Request) -> Decision | Refusal:
    """Return the recorded decision; a second try is made where the ledger has moved on since the first reading."""
    try:
        decision = _size_once(run, request)
        moved_on = isinstance(decision, Refusal) and decision.code == "snapshot_stale"
        return _size_once(run, request) if moved_on else decision
    except StoreError as error:
        return error.reason


def _size_once(run: SizingRun, request: Request) -> Decision | Refusal:
    inputs = run.services.inputs
    if isinstance(inputs, Refusal):
        return inputs
    mark = run.services.recorder.mark()
    account = run.observe(request, inputs.research.snapshot_request(request, run.envelope.at))
    if hopeless(account):
        return account
    earlier = run.stored_decision(request)
    if earlier is not None:
        return earlier
    if isinstance(account, Refusal):
        return account
    levels = inputs.research.levels(account.snapshot, request) if needs_placing(request) else None
    if isinstance(levels, Refusal):
        return levels
    view = View(mark, account.snapshot)
    trade = trade_context(run, account, view, inputs, levels)
    return trade if isinstance(trade, Refusal) else _answer(run, trade, view, inputs)


def _answer(run: SizingRun, trade: SizedTrade, view: View, inputs: EntryInputs) -> Decision | Refusal:
    """Ask the sizers, cut their proposals, and record the decision with a reservation where lots are to be reserved."""
    plan, context, recorder, envelope = inputs.plan, trade.context, run.services.recorder, run.envelope
    proposals = propose_all(context, plan)
    result = cut_and_choose(context, plan, proposals)
    terms, advance = run.call_terms(context.request), _advance(run, trade.snapshot, inputs)
    if not run.call.reserve or result.answer.lots <= ZERO:
        record = record_of(make_decision(context, plan, result, envelope))
        return run.decision_of(recorder.record(run.account, record, terms, advance=advance))
    terms = terms._replace(valid_until=min(terms.valid_until, context.headroom.next_reset_utc))
    with_lease = envelope._replace(lease=envelope.id, fence=FIRST_FENCE)
    commit = CommitDecision(trade, plan, proposals, result, with_lease)
    throttle = Throttle(**run.services.settings.throttle.model_dump())
    answer = recorder.reserve(
        run.account, commit.decide, terms, view, now=envelope.at, advance=advance, throttle=throttle
    )
    return run.decision_of(answer)


def _advance(run: SizingRun, snapshot: Snapshot, inputs: EntryInputs) -> Advance:
    """Return the step that carries the recorded state on inside the transaction, where another process may have."""

    def advance(row: AccountRow | None) -> AccountRow | Refusal | None:
        account_now = account_standing(row, snapshot, inputs.rules, run.services.settings)
        return account_now if isinstance(account_now, Refusal) else row_of(account_now.state)

    return advance
