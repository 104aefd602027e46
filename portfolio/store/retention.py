"""Deletes old decisions and finished reservations; never open ones, budgets, halts or peaks.

Budgets, halts, peaks and the acts of humans stay for good; they are few.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from portfolio.store.database import Store
from portfolio.store.rows import microseconds

KEPT: Final = timedelta(days=400)
"""Age to which an answer stays by default: a year and a month of comparison."""

LEAST: Final = timedelta(days=7)
"""No setting deletes sooner: a caller may repeat its request for so long."""


class Forgotten(NamedTuple):
    """Counts of the rows that were deleted."""

    decisions: int
    reservations: int
    statistics: int


def forget(store: Store, now: datetime, keep: timedelta = KEPT) -> Forgotten:
    """Delete rows older than `keep`, at least a week: final reservations, their history, answers, statistics.

    An answer stays as long as its reservation. The last event stays too, so that the ledger's count never restarts.
    """
    before = (microseconds(now - max(keep, LEAST)),)
    with store.write() as database:
        database.execute("DELETE FROM reservation WHERE open = 0 AND since < ?", before)
        reservations = database.changes()
        database.execute(
            "DELETE FROM reservation_event WHERE at < ? AND seq < (SELECT max(seq) FROM reservation_event)"
            " AND NOT EXISTS (SELECT 1 FROM reservation AS kept WHERE kept.id = reservation_event.id)",
            before,
        )
        database.execute(
            "DELETE FROM decision WHERE at < ?"
            " AND NOT EXISTS (SELECT 1 FROM reservation AS kept WHERE kept.id = decision.id)",
            before,
        )
        decisions = database.changes()
        database.execute("DELETE FROM statistic WHERE at < ?", before)
        return Forgotten(decisions, reservations, database.changes())
