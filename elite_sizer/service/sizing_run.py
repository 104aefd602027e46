"""The state of one call while it is sized: which account answered, and the facts that a refusal will show."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final, NamedTuple, TypeGuard

from elite_sizer.journal.decision_json import canonical
from elite_sizer.journal.recorder import DecisionRecord, digest_of, record_of
from elite_sizer.model.breakdown import Envelope
from elite_sizer.model.request import HoldingPeriod, Request
from elite_sizer.request.intent import Classified, classify
from elite_sizer.request.numbers import NUMBERS
from elite_sizer.service.scope import CallServices, SizeCall
from elite_sizer.sizing.decision import Decision, RequestFacts
from mt5bridge.reading.request import SnapshotRequest
from portfolio.errors import ConfigError
from portfolio.ledger.ledger import CallTerms, Replay
from portfolio.model import Snapshot, masked
from portfolio.reasons import Refusal, refuse
from portfolio.rounding import EXACT
from portfolio.store.rows import account_key

HOPELESS: Final = frozenset(("deadline", "terminal_unstable", "symbol_unknown", "account_changed"))
"""Refusals after which reading the terminal again is useless."""


class ObservedAccount(NamedTuple):
    """A snapshot of the account, and what the request does to the positions in it."""

    request: Request
    snapshot: Snapshot
    classified: Classified


class SizingRun:
    """One call while it is sized; each step replaces the facts, so that a refusal shows all that was known by then."""

    def __init__(self, call: SizeCall, services: CallServices, envelope: Envelope) -> None:
        self.call = call
        self.services = services
        self.envelope = envelope
        self.facts = RequestFacts(guard=services.settings.guard, flag=services.flag)
        self.account = ""
        """Key of the account that answered; empty until one has."""

    def note_request(self, request: Request) -> None:
        """Size this request from now on, and show it with a refusal."""
        self.facts = replace(self.facts, request=request)

    def observe(self, request: Request, ask: SnapshotRequest) -> ObservedAccount | Refusal:
        """Read the terminal and classify the request against the positions there."""
        snapshot = self.services.terminal.snapshot(ask)
        if isinstance(snapshot, Refusal):
            self._halt_changed_account(snapshot)
            return snapshot
        self.account = account_key(snapshot.account.server, snapshot.account.login)
        quote = snapshot.quotes.get(request.symbol)
        self.facts = replace(self.facts, account=masked(snapshot.account), quote=quote)
        mode, spec = snapshot.account.margin_mode, snapshot.specs[request.symbol]
        classified = classify(request, snapshot.positions, mode, spec)
        if isinstance(classified, Refusal):
            return classified
        self.facts = replace(self.facts, intent=classified.intent)
        return ObservedAccount(request, snapshot, classified)

    def call_terms(self, request: Request) -> CallTerms:
        """Return the caller and the terms; a number in another notation, or no hold, makes no other request."""
        call, envelope = self.call, self.envelope
        return CallTerms(
            symbol=request.symbol,
            side=request.side,
            valid_until=envelope.at + envelope.ttl,
            caller=call.caller,
            signal=request.signal_id,
            key=call.key,
            body=digest_of(canonical((_comparable(self.facts.request or request, call), call.reserve))),
            magic=envelope.magic,
            fenced=call.fenced,
            oco_group=request.oco_group,
        )

    def stored_decision(self, request: Request) -> Decision | Refusal | None:
        """Return the decision that was stored under this call's key; None where there is none.

        The account is the one that answered now, else the one this process is pinned to.
        """
        pin = self.services.terminal.memory.pin
        self.account = self.account or ("" if pin is None else account_key(*pin))
        if self.call.key is None or not self.account:
            return None
        answer = self.services.recorder.answered(self.account, self.call_terms(request))
        return self.decision_of(answer) if isinstance(answer, Replay) else answer

    def decision_of(self, answer: DecisionRecord | Replay | Refusal) -> Decision | Refusal:
        """Return the decision that the ledger recorded, after writing its journal line, or the one it has stored."""
        if isinstance(answer, Refusal):
            return answer
        if isinstance(answer, DecisionRecord):
            self.services.recorder.write_line(answer, self.services.settings)
            return answer.decision
        try:
            return self.services.restore(answer.line)
        except (ConfigError, ValueError) as error:
            return refuse("config_invalid", f"the answer stored under key {self.call.key!r} can't be read: {error}")

    def record_regardless(self, decision: Decision, terms: CallTerms | None = None) -> Decision:
        """Record an exit or a refusal, and return it even where it can't be recorded."""
        self.services.recorder.attempt(self.account, record_of(decision), self.services.settings, terms)
        return decision

    def _halt_changed_account(self, reason: Refusal) -> None:
        """Halt the pinned account once another one has answered twice in a row; only a human lifts that."""
        memory = self.services.terminal.memory
        if reason.code == "account_changed" and memory.strikes > 1 and memory.pin is not None:
            self.services.recorder.halt(account_key(*memory.pin), reason, self.envelope.at)


def hopeless(outcome: ObservedAccount | Refusal) -> TypeGuard[Refusal]:
    """Return whether the terminal refused in a way that another reading would not change."""
    return isinstance(outcome, Refusal) and outcome.code in HOPELESS


def _comparable(request: Request, call: SizeCall) -> Request:
    """Return the request with plain numbers, and with the default holding period where the idea gives none."""
    numbers = {name: getattr(request, name) for name in NUMBERS}
    plain: dict[str, Any] = {
        name: None if number is None else EXACT.normalize(number) for name, number in numbers.items()
    }
    return replace(request, hold=request.hold if call.idea.hold else HoldingPeriod.OVERNIGHT, **plain)
