"""Record a decision: in the database first, in one transaction with its reservation, then in the journal."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from elite_sizer.configuration.settings import Settings
from elite_sizer.display.log_text import log_record
from elite_sizer.journal import decision_json as wire
from elite_sizer.journal.files import Journal
from elite_sizer.sizing.decision import Decision
from portfolio.book.charges import Charge
from portfolio.errors import StoreError
from portfolio.ledger import ledger
from portfolio.ledger.account_ledger import Held, View
from portfolio.ledger.halts import halt, halted
from portfolio.ledger.ledger import Advance, CallTerms, Replay
from portfolio.ledger.throttle import Throttle
from portfolio.ledger.unsized_trades import UnsizedTrade, refusal, unaccepted, unsized_trades
from portfolio.model import ZERO, Snapshot
from portfolio.reasons import Refusal, refuse
from portfolio.reservation.alternatives import Groups, alternatives
from portfolio.reservation.hold import Hold
from portfolio.store.database import Store
from portfolio.store.rows import AccountRow

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DecisionRecord:
    """A decision as it is recorded: with its journal line, and the hold it reserves."""

    decision: Decision
    line: bytes
    hold: Hold | None = None

    @property
    def id(self) -> str:
        """The decision's own name."""
        return self.decision.id

    @property
    def at(self) -> datetime:
        """The time it was made."""
        return self.decision.at

    @property
    def lots(self) -> Decimal:
        """Lots that are reserved for; 0 where none are."""
        return ZERO if self.hold is None else self.decision.lots


def record_of(decision: Decision, hold: Hold | None = None) -> DecisionRecord:
    """Return the decision with its journal line."""
    return DecisionRecord(decision, wire.to_line(decision) + b"\n", hold)


class Recorder:
    """Writes decisions to one database and to the journal beside it.

    Without a database (`failure` says why) nothing can be approved, but an exit still can.
    """

    def __init__(self, store: Store | None, journal: Journal, failure: Refusal | None = None) -> None:
        self._store = store
        self.journal = journal
        self.failure = failure
        self._configs: set[str] = set()

    @property
    def store(self) -> Store:
        """The database; StoreError with the reason where there is none."""
        if self._store is None:
            raise StoreError(self.failure or refuse("state_busy", "the database is not open"))
        return self._store

    def close(self) -> None:
        """Close the database, where there is one."""
        if self._store is not None:
            self._store.close()

    def mark(self) -> int:
        """Return the number of the ledger's last event, to be taken before a snapshot is begun."""
        return ledger.mark(self.store)

    def account(self, key: str) -> AccountRow | None:
        """Return the recorded state of an account."""
        return self.store.account_state(key)

    def held(self, key: str, now: datetime) -> tuple[Charge, ...]:
        """Return the open reservations of an account as entries of its book; all of them count."""
        open_now = ledger.reservations(self.store, key, now=now)
        return tuple(reservation.hold.charge(reservation.id) for reservation in open_now)

    def beside(self, account: str, view: View, *, now: datetime, terms: CallTerms) -> tuple[Held, ...] | Refusal:
        """Update the reservations from clock and snapshot; return those that count beside it, less what gives way."""
        return ledger.reconcile(self.store, account, view, now=now, terms=terms)

    def alternatives(self, account: str, now: datetime) -> Groups:
        """Return which reservations and orders are alternatives to each other."""
        return alternatives(ledger.reservations(self.store, account, now=now))

    def answered(self, account: str, terms: CallTerms) -> Replay | Refusal | None:
        """Return the answer stored under the call's key, or why it can't be this call's."""
        return ledger.answered(self.store, account, terms)

    def halt(self, scope: str, reason: Refusal, now: datetime) -> None:
        """Stop new entries within the scope until a human resumes; where that can't be written, an alarm is logged."""
        failure = _failure_of(lambda: halt(self.store, scope, reason, now))
        if failure is not None:
            log.error("the halt of new entries (%s) can't be kept: %s", reason.code, failure)

    def halted(self, key: str, caller: str) -> Refusal | None:
        """Return the halt that forbids this bot to enter; None where there is none."""
        with self.store.read() as database:
            return halted(database, key, caller)

    def foreign(self, key: str, snapshot: Snapshot) -> tuple[UnsizedTrade, ...]:
        """Return the trades of the account that were not sized here."""
        with self.store.read() as database:
            return unsized_trades(database, key, snapshot)

    def unaccepted(self, key: str, unsized: tuple[UnsizedTrade, ...], now: datetime) -> Refusal | None:
        """Halt the account where one of these trades is newer than the last resume; return why."""
        with self.store.read() as database:
            new = unaccepted(database, key, unsized)
        if not new:
            return None
        self.halt(key, refusal(new), now)
        return refusal(new)

    def reserve(
        self,
        account: str,
        decide: Callable[[tuple[Held, ...]], DecisionRecord],
        terms: CallTerms,
        view: View,
        *,
        now: datetime,
        advance: Advance,
        throttle: Throttle,
    ) -> DecisionRecord | Replay | Refusal:
        """Decide on what is reserved now and reserve the answer; durable on return. StoreError: nothing was written."""
        return ledger.reserve(self.store, account, decide, terms, view, now=now, advance=advance, throttle=throttle)

    def record(
        self, account: str, record: DecisionRecord, terms: CallTerms | None = None, *, advance: Advance | None = None
    ) -> DecisionRecord | Replay | Refusal:
        """Write a decision that reserves nothing. StoreError: nothing was written."""
        return ledger.record(self.store, account, record, terms, advance=advance)

    def write_line(self, record: DecisionRecord, settings: Settings) -> None:
        """Write the journal line, and the configuration once; a failure is an alarm, never an error."""
        digest = settings.digest
        if digest not in self._configs and self.journal.put_config(digest, settings.canonical):
            self._configs.add(digest)
        self.journal.append(record.line, record.at, lambda: log_record(record.decision))

    def attempt(self, account: str, record: DecisionRecord, settings: Settings, terms: CallTerms | None = None) -> None:
        """Record an exit or a refusal, which holds even where it can't be recorded: the failure is an alarm.

        Where its key has an answer already it is recorded without one.
        """
        failure = _failure_of(lambda: self._record_anyhow(account, record, terms))
        if failure is not None:
            log.error("decision %s is not in the database: %s", record.id, failure)
        self.write_line(record, settings)

    def _record_anyhow(self, account: str, record: DecisionRecord, terms: CallTerms | None) -> None:
        if not isinstance(self.record(account, record, terms), DecisionRecord):
            self.record(account, record)


def _failure_of(write: Callable[[], object]) -> StoreError | None:
    """Write to the database; return why that failed, None where it worked."""
    try:
        write()
    except StoreError as error:
        return error
    return None


def digest_of(body: bytes) -> bytes:
    """Return the digest by which requests under the same idempotency key differ."""
    return hashlib.sha256(body).digest()
