"""Exits: sized from the position alone, so that no record, no rule and no stale quote can block them."""

from __future__ import annotations

from typing import Final

from elite_sizer.model.request import Intent, Request
from elite_sizer.service.sizing_run import HOPELESS, ObservedAccount, SizingRun
from elite_sizer.sizing.decision import Decision, make_exit
from mt5bridge.reading.request import SnapshotRequest
from portfolio.errors import StoreError
from portfolio.model import masked
from portfolio.reasons import Refusal

MALFORMED: Final = frozenset(
    (
        "stop_required",
        "stop_zero",
        "stop_wrong_side",
        "stop_implausible",
        "target_wrong_side",
        "entry_wrong_side",
        "entry_too_close",
        "input_range",
        "idempotency_conflict",
    )
)
"""Refusals of a request that can't be meant: nothing of it is done, not even the closing part of a reversal."""


def size_exit(run: SizingRun, request: Request) -> Decision | Refusal:
    """Return the recorded exit, or the stored one where this call was answered before."""
    account = run.observe(request, _closing_request(request))
    if isinstance(account, Refusal):
        return account
    try:
        earlier = run.stored_decision(request)
    except StoreError:
        earlier = None
    return earlier if isinstance(earlier, Decision) else record_exit(run, account)


def close_reversal(run: SizingRun, request: Request, reason: Refusal) -> Decision | Refusal:
    """Return the exit that a refused reversal still is; the reason itself where the request is none."""
    if reason.code in MALFORMED | HOPELESS or run.facts.intent not in {None, Intent.REVERSE}:
        return reason
    account = run.observe(request, _closing_request(request))
    if isinstance(account, Refusal) or account.classified.intent is not Intent.REVERSE:
        return reason
    closing = account._replace(classified=account.classified._replace(intent=Intent.CLOSE))
    return record_exit(run, closing, binding=reason.code)


def record_exit(run: SizingRun, account: ObservedAccount, *, binding: str = "") -> Decision:
    """Make the exit and record it; `binding` is the code that left only the closing part of a reversal."""
    request, snapshot = account.request, account.snapshot
    decision = make_exit(
        request,
        account.classified,
        snapshot.specs[request.symbol],
        snapshot.quotes.get(request.symbol),
        envelope=run.envelope,
        account=masked(snapshot.account),
        binding=binding,
    )
    return run.record_regardless(decision, run.call_terms(request))


def _closing_request(request: Request) -> SnapshotRequest:
    return SnapshotRequest(request.symbol, request.side, closing=True)
