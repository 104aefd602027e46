"""One request from the idea to the kept decision: look, stand, assemble, decide, reserve.

Every step may refuse; then the decision carries 0 lots, the reason, and everything that was known by then. Exits
leave this path before anything that could block them is asked, and so does the closing part of a reversal.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final, NamedTuple

from elite_sizer.assembly.account_picture import account_picture
from elite_sizer.assembly.book_effects import book_after_trade
from elite_sizer.assembly.lot_risk import substitute_stop
from elite_sizer.assembly.sizing_context import RequestedTrade, sizing_context
from elite_sizer.inputs.account_standing import account_standing, row_of
from elite_sizer.inputs.entry_windows import window
from elite_sizer.inputs.exposure_budget import spent_by
from elite_sizer.inputs.market_study import Research
from elite_sizer.journal import decision_json as wire
from elite_sizer.journal.recorder import DecisionRecord, digest_of, record_of
from elite_sizer.model.breakdown import Envelope
from elite_sizer.model.context import SizingContext
from elite_sizer.model.request import HoldingPeriod, Intent, Request
from elite_sizer.request.default_levels import with_default_levels, with_emergency_stop
from elite_sizer.request.idea import closes, validate
from elite_sizer.request.intent import Classified, classify
from elite_sizer.request.levels import are_distances, levels, priced
from elite_sizer.request.numbers import NUMBERS
from elite_sizer.service.reserve import CommitDecision, SizedTrade
from elite_sizer.service.scope import CallServices, EntryInputs, SizeCall
from elite_sizer.sizing.decision import Decision, RequestFacts, make_decision, make_exit, refuse_request
from elite_sizer.sizing.rollout import Plan, cut_and_choose, propose_all
from mt5bridge.reading.request import SnapshotRequest
from portfolio.errors import ConfigError, StoreError
from portfolio.ledger.account_ledger import View
from portfolio.ledger.ledger import Advance, CallTerms, Replay, charges
from portfolio.ledger.throttle import Throttle
from portfolio.ledger.unsized_trades import UnsizedTrade, said
from portfolio.model import ZERO, Snapshot, masked
from portfolio.reasons import Refusal, refuse
from portfolio.reservation.alternatives import charge_dearest_only
from portfolio.reservation.reservation import FIRST_FENCE
from portfolio.rounding import EXACT
from portfolio.store.rows import AccountRow, account_key

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
"""What makes a request one that can't be meant: nothing of it is done, not even the closing part of a reversal."""

HOPELESS: Final = frozenset(("deadline", "terminal_unstable", "symbol_unknown", "account_changed"))
"""Where another look at the terminal would find nothing else."""


class Seen(NamedTuple):
    """A look at the account, and what the request does to what is open there."""

    snapshot: Snapshot
    classified: Classified


