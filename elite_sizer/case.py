"""One request from the idea to the kept decision: look, stand, assemble, decide, reserve.

Every step may refuse; then the decision carries 0 lots, the reason, and everything that was known by then. Exits
leave this path before anything that could block them is asked.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from elite_sizer import wire
from elite_sizer.assemble import Moment, context, masked, moment
from elite_sizer.config import Settings
from elite_sizer.context import Request, SizingContext
from elite_sizer.decision import Decision, Envelope, decided, exit_of, refused
from elite_sizer.intent import Classified, classify
from elite_sizer.levels import levels
from elite_sizer.outcome import Flag
from elite_sizer.record import Entry, Recorder, digest_of, entry
from elite_sizer.request import TradeIdea, validate
from elite_sizer.research import Research, Study
from elite_sizer.rollout import Plan, Proposals, Verdict, conclude, propose_all
from elite_sizer.standing import row_of, stand
from elite_sizer.terminals import Desk
from mt5bridge.snapshot import Ask
from portfolio.account_ledger import Held, View
from portfolio.errors import StoreError
from portfolio.exposure import Charge
from portfolio.ledger import Advance, Question, Replay, charges
from portfolio.model import ZERO, Snapshot
from portfolio.prop_rules import Rules
from portfolio.reasons import Refusal
from portfolio.reservation import FIRST_FENCE, Hold
from portfolio.rounding import loss_up
from portfolio.store_rows import AccountRow, account_key


@dataclass(frozen=True, slots=True)
class Asked:
    """The idea and the terms under which the answer may be used."""

    idea: TradeIdea
    reserve: bool = True
    key: str | None = None
    fenced: bool = False
    caller: str = ""


@dataclass(frozen=True, slots=True)
class Office:
    """What decides, as it stands for one request: configuration, plan, rules, terminal, research, record."""

    settings: Settings
    flag: Flag | None
    plan: Plan | Refusal
    rules: Rules | Refusal
    stop: Refusal | None
    """The STOP file."""
    desk: Desk
    research: Research
    recorder: Recorder
    restore: Callable[[bytes], Decision]
    """Makes a decision again from its journal line."""


class Case:
    """The way of one request; what has been learnt so far is shown with a refusal."""

    def __init__(self, asked: Asked, office: Office, envelope: Envelope) -> None:
        self.asked = asked
        self.office = office
        self.envelope = envelope
        self.account = ""
        self._known: dict[str, Any] = {"guard": office.settings.guard, "flag": office.flag}

    def decide(self) -> Decision:
        """Return the decision, kept as far as it could be."""
        try:
            found = self._found()
        except StoreError as error:
            found = error.reason
        return self._told(refused(found, self.envelope, **self._known)) if isinstance(found, Refusal) else found

    def _found(self) -> Decision | Refusal:
        request = validate(self.asked.idea, self.envelope.at)
        if isinstance(request, Refusal):
            return request
        self._known["request"] = request
        if request.reduce is None and request.volume is None:
            return self._entry(request)
        exit_ = self._exit(request)
        return self._entry(request) if exit_ is None else exit_

    def _exit(self, request: Request) -> Decision | Refusal | None:
        """Size a closing trade from the position alone: no record, no rule and no stale quote can stop it.

        None where it turns out to be none: a netting request with a volume may open as well.
        """
        snapshot = self._look(Ask(request.symbol, request.side, closing=True))
        if isinstance(snapshot, Refusal):
            return snapshot
        classified = self._classified(request, snapshot)
        if isinstance(classified, Refusal):
            return classified
        return self._closing(request, classified, snapshot) if classified.exits else None

    def _entry(self, request: Request) -> Decision | Refusal:
        office = self.office
        mark = office.recorder.mark() if office.recorder.failure is None else 0
        snapshot = self._look(office.research.ask(request, self.envelope.at))
        if isinstance(snapshot, Refusal):
            return snapshot
        classified = self._classified(request, snapshot)
        if isinstance(classified, Refusal):
            return classified
        if classified.exits:
            return self._closing(request, classified, snapshot)
        for part in (office.recorder.failure, office.plan, office.rules):
            if isinstance(part, Refusal):
                return part
        study = office.research.study(snapshot, request)
        found = self._context(request, classified, snapshot, study)
        return found if isinstance(found, Refusal) else self._sized(found, View(mark, snapshot))

    def _look(self, ask: Ask) -> Snapshot | Refusal:
        snapshot = self.office.desk.look(ask)
        if not isinstance(snapshot, Refusal):
            self.account = account_key(snapshot.account.server, snapshot.account.login)
            self._known["account"] = masked(snapshot.account)
            self._known["quote"] = snapshot.quotes.get(ask.symbol or "")
        return snapshot

    def _classified(self, request: Request, snapshot: Snapshot) -> Classified | Refusal:
        spec = snapshot.specs[request.symbol]
        found = classify(request, snapshot.positions, snapshot.account.margin_mode, spec)
        if not isinstance(found, Refusal):
            self._known["intent"] = found.intent
        return found

    def _closing(self, request: Request, classified: Classified, snapshot: Snapshot) -> Decision:
        symbol = request.symbol
        made = exit_of(
            request,
            classified,
            snapshot.specs[symbol],
            snapshot.quotes[symbol],
            envelope=self.envelope,
            account=masked(snapshot.account),
        )
        return self._told(made)

    def _context(self, request: Request, classified: Classified, snapshot: Snapshot, study: Study) -> Found | Refusal:
        """Return everything the decision may know, and the state that the account has come to."""
        office = self.office
        rules = office.rules
        if isinstance(rules, Refusal):
            return rules
        row = office.recorder.account(self.account)
        stood = stand(row, snapshot, rules, office.settings)
        if isinstance(stood, Refusal):
            return stood
        now = moment(
            snapshot,
            office.research.terms,
            rules,
            stood.headroom,
            state=stood.state,
            daily_atr=study.daily_atr,
            halt=office.stop or office.recorder.halted(self.account, self.asked.caller) or stood.halt,
        )
        if isinstance(now, Refusal):
            return now
        placed = levels(request, snapshot.specs[request.symbol], snapshot.quotes[request.symbol], study.atr)
        if isinstance(placed, Refusal):
            return placed
        held = office.recorder.held(self.account, self.envelope.at)
        made = context(now, request, classified, placed, market=study.market, distances=study.distances, held=held)
        return made if isinstance(made, Refusal) else Found(made, now, snapshot)

    def _sized(self, found: Found, view: View) -> Decision | Refusal:
        plan = self.office.plan
        if isinstance(plan, Refusal):
            return plan
        proposals = propose_all(found.context, plan)
        first = conclude(found.context, plan, proposals)
        envelope = self.envelope
        if not self.asked.reserve or first.answer.lots <= ZERO:
            made = entry(decided(found.context, plan, first, envelope))
            return self._kept(self.office.recorder.record(self.account, made, advance=self._advance(found)))
        envelope = envelope._replace(lease=envelope.id, fence=FIRST_FENCE)
        case = _Reserving(found, plan, proposals, first, envelope)
        kept = self.office.recorder.reserve(
            self.account,
            case.decide,
            self._question(found, envelope),
            view,
            now=envelope.at,
            advance=self._advance(found),
        )
        return self._kept(kept)

    def _kept(self, kept: Entry | Replay | Refusal) -> Decision | Refusal:
        if isinstance(kept, Refusal):
            return kept
        if isinstance(kept, Replay):
            return self.office.restore(kept.line)
        self.office.recorder.tell(kept, self.office.settings)
        return kept.decision

    def _question(self, found: Found, envelope: Envelope) -> Question:
        request = found.context.request
        return Question(
            symbol=request.symbol,
            side=request.side,
            valid_until=min(envelope.at + envelope.ttl, found.context.headroom.next_reset_utc),
            caller=self.asked.caller,
            signal=request.signal_id,
            key=self.asked.key,
            body=digest_of(wire.canonical(self.asked.idea)),
            magic=envelope.magic,
            fenced=self.asked.fenced,
        )

    def _advance(self, found: Found) -> Advance:
        """Return what carries the recorded state on inside the transaction, whoever has moved it meanwhile."""
        rules, settings = self.office.rules, self.office.settings

        def advance(row: AccountRow | None) -> AccountRow | Refusal | None:
            if isinstance(rules, Refusal):
                return rules
            stood = stand(row, found.snapshot, rules, settings)
            return stood if isinstance(stood, Refusal) else row_of(stood.state)

        return advance

    def _told(self, made: Decision) -> Decision:
        """Record a decision that stands whether it can be recorded or not."""
        self.office.recorder.attempt(self.account, entry(made), self.office.settings)
        return made


@dataclass(frozen=True, slots=True)
class Found:
    """A context, and the moment and the snapshot that it was made of."""

    context: SizingContext
    moment: Moment
    snapshot: Snapshot


@dataclass(frozen=True, slots=True)
class _Reserving:
    """Cuts the same proposals again, by what is reserved when the answer is committed; only ever smaller."""

    found: Found
    plan: Plan
    proposals: Proposals
    first: Verdict
    envelope: Envelope

    def decide(self, held: tuple[Held, ...]) -> Entry:
        fresh = charges(held)
        context = self.found.context
        if fresh == context.held:
            return self._entry(self.first, None)
        again = conclude(context.with_held(fresh), self.plan, self.proposals)
        if again.answer.lots >= self.first.answer.lots:
            return self._entry(self.first, None)
        return self._entry(again, fresh)

    def _entry(self, verdict: Verdict, fresh: tuple[Charge, ...] | None) -> Entry:
        decision = decided(self.found.context, self.plan, verdict, self.envelope, fresh)
        return entry(decision, self._hold(decision.lots) if verdict.answer.lots > ZERO else None)

    def _hold(self, lots: Decimal) -> Hold:
        """Return what the lots can cost at their stop, with what a netting addition costs the position it joins."""
        context = self.found.context
        lot, extra_floor, extra_entry = context.lot, ZERO, ZERO
        for before, after in zip(self.found.moment.book, context.book, strict=False):
            if before.id == after.id:
                extra_floor += max(ZERO, (after.floor_loss or ZERO) - (before.floor_loss or ZERO))
                extra_entry += max(ZERO, (after.entry_loss or ZERO) - (before.entry_loss or ZERO))
        return Hold(
            context.request.symbol,
            context.request.side,
            lots,
            loss=loss_up(lots * lot.at_stop + extra_floor),
            entry_loss=loss_up(lots * lot.at_stop + extra_entry),
            exposure=loss_up(lots * (lot.exposure or ZERO)),
            margin=loss_up(lots * (lot.margin or ZERO)),
            gain=None if lot.gain is None else loss_up(lots * lot.gain),
        )
