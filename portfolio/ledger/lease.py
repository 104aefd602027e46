"""The bot's side of a reservation: claim it before sending, note the order's ticket, give back an unused one.

Each call is one transaction. A refusal changes nothing; StoreError means that nothing was written.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

import apsw

from portfolio.ledger import rows
from portfolio.ledger.account_ledger import AccountLedger, Held, View
from portfolio.ledger.halts import Act, Halt, halted, scope_of, write_act, write_halt
from portfolio.model import ZERO
from portfolio.reasons import Refusal, refuse
from portfolio.reservation.events import Cancelled, Claim, Event, Lost, Placed, Rejected, Restarted, Settled
from portfolio.reservation.hold import Hold
from portfolio.reservation.reservation import Reservation, State
from portfolio.store.database import Store
from portfolio.store.rows import masked_key

_log = logging.getLogger(__name__)

Recheck = Callable[[Hold, tuple[Held, ...]], Hold | Refusal]
"""Given the hold and all others, returns the hold that may still be sent: the same, a smaller one, or why none."""


def claim(
    store: Store, lease: str, fence: int, *, now: datetime, view: View | None = None, recheck: Recheck | None = None
) -> Reservation | Refusal:
    """Return the reservation as the caller may send it now, with its new fence; the order must be sent before its end.

    With a fresh `view` and `recheck` the size is checked again and may shrink, never grow; nothing left cancels it.
    """
    with store.write() as database:
        ledger = _ledger_of(database, lease, now)
        if ledger is None:
            return refuse("lease_unknown", lease)
        answer = _claim(ledger, lease, fence, view, recheck)
        ledger.save()
        return answer


def _claim(
    ledger: AccountLedger, lease: str, fence: int, view: View | None, recheck: Recheck | None
) -> Reservation | Refusal:
    refusal = ledger.expire() or (ledger.unusable(view) if view else None)
    if refusal:
        return refusal
    if view:
        ledger.resolve(view)
    reservation = ledger.find(lease)
    refusal = halted(ledger.database, reservation.account, reservation.caller)
    if refusal:
        return refusal
    hold = reservation.hold
    if recheck is not None and reservation.state is State.HELD and fence == reservation.fence:
        beside = tuple(hold_beside for hold_beside in ledger.holds() if hold_beside.reservation.id != lease)
        verdict = recheck(hold, beside)
        if isinstance(verdict, Refusal) or verdict.lots <= ZERO:
            ledger.apply(reservation, Cancelled(fence), "nothing left when it was claimed")
            return verdict if isinstance(verdict, Refusal) else refuse("lease_state", f"{lease} has no room left")
        hold = verdict
    return ledger.apply(reservation, Claim(fence, hold), "claimed")


def placed(store: Store, lease: str, ticket: int, *, now: datetime) -> Reservation | Refusal:
    """Note the ticket under which the terminal took the order.

    An order on a reservation that is over is `late_use`: the position counts by itself, and the bot is halted.
    """
    return _apply(store, lease, Placed(ticket), f"placed {ticket}", now)


def cancel(store: Store, lease: str, fence: int, *, now: datetime) -> Reservation | Refusal:
    """Give the room back: the caller has not sent the order and will not."""
    return _apply(store, lease, Cancelled(fence), "cancelled", now)


def rejected(store: Store, lease: str, fence: int, because: str, *, now: datetime) -> Reservation | Refusal:
    """Give the room back: the terminal refused the order with a definite code."""
    return _apply(store, lease, Rejected(fence), because, now)


def lost(store: Store, lease: str, fence: int, because: str, *, now: datetime) -> Reservation | Refusal:
    """Keep the room: the order was sent and no definite answer came; only evidence resolves it now."""
    return _apply(store, lease, Lost(fence), because, now)


def restart(store: Store, account: str, caller: str, *, now: datetime) -> tuple[Reservation, ...]:
    """Note that the caller's process began anew: orders it may have sent are unknown until a snapshot shows them.

    A bot calls this before its first request; else an order that it sent just before a crash could be taken for a
    hold that was never used.
    """
    with store.write() as database:
        ledger = AccountLedger(database, account, now)
        ledger.expire()
        for reservation in tuple(ledger.open.values()):
            if reservation.caller == caller:
                ledger.apply(reservation, Restarted(), "restart")
        ledger.save()
        return tuple(reservation for reservation in ledger.open.values() if reservation.caller == caller)


def settle_reservation(store: Store, lease: str, reason: str, *, now: datetime) -> Reservation | Refusal:
    """Free a reservation because a human vouches that its order will not come; the reason is recorded."""
    return _apply(store, lease, Settled(), reason, now)


def _apply(store: Store, lease: str, event: Event, because: str, now: datetime) -> Reservation | Refusal:
    with store.write() as database:
        ledger = _ledger_of(database, lease, now)
        if ledger is None:
            return refuse("lease_unknown", lease)
        ledger.expire()
        reservation = ledger.find(lease)
        after = ledger.apply(reservation, event, because)
        if isinstance(event, Settled):
            write_act(database, Act(reservation.account, "settle", lease, because, now))
        if isinstance(after, Refusal) and after.code == "late_use":
            _log.error("%s: %s", masked_key(reservation.account), after.detail)
            write_halt(database, Halt(scope_of(reservation.account, reservation.caller), after.code, after.detail, now))
        ledger.save()
        return after


def _ledger_of(database: apsw.Connection, lease: str, now: datetime) -> AccountLedger | None:
    account = rows.account_of(database, lease)
    return None if account is None else AccountLedger(database, account, now)
