"""The decision behind an order that the account shows: by its reservation's ticket, else by the tag in its comment."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

import apsw

from portfolio.ledger.rows import decisions_named
from portfolio.reservation.order_matching import LEAST, TAG, SeenOrder
from portfolio.store.database import Store
from portfolio.store.rows import fetch_one


class DecidedOrder(NamedTuple):
    """The decision behind an order."""

    id: str
    lots: Decimal
    """As the order may be sent: those of the reservation, else those of the answer."""
    line: bytes | None
    """The journal line; None where the decision is no longer in the database."""


def decisions_of_orders(store: Store, account: str, orders: Iterable[SeenOrder]) -> dict[int, DecidedOrder]:
    """Return the decisions by the orders' tickets; an order that no decision of this record sized is left out."""
    with store.read() as database:
        decisions = {order.ticket: _decision(database, account, order) for order in orders}
    return {ticket: decision for ticket, decision in decisions.items() if decision is not None}


def _decision(database: apsw.Connection, account: str, order: SeenOrder) -> DecidedOrder | None:
    query = "SELECT id, whole FROM reservation WHERE account = ? AND ticket = ?"
    row = fetch_one(database, query, (account, order.ticket)) or _tagged(database, account, order.comment)
    if row is None:
        return None
    identifier, lots = row
    line = fetch_one(database, "SELECT line FROM decision WHERE id = ?", (identifier,))
    return DecidedOrder(identifier, Decimal(lots), None if line is None else line[0])


def _tagged(database: apsw.Connection, account: str, comment: str) -> tuple[str, str] | None:
    """Return id and lots of the only decision that a comment names; what a broker cut short may fit several."""
    name = comment.removeprefix(TAG)
    if not comment.startswith(TAG) or len(name) < LEAST:
        return None
    decisions = decisions_named(database, account, name)
    return decisions[0] if len(decisions) == 1 else None
