"""The recorded state of an account between two snapshots, and the references, floors and headroom by it.

There is one per (server, login, epoch): a new phase or a scaled account is a new epoch. `advance.advance` carries it
from snapshot to snapshot.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal

from portfolio.account.balance_path import Path, flows_since
from portfolio.account.worst_seen import WorstSeen
from portfolio.calendar.firm_day import next_reset
from portfolio.model import ZERO
from portfolio.reasons import Refusal, refuse
from portfolio.rules.headroom import (
    Headroom,
    Limit,
    References,
    after_reset,
    daily_floor,
    headroom,
    measured,
    moved_by,
    overall_floor,
)
from portfolio.rules.rule_set import Rules

Source = Literal["rebuilt", "typed", "assumed"]

JITTER = timedelta(minutes=5)
"""Firms take the midnight figures late, by a clock of their own: this near a reset the worse of both floors holds."""


@dataclass(frozen=True, slots=True)
class Breach:
    """A floor that was found broken; the next snapshot that finds one broken confirms it, and then it stays."""

    limit: Limit
    at: datetime
    floor: Decimal
    measure: Decimal
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class FirmFigures:
    """Figures that the user read off the firm's own dashboard, and when; the day's hold until the next reset."""

    at: datetime
    day_balance: Decimal | None = None
    day_equity: Decimal | None = None
    peak: Decimal | None = None
    """Of the quantity that the overall rule follows; it only ever raises the recorded one."""
    payout_taken: bool | None = None
    """Whether the firm has ever paid out; asked for where a payout lifts the floor and history is not complete."""


@dataclass(frozen=True, slots=True)
class AccountState:
    """Everything recorded of one account in one epoch; money in deposit currency, moments in UTC."""

    server: str
    login: int
    epoch: int
    initial: Decimal
    began: datetime | None
    """Time at which the account was opened or the epoch began; None where history does not tell."""
    day: date
    """The firm's local date on which its day began."""
    day_start: datetime
    opening: Path
    """The balance and its peaks as the day began."""
    path: Path
    """The same now."""
    day_balance: Decimal
    """The day's reference as the firm words it: nothing that came in or went out since moves it."""
    day_equity: Decimal | None
    """None where it is not known; a rule that asks for it then leaves no room."""
    equity_peak: Decimal
    peak_equity_today: Decimal
    balance: Decimal
    equity: Decimal
    seen_at: datetime
    low_equity: Decimal
    """The lowest equity that was seen; between two snapshots it may have been lower."""
    low_equity_at: datetime
    source: Source = "rebuilt"
    """Source of the day's reference; `assumed` is the present balance, where no rule needs more."""
    literal_void: bool = False
    """A withdrawal of today by itself breaks the floor as worded, so the reference moved by it holds."""
    payout_assumed: bool = False
    """History does not tell whether a payout has lifted the floor, and equity does not rule it out."""
    paused: bool = False
    breach: Breach | None = None
    previous_floor: Decimal | None = None
    """Yesterday's daily floor, where it is known."""
    day_notes: tuple[str, ...] = ()
    """Estimates that hold until the next reset, in words."""
    peak_note: str = ""
    """Estimates in the peak that the overall rule follows, in words."""
    watch: WorstSeen | None = None
    """Worst loss and drawdown seen, for the trader's own halts; carried on beside `advance`, not by it."""

    @property
    def high_water(self) -> Decimal:
        """The highest of all recorded peaks; it never falls within an epoch, and no floor follows anything higher."""
        return max(self.path.eod_max, self.path.eod_balance, self.path.closed_balance, self.equity_peak)


def resumed(state: AccountState) -> AccountState:
    """Return the state after a human has cleared its breach; two more snapshots below a floor set it again."""
    return replace(state, breach=None)


