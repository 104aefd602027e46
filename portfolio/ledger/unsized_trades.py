"""Trades in the account that were not sized here: typed in by hand, copied, or sent by another program.

They are always charged like any other trade. By `account.foreign_trades` they are counted and named, or they halt new
entries until a human resumes.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final, NamedTuple

import apsw

from portfolio.ledger.halts import EVERYTHING
from portfolio.ledger.rows import decisions_named, known_tickets, open_reservations, read_account
from portfolio.model import DealEntry, Order, Position, Snapshot
from portfolio.reasons import Refusal, refuse
from portfolio.reservation.order_matching import SLACK, TAG
from portfolio.store.rows import fetch, microseconds

CODE: Final = "foreign_trade"
_LISTED: Final = 3


class UnsizedTrade(NamedTuple):
    """An open position or a waiting order that was not sized here, and when it came."""

    ticket: int
    words: str
    at: datetime


def unsized_trades(database: apsw.Connection, account: str, snapshot: Snapshot) -> tuple[UnsizedTrade, ...]:
    """Return the open positions and waiting orders that no decision of this record sized, oldest first.

    A decision is known by its reservation's ticket or by the tag in the order's comment. A reservation whose order may
    have been sent just now, and is not found yet, may be any trade of its symbol and side.
    """
    trades = [*_trades(snapshot)]
    if not trades:
        return ()
    own_tickets = known_tickets(database, account, min(at for _, _, at in trades) - SLACK)
    reservations = open_reservations(database, account, read_account(database, account).open)
    without_ticket = [reservation for reservation in reservations if reservation.ticket is None]
    unsized = []
    for trade, tickets, at in trades:
        if tickets <= own_tickets or _is_tagged(database, account, trade.comment):
            continue
        alike = [
            candidate
            for candidate in without_ticket
            if (candidate.hold.symbol, candidate.hold.side) == (trade.symbol, trade.side)
        ]
        if any(candidate.issued - SLACK <= at for candidate in alike):
            continue
        words = f"{trade.side} {trade.volume} {trade.symbol} (ticket {trade.ticket})"
        unsized.append(UnsizedTrade(trade.ticket, words, at))
    return tuple(sorted(unsized, key=lambda trade: (trade.at, trade.ticket)))


def unaccepted(database: apsw.Connection, account: str, unsized: tuple[UnsizedTrade, ...]) -> tuple[UnsizedTrade, ...]:
    """Return the trades that came after a human last lifted such a halt."""
    query = "SELECT max(at) FROM act WHERE account IN (?, ?) AND kind = 'resume' AND subject = ?"
    [(resumed_at,)] = fetch(database, query, (account, EVERYTHING, CODE))
    return tuple(trade for trade in unsized if resumed_at is None or microseconds(trade.at) > resumed_at)


def describe(unsized: tuple[UnsizedTrade, ...]) -> str:
    """Return the sentence that names the trades."""
    trades_text = ", ".join(trade.words for trade in unsized[:_LISTED])
    more = f" and {len(unsized) - _LISTED} more" if len(unsized) > _LISTED else ""
    return f"not sized here: {trades_text}{more}"


def refusal(unsized: tuple[UnsizedTrade, ...]) -> Refusal:
    """Return the halt that these trades are."""
    return refuse(CODE, describe(unsized))


def _trades(snapshot: Snapshot) -> Iterator[tuple[Position | Order, frozenset[int], datetime]]:
    """Give each open position and waiting order with the orders that made it, and when the last of them came."""
    by_position: dict[int, dict[int, datetime]] = {}
    for deal in snapshot.deals:
        if deal.entry in {DealEntry.IN, DealEntry.INOUT} and deal.order:
            by_position.setdefault(deal.position_id, {})[deal.order] = deal.at
    for position in snapshot.positions:
        opening = position.identifier or position.ticket
        orders = by_position.get(opening) or {opening: position.opened_at}
        yield position, frozenset(orders), max(orders.values())
    for order in snapshot.orders:
        yield order, frozenset((order.ticket,)), order.placed_at


def _is_tagged(database: apsw.Connection, account: str, comment: str) -> bool:
    name = comment.removeprefix(TAG)
    return comment.startswith(TAG) and name != "" and bool(decisions_named(database, account, name))
