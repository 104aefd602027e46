"""Money that may still be lost before each floor, once everything open, pending and reserved has hit its stop.

Every room is net: of the book's charges, of a buffer, and of the cent that touching a floor may cost. Rooms are
rounded down to 1e-8 and may be negative. A charge without a bound (no stop) leaves no room at all.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from portfolio.book.charges import Charge
from portfolio.model import ZERO
from portfolio.rounding import DOWN, room_down, under
from portfolio.rules.headroom import Headroom, less_touch
from portfolio.rules.rule_set import Rules


class Room(NamedTuple):
    """Money that may still be lost, and the sentence that says why; None is no limit."""

    money: Decimal | None
    because: str


class FollowingPeak(NamedTuple):
    """Figures of one floor that follows equity, for the cap `following_peak`.

    The larger of `span / (loss + gain)` and `locked / loss` lots, losses and gains per lot, keeps above that floor in
    whatever order stops and targets are reached.
    """

    span: Decimal
    """The amount less, for each charge, its loss to the stop and its gain to the target."""
    locked: Decimal | None
    """Equity less all losses and the highest the floor can ever be; None where nothing stops the floor."""
    provable: bool
    """Whether every charge has a target; without one its gain has no bound."""
    because: str


def daily_room(rules: Rules, head: Headroom, charges: Iterable[Charge], buffer: Decimal) -> Room:
    """Return the money today may still lose: the distance to the daily floor, less what the book can lose from here."""
    if head.daily_floor is None:
        return Room(None, "no daily rule")
    return Room(*_above(rules, head, head.daily_floor, tuple(charges), buffer))


def overall_room(rules: Rules, head: Headroom, charges: Iterable[Charge], buffer: Decimal) -> Room:
    """Return the money the account may still lose in all.

    A peak of closed balances may rise while losers stay open, so there the amount behind a risen peak counts too.
    """
    book = tuple(charges)
    room = _above(rules, head, head.overall_floor, book, buffer)
    if rules.overall.peak == "closed_balance":
        room = min(room, _behind_peak(rules, head, book, buffer))
    return Room(*room)


def room_after_reset(rules: Rules, head: Headroom, charges: Iterable[Charge], buffer: Decimal) -> Room:
    """Return the money that may be lost, from entry to stop, so that the floors after the next reset hold too.

    A winner that closes before the reset lifts the next floor while the losers stay open, so no profit, floating or
    locked, is credited. A day counted from equity is charged from the better of entry and current price.
    """
    book = tuple(charges)
    rooms = []
    if rules.daily is not None and head.next_daily_amount is not None:
        by_equity = rules.daily.ref != "balance"
        amount = head.next_daily_amount
        rooms.append(_behind(rules, head, amount, book, buffer, name="the next day's", by_equity=by_equity))
    if rules.overall.peak in {"eod_balance", "eod_max"}:
        rooms.append(_behind_peak(rules, head, book, buffer))
    return Room(*min(rooms)) if rooms else Room(None, "no floor moves at the reset")


def following_peaks(
    rules: Rules, head: Headroom, charges: Iterable[Charge], buffer: Decimal
) -> tuple[FollowingPeak, ...]:
    """Return one entry for each floor that follows equity intraday: none for most firms, all to be obeyed.

    The buffer is taken from `locked` alone: the span already gives up every gain that is open.
    """
    book = tuple(charges)
    peaks = []
    if rules.overall.peak == "equity":
        lock_room = _under_lock(rules, head, book, buffer)
        peaks.append(_following(rules, head.overall_amount, book, None if lock_room is None else lock_room.money))
    if rules.daily is not None and rules.daily.ref == "peak_equity_today" and head.daily_amount is not None:
        peaks.append(_following(rules, head.daily_amount, book, None))
    return tuple(peaks)


def daily_risk_budget(
    rooms: tuple[Room, Room, Room],
    *,
    fraction: Decimal,
    own_share: Decimal,
    basis: Decimal,
    day_loss: Decimal,
    at_risk: Decimal | None,
) -> Decimal:
    """Return the money that today may still plan with: a fraction of the least room, never below 0 (source 003).

    `rooms` are the daily one, the one after the reset and the overall one. Where the firm has no daily rule, the
    trader's own share of the basis stands for its room, less today's loss and what everything open, pending and
    reserved can lose; nothing is left where that has no bound.
    """
    daily, *other_rooms = (room.money for room in rooms)
    with under(DOWN):
        if daily is None:
            daily = ZERO if at_risk is None else own_share * basis - day_loss - at_risk
        least = min([daily, *(money for money in other_rooms if money is not None)])
        return fraction * least if least > ZERO else ZERO


class _Net(NamedTuple):
    """A room that exists; the smaller of two is the first of them sorted."""

    money: Decimal
    because: str


def _above(rules: Rules, head: Headroom, floor: Decimal, book: tuple[Charge, ...], buffer: Decimal) -> _Net:
    """Return the room above a floor that stands still."""
    name = f"above {floor:,.2f}"
    room = _net(rules, head.equity - floor, _from_here(book), buffer, f"of equity {name}")
    if rules.measure == "equity":
        return room
    return min(room, _net(rules, head.balance - floor, _from_entry(book), buffer, f"of balance {name}"))


def _behind_peak(rules: Rules, head: Headroom, book: tuple[Charge, ...], buffer: Decimal) -> _Net:
    """Return the room behind a peak that the winners of the book can still lift, as far as the lock lets it."""
    by_equity = rules.overall.peak == "eod_max"
    room = _behind(rules, head, head.overall_amount, book, buffer, name="behind a risen peak the", by_equity=by_equity)
    lock_room = _under_lock(rules, head, book, buffer)
    return room if lock_room is None else max(room, lock_room)


def _behind(
    rules: Rules,
    head: Headroom,
    amount: Decimal,
    book: tuple[Charge, ...],
    buffer: Decimal,
    *,
    name: str,
    by_equity: bool,
) -> _Net:
    """Return the room behind a reference that is yet to be taken, of the balance or of equity.

    Where the balance is watched too, a floating profit lifts a reference of equity and is no help to the balance.
    """
    losses = [charge.better_loss for charge in book] if by_equity else _from_entry(book)
    room = _net(rules, amount, losses, buffer, f"of {name} amount")
    if not by_equity or rules.measure == "equity":
        return room
    floating = max(ZERO, head.equity - head.balance)
    return min(room, _net(rules, amount - floating, _from_entry(book), buffer, f"of {name} amount without what floats"))


def _under_lock(rules: Rules, head: Headroom, book: tuple[Charge, ...], buffer: Decimal) -> _Net | None:
    """Return the room above the highest floor that the lock allows; None without a lock."""
    if rules.overall.lock is None:
        return None
    highest = max(head.overall_floor, head.references.initial + rules.overall.lock)
    return _above(rules, head, highest, book, buffer)


def _following(rules: Rules, amount: Decimal, book: tuple[Charge, ...], lock_room: Decimal | None) -> FollowingPeak:
    spans = [None if charge.floor_loss is None else charge.floor_loss + (charge.gain or ZERO) for charge in book]
    span = _net(rules, amount, spans, ZERO, "behind a peak that follows equity")
    return FollowingPeak(span.money, lock_room, all(charge.gain is not None for charge in book), span.because)


def _net(rules: Rules, gross: Decimal, losses: list[Decimal | None], buffer: Decimal, name: str) -> _Net:
    total = ZERO
    for loss in losses:
        if loss is None:
            return _Net(ZERO, f"{gross:,.2f} {name}, but something open or pending has no stop")
        total += loss
    room = room_down(gross - total - buffer - less_touch(rules))
    return _Net(room, f"{gross:,.2f} {name} less {total:,.2f} at risk and a buffer of {buffer:,.2f}")


def _from_here(book: tuple[Charge, ...]) -> list[Decimal | None]:
    return [charge.floor_loss for charge in book]


def _from_entry(book: tuple[Charge, ...]) -> list[Decimal | None]:
    return [charge.entry_loss for charge in book]
