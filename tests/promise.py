"""The account as the firm sees it, in whole fractions: does any order of stops and midnights cross a floor?

Written from the rules' wording alone, without a look at the program's own arithmetic: no approval lets the account
cross a limit if, from the decision on, every open and pending stop is hit at its price plus the declared costs, in
any order, also after the next reset. Where a floor follows equity, trades may first run up to their targets.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import Literal

from portfolio.rules.rule_set import Rules
from tests.worlds import Draw, World

Event = tuple[Literal["stop", "target", "rise", "midnight"], int]
"""What happens, and to which trade; a midnight happens to the account."""


@dataclass(slots=True)
class Leg:
    """An open trade: what floats, what its stop takes from here, what its target adds from here."""

    profit: Fraction
    loss: Fraction
    gain: Fraction | None
    open: bool = True


class Firm:
    """One account at one firm, moved from event to event."""

    def __init__(self, world: World, lots: Fraction) -> None:
        self.rules = world.rules
        self.initial = Fraction(world.initial)
        self.balance = Fraction(world.balance)
        self.day_balance = Fraction(world.day_balance)
        self.day_equity = Fraction(world.day_equity)
        self.peak = max(self.initial, Fraction(world.peak))
        self.peak_today = Fraction(world.peak_today)
        lot = world.lot
        self.legs = [
            Leg(Fraction(trade.profit), Fraction(trade.loss or 0), None if trade.gain is None else Fraction(trade.gain))
            for trade in (*world.book, *world.held)
        ]
        loss = Fraction(lot.stop) + Fraction(lot.cost)
        self.legs.append(Leg(Fraction(0), lots * loss, None if lot.gain is None else lots * Fraction(lot.gain)))

    @property
    def equity(self) -> Fraction:
        return self.balance + sum((leg.profit for leg in self.legs if leg.open), Fraction(0))

    def crossed(self, events: Iterable[Event]) -> bool:
        """Return whether the account is ever below a floor, or on it where that is enough."""
        for what, which in events:
            if what == "midnight":
                self._midnight()
            else:
                self._move(what, self.legs[which])
            self._mark()
            if self._broken():
                return True
        return False

    def _move(self, what: str, leg: Leg) -> None:
        if not leg.open:
            return
        if what == "rise" and leg.gain is not None:
            leg.profit += leg.gain
            leg.loss += leg.gain
            leg.gain = Fraction(0)
        elif what == "target" and leg.gain is not None:
            self._close(leg, leg.profit + leg.gain)
        elif what == "stop":
            self._close(leg, leg.profit - leg.loss)

    def _close(self, leg: Leg, result: Fraction) -> None:
        self.balance += result
        leg.open = False

    def _mark(self) -> None:
        self.peak_today = max(self.peak_today, self.equity)
        if self.rules.overall.peak == "closed_balance":
            self.peak = max(self.peak, self.balance)
        if self.rules.overall.peak == "equity":
            self.peak = max(self.peak, self.equity)

    def _midnight(self) -> None:
        self.day_balance, self.day_equity = self.balance, self.equity
        self.peak_today = max(self.balance, self.equity)
        if self.rules.overall.peak == "eod_balance":
            self.peak = max(self.peak, self.balance)
        if self.rules.overall.peak == "eod_max":
            self.peak = max(self.peak, self.balance, self.equity)

    def _broken(self) -> bool:
        watched = min(self.balance, self.equity) if self.rules.measure == "min_balance_equity" else self.equity
        floor = max(floor for floor in (self._daily_floor(), self._overall_floor()) if floor is not None)
        return watched <= floor if self.rules.inclusive else watched < floor

    def _daily_floor(self) -> Fraction | None:
        daily = self.rules.daily
        if daily is None:
            return None
        start = {
            "balance": self.day_balance,
            "equity": self.day_equity,
            "max": max(self.day_balance, self.day_equity),
            "peak_equity_today": max(self.day_balance, self.day_equity, self.peak_today),
        }[daily.ref]
        share = Fraction(daily.amount.pct or 0) / 100
        return _cent_up(start - share * (self.initial if daily.of == "initial" else start))

    def _overall_floor(self) -> Fraction:
        overall = self.rules.overall
        peak = self.initial if overall.peak == "none" else self.peak
        share = Fraction(overall.amount.pct or 0) / 100
        floor = peak - share * (self.initial if overall.of == "initial" else peak)
        if overall.lock is not None:
            floor = min(floor, self.initial + Fraction(overall.lock))
        return _cent_up(floor)


def follows_equity(rules: Rules) -> bool:
    """Return whether a floor moves with floating profit during the day."""
    return rules.overall.peak == "equity" or (rules.daily is not None and rules.daily.ref == "peak_equity_today")


def worst(world: World, lots: Fraction) -> list[Event]:
    """Return what hurts most: all run up where a floor follows, winners close, midnight comes, losers are stopped."""
    legs = Firm(world, lots).legs
    rises: list[Event] = [("rise", at) for at in range(len(legs))] if _may_rise(world, legs) else []
    losers = [at for at, leg in enumerate(legs) if leg.loss > leg.profit]
    winners: list[Event] = [("stop", at) for at in range(len(legs)) if at not in losers]
    return [*rises, *winners, ("midnight", 0), *[("stop", at) for at in losers]]


def shuffled(world: World, lots: Fraction, draw: Draw) -> list[Event]:
    """Return every trade's end in some order, most at the stop, with up to three midnights anywhere between."""
    legs = Firm(world, lots).legs
    rises = _may_rise(world, legs)
    events: list[Event] = []
    for at, leg in enumerate(legs):
        end: Event = ("target", at) if leg.gain is not None and draw.integer(0, 4) == 0 else ("stop", at)
        events.insert(draw.integer(0, len(events)), end)
    for at in range(len(legs) if rises else 0):
        if draw.integer(0, 1):
            events.insert(draw.integer(0, len(events)), ("rise", at))
    for _ in range(draw.integer(0, 3)):
        events.insert(draw.integer(0, len(events)), ("midnight", 0))
    return events


def _may_rise(world: World, legs: list[Leg]) -> bool:
    """Return whether the promise covers gains before the stop: a floor follows equity, and all has a target."""
    return follows_equity(world.rules) and all(leg.gain is not None for leg in legs)


def _cent_up(money: Fraction) -> Fraction:
    return Fraction(ceil(money * 100), 100)
