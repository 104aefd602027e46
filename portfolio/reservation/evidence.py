"""What a look at the account proves about reserved trades: found, gone, or still in doubt.

An order is recognised by its ticket, or by its tag `es:<id8>` with symbol, side and volume; failing both, by magic
number, symbol, side, volume and time, and then only when the reservation can no longer be used for another one.
Whatever fits two reservations, or fits one only half, proves nothing and leaves the reservation counting.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final, NamedTuple

from portfolio.model import ZERO, DealEntry, DealKind, MarginMode, Side, Snapshot
from portfolio.reservation.events import Found, Missing
from portfolio.reservation.reservation import LATE, Reservation

SLACK: Final = timedelta(seconds=2)
"""How much earlier than its reservation an order may seem to be placed, by the rounding of the broker's clock."""

TAG: Final = "es:"
COMMENT: Final = 29
"""Characters the terminal takes for a comment (measured on MetaTrader5 5.0.6231); a decision's 26 and the tag fit."""
LEAST: Final = 8
"""Characters of a decision's name that must be left for it to count as named."""


class SeenOrder(NamedTuple):
    """What the account shows of one order: lots done (open or closed again since) and lots still waiting."""

    ticket: int
    symbol: str
    side: Side
    filled: Decimal
    waiting: Decimal
    at: datetime
    magic: int
    comment: str

    @property
    def lots(self) -> Decimal:
        """The order's size as far as it is seen."""
        return self.filled + self.waiting


def tag(identifier: str) -> str:
    """Return the comment an order carries so that it is found again: at most the terminal's 29 characters."""
    return f"{TAG}{identifier}"[:COMMENT]


def named(comment: str) -> str:
    """Return as much of a decision's identifier as the broker left in an order's comment; empty where it names none."""
    return comment[len(TAG) : COMMENT].strip() if comment.startswith(TAG) else ""


def names(comment: str, identifier: str) -> bool:
    """Return whether a comment names this decision; what a broker cut short must still hold eight characters."""
    told = named(comment)
    return len(told) >= min(LEAST, len(identifier)) and identifier.startswith(told)


def traces(snapshot: Snapshot) -> tuple[SeenOrder, ...]:
    """Return every order the snapshot shows, whether waiting, done or closed again, by ticket.

    A netting position adds several orders up, so there only orders and deals count.
    """
    seen: dict[int, SeenOrder] = {}
    for order in snapshot.orders:
        waiting = (order.symbol, order.side, ZERO, order.volume, order.placed_at, order.magic, order.comment)
        seen[order.ticket] = SeenOrder(order.ticket, *waiting)
    done: dict[int, SeenOrder] = {}
    for deal in snapshot.deals:
        if deal.kind is not DealKind.TRADE or deal.entry not in {DealEntry.IN, DealEntry.INOUT} or deal.side is None:
            continue
        first = done.get(deal.order)
        filled = deal.volume + (first.filled if first else ZERO)
        done[deal.order] = SeenOrder(
            deal.order, deal.symbol, deal.side, filled, ZERO, deal.at, deal.magic, deal.comment
        )
    if snapshot.account.margin_mode is MarginMode.HEDGING:
        for one in snapshot.positions:
            ticket = one.identifier or one.ticket
            opened = SeenOrder(ticket, one.symbol, one.side, one.volume, ZERO, one.opened_at, one.magic, one.comment)
            done.setdefault(ticket, opened)
    for ticket, trace in done.items():
        pending = seen.get(ticket)
        seen[ticket] = trace if pending is None else pending._replace(filled=trace.filled)
    return tuple(seen.values())


def evidence(
    reservations: Sequence[Reservation], snapshot: Snapshot, mark: int, known: Iterable[int] = ()
) -> Mapping[str, Found | Missing]:
    """Return what the snapshot proves, by reservation id; one that is not named stays in doubt.

    `mark` is the number of the ledger's last event before the snapshot was begun (`ledger.mark`): it says nothing
    about reservations made later. `known` are the tickets of reservations that were resolved before.
    """
    asked = [one for one in reservations if one.counts and one.born <= mark]
    if not asked:
        return {}
    taken = frozenset(known) | {one.ticket for one in reservations if one.ticket is not None}
    orders = {trace.ticket: trace for trace in traces(snapshot)}
    free = [trace for ticket, trace in orders.items() if ticket not in taken]
    candidates = {one.id: _candidates(one, orders, free) for one in asked}
    claimed = Counter(trace.ticket for found in candidates.values() for trace in found)
    return {one.id: proof for one in asked if (proof := _proof(one, candidates[one.id], claimed, snapshot)) is not None}


def _candidates(
    reservation: Reservation, orders: Mapping[int, SeenOrder], free: Sequence[SeenOrder]
) -> tuple[SeenOrder, ...]:
    if reservation.ticket is not None:
        return (orders[reservation.ticket],) if reservation.ticket in orders else ()
    like = [
        trace
        for trace in free
        if (trace.symbol, trace.side) == (reservation.hold.symbol, reservation.hold.side)
        and reservation.issued - SLACK <= trace.at
    ]
    tagged = tuple(trace for trace in like if names(trace.comment, reservation.id))
    if tagged:
        return tagged
    over = reservation.valid_until + LATE
    return tuple(
        trace
        for trace in like
        if trace.magic == reservation.magic and trace.at <= over and not trace.comment.startswith(TAG)
    )


def _proof(
    reservation: Reservation, candidates: Sequence[SeenOrder], claimed: Mapping[int, int], snapshot: Snapshot
) -> Found | Missing | None:
    if not candidates:
        return _missing(reservation, snapshot)
    if len(candidates) > 1 or claimed[candidates[0].ticket] > 1:
        return None
    [trace] = candidates
    if reservation.ticket is None and not _fits(reservation, trace, snapshot.taken_at):
        return None
    return Found(trace.ticket, trace.filled, trace.waiting, snapshot.taken_at, snapshot.terminal.epoch)


def _fits(reservation: Reservation, trace: SeenOrder, taken_at: datetime) -> bool:
    if names(trace.comment, reservation.id):
        return trace.lots <= reservation.whole
    if taken_at < reservation.valid_until + LATE:
        return False
    return trace.lots == reservation.whole or (reservation.magic != 0 and trace.lots < reservation.whole)


def _missing(reservation: Reservation, snapshot: Snapshot) -> Missing | None:
    since = reservation.seen or reservation.issued
    complete = snapshot.deals_since is not None and snapshot.deals_since <= since
    hedging = snapshot.account.margin_mode is MarginMode.HEDGING
    if not snapshot.terminal.connected or not (complete or hedging):
        return None
    return Missing(snapshot.taken_at, snapshot.terminal.epoch, complete)
