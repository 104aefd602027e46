"""Balance and peaks with which the firm's day began, rebuilt from the account's deals at every snapshot."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from portfolio.account.balance_path import Path, balance_before, highest_balance, moves, replay, since_opening
from portfolio.account.unseen_equity import SLACK, best_floating, was_open
from portfolio.calendar.firm_day import DayRule, resets_between
from portfolio.model import ZERO, Snapshot

SAMPLE = timedelta(seconds=60)
"""Two snapshots this near to a reset, one on each side, show the equity it found."""

INSTANT = timedelta(microseconds=1)
"""The finest step of time there is."""


class DayOpening(NamedTuple):
    """The balance and its peaks as the day began and now."""

    opening: Path
    path: Path
    yesterday: Path | None
    """As the day before began, where that lies within the history."""
    began: datetime | None
    """Time at which the account was opened or its epoch began, where that is known."""
    rebuilt: bool
    """Whether the day's beginning lies within the history."""
    resets: int
    """Number of resets the path was carried through."""


class NotedFigure(NamedTuple):
    """A figure that may be an estimate, which the note then says; None is not known at all."""

    money: Decimal | None
    note: str = ""


def covers(snapshot: Snapshot, since: datetime) -> bool:
    """Return whether the snapshot's history is complete from `since` on."""
    return snapshot.deals_since is not None and snapshot.deals_since <= since


def open_day(
    snapshot: Snapshot,
    day: DayRule,
    since: datetime,
    path: Path,
    initial: Decimal,
    *,
    began: datetime | None,
    shifts: bool,
    server_offset: int | None,
) -> DayOpening:
    """Carry the path of an account from `since` to the snapshot.

    Its balance then is rebuilt: the balance now less everything that changed it since. `began` is when the account or
    its epoch began, as far as is known already. `shifts` as in `balance_path.replay`.
    """
    changes = moves(snapshot.deals, since, snapshot.taken_at)
    balance = balance_before(snapshot.account.balance, changes)
    opening = None if began is not None and began < since else since_opening(balance, changes, initial)
    if opening is not None:
        began = since = changes[0].at
        balance, changes = opening
    payouts = path.withdrawals if shifts else ZERO
    begun = replace(path, balance=balance, closed_balance=max(path.closed_balance, balance + payouts))
    resets = resets_between(day, since - INSTANT, snapshot.taken_at, server_offset)
    now, days = replay(begun, changes, resets, shifts=shifts)
    return DayOpening(
        days[-1] if days else begun, now, days[-2] if len(days) > 1 else None, began, bool(days), len(days)
    )


def equity_at_reset(snapshot: Snapshot, reset: datetime, sample: tuple[Decimal, datetime] | None) -> NotedFigure:
    """Return the equity that a reset found, never less than it can have been.

    `sample` is the equity of the last snapshot before the reset, and its time. The answer is the balance where nothing
    was open, the higher of the snapshots before and after the reset where both are near, and otherwise the balance with
    the best price of each position in the bars around the reset.
    """
    if not covers(snapshot, reset):
        return NotedFigure(None)
    balance = balance_before(snapshot.account.balance, moves(snapshot.deals, reset, snapshot.taken_at))
    if not was_open(snapshot, reset, reset):
        return NotedFigure(balance)
    if sample is not None and sample[1] >= reset - SAMPLE and snapshot.taken_at <= reset + SAMPLE:
        return NotedFigure(max(sample[0], snapshot.account.equity))
    floating = best_floating(snapshot, reset, reset)
    if floating is None:
        return NotedFigure(None)
    return NotedFigure(balance + floating, "the equity at the reset is estimated from bars")


def unseen_peak(snapshot: Snapshot, since: datetime) -> NotedFigure:
    """Return the highest that equity can have been since the last snapshot, or None with the reason.

    A short gap, or one in which nothing was open, needs no estimate: the balance's own peaks tell.
    """
    now = snapshot.taken_at
    if now - since <= SLACK:
        return NotedFigure(snapshot.account.equity)
    gap = f"equity between {since:%Y-%m-%d %H:%M} and {now:%Y-%m-%d %H:%M} UTC"
    if not covers(snapshot, since):
        return NotedFigure(None, f"{gap} was not seen")
    highest = highest_balance(snapshot.account.balance, moves(snapshot.deals, since, now))
    if not was_open(snapshot, since, now):
        return NotedFigure(highest)
    floating = best_floating(snapshot, since, now)
    if floating is None:
        return NotedFigure(None, f"{gap} was not seen and no bars cover it")
    return NotedFigure(highest + floating, f"{gap} is estimated from bars")
