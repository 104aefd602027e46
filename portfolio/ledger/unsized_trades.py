"""Trades in the account that were not sized here: typed in by hand, copied, or sent by another program.

They are always charged like any other. What else they mean is the trader's choice: they are counted and named, or
they halt new entries until a human has looked (`account.foreign_trades`).
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
from portfolio.reservation.evidence import SLACK, TAG
from portfolio.store.rows import fetch_one, microseconds

CODE: Final = "foreign_trade"
_SHOWN: Final = 3


class UnsizedTrade(NamedTuple):
    """A trade that stands in the account, and when it came."""

    ticket: int
    words: str
    at: datetime


def foreign(database: apsw.Connection, account: str, snapshot: Snapshot) -> tuple[UnsizedTrade, ...]:
    """Return the open positions and waiting orders that no decision of this record stands behind, oldest first.

    A decision is known by its reservation's ticket or by the tag in the order's comment. One whose order may have been
    sent just now, and is not found yet, may be any trade of its symbol and side.
    """
    standing = [*_standing(snapshot)]
    if not standing:
        return ()
    known = known_tickets(database, account, min(at for _, _, at in standing) - SLACK)
    unfound = [
        one for one in open_reservations(database, account, read_account(database, account).open) if one.ticket is None
    ]
    found = []
    for one, tickets, at in standing:
        if tickets <= known or _tagged(database, account, one.comment):
            continue
        like = [each for each in unfound if (each.hold.symbol, each.hold.side) == (one.symbol, one.side)]
        if any(each.issued - SLACK <= at for each in like):
            continue
        found.append(UnsizedTrade(one.ticket, f"{one.side} {one.volume} {one.symbol} (ticket {one.ticket})", at))
    return tuple(sorted(found, key=lambda each: (each.at, each.ticket)))


def unaccepted(database: apsw.Connection, account: str, found: tuple[UnsizedTrade, ...]) -> tuple[UnsizedTrade, ...]:
    """Return those that came after a human last lifted such a halt."""
    query = "SELECT max(at) FROM act WHERE account IN (?, ?) AND kind = 'resume' AND subject = ?"
    (accepted,) = fetch_one(database, query, (account, EVERYTHING, CODE))
    return tuple(one for one in found if accepted is None or microseconds(one.at) > accepted)


def said(found: tuple[UnsizedTrade, ...]) -> str:
    """Name them in a sentence."""
    listed = ", ".join(one.words for one in found[:_SHOWN])
    more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return f"not sized here: {listed}{more}"


def refusal(found: tuple[UnsizedTrade, ...]) -> Refusal:
    """Return the halt that they are."""
    return refuse(CODE, said(found))


def _standing(snapshot: Snapshot) -> Iterator[tuple[Position | Order, frozenset[int], datetime]]:
    """Give what stands in the account, each with the orders that made it and when the last of them came."""
    by_position: dict[int, dict[int, datetime]] = {}
    for deal in snapshot.deals:
        if deal.entry in {DealEntry.IN, DealEntry.INOUT} and deal.order:
            by_position.setdefault(deal.position_id, {})[deal.order] = deal.at
    for held in snapshot.positions:
        opening = held.identifier or held.ticket
        orders = by_position.get(opening) or {opening: held.opened_at}
        yield held, frozenset(orders), max(orders.values())
    for order in snapshot.orders:
        yield order, frozenset((order.ticket,)), order.placed_at


def _tagged(database: apsw.Connection, account: str, comment: str) -> bool:
    name = comment.removeprefix(TAG)
    return comment.startswith(TAG) and name != "" and bool(decisions_named(database, account, name))
