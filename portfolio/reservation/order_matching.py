"""Matches the orders of a snapshot with reservations: found, missing, or still in doubt.

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

from portfolio.model import ZERO, DealEntry, DealKind, MarginMode, Position, Side, Snapshot
from portfolio.reservation.events import Found, Missing
from portfolio.reservation.reservation import LATE, Reservation

SLACK: Final = timedelta(seconds=2)
"""Seconds by which an order may seem older than its reservation, by the rounding of the broker's clock."""

TAG: Final = "es:"
"""Begins the comment of every order that was sized here."""
COMMENT: Final = 29
"""Characters the terminal takes for a comment (measured on MetaTrader5 5.0.6231); a decision's 26 and the tag fit."""
LEAST: Final = 8
"""Characters of a decision's id that must be left in a comment for it to name the decision."""


class SeenOrder(NamedTuple):
    """One order as the account shows it: lots filled (open or closed again since) and lots still waiting."""

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
        """The order's size as far as the account shows it."""
        return self.filled + self.waiting


def tag(identifier: str) -> str:
    """Return the comment an order carries so that it is found again: at most the terminal's 29 characters."""
    return f"{TAG}{identifier}"[:COMMENT]


def name_in(comment: str) -> str:
    """Return as much of a decision's id as the broker left in an order's comment; empty where it names none."""
    return comment[len(TAG) : COMMENT].strip() if comment.startswith(TAG) else ""


def names(comment: str, identifier: str) -> bool:
    """Return whether a comment names this decision; what a broker cut short must still hold eight characters."""
    name = name_in(comment)
    return len(name) >= min(LEAST, len(identifier)) and identifier.startswith(name)


def seen_orders(snapshot: Snapshot) -> tuple[SeenOrder, ...]:
    """Return every order the snapshot shows, whether waiting, filled or closed again, by ticket.

    A netting position adds several orders up, so there only orders and deals count.
    """
    orders: dict[int, SeenOrder] = {}
    for order in snapshot.orders:
        figures = (order.symbol, order.side, ZERO, order.volume, order.placed_at, order.magic, order.comment)
        orders[order.ticket] = SeenOrder(order.ticket, *figures)
    fills = _filled_orders(snapshot)
    if snapshot.account.margin_mode is MarginMode.HEDGING:
        for position in snapshot.positions:
            ticket = position.identifier or position.ticket
            fills.setdefault(ticket, of_position(position))
    for ticket, fill in fills.items():
        pending = orders.get(ticket)
        orders[ticket] = fill if pending is None else pending._replace(filled=fill.filled)
    return tuple(orders.values())


def _filled_orders(snapshot: Snapshot) -> dict[int, SeenOrder]:
    """Return the orders whose deals opened, enlarged or reversed a position."""
    orders: dict[int, SeenOrder] = {}
    for deal in snapshot.deals:
        if deal.kind is not DealKind.TRADE or deal.entry not in {DealEntry.IN, DealEntry.INOUT} or deal.side is None:
            continue
        earlier = orders.get(deal.order)
        lots = deal.volume + (earlier.filled if earlier else ZERO)
        orders[deal.order] = SeenOrder(
            deal.order, deal.symbol, deal.side, lots, ZERO, deal.at, deal.magic, deal.comment
        )
    return orders


def of_position(position: Position) -> SeenOrder:
    """Return the order that a position stands for where the history lacks its deals."""
    return SeenOrder(
        position.identifier or position.ticket,
        position.symbol,
        position.side,
        position.volume,
        ZERO,
        position.opened_at,
        position.magic,
        position.comment,
    )


def evidence(
    reservations: Sequence[Reservation], snapshot: Snapshot, mark: int, tickets: Iterable[int] = ()
) -> Mapping[str, Found | Missing]:
    """Return the proofs of the snapshot, by reservation id; a reservation that is not named stays in doubt.

    `mark` is the number of the ledger's last event before the snapshot was begun (`ledger.mark`): it says nothing
    about reservations made later. `tickets` are those of reservations that were resolved before.
    """
    open_ = [reservation for reservation in reservations if reservation.counts and reservation.born <= mark]
    if not open_:
        return {}
    used_tickets = frozenset(tickets) | {entry.ticket for entry in reservations if entry.ticket is not None}
    orders = {order.ticket: order for order in seen_orders(snapshot)}
    free = [order for ticket, order in orders.items() if ticket not in used_tickets]
    candidates = {reservation.id: _candidates(reservation, orders, free) for reservation in open_}
    claims = Counter(order.ticket for matches in candidates.values() for order in matches)
    proofs = {entry.id: _proof(entry, candidates[entry.id], claims, snapshot) for entry in open_}
    return {identifier: proof for identifier, proof in proofs.items() if proof is not None}


def _candidates(
    reservation: Reservation, orders: Mapping[int, SeenOrder], free: Sequence[SeenOrder]
) -> tuple[SeenOrder, ...]:
    if reservation.ticket is not None:
        return (orders[reservation.ticket],) if reservation.ticket in orders else ()
    alike = [
        order
        for order in free
        if (order.symbol, order.side) == (reservation.hold.symbol, reservation.hold.side)
        and reservation.issued - SLACK <= order.at
    ]
    by_tag = tuple(order for order in alike if names(order.comment, reservation.id))
    if by_tag:
        return by_tag
    over = reservation.valid_until + LATE
    return tuple(
        order
        for order in alike
        if order.magic == reservation.magic and order.at <= over and not order.comment.startswith(TAG)
    )


def _proof(
    reservation: Reservation, candidates: Sequence[SeenOrder], claims: Mapping[int, int], snapshot: Snapshot
) -> Found | Missing | None:
    if not candidates:
        return _missing(reservation, snapshot)
    if len(candidates) > 1 or claims[candidates[0].ticket] > 1:
        return None
    [order] = candidates
    if reservation.ticket is None and not _fits(reservation, order, snapshot.taken_at):
        return None
    return Found(order.ticket, order.filled, order.waiting, snapshot.taken_at, snapshot.terminal.epoch)


def _fits(reservation: Reservation, order: SeenOrder, taken_at: datetime) -> bool:
    if names(order.comment, reservation.id):
        return order.lots <= reservation.whole
    if taken_at < reservation.valid_until + LATE:
        return False
    return order.lots == reservation.whole or (reservation.magic != 0 and order.lots < reservation.whole)


def _missing(reservation: Reservation, snapshot: Snapshot) -> Missing | None:
    since = reservation.seen or reservation.issued
    complete = snapshot.deals_since is not None and snapshot.deals_since <= since
    hedging = snapshot.account.margin_mode is MarginMode.HEDGING
    if not snapshot.terminal.connected or not (complete or hedging):
        return None
    return Missing(snapshot.taken_at, snapshot.terminal.epoch, complete)
