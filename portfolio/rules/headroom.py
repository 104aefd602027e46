"""The floors that a firm's rules draw under an account, and how far the account is above them.

    daily floor   = reference - amount              overall floor = min(peak - amount, initial + lock)
    distance      = measure - floor                 usable        = the smaller distance, less a cent where touching
                                                                    the floor already is a breach

Money is in deposit currency. Floors are rounded up to the cent, so that a percentage of a reference never leaves
more than the firm allows. Source of the rules and of these formulas: one file per firm in `config/firms`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import ROUND_CEILING, Decimal
from typing import Literal

from portfolio.calendar.firm_day import last_reset, next_reset
from portfolio.model import ZERO
from portfolio.rounding import CENT, EXACT, UP, room_down
from portfolio.rules.rule_set import Amount, DailyRule, OverallRule, Rules

Limit = Literal["daily", "overall"]


@dataclass(frozen=True, slots=True)
class References:
    """Figures from which the floors are computed at one moment, and the breach or pause that was recorded."""

    initial: Decimal
    day_balance: Decimal
    """Balance at the last reset, moved by the deposits and withdrawals since (`moved_by`)."""
    day_equity: Decimal | None = None
    """Equity at the last reset; None stands for the balance."""
    peak: Decimal | None = None
    """Of the quantity that the overall rule names; None stands for the most that the other figures prove."""
    peak_equity_today: Decimal | None = None
    payout_taken: bool = False
    breach: Limit | None = None
    """A breach seen before: nothing clears it but a human."""
    paused: bool = False
    """A daily rule that pauses has been reached since the last reset."""
    worse_daily: Decimal | None = None
    """The other day's daily floor, while the firm's clock may still be on either side of the reset."""
    worse_overall: Decimal | None = None
    """The overall floor that the reset may already have brought."""
    estimated: tuple[str, ...] = ()
    """Estimates among these figures, in words."""


@dataclass(frozen=True, slots=True)
class Headroom:
    """Distances of an account to its floors; None where there is no daily rule."""

    last_reset_utc: datetime
    next_reset_utc: datetime
    daily_floor: Decimal | None
    distance_daily: Decimal | None
    breached_daily: bool | None
    overall_floor: Decimal
    distance_overall: Decimal
    breached_overall: bool
    distance_binding: Decimal
    binding: Limit
    breached: bool
    paused: bool
    usable: Decimal
    """The smaller distance, less a cent where touching is a breach; may be negative."""
    room_after_reset: Decimal
    """Money that may be lost from entry to stop, counting the whole floating loss, so that the floors after the next
    reset hold; `portfolio.rules.rooms` counts each position instead."""
    projected_after_reset: Decimal
    """Equity less the higher floor after the next reset, if nothing changed until then."""
    daily_amount: Decimal | None
    next_daily_amount: Decimal | None
    """The daily amount if the next reset came with today's balance."""
    overall_amount: Decimal
    references: References
    balance: Decimal
    equity: Decimal
    because: str
    """The floors and the figures they are computed from, in a sentence."""

    @property
    def estimated(self) -> bool:
        """Whether a reference or a peak is an estimate."""
        return bool(self.references.estimated)


def share(amount: Amount, initial: Decimal, base: Decimal) -> Decimal:
    """Return the money of an amount, exactly; a size that the firm does not list raises KeyError (`size_refusal`)."""
    if amount.money is not None:
        return amount.money
    if amount.pct is None:
        return dict(amount.by_initial)[initial]
    return EXACT.scaleb(EXACT.multiply(amount.pct, base), Decimal(-2))


def daily_reference(rule: DailyRule, references: References) -> Decimal:
    """Return the figure from which the day's loss is counted."""
    equity = references.day_balance if references.day_equity is None else references.day_equity
    match rule.ref:
        case "balance":
            return references.day_balance
        case "equity":
            return equity
        case "max":
            return max(references.day_balance, equity)
        case _:
            return max(references.day_balance, equity, references.peak_equity_today or equity)


def daily_amount(rule: DailyRule, references: References) -> Decimal:
    """Return the most that the day may lose."""
    base = references.initial if rule.of == "initial" else daily_reference(rule, references)
    return share(rule.amount, references.initial, base)


def daily_floor(rule: DailyRule, references: References) -> Decimal:
    """Return the day's floor, rounded up to the cent."""
    return cent_up(daily_reference(rule, references) - daily_amount(rule, references))


def overall_peak(rule: OverallRule, references: References) -> Decimal:
    """Return the figure from which the overall loss is counted: the initial size, or the recorded peak if higher."""
    if rule.peak == "none" or references.peak is None:
        return references.initial
    return max(references.initial, references.peak)


def overall_amount(rule: OverallRule, references: References) -> Decimal:
    """Return the most that the account may lose in all, counted from `overall_peak`."""
    base = references.initial if rule.of == "initial" else overall_peak(rule, references)
    return share(rule.amount, references.initial, base)


def overall_floor(rule: OverallRule, references: References) -> Decimal:
    """Return the account's floor, rounded up to the cent; a payout lifts it to the initial size where the rule says."""
    floor = overall_peak(rule, references) - overall_amount(rule, references)
    if rule.lock is not None:
        floor = min(floor, references.initial + rule.lock)
    if rule.on_payout == "floor_to_initial" and references.payout_taken:
        floor = max(floor, references.initial)
    return cent_up(floor)


