"""Spending of a day's or a week's budget: entries that add up, never changed, undone only with a reason.

A budget is any name ("exposure"), a period any label that its owner gives ("2026-W24"); what is spent is the sum of
its entries. A trade that frees its budget again does so by reversing the whole entry, once.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

import apsw

from portfolio.model import ZERO
from portfolio.store.database import Store
from portfolio.store.rows import exact, fetch, from_microseconds, microseconds


class Spend(NamedTuple):
    """Spend `amount` (at least 0) of a budget in a period, and why; `because` may name the decision."""

    budget: str
    period: str
    amount: Decimal
    because: str


class BudgetEntry(NamedTuple):
    """A line of the account's spending; a reversal has the negative amount of the entry it reverses."""

    number: int
    budget: str
    period: str
    amount: Decimal
    at: datetime
    because: str
    reverses: int | None


def write_spending(database: apsw.Connection, account: str, spends: Iterable[Spend], now: datetime) -> None:
    """Add entries inside the caller's transaction; a negative amount is a broken program (ValueError)."""
    for entry in spends:
        if not entry.amount >= ZERO:
            message = f"{entry.amount} can't be spent of {entry.budget}"
            raise ValueError(message)
        _insert(database, account, entry, now, None)


def spend(store: Store, account: str, entry: Spend, *, now: datetime) -> None:
    """Add one entry."""
    with store.write() as database:
        write_spending(database, account, (entry,), now)


def spent(store: Store, account: str, budget: str, period: str) -> Decimal:
    """Return the money spent of a budget in a period, exactly."""
    with store.read() as database:
        return spent_of(database, account, budget, period)


def spent_of(database: apsw.Connection, account: str, budget: str, period: str) -> Decimal:
    """Return the money spent of a budget in a period, inside the caller's transaction."""
    query = "SELECT amount FROM spending WHERE account = ? AND budget = ? AND period = ?"
    rows = fetch(database, query, (account, budget, period))
    return sum((Decimal(amount) for (amount,) in rows), ZERO)


def entries(store: Store, account: str, budget: str, period: str) -> tuple[BudgetEntry, ...]:
    """Return the entries of a period, oldest first."""
    query = (
        "SELECT seq, budget, period, amount, at, because, reverses FROM spending"
        " WHERE account = ? AND budget = ? AND period = ? ORDER BY seq"
    )
    with store.read() as database:
        rows = fetch(database, query, (account, budget, period))
    return tuple(
        BudgetEntry(number, name, label, Decimal(amount), from_microseconds(at), because, reverses)
        for number, name, label, amount, at, because, reverses in rows
    )


def reverse(store: Store, account: str, entry: BudgetEntry, because: str, *, now: datetime) -> None:
    """Free what an entry spent; a second reversal, or one of a reversal, is refused by the database."""
    undo = Spend(entry.budget, entry.period, -entry.amount, because)
    with store.write() as database:
        _insert(database, account, undo, now, entry.number)


def _insert(database: apsw.Connection, account: str, entry: Spend, now: datetime, reverses: int | None) -> None:
    values = (account, entry.budget, entry.period, exact(entry.amount), microseconds(now), entry.because, reverses)
    database.execute(
        "INSERT INTO spending (account, budget, period, amount, at, because, reverses) VALUES (?, ?, ?, ?, ?, ?, ?)",
        values,
    )
