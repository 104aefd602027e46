"""The ledger of one account, opened inside one transaction of the database.

Expires reservations by time, resolves them by what the snapshot shows, and writes their history. `ledger` and `lease`
decide; which event moves a reservation where is said in `portfolio.reservation.transition`.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final, NamedTuple

import apsw

from portfolio.account.advance import BACKWARD
from portfolio.book.charges import Charge
from portfolio.ledger import rows
from portfolio.ledger.halts import Halt, scope_of, write_halt
from portfolio.model import ZERO, Snapshot
from portfolio.reasons import Refusal, refuse
from portfolio.reservation.events import ClockWentBack, Event, Found, Missing, Settled, TimePassed
from portfolio.reservation.hold import Hold
from portfolio.reservation.order_matching import SLACK, TAG, SeenOrder, evidence, name_in, names, seen_orders
from portfolio.reservation.reservation import UNRESOLVED, Reservation, State
from portfolio.reservation.transition import Moved, transition
from portfolio.store.rows import account_key, from_microseconds, masked_key, microseconds

_TICK: Final = 1_000_000
"""Microseconds: a clock that moved by less is no reason to write."""
_SEEN_AGAIN: Final = timedelta(minutes=10)
"""A waiting order seen again within this time changes nothing worth a write."""
_TICKETS: Final = timedelta(days=7)
"""Age beyond the oldest open reservation at which the order of a resolved one may still show in the history."""

_log = logging.getLogger(__name__)


class View(NamedTuple):
    """A snapshot of the account, and the ledger's `mark` from before it was begun."""

    mark: int
    snapshot: Snapshot | None = None


class Held(NamedTuple):
    """A reservation, and the part of its hold that the book of the snapshot in use does not show yet."""

    reservation: Reservation
    hold: Hold

    def charge(self) -> Charge:
        """Return the hold as one entry of the book."""
        return self.hold.charge(self.reservation.id)


