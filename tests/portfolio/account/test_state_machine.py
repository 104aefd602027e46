"""Weeks of trading, payouts, midnights, changes of clocks and restarts agree with a small model in exact fractions."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from fractions import Fraction
from math import ceil
from typing import NamedTuple

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from portfolio.account.account_state import AccountState, exact_references, headroom_now, resumed
from portfolio.model import ZERO, Deal
from portfolio.rules.headroom import headroom
from portfolio.rules.rule_set import Amount, DailyRule, OverallRule, Rules
from tests.portfolio.day_oracle import boundaries
from tests.portfolio.looks import FIVE, FTMO, ONE_STEP, PRAGUE, SIX, D, after, deal, flow, look, shifting

ALL_RESETS = [datetime.fromtimestamp(int(moment), UTC) for moment in boundaries("Europe/Prague", time(0))]
RESETS = [reset for reset in ALL_RESETS if datetime(2026, 3, 1, tzinfo=UTC) < reset < datetime(2027, 6, 1, tzinfo=UTC)]

RULE_SETS = [
    FTMO,
    ONE_STEP,
    shifting(ONE_STEP, "shift"),
    Rules("share", DailyRule(Amount(D(4)), "reference"), OverallRule(SIX, peak="eod_balance", lock=ZERO), PRAGUE),
    Rules("closed", DailyRule(FIVE), OverallRule(SIX, of="peak", peak="closed_balance"), PRAGUE, inclusive=True),
    shifting(Rules("closed, shifted", None, OverallRule(SIX, peak="closed_balance"), PRAGUE), "shift"),
    Rules("pause", DailyRule(Amount(D("2.5")), action="pause"), OverallRule(SIX), PRAGUE, "min_balance_equity"),
    shifting(Rules("paid", None, OverallRule(SIX, peak="closed_balance", lock=ZERO), PRAGUE), "floor_to_initial"),
]

STARTS = [datetime(2026, month, day, 12, tzinfo=UTC) for month, day in [(3, 6), (3, 27), (6, 9), (10, 23), (10, 30)]]
CENTS = st.integers(-250_000, 300_000)
INITIAL = Fraction(100_000)


class Event(NamedTuple):
    at: datetime
    traded: Fraction
    flowed: Fraction


class Floors(NamedTuple):
    daily: Fraction | None
    overall: Fraction


def _cents_up(money: Fraction) -> Fraction:
    return Fraction(ceil(money * 100), 100)


class Model:
    """The rules in words, on a list of events: nothing is carried on, everything is added up again each time."""

    def __init__(self, rules: Rules, opened: datetime) -> None:
        self.rules = rules
        self.opened = opened
        self.events: list[Event] = []

    @property
    def shifts(self) -> bool:
        return self.rules.overall.on_payout == "shift"

    def balance(self, before: datetime | None = None) -> Fraction:
        changes = [event for event in self.events if before is None or event.at < before]
        return INITIAL + sum((event.traded + event.flowed for event in changes), Fraction(0))

    def reset(self, now: datetime) -> datetime:
        return max(reset for reset in RESETS if reset <= now)

    def flows(self, now: datetime) -> Fraction:
        return sum((event.flowed for event in self.events if event.at >= self.reset(now)), Fraction(0))

    def withdrawn(self) -> Fraction:
        return -sum((event.flowed for event in self.events if event.flowed < 0), Fraction(0))

    def peak(self, now: datetime) -> Fraction:
        """Walk through everything that happened, resets before the events of their own instant."""
        days = [(reset, 0, None) for reset in RESETS if self.opened < reset <= now]
        story = sorted([*days, *((event.at, 1, event) for event in self.events)], key=lambda entry: entry[:2])
        peak = balance = INITIAL
        out = Fraction(0)
        for _, _, event in story:
            if event is not None:
                balance += event.traded + event.flowed
                peak += max(Fraction(0), event.flowed)
                out -= min(Fraction(0), event.flowed)
            counts = event is None if self.rules.overall.peak == "eod_balance" else event is not None
            if counts:
                peak = max(peak, balance + (out if self.shifts else 0))
        return peak - (out if self.shifts else 0)

    def floors(self, now: datetime, *, void: bool) -> Floors:
        rules, reset = self.rules, self.reset(now)
        reference = INITIAL if self.opened >= reset else self.balance(reset)
        flows = self.flows(now)
        if flows > 0 or void:
            reference += flows
        daily = None
        if rules.daily is not None and rules.daily.amount.pct is not None:
            share = reference if rules.daily.of == "reference" else INITIAL
            daily = _cents_up(reference - share * Fraction(rules.daily.amount.pct) / 100)
        overall = rules.overall
        assert overall.amount.pct is not None
        peak = INITIAL if overall.peak == "none" else max(INITIAL, self.peak(now))
        floor = peak - (peak if overall.of == "peak" else INITIAL) * Fraction(overall.amount.pct) / 100
        if overall.lock is not None:
            floor = min(floor, INITIAL + Fraction(overall.lock))
        if overall.on_payout == "floor_to_initial" and self.withdrawn() > 0:
            floor = max(floor, INITIAL)
        return Floors(daily, _cents_up(floor))


class AccountMachine(RuleBasedStateMachine):
    """An account that trades, is paid out, sleeps, forgets, and is looked at now and then."""

    @initialize(rules=st.sampled_from(RULE_SETS), start=st.sampled_from(STARTS))
    def open_account(self, rules: Rules, start: datetime) -> None:
        self.firm, self.now = rules, start
        self.model = Model(rules, start)
        self.deals: list[Deal] = [flow("01-01 00:00", 100_000)._replace(at=start)]
        self.floating = Fraction(0)
        self.state: AccountState | None = None
        self.forget()

    def forget(self) -> None:
        self.void, self.void_of = False, (datetime.min.replace(tzinfo=UTC), Fraction(0))
        self.broken_at: datetime | None = None
        self.latched = False
        self.paused_in: datetime | None = None
        self.lowest: Fraction | None = None

    def book(self, made: Deal, traded: Fraction, flowed: Fraction) -> None:
        self.deals.append(made._replace(ticket=len(self.deals) + 1, position_id=len(self.deals) + 1, at=self.now))
        self.model.events.append(Event(self.now, traded, flowed))

    @rule(cents=CENTS)
    def close_a_trade(self, cents: int) -> None:
        if cents:
            self.book(deal("01-01 00:00", 0)._replace(profit=D(cents) / 100), Fraction(cents, 100), Fraction(0))

    @rule(cents=CENTS)
    def let_it_float(self, cents: int) -> None:
        self.floating = Fraction(cents, 50)

    @rule(money=st.integers(1, 8000))
    def pay_in(self, money: int) -> None:
        self.book(flow("01-01 00:00", money), Fraction(0), Fraction(money))

    @rule(money=st.integers(1, 8000))
    def pay_out(self, money: int) -> None:
        self.book(flow("01-01 00:00", -money), Fraction(0), Fraction(-money))

    @rule(minutes=st.integers(1, 50 * 60))
    def sleep(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(seconds=st.sampled_from([-1, 0, 1]))
    def wait_for_midnight(self, seconds: int) -> None:
        coming = min(reset for reset in RESETS if reset > self.now) + timedelta(seconds=seconds)
        self.now = max(self.now, coming)

    @precondition(lambda self: self.state is not None)
    @rule()
    def restart(self) -> None:
        self.state = msgspec.json.decode(msgspec.json.encode(self.state), type=AccountState)

    @rule()
    def lose_the_record(self) -> None:
        self.state = None
        self.forget()

    @precondition(lambda self: self.state is not None)
    @rule()
    def resume(self) -> None:
        assert self.state is not None
        self.state = resumed(self.state)
        self.broken_at, self.latched = None, False

    @rule()
    def see(self) -> None:
        model, now = self.model, self.now
        balance = model.balance()
        equity = balance + self.floating
        text = f"{now:%m-%d %H:%M:%S}"
        seen = look(text, str(_decimal(balance)), str(_decimal(equity)), deals=self.deals)
        self.state = after([replace(seen, taken_at=now)], self.firm, self.state)
        measure = min(balance, equity) if self.firm.measure == "min_balance_equity" else equity
        self.decide_void(measure)
        floors = model.floors(now, void=self.void)
        exact = headroom(self.firm, exact_references(self.firm, self.state), self.state.balance, self.state.equity, now)
        assert exact.last_reset_utc == model.reset(now)
        assert (None if exact.daily_floor is None else Fraction(exact.daily_floor)) == floors.daily
        assert Fraction(exact.overall_floor) == floors.overall
        assert Fraction(exact.distance_binding) == measure - max(floor for floor in floors if floor is not None)
        self.judge(measure, floors)
        self.lowest = equity if self.lowest is None else min(equity, self.lowest)
        assert Fraction(self.state.low_equity) == self.lowest
        shown = headroom_now(self.firm, self.state)
        assert shown.usable <= exact.usable
        near = now - model.reset(now) < timedelta(minutes=5) or shown.next_reset_utc - now <= timedelta(minutes=5)
        assert near or shown.usable == exact.usable

    def decide_void(self, measure: Fraction) -> None:
        """A withdrawal is weighed when it is first seen, and what was found holds for the day."""
        day, flows = self.model.reset(self.now), self.model.flows(self.now)
        if day != self.void_of[0]:
            self.void, self.void_of = False, (day, Fraction(0))
        literal = self.model.floors(self.now, void=False).daily
        if flows >= 0 or literal is None:
            self.void = False
        elif not self.void and flows != self.void_of[1]:
            self.void = self.below(measure, literal)
        self.void_of = (day, flows)

    def below(self, measure: Fraction, floor: Fraction) -> bool:
        return measure <= floor if self.firm.inclusive else measure < floor

    def judge(self, measure: Fraction, floors: Floors) -> None:
        assert self.state is not None
        pauses = self.firm.daily is not None and self.firm.daily.action == "pause"
        daily = floors.daily is not None and self.below(measure, floors.daily)
        broken = self.below(measure, floors.overall) or (daily and not pauses)
        if not self.latched:
            if broken and self.broken_at is not None and self.broken_at < self.now:
                self.latched = True
            self.broken_at = (self.broken_at or self.now) if broken else None
        if daily and pauses:
            self.paused_in = self.model.reset(self.now)
        assert (self.state.breach is not None) == (self.latched or broken)
        assert (self.state.breach is not None and self.state.breach.confirmed) == self.latched
        assert self.state.paused == (self.paused_in == self.model.reset(self.now))


def _decimal(money: Fraction) -> object:
    return D(money.numerator) / D(money.denominator)


TestAccountMachine = AccountMachine.TestCase
TestAccountMachine.settings = settings(stateful_step_count=40)