def exact_references(rules: Rules, state: AccountState) -> References:
    """Return the figures from which the floors in force are computed, by the state alone."""
    flows = flows_since(state.opening, state.path)
    literal = References(
        initial=state.initial,
        day_balance=state.day_balance,
        day_equity=state.day_equity,
        peak=recorded_peak(rules, state) - shifted(rules, state.path),
        peak_equity_today=state.peak_equity_today,
        payout_taken=state.path.withdrawals > 0 or state.payout_assumed,
        estimated=_remarks(rules, state, flows),
    )
    return moved_by(literal, flows, literal_void=state.literal_void)


def missing_reference(rules: Rules, state: AccountState) -> Refusal | None:
    """Return why today's floor is not known, where a rule counts from an equity that nobody saw and no bars cover.

    Until the user types it in, or the next reset is seen, such an account has no room.
    """
    counts = rules.overall.peak == "eod_max" or (rules.daily is not None and rules.daily.ref != "balance")
    if not counts or state.day_equity is not None:
        return None
    return refuse("day_start_unknown", f"equity at {state.day_start:%Y-%m-%d %H:%M} UTC was not seen")


def references(rules: Rules, state: AccountState, now: datetime, server_offset: int | None = None) -> References:
    """Return the references for the floors to keep above at `now`, the moment of the state or a little after it.

    They are `exact_references`, a breach or a pause that was recorded, within five minutes of a reset the other day's
    floors, and where a reference is missing the account's own equity, which leaves no room.
    """
    exact = exact_references(rules, state)
    missing = missing_reference(rules, state)
    worse_daily = state.previous_floor if now < state.day_start + JITTER else None
    worse_overall = None
    if next_reset(rules.day, now, server_offset) - now <= JITTER:
        next_day = after_reset(rules, exact, state.balance, state.equity)
        worse_overall = overall_floor(rules.overall, next_day)
        worse_daily = None if rules.daily is None else daily_floor(rules.daily, next_day)
    if missing is not None:
        worse_daily = measured(rules, state.balance, state.equity)
        worse_overall = worse_daily if rules.overall.peak == "eod_max" else worse_overall
        exact = replace(exact, estimated=(*exact.estimated, missing.detail))
    return replace(
        exact,
        breach=None if state.breach is None else state.breach.limit,
        paused=state.paused,
        worse_daily=worse_daily,
        worse_overall=worse_overall,
    )


def headroom_now(rules: Rules, state: AccountState, server_offset: int | None = None) -> Headroom:
    """Return the account's headroom at the moment of the state."""
    return headroom(
        rules,
        references(rules, state, state.seen_at, server_offset),
        state.balance,
        state.equity,
        state.seen_at,
        server_offset=server_offset,
    )


def recorded_peak(rules: Rules, state: AccountState) -> Decimal:
    """Return the peak that the overall rule names, as if nothing that shifts it had been taken out."""
    match rules.overall.peak:
        case "none":
            return state.initial + shifted(rules, state.path)
        case "equity":
            return state.equity_peak
        case "eod_balance":
            return state.path.eod_balance
        case "eod_max":
            return state.path.eod_max
        case _:
            return state.path.closed_balance


def shifted(rules: Rules, path: Path) -> Decimal:
    """Return the money that withdrawals have taken off a peak; peaks are recorded as if it were still there."""
    return path.withdrawals if rules.overall.on_payout == "shift" else ZERO


def _remarks(rules: Rules, state: AccountState, flows: Decimal) -> tuple[str, ...]:
    remarks = list(state.day_notes)
    if state.peak_note and rules.overall.peak != "none":
        remarks.append(state.peak_note)
    if state.payout_assumed and rules.overall.on_payout == "floor_to_initial":
        remarks.append("a payout is assumed to have lifted the floor")
    if flows < 0:
        moved_or_not = "moved by it" if state.literal_void else "not moved by it"
        remarks.append(f"{-flows:,.2f} went out today, and the day's reference is {moved_or_not}")
    if flows > 0:
        remarks.append(f"{flows:,.2f} came in today, and the day's reference is moved by it")
    return tuple(remarks)