class AccountLedger:
    """One account's open reservations at `now`; `apply` writes an event at once, `save` the account's totals."""

    def __init__(self, database: apsw.Connection, account: str, now: datetime) -> None:
        self.database = database
        self.account = account
        self.now = now
        self._before = rows.read_account(database, account)
        self._resolved = self._before.resolved
        self._clock = self._before.clock
        reservations = rows.open_reservations(database, account, self._before.open)
        self.open = {reservation.id: reservation for reservation in reservations}
        self._waiting: dict[str, Decimal] = {}

    def expire(self) -> Refusal | None:
        """Expire reservations by the clock; a clock that went back is refused once and puts all in quarantine."""
        now = microseconds(self.now)
        behind = timedelta(microseconds=self._clock - now)
        went_back = behind > BACKWARD
        self._clock = now if went_back else max(now, self._clock)
        for reservation in tuple(self.open.values()):
            self.apply(reservation, ClockWentBack() if went_back else TimePassed(), "clock")
        if not went_back:
            return None
        latest = from_microseconds(self._before.clock)
        return refuse("clock_suspect", f"{self.now:%Y-%m-%d %H:%M:%S} UTC is {behind} before {latest:%H:%M:%S}")

    def unusable(self, view: View) -> Refusal | None:
        """Return why the view may not be used: it began before evidence last resolved something, or is another's."""
        snapshot = view.snapshot
        if snapshot is not None:
            account = account_key(snapshot.account.server, snapshot.account.login)
            if account != self.account:
                detail = f"the snapshot is of {masked_key(account)}, the ledger of {masked_key(self.account)}"
                return refuse("account_changed", detail)
        if view.mark >= self._resolved:
            return None
        return refuse("snapshot_stale", f"begun after event {view.mark}, resolved at event {self._resolved}")

    def resolve(self, view: View) -> Mapping[str, Found | Missing]:
        """Apply what the snapshot proves, halt each bot that sent an order on an expired reservation; return proofs."""
        if view.snapshot is None:
            return {}
        own_orders = [order for order in seen_orders(view.snapshot) if order.comment.startswith(TAG)]
        if not self.open and not own_orders:
            return {}
        oldest = min((reservation.issued for reservation in self.open.values()), default=self.now)
        tickets = rows.known_tickets(self.database, self.account, oldest - _TICKETS)
        self._halt_late_users(own_orders, tickets)
        proofs = evidence(tuple(self.open.values()), view.snapshot, view.mark, tickets)
        for identifier, proof in proofs.items():
            self.apply(self.open[identifier], proof, type(proof).__name__.lower())
            if isinstance(proof, Found) and identifier in self.open:
                self._waiting[identifier] = proof.waiting
        return proofs

    def find(self, identifier: str) -> Reservation:
        """Return a reservation of this account in its present state, open or final."""
        return self.open.get(identifier) or rows.read_reservation(self.database, identifier)

    def unresolved(self) -> Refusal | None:
        """Return the order whose fate has been unknown for too long, or None."""
        for reservation in self.open.values():
            if reservation.state is State.UNKNOWN and self.now - reservation.since > UNRESOLVED:
                minutes = (self.now - reservation.since) // timedelta(minutes=1)
                hold = reservation.hold
                order = f"{hold.side} {hold.lots} {hold.symbol} (reservation {reservation.id})"
                return refuse("reservation_unresolved", f"{order}, sent {minutes} minutes ago")
        return None

    def holds(self) -> tuple[Held, ...]:
        """Return the holds that count beside the book: each hold less what the snapshot shows waiting at the broker."""
        holds = []
        for reservation in self.open.values():
            rest = reservation.hold.lots - self._waiting.get(reservation.id, ZERO)
            if rest > ZERO:
                holds.append(Held(reservation, reservation.hold.part(rest)))
        return tuple(holds)

    def add(self, reservation: Reservation, because: str) -> Reservation:
        """Write a new reservation and its first event; return it with that event's number."""
        born = rows.append_event(self.database, reservation, self.now, because)
        newborn = reservation._replace(born=born)
        rows.insert_reservation(self.database, newborn)
        self.open[newborn.id] = newborn
        return newborn

    def apply(self, reservation: Reservation, event: Event, because: str) -> Moved:
        """Move a reservation by an event and write its new state; a refusal writes nothing."""
        step = transition(reservation, event, self.now)
        if isinstance(step, Refusal) or step == reservation or _only_seen_again(reservation, step):
            return step
        rows.update_reservation(self.database, step)
        if (step.state, step.hold.lots, step.fence) != (reservation.state, reservation.hold.lots, reservation.fence):
            number = rows.append_event(self.database, step, self.now, because)
            frees = not step.counts or step.hold.lots < reservation.hold.lots
            if frees and isinstance(event, Found | Missing | Settled):
                self._resolved = number
        if step.counts:
            self.open[step.id] = step
        else:
            self.open.pop(step.id, None)
        return step

    def save(self) -> None:
        """Write the account's totals where they changed; the clock alone at most once a second."""
        after = rows.LedgerState(tuple(self.open), self._resolved, self._clock)
        tick = abs(after.clock - self._before.clock) >= _TICK
        if tick or after._replace(clock=0) != self._before._replace(clock=0):
            rows.write_account(self.database, self.account, after)

    def _halt_late_users(self, own_orders: list[SeenOrder], tickets: frozenset[int]) -> None:
        for order in own_orders:
            name = name_in(order.comment)
            if order.ticket in tickets or any(names(order.comment, identifier) for identifier in self.open):
                continue
            unsent = rows.never_sent(self.database, self.account, name) if name else ()
            for reservation in unsent:
                if names(order.comment, reservation.id) and self._is_late_use(reservation, order):
                    self._halt(reservation, order)

    def _is_late_use(self, reservation: Reservation, order: SeenOrder) -> bool:
        hold = reservation.hold
        if (hold.symbol, hold.side) != (order.symbol, order.side) or order.at < reservation.issued - SLACK:
            return False
        return order.ticket not in rows.known_tickets(self.database, self.account, reservation.issued - _TICKETS)

    def _halt(self, reservation: Reservation, order: SeenOrder) -> None:
        because = f"late_use {order.ticket}"
        if rows.has_event(self.database, reservation, because):
            return
        rows.append_event(self.database, reservation, self.now, because)
        detail = f"order {order.ticket} was placed on reservation {reservation.id}, which is {reservation.state}"
        _log.error("%s: %s", masked_key(self.account), detail)
        write_halt(self.database, Halt(scope_of(self.account, reservation.caller), "late_use", detail, self.now))


def _only_seen_again(before: Reservation, after: Reservation) -> bool:
    if before.seen is None or after.seen is None or before._replace(seen=after.seen) != after:
        return False
    return after.seen - before.seen < _SEEN_AGAIN
