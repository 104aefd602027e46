"""One request from the idea to the recorded decision: validate, close or size, record.

Every step may refuse; then the decision carries 0 lots, the reason, and what was known of the request by then. Exits
leave this path before anything that could block them is asked, and so does the closing part of a reversal.
"""

from __future__ import annotations

from elite_sizer.model.breakdown import Envelope
from elite_sizer.request.default_levels import with_default_levels
from elite_sizer.request.idea import closes, validate
from elite_sizer.service.entries import size_entry
from elite_sizer.service.exits import close_reversal, size_exit
from elite_sizer.service.scope import CallServices, SizeCall
from elite_sizer.service.sizing_run import SizingRun
from elite_sizer.sizing.decision import Decision, refuse_request
from portfolio.reasons import Refusal


def decide(call: SizeCall, services: CallServices, envelope: Envelope) -> Decision:
    """Return the decision on one call, recorded as far as it can be."""
    run = SizingRun(call, services, envelope)
    decision = size(run)
    if isinstance(decision, Refusal):
        return run.record_regardless(refuse_request(decision, envelope, run.facts))
    return decision


def size(run: SizingRun) -> Decision | Refusal:
    """Return the recorded exit or entry; a refused reversal still closes."""
    request = validate(run.call.idea, run.envelope.at)
    if isinstance(request, Refusal):
        return request
    run.note_request(request)
    if closes(request):
        return size_exit(run, request)
    request = with_default_levels(request, run.services.settings.levels)
    run.note_request(request)
    decision = size_entry(run, request)
    return close_reversal(run, request, decision) if isinstance(decision, Refusal) else decision
