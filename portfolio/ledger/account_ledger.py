"""The ledger of one account, opened inside one transaction of the database.

It keeps the clock, lets the evidence of a snapshot speak, moves reservations by the pure rules and writes their
history; what to decide is left to `ledger` and `lease`.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final, NamedTuple

import apsw

from portfolio.book.charges import Charge
from portfolio.ledger import rows
from portfolio.ledger.halts import Halt, scope_of, write_halt
from portfolio.model import ZERO, Snapshot
from portfolio.reasons import Refusal, refuse
from portfolio.reservation.events import ClockWentBack, Event, Found, Missing, Settled, TimePassed
from portfolio.reservation.evidence import SLACK, TAG, SeenOrder, evidence, named, names, traces
from portfolio.reservation.hold import Hold
from portfolio.reservation.reservation import UNRESOLVED, Reservation, State
from portfolio.reservation.transition import Moved, transition
from portfolio.store.rows import account_key, masked_key, microseconds, moment

BACKWARD: Final = timedelta(seconds=2)
"""By how much the clock may go back before it is no longer believed."""

_TICK: Final = 1_000_000
_SEEN_AGAIN: Final = timedelta(minutes=10)
_TICKETS: Final = timedelta(days=7)

_log = logging.getLogger(__name__)


class View(NamedTuple):
    """What was seen of the account: `mark` was taken from the ledger before the snapshot was begun."""

    mark: int
    snapshot: Snapshot | None = None


class Held(NamedTuple):
    """A reservation, and how much of it counts beside the book of the snapshot in use."""

    reservation: Reservation
    hold: Hold

    def charge(self) -> Charge:
        """Return it as one entry of the book."""
        return self.hold.charge(self.reservation.id)


class AccountLedger:
    """One account's open reservations at `now`; what is applied is written at once, the totals by `save`."""

    def __init__(self, database: apsw.Connection, account: str, now: datetime) -> None:
        self.database = database
        self.account = account
        self.now = now
        self._before = rows.read_account(database, account)
        self._resolved = self._before.resolved
        self._clock = self._before.clock
        self.open = {one.id: one for one in rows.open_reservations(database, account, self._before.open)}
        self._waiting: dict[str, Decimal] = {}

    def keep_time(self) -> Refusal | None:
        """Let time pass for every reservation; a clock that went back is refused once and puts all in quarantine."""
        now = microseconds(self.now)
        behind = timedelta(microseconds=self._clock - now)
        went_back = behind > BACKWARD
        self._clock = now if went_back else max(now, self._clock)
        for one in tuple(self.open.values()):
            self.apply(one, ClockWentBack() if went_back else TimePassed(), "clock")
        if not went_back:
            return None
        latest = moment(self._before.clock)
        return refuse("clock_suspect", f"{self.now:%Y-%m-%d %H:%M:%S} UTC is {behind} before {latest:%H:%M:%S}")

    def is_stale(self, view: View) -> Refusal | None:
        """Return why the view may not be used: it began before evidence last resolved something, or is another's."""
        snapshot = view.snapshot
        if snapshot is not None:
            seen = account_key(snapshot.account.server, snapshot.account.login)
            if seen != self.account:
                whose = f"the snapshot is of {masked_key(seen)}, the ledger of {masked_key(self.account)}"
                return refuse("account_changed", whose)
        if view.mark >= self._resolved:
            return None
        return refuse("snapshot_stale", f"begun after event {view.mark}, resolved at event {self._resolved}")

    def look(self, view: View) -> Mapping[str, Found | Missing]:
        """Apply what the snapshot proves, strike the bots that used a reservation late, and return the evidence."""
        if view.snapshot is None:
            return {}
        seen = traces(view.snapshot)
        tagged = [trace for trace in seen if trace.comment.startswith(TAG)]
        if not self.open and not tagged:
            return {}
        oldest = min((one.issued for one in self.open.values()), default=self.now)
        known = rows.known_tickets(self.database, self.account, oldest - _TICKETS)
        self._strike(tagged, known)
        found = evidence(tuple(self.open.values()), view.snapshot, view.mark, known)
        for identifier, proof in found.items():
            self.apply(self.open[identifier], proof, type(proof).__name__.lower())
            if isinstance(proof, Found) and identifier in self.open:
                self._waiting[identifier] = proof.waiting
        return found

    def find(self, identifier: str) -> Reservation:
        """Return a reservation of this account as it stands now, open or final."""
        return self.open.get(identifier) or rows.read_reservation(self.database, identifier)

    def unresolved(self) -> Refusal | None:
        """Return the order whose fate has been unknown for too long, or None."""
        for one in self.open.values():
            if one.state is State.UNKNOWN and self.now - one.since > UNRESOLVED:
                minutes = (self.now - one.since) // timedelta(minutes=1)
                hold = one.hold
                what = f"{hold.side} {hold.lots} {hold.symbol}"
                return refuse("reservation_unresolved", f"{what} (reservation {one.id}), sent {minutes} minutes ago")
        return None

    def held(self) -> tuple[Held, ...]:
        """Return what counts beside the book: each hold less what the snapshot shows waiting at the broker."""
        found = []
        for one in self.open.values():
            rest = one.hold.lots - self._waiting.get(one.id, ZERO)
            if rest > ZERO:
                found.append(Held(one, one.hold.part(rest)))
        return tuple(found)

    def add(self, reservation: Reservation, because: str) -> Reservation:
        """Write a new reservation and its first event; return it with that event's number."""
        born = rows.append_event(self.database, reservation, self.now, because)
        added = reservation._replace(born=born)
        rows.insert_reservation(self.database, added)
        self.open[added.id] = added
        return added

    def apply(self, reservation: Reservation, event: Event, because: str) -> Moved:
        """Move a reservation and write what became of it; a refusal writes nothing."""
        moved = transition(reservation, event, self.now)
        if isinstance(moved, Refusal) or moved == reservation or _only_seen_again(reservation, moved):
            return moved
        rows.update_reservation(self.database, moved)
        if (moved.state, moved.hold.lots, moved.fence) != (reservation.state, reservation.hold.lots, reservation.fence):
            number = rows.append_event(self.database, moved, self.now, because)
            frees = not moved.counts or moved.hold.lots < reservation.hold.lots
            if frees and isinstance(event, Found | Missing | Settled):
                self._resolved = number
        if moved.counts:
            self.open[moved.id] = moved
        else:
            self.open.pop(moved.id, None)
        return moved

    def save(self) -> None:
        """Write the account's totals where they changed; the clock alone only by the second."""
        after = rows.LedgerState(tuple(self.open), self._resolved, self._clock)
        ticked = abs(after.clock - self._before.clock) >= _TICK
        if ticked or after._replace(clock=0) != self._before._replace(clock=0):
            rows.write_account(self.database, self.account, after)

    def _strike(self, tagged: list[SeenOrder], known: frozenset[int]) -> None:
        for trace in tagged:
            if trace.ticket in known or any(names(trace.comment, one.id) for one in self.open.values()):
                continue
            unsent = rows.never_sent(self.database, self.account, named(trace.comment)) if named(trace.comment) else ()
            for one in (one for one in unsent if names(trace.comment, one.id)):
                same = (one.hold.symbol, one.hold.side) == (trace.symbol, trace.side) and trace.at >= one.issued - SLACK
                if same and trace.ticket not in rows.known_tickets(self.database, self.account, one.issued - _TICKETS):
                    self._halt(one, trace)

    def _halt(self, reservation: Reservation, trace: SeenOrder) -> None:
        because = f"late_use {trace.ticket}"
        if rows.has_event(self.database, reservation, because):
            return
        rows.append_event(self.database, reservation, self.now, because)
        detail = f"order {trace.ticket} was placed on reservation {reservation.id}, which is {reservation.state}"
        _log.error("%s: %s", masked_key(self.account), detail)
        write_halt(self.database, Halt(scope_of(self.account, reservation.caller), "late_use", detail, self.now))


def _only_seen_again(before: Reservation, after: Reservation) -> bool:
    if before.seen is None or after.seen is None or before._replace(seen=after.seen) != after:
        return False
    return after.seen - before.seen < _SEEN_AGAIN