def measured(rules: Rules, balance: Decimal, equity: Decimal) -> Decimal:
    """Return the figure that the firm compares with its floors."""
    return min(balance, equity) if rules.measure == "min_balance_equity" else equity


def touched(rules: Rules, measure: Decimal, floor: Decimal) -> bool:
    """Return whether a floor is broken."""
    return measure <= floor if rules.inclusive else measure < floor


def moved_by(references: References, flows: Decimal, *, literal_void: bool) -> References:
    """Return the references after money came in or went out since the reset.

    A deposit raises the day's reference. A withdrawal lowers it only where by itself it broke the floor as worded
    (`literal_void`): otherwise the smaller room of both readings holds, and that is the room of the unmoved reference.
    """
    shift = flows if flows > 0 or literal_void else ZERO
    today = references.peak_equity_today
    return replace(
        references,
        day_balance=references.day_balance + shift,
        day_equity=None if references.day_equity is None else references.day_equity + shift,
        peak_equity_today=None if today is None else today + min(shift, ZERO),
    )


def after_reset(rules: Rules, references: References, balance: Decimal, equity: Decimal) -> References:
    """Return the references that the next reset would bring, if it came now."""
    peak = references.peak
    if rules.overall.peak in {"eod_balance", "eod_max"}:
        at_reset = max(balance, equity) if rules.overall.peak == "eod_max" else balance
        peak = max(overall_peak(rules.overall, references), at_reset)
    return References(references.initial, balance, equity, peak, max(balance, equity), references.payout_taken)


def headroom(
    rules: Rules,
    references: References,
    balance: Decimal,
    equity: Decimal,
    now: datetime,
    *,
    server_offset: int | None = None,
) -> Headroom:
    """Return the floors of an account and its distance to them at `now`.

    `account_state.references` makes the references from the recorded state, the offline calculator from typed
    figures. Breaches are judged by the floors in force, distances by the worse of
    both days' floors around a reset. A size that the rules don't list raises KeyError (see `size_refusal`).
    """
    measure = measured(rules, balance, equity)
    overall = overall_floor(rules.overall, references)
    at_floor = touched(rules, measure, overall)
    overall = max(overall, overall if references.worse_overall is None else references.worse_overall)
    daily = None if rules.daily is None else daily_floor(rules.daily, references)
    broken_daily = None if daily is None else touched(rules, measure, daily)
    if daily is not None and references.worse_daily is not None:
        daily = max(daily, references.worse_daily)
    distance_daily = None if daily is None else measure - daily
    distance_overall = measure - overall
    binding: Limit = "overall" if distance_daily is None or distance_overall < distance_daily else "daily"
    distance = distance_overall if distance_daily is None else min(distance_daily, distance_overall)
    pauses = rules.daily is not None and rules.daily.action == "pause"
    next_day = after_reset(rules, references, balance, equity)
    return Headroom(
        last_reset_utc=last_reset(rules.day, now, server_offset),
        next_reset_utc=next_reset(rules.day, now, server_offset),
        daily_floor=daily,
        distance_daily=distance_daily,
        breached_daily=broken_daily,
        overall_floor=overall,
        distance_overall=distance_overall,
        breached_overall=at_floor,
        distance_binding=distance,
        binding=binding,
        breached=at_floor or references.breach is not None or (bool(broken_daily) and not pauses),
        paused=references.paused or (bool(broken_daily) and pauses),
        usable=distance - less_touch(rules),
        room_after_reset=_gross_room_after_reset(rules, next_day, balance, equity),
        projected_after_reset=measure - _next_floor(rules, next_day),
        daily_amount=None if rules.daily is None else daily_amount(rules.daily, references),
        next_daily_amount=None if rules.daily is None else daily_amount(rules.daily, next_day),
        overall_amount=overall_amount(rules.overall, references),
        references=references,
        balance=balance,
        equity=equity,
        because=_because(rules, references, daily, overall),
    )


def less_touch(rules: Rules) -> Decimal:
    """Return the money taken off a room because touching the floor already is a breach: a cent, or nothing."""
    return CENT if rules.inclusive else ZERO


def cent_up(money: Decimal) -> Decimal:
    """Round a floor up to the cent."""
    return money.quantize(CENT, rounding=ROUND_CEILING, context=UP)


def _next_floor(rules: Rules, next_day: References) -> Decimal:
    floor = overall_floor(rules.overall, next_day)
    return floor if rules.daily is None else max(floor, daily_floor(rules.daily, next_day))


def _gross_room_after_reset(rules: Rules, next_day: References, balance: Decimal, equity: Decimal) -> Decimal:
    loss = max(ZERO, balance - equity)
    rooms = [equity - overall_floor(rules.overall, next_day)]
    if rules.daily is not None:
        rooms.append(daily_amount(rules.daily, next_day) - loss)
    return room_down(min(rooms) - less_touch(rules))


def _because(rules: Rules, references: References, daily: Decimal | None, overall: Decimal) -> str:
    parts = []
    if rules.daily is not None and daily is not None:
        start = daily_reference(rules.daily, references)
        parts.append(f"daily floor {daily:,.2f} = {start:,.2f} less {daily_amount(rules.daily, references):,.2f}")
        if daily == references.worse_daily:
            parts[-1] = f"daily floor {daily:,.2f}, the worse of both days around the reset"
    start = overall_peak(rules.overall, references)
    parts.append(
        f"overall floor {overall:,.2f} from {start:,.2f} less {overall_amount(rules.overall, references):,.2f}"
    )
    return "; ".join([*parts, *references.estimated])
