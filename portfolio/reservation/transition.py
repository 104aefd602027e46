"""States of a reservation and the events that move it; nothing here reads a clock or a file.

An event that does not apply is a refusal, one that was already applied changes nothing, and a final state is
never left.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from portfolio.model import ZERO
from portfolio.reasons import Refusal, refuse
from portfolio.reservation.events import (
    Cancelled,
    Claim,
    ClockWentBack,
    Event,
    Found,
    Lost,
    Missing,
    Placed,
    Rejected,
    Replaced,
    Restarted,
    Settled,
    TimePassed,
)
from portfolio.reservation.hold import Hold
from portfolio.reservation.reservation import LATE, QUIET, Reservation, State

MOVES: Final[Mapping[State, frozenset[State]]] = MappingProxyType(
    {
        State.HELD: frozenset(
            (
                State.CLAIMED,
                State.WORKING,
                State.CONVERTED,
                State.EXPIRED,
                State.CANCELLED,
                State.REJECTED,
                State.QUARANTINE,
                State.UNKNOWN,
            )
        ),
        State.CLAIMED: frozenset((State.WORKING, State.CONVERTED, State.CANCELLED, State.REJECTED, State.UNKNOWN)),
        State.WORKING: frozenset((State.CONVERTED, State.REJECTED, State.UNKNOWN)),
        State.UNKNOWN: frozenset((State.WORKING, State.CONVERTED, State.REJECTED)),
        State.QUARANTINE: frozenset((State.WORKING, State.CONVERTED, State.CANCELLED, State.EXPIRED, State.UNKNOWN)),
    }
)
"""Every move there is; the database allows these and no other."""

Moved = Reservation | Refusal


def transition(reservation: Reservation, event: Event, now: datetime) -> Moved:
    """Return the reservation after `event`, itself where nothing changes, or why the event does not apply."""
    if not reservation.counts:
        return _after_the_end(reservation, event)
    return _RULES[type(event)](reservation, event, now)


def _move(reservation: Reservation, state: State, now: datetime) -> Reservation:
    since = reservation.since if state is reservation.state else now
    return reservation._replace(state=state, since=since)


def _inapplicable(reservation: Reservation, event: Event) -> Refusal:
    name = type(event).__name__.lower()
    return refuse("lease_state", f"reservation {reservation.id} is {reservation.state} and can't be {name}")


def _fenced_off(reservation: Reservation, fence: int) -> Refusal | None:
    if fence == reservation.fence:
        return None
    return refuse(
        "lease_fenced", f"reservation {reservation.id} is at fence {reservation.fence}, the caller at {fence}"
    )


def _after_the_end(reservation: Reservation, event: Event) -> Moved:
    state = reservation.state
    if isinstance(event, Placed) and event.ticket != reservation.ticket:
        detail = f"order {event.ticket} was placed on reservation {reservation.id}, which is {state}"
        return refuse("late_use", detail)
    if isinstance(event, Claim):
        return _inapplicable(reservation, event)
    repetition = (isinstance(event, Rejected) and state is State.REJECTED) or (
        isinstance(event, Cancelled) and state in {State.CANCELLED, State.EXPIRED}
    )
    if repetition or not isinstance(event, Rejected | Lost | Cancelled):
        return reservation
    return _inapplicable(reservation, event)


def _claim(reservation: Reservation, event: Claim, now: datetime) -> Moved:
    if reservation.state is not State.HELD:
        return _inapplicable(reservation, event)
    if now >= reservation.valid_until:
        return refuse("lease_expired", f"reservation {reservation.id} ended at {reservation.valid_until:%H:%M:%S} UTC")
    hold = event.hold
    if grows(hold, reservation.hold):
        return refuse("kernel_invariant", f"claiming reservation {reservation.id} would make it larger")
    claim = reservation._replace(hold=hold, whole=hold.lots, fence=reservation.fence + 1, fenced=True)
    return _fenced_off(reservation, event.fence) or _move(claim, State.CLAIMED, now)


def _placed(reservation: Reservation, event: Placed, now: datetime) -> Moved:
    if reservation.ticket not in {None, event.ticket}:
        detail = f"reservation {reservation.id} has order {reservation.ticket}; {event.ticket} is one too many"
        return refuse("late_use", detail)
    return _move(reservation._replace(ticket=event.ticket), State.WORKING, now)


def _rejected(reservation: Reservation, event: Rejected, now: datetime) -> Moved:
    ends = {State.HELD: State.REJECTED, State.CLAIMED: State.REJECTED, State.QUARANTINE: State.CANCELLED}
    if reservation.state not in ends:
        return _inapplicable(reservation, event)
    return _fenced_off(reservation, event.fence) or _move(reservation, ends[reservation.state], now)


def _lost(reservation: Reservation, event: Lost, now: datetime) -> Moved:
    if reservation.state not in {State.HELD, State.CLAIMED, State.QUARANTINE}:
        return reservation
    return _fenced_off(reservation, event.fence) or _move(reservation, State.UNKNOWN, now)


def _cancelled(reservation: Reservation, event: Cancelled, now: datetime) -> Moved:
    if reservation.state not in {State.HELD, State.CLAIMED, State.QUARANTINE}:
        return _inapplicable(reservation, event)
    return _fenced_off(reservation, event.fence) or _move(reservation, State.CANCELLED, now)


def _replaced(reservation: Reservation, _event: Replaced, now: datetime) -> Moved:
    is_free = reservation.state in {State.HELD, State.QUARANTINE}
    return _move(reservation, State.CANCELLED, now) if is_free else reservation


def _time_passed(reservation: Reservation, _event: TimePassed, now: datetime) -> Moved:
    if reservation.state is State.HELD and now >= reservation.valid_until:
        return _move(reservation, State.EXPIRED if reservation.fenced else State.QUARANTINE, now)
    if reservation.state is State.CLAIMED and now >= reservation.valid_until + LATE:
        return _move(reservation, State.UNKNOWN, now)
    return reservation


def _clock_went_back(reservation: Reservation, _event: ClockWentBack, now: datetime) -> Moved:
    lasts = reservation.valid_until - reservation.issued
    state = State.QUARANTINE if reservation.state is State.HELD else reservation.state
    return _move(reservation._replace(valid_until=min(reservation.valid_until, now + lasts)), state, now)


def _restarted(reservation: Reservation, _event: Restarted, now: datetime) -> Moved:
    could_be_sent = reservation.state in {State.HELD, State.QUARANTINE} and not reservation.fenced
    if not could_be_sent and reservation.state not in {State.CLAIMED, State.WORKING}:
        return reservation
    return _move(reservation._replace(fence=reservation.fence + 1), State.UNKNOWN, now)


def _found(reservation: Reservation, event: Found, now: datetime) -> Moved:
    if reservation.ticket not in {None, event.ticket}:
        return _inapplicable(reservation, event)
    rest = min(reservation.hold.lots, reservation.whole - event.filled)
    if rest <= ZERO:
        return _move(reservation._replace(ticket=event.ticket), State.CONVERTED, now)
    after = reservation._replace(hold=reservation.hold.part(rest), ticket=event.ticket)
    if event.waiting > ZERO:
        seen_at = event.at if after.seen is None else max(after.seen, event.at)
        return _move(after._replace(seen=seen_at, absent_since=None, absent_epoch=None), State.WORKING, now)
    return _quiet(_move(after, State.WORKING, now), State.CONVERTED, event, now)


def _missing(reservation: Reservation, event: Missing, now: datetime) -> Moved:
    if reservation.state in {State.HELD, State.CLAIMED} or not event.complete:
        return reservation
    end = State.EXPIRED if reservation.state is State.QUARANTINE else State.REJECTED
    if reservation.hold.lots < reservation.whole:
        end = State.CONVERTED
    return _quiet(reservation, end, event, now)


def _quiet(reservation: Reservation, end: State, event: Found | Missing, now: datetime) -> Reservation:
    """Move to `end` once two snapshots of one connection, far enough apart and late enough, lack the rest."""
    if event.at < reservation.valid_until + LATE:
        return reservation
    first = reservation.absent_since
    if first is None or reservation.absent_epoch != event.epoch or event.at < first:
        return reservation._replace(absent_since=event.at, absent_epoch=event.epoch)
    return _move(reservation, end, now) if event.at - first >= QUIET else reservation


def _settled(reservation: Reservation, _event: Settled, now: datetime) -> Moved:
    ends = {State.HELD: State.CANCELLED, State.QUARANTINE: State.CANCELLED}
    return _move(reservation, ends.get(reservation.state, State.REJECTED), now)


def grows(new: Hold, old: Hold) -> bool:
    """Return whether `new` is another trade than `old`, or charges more in any amount."""
    amounts = zip(
        (new.lots, new.loss, new.entry_loss, new.exposure, new.margin, new.gain or ZERO),
        (old.lots, old.loss, old.entry_loss, old.exposure, old.margin, old.gain or ZERO),
        strict=True,
    )
    return (new.symbol, new.side) != (old.symbol, old.side) or any(after > before for after, before in amounts)


_RULES: Final[Mapping[type[Any], Callable[[Reservation, Any, datetime], Moved]]] = MappingProxyType(
    {
        Claim: _claim,
        Placed: _placed,
        Rejected: _rejected,
        Lost: _lost,
        Cancelled: _cancelled,
        Replaced: _replaced,
        TimePassed: _time_passed,
        ClockWentBack: _clock_went_back,
        Restarted: _restarted,
        Found: _found,
        Missing: _missing,
        Settled: _settled,
    }
)
