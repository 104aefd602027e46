"""The path of the balance: results, deposits, withdrawals and day ends, replayed from the account's deals."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from portfolio.model import ZERO, Deal, DealKind


class Move(NamedTuple):
    """Effect of one deal on the balance: earned or lost by trading, or money brought in or taken out."""

    at: datetime
    result: Decimal
    flow: Decimal


@dataclass(frozen=True, slots=True)
class Path:
    """The balance at a moment, and the peaks before it, which never fall."""

    balance: Decimal
    eod_balance: Decimal
    """Highest balance at a reset."""
    eod_max: Decimal
    """Highest of balance and equity at a reset."""
    closed_balance: Decimal
    """Highest balance after any deal."""
    deposits: Decimal = ZERO
    """Brought in since the account was opened, beyond its initial size; they raise every peak."""
    withdrawals: Decimal = ZERO
    """Taken out, as a positive sum."""


def start(initial: Decimal) -> Path:
    """Return the path of an account without history: no peak is below its initial size."""
    return Path(initial, initial, initial, initial)


def moves(deals: Iterable[Deal], since: datetime, until: datetime) -> list[Move]:
    """Return the changes of the balance in [since, until], oldest first.

    Credit is no part of a terminal's balance. A deal that is neither trade nor balance operation (charge, correction,
    bonus) counts against the account: a gain is a deposit, which earns no room, a charge is a loss.
    """
    changes = []
    for deal in sorted(deals, key=lambda deal: (deal.at, deal.ticket)):
        if not since <= deal.at <= until or deal.kind is DealKind.CREDIT or deal.net == 0:
            continue
        is_flow = deal.kind is DealKind.BALANCE or (deal.kind is DealKind.OTHER and deal.net > 0)
        changes.append(Move(deal.at, ZERO, deal.net) if is_flow else Move(deal.at, deal.net, ZERO))
    return changes


def balance_before(balance: Decimal, changes: Iterable[Move]) -> Decimal:
    """Return the balance before these changes, given the balance after them."""
    return balance - sum((change.result + change.flow for change in changes), ZERO)


def since_opening(balance: Decimal, changes: Sequence[Move], initial: Decimal) -> tuple[Decimal, list[Move]] | None:
    """Return the money an account was opened with and the changes after it, or None if it was open before these.

    It was opened by them if there was nothing before and money came in first. The deposits that fill it up to its
    initial size are no cash flow; the excess is one.
    """
    if balance != 0 or not changes or changes[0].flow <= 0:
        return None
    rest = deque(changes)
    funding = ZERO
    while rest and rest[0].flow > 0 and funding < initial:
        first = rest.popleft()
        funding += first.flow
        if funding > initial:
            rest.appendleft(Move(first.at, ZERO, funding - initial))
            funding = initial
    return funding, list(rest)


def replay(
    path: Path, changes: Iterable[Move], resets: Iterable[datetime] = (), *, shifts: bool = False
) -> tuple[Path, list[Path]]:
    """Carry a path through changes and resets; return its end and the path with which each new day began.

    A change at the instant of a reset belongs to the new day. Where withdrawals shift a peak, `shifts` makes the
    peaks count the money taken out as if it were still there.
    """
    steps = []
    pending = deque(changes)
    for reset in resets:
        while pending and pending[0].at < reset:
            path = _move(path, pending.popleft(), shifts=shifts)
        path = with_equity_at_reset(path, path.balance, shifts=shifts)
        steps.append(path)
    for change in pending:
        path = _move(path, change, shifts=shifts)
    return path, steps


def with_equity_at_reset(path: Path, equity: Decimal, *, shifts: bool) -> Path:
    """Return the path of a day that begins with its balance and this equity."""
    payouts = path.withdrawals if shifts else ZERO
    return replace(
        path,
        eod_balance=max(path.eod_balance, path.balance + payouts),
        eod_max=max(path.eod_max, path.balance + payouts, equity + payouts),
    )


def flows_since(opening: Path, now: Path) -> Decimal:
    """Return deposits less withdrawals between two points of a path."""
    return (now.deposits - opening.deposits) - (now.withdrawals - opening.withdrawals)


def highest_balance(balance: Decimal, changes: Sequence[Move]) -> Decimal:
    """Return the highest balance from before these changes to now, given the balance now."""
    highest = run = balance_before(balance, changes)
    for change in changes:
        run += change.result + change.flow
        highest = max(highest, run)
    return highest


def no_lower(old: Path, new: Path) -> Path:
    """Return the new path with every peak at least where it was."""
    return replace(
        new,
        eod_balance=max(old.eod_balance, new.eod_balance),
        eod_max=max(old.eod_max, new.eod_max),
        closed_balance=max(old.closed_balance, new.closed_balance),
    )


def _move(path: Path, change: Move, *, shifts: bool) -> Path:
    path = _with_flow(path, change.flow)
    path = replace(path, balance=path.balance + change.result)
    gross = path.balance + (path.withdrawals if shifts else ZERO)
    return replace(path, closed_balance=max(path.closed_balance, gross))


def _with_flow(path: Path, flow: Decimal) -> Path:
    if flow <= 0:
        return replace(path, balance=path.balance + flow, withdrawals=path.withdrawals - flow)
    return Path(
        balance=path.balance + flow,
        eod_balance=path.eod_balance + flow,
        eod_max=path.eod_max + flow,
        closed_balance=path.closed_balance + flow,
        deposits=path.deposits + flow,
        withdrawals=path.withdrawals,
    )
