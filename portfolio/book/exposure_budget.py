"""Exposure that an account has spent of its budgets, by trade, by day and by week, and when some is free again.

A position spends its notional when it opens and frees it not when it closes but at the next scan. The week begins
anew after Friday's close if every position is closed by then, else it goes on. What a day leaves unspent is the
week's; it never raises another day (source 000). Pure: what was opened and closed when is given.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Final, NamedTuple

from portfolio.calendar.exchange_sessions import Scans
from portfolio.model import ZERO
from portfolio.rounding import DOWN, EXACT

WATCHED: Final = 5
QUALIFIES: Final = Decimal(70)
"""Score from which a signal is taken at all."""
PER_POSITION, PER_DAY = Decimal("0.10"), Decimal("0.20")
FLOOR: Final = Decimal("0.05")
"""Least share worth a position; a day holds four of them."""
WEEKS: Final = 60
"""Weeks that a budget week which never ended is followed back."""


class Allocation(NamedTuple):
    """Exposure that one entry into a position has spent; a position that was added to has several."""

    position: str
    symbol: str
    exposure: Decimal | None
    """Notional at the entry in deposit currency; None where it can't be computed."""
    opened: datetime
    closed: datetime | None = None


class Spent(NamedTuple):
    """Exposure spent at a moment, in deposit currency."""

    day: Decimal
    """Opened today and not freed."""
    week: Decimal
    """Not freed, whenever it was opened."""
    positions_day: int
    """Opened today, closed since or not."""
    positions_week: int
    """Opened since the week began."""
    week_began: datetime | None
    """After which close every position was closed; None where that was never seen."""
    frees: datetime | None = None
    """The scan that frees what is closed already; None where nothing waits."""
    unknown: tuple[str, ...] = ()
    """Symbol and position of entries that are not freed and can't be valued."""


def spent(allocations: Iterable[Allocation], now: datetime, scans: Scans) -> Spent:
    """Return the exposure spent of the budgets at `now`."""
    until_now = tuple(allocation for allocation in allocations if allocation.opened <= now)
    today, began = scans.day(now), week_began(until_now, now, scans)
    counting = [allocation for allocation in until_now if not freed(allocation, now, scans)]
    scan_times = [
        scans.after(allocation.closed)
        for allocation in counting
        if allocation.closed is not None and allocation.closed <= now
    ]
    without_figure = {
        f"{allocation.symbol} {allocation.position}" for allocation in counting if allocation.exposure is None
    }
    return Spent(
        day=_sum(allocation for allocation in counting if scans.day(allocation.opened) == today),
        week=_sum(counting),
        positions_day=_positions(allocation for allocation in until_now if scans.day(allocation.opened) == today),
        positions_week=_positions(allocation for allocation in until_now if began is None or allocation.opened > began),
        week_began=began,
        frees=min(scan_times, default=None),
        unknown=tuple(sorted(without_figure)),
    )


def freed(allocation: Allocation, now: datetime, scans: Scans) -> bool:
    """Return whether a scan has come since the position was closed."""
    return allocation.closed is not None and allocation.closed < now and scans.after(allocation.closed) <= now


def week_began(allocations: tuple[Allocation, ...], now: datetime, scans: Scans) -> datetime | None:
    """Return the last Friday's close (or that of the week's last session) by which every position was closed."""
    oldest = min((allocation.opened for allocation in allocations), default=None)
    for count, close in enumerate(scans.week_closes(now)):
        if count == WEEKS:
            return None
        if oldest is None or not any(_open_at(allocation, close) for allocation in allocations):
            return close
    return None


def shares(signals: int) -> tuple[Decimal, ...]:
    """Return the share of equity for each of so many signals that qualify, the best first; 0 is none.

    One gets 10 %, two 10 % each, three a third of 20 % (rounded down), four and more split 20 % with a floor of 5 %:
    a fifth gets none.
    """
    holds = min(signals, int(PER_DAY / FLOOR))
    if holds == 0:
        return ()
    share = min(PER_POSITION, DOWN.quantize(DOWN.divide(PER_DAY, Decimal(holds)), Decimal("1E-6")))
    return (share,) * holds + (ZERO,) * (signals - holds)


def _open_at(allocation: Allocation, moment: datetime) -> bool:
    return allocation.opened <= moment and (allocation.closed is None or allocation.closed > moment)


def _sum(allocations: Iterable[Allocation]) -> Decimal:
    total = ZERO
    for allocation in allocations:
        total = EXACT.add(total, allocation.exposure or ZERO)
    return total


def _positions(allocations: Iterable[Allocation]) -> int:
    return len({allocation.position for allocation in allocations})