class Case:
    """The way of one request; what has been learnt so far is shown with a refusal."""

    def __init__(self, asked: SizeCall, office: CallServices, envelope: Envelope) -> None:
        self.asked = asked
        self.office = office
        self.envelope = envelope
        self.account = ""
        self._facts = RequestFacts(guard=office.settings.guard, flag=office.flag)
        self._given: Request

    def decide(self) -> Decision:
        """Return the decision, kept as far as it could be."""
        found = self._found()
        if isinstance(found, Refusal):
            return self._told(refuse_request(found, self.envelope, self._facts))
        return found

    def _found(self) -> Decision | Refusal:
        request = validate(self.asked.idea, self.envelope.at)
        if isinstance(request, Refusal):
            return request
        self._give(request)
        if closes(request):
            return self._exit(request)
        request = self._give(with_default_levels(request, self.office.settings.levels))
        found = self._entry(request)
        return self._closing_part(request, found) if isinstance(found, Refusal) else found

    def _give(self, request: Request) -> Request:
        """Note the request as it was given, before its distances get prices."""
        self._given, self._facts = request, replace(self._facts, request=request)
        return request

    # exits

    def _exit(self, request: Request) -> Decision | Refusal:
        """Size a closing trade from the position alone: no record, no rule and no stale quote can stop it."""
        seen = self._seen(request, SnapshotRequest(request.symbol, request.side, closing=True))
        if isinstance(seen, Refusal):
            return seen
        try:
            stored = self._stored(request)
        except StoreError:
            stored = None
        return stored if isinstance(stored, Decision) else self._closing(request, seen)

    def _closing_part(self, request: Request, reason: Refusal) -> Decision | Refusal:
        """Return the exit that a refused reversal still is; the reason itself where it is none."""
        if reason.code in MALFORMED | HOPELESS or self._facts.intent not in {None, Intent.REVERSE}:
            return reason
        seen = self._seen(request, SnapshotRequest(request.symbol, request.side, closing=True))
        if isinstance(seen, Refusal) or seen.classified.intent is not Intent.REVERSE:
            return reason
        closing = seen._replace(classified=seen.classified._replace(intent=Intent.CLOSE))
        return self._closing(request, closing, binding=reason.code)

    def _closing(self, request: Request, seen: Seen, *, binding: str = "") -> Decision:
        snapshot, symbol = seen.snapshot, request.symbol
        made = make_exit(
            request,
            seen.classified,
            snapshot.specs[symbol],
            snapshot.quotes.get(symbol),
            envelope=self.envelope,
            account=masked(snapshot.account),
            binding=binding,
        )
        return self._told(made, self._question(request))

    # entries

    def _entry(self, request: Request) -> Decision | Refusal:
        """Return the decision, after a second look where the ledger has moved on since the first."""
        try:
            found = self._tried(request)
            moved_on = isinstance(found, Refusal) and found.code == "snapshot_stale"
            return self._tried(request) if moved_on else found
        except StoreError as error:
            return error.reason

    def _tried(self, request: Request) -> Decision | Refusal:
        means = self.office.means
        if isinstance(means, Refusal):
            return means
        mark = self.office.recorder.mark()
        seen = self._seen(request, means.research.ask(request, self.envelope.at))
        stored = None if isinstance(seen, Refusal) and seen.code in HOPELESS else self._stored(request)
        if stored is not None:
            return stored
        if isinstance(seen, Refusal):
            return seen
        request = with_emergency_stop(request, self.office.settings.levels, seen.snapshot.quotes[request.symbol])
        if are_distances(request) or request.stop is None or request.stop != self._given.stop:
            made = self._priced(request, seen.snapshot, means.research)
            if isinstance(made, Refusal):
                return made
            request, ask = made
            seen = self._seen(request, ask)
            if isinstance(seen, Refusal):
                return seen
        view = View(mark, seen.snapshot)
        found = self._assembled(request, seen, view, means)
        return found if isinstance(found, Refusal) else self._sized(found, view, means.plan)

    def _priced(
        self, request: Request, snapshot: Snapshot, research: Research
    ) -> tuple[Request, SnapshotRequest] | Refusal:
        """Return the request with prices for its distances, and what the terminal is to be asked about them."""
        study, spec = research.study(snapshot, request), snapshot.specs[request.symbol]
        placed = levels(request, spec, snapshot.quotes[request.symbol], study.atr)
        if isinstance(placed, Refusal):
            return placed
        exact = priced(request, placed)
        stop = placed.stop or substitute_stop(request.side, placed.entry, study.distances.stopless, spec.tick_size)
        return exact, replace(research.ask(exact, self.envelope.at), stop=stop)

    def _assembled(self, request: Request, seen: Seen, view: View, means: EntryInputs) -> SizedTrade | Refusal:
        """Return everything the decision may know; `request` has prices only, the idea as given is what is shown."""
        office, snapshot, symbol = self.office, seen.snapshot, request.symbol
        recorder, question = office.recorder, self._question(request)
        held = recorder.beside(self.account, view, now=self.envelope.at, question=question)
        if isinstance(held, Refusal):
            return held
        study = means.research.study(snapshot, request, tuple(sorted({one.hold.symbol for one in held})))
        stood = account_standing(recorder.account(self.account), snapshot, means.rules, office.settings)
        if isinstance(stood, Refusal):
            return stood
        strangers = recorder.foreign(self.account, snapshot)
        now = account_picture(
            snapshot,
            means.research.terms,
            means.rules,
            stood.headroom,
            state=stood.state,
            daily_atr=study.daily_atr,
            halt=office.stop
            or recorder.halted(self.account, self.asked.caller)
            or stood.halt
            or self._unaccepted(strangers),
        )
        if isinstance(now, Refusal):
            return now
        spec, (named, _) = snapshot.specs[symbol], now.classes[symbol]
        now = replace(now, window=window(office.settings, means.rules, spec, named, snapshot.taken_at))
        placed = levels(request, snapshot.specs[symbol], snapshot.quotes[symbol], study.atr)
        if isinstance(placed, Refusal):
            return placed
        book = book_after_trade(now, seen.classified, symbol, placed)
        if isinstance(book, Refusal):
            return book
        legs = recorder.alternatives(self.account, self.envelope.at)
        own = None if request.oco_group is None else (self.asked.caller, request.oco_group)
        every = charge_dearest_only((*book, *charges(held)), legs, own, symbol, request.side)
        idea = self._given
        trade = RequestedTrade(idea, seen.classified, placed, study.market, study.shown(idea))
        made = sizing_context(now, trade, every[: len(book)], every[len(book) :])
        if strangers and not isinstance(made, Refusal):
            made = replace(made, estimated=(*made.estimated, said(strangers)))
        made = made if isinstance(made, Refusal) else self._budgeted(made, snapshot)
        return made if isinstance(made, Refusal) else SizedTrade(made, now, book, legs, own)

    def _unaccepted(self, strangers: tuple[UnsizedTrade, ...]) -> Refusal | None:
        """Return the halt that trades from elsewhere are, where the configuration wants one."""
        if not strangers or self.office.settings.account.foreign_trades == "count":
            return None
        return self.office.recorder.unaccepted(self.account, strangers, self.envelope.at)

    def _budgeted(self, made: SizingContext, snapshot: Snapshot) -> SizingContext | Refusal:
        """Return the context with what was spent of the exposure budgets, where a cap asks for it."""
        try:
            office = self.office
            budget = spent_by(office.settings, office.recorder, office.desk, snapshot, self.envelope.at)
        except ConfigError as error:
            return refuse("config_invalid", str(error))
        return made if budget is None else replace(made, budget=budget)

    def _sized(self, found: SizedTrade, view: View, plan: Plan) -> Decision | Refusal:
        proposals = propose_all(found.context, plan)
        first = cut_and_choose(found.context, plan, proposals)
        recorder, advance, envelope = self.office.recorder, self._advance(found.snapshot), self.envelope
        question = self._question(found.context.request)
        if not self.asked.reserve or first.answer.lots <= ZERO:
            made = record_of(make_decision(found.context, plan, first, envelope))
            return self._kept(recorder.record(self.account, made, question, advance=advance))
        question = question._replace(valid_until=min(question.valid_until, found.context.headroom.next_reset_utc))
        leased = envelope._replace(lease=envelope.id, fence=FIRST_FENCE)
        case = CommitDecision(found, plan, proposals, first, leased)
        kept = recorder.reserve(
            self.account, case.decide, question, view, now=envelope.at, advance=advance, throttle=self._throttle
        )
        return self._kept(kept)

    @property
    def _throttle(self) -> Throttle:
        return Throttle(**self.office.settings.throttle.model_dump())

    def _advance(self, snapshot: Snapshot) -> Advance:
        """Return what carries the recorded state on inside the transaction, whoever has moved it meanwhile."""
        means, settings = self.office.means, self.office.settings

        def advance(row: AccountRow | None) -> AccountRow | Refusal | None:
            if isinstance(means, Refusal):
                return means
            stood = account_standing(row, snapshot, means.rules, settings)
            return stood if isinstance(stood, Refusal) else row_of(stood.state)

        return advance

    # looking and keeping

    def _seen(self, request: Request, ask: SnapshotRequest) -> Seen | Refusal:
        """Look at the account and at what the request does to it; note what a refusal shows of them."""
        snapshot = self.office.desk.look(ask)
        if isinstance(snapshot, Refusal):
            self._latch(snapshot)
            return snapshot
        self.account = account_key(snapshot.account.server, snapshot.account.login)
        account, quote = masked(snapshot.account), snapshot.quotes.get(request.symbol)
        self._facts = replace(self._facts, account=account, quote=quote)
        mode, spec = snapshot.account.margin_mode, snapshot.specs[request.symbol]
        classified = classify(request, snapshot.positions, mode, spec)
        if isinstance(classified, Refusal):
            return classified
        self._facts = replace(self._facts, intent=classified.intent)
        return Seen(snapshot, classified)

    def _latch(self, reason: Refusal) -> None:
        """Halt the pinned account once a foreign one has answered twice in a row: only a human lifts that."""
        memory = self.office.desk.memory
        if reason.code == "account_changed" and memory.strikes > 1 and memory.pin is not None:
            self.office.recorder.halt(account_key(*memory.pin), reason, self.envelope.at)

    def _question(self, request: Request) -> CallTerms:
        """Return who asks and under which terms; how a number is written, or a hold was left out, makes no other."""
        asked, envelope, given = self.asked, self.envelope, self._given
        numbers = {name: getattr(given, name) for name in NUMBERS}
        plain: dict[str, Any] = {
            name: None if number is None else EXACT.normalize(number) for name, number in numbers.items()
        }
        same = replace(given, hold=given.hold if asked.idea.hold else HoldingPeriod.OVERNIGHT, **plain)
        return CallTerms(
            symbol=request.symbol,
            side=request.side,
            valid_until=envelope.at + envelope.ttl,
            caller=asked.caller,
            signal=request.signal_id,
            key=asked.key,
            body=digest_of(wire.canonical((same, asked.reserve))),
            magic=envelope.magic,
            fenced=asked.fenced,
            oco_group=request.oco_group,
        )

    def _stored(self, request: Request) -> Decision | Refusal | None:
        """Return the answer that this question got before; None where it is a new one.

        The account is the one that was seen, or where nothing could be seen now, before.
        """
        pin = self.office.desk.memory.pin
        self.account = self.account or ("" if pin is None else account_key(*pin))
        if self.asked.key is None or not self.account:
            return None
        found = self.office.recorder.answered(self.account, self._question(request))
        return self._kept(found) if isinstance(found, Replay) else found

    def _kept(self, kept: DecisionRecord | Replay | Refusal) -> Decision | Refusal:
        if isinstance(kept, Refusal):
            return kept
        if isinstance(kept, DecisionRecord):
            self.office.recorder.tell(kept, self.office.settings)
            return kept.decision
        try:
            return self.office.restore(kept.line)
        except (ConfigError, ValueError) as error:
            return refuse("config_invalid", f"the answer stored under key {self.asked.key!r} can't be read: {error}")

    def _told(self, made: Decision, question: CallTerms | None = None) -> Decision:
        """Record a decision that stands whether it can be recorded or not."""
        self.office.recorder.attempt(self.account, record_of(made), self.office.settings, question)
        return made
