"""Carries an account's state from one snapshot to the next: day, references, peaks, breaches.

`advance` is pure. The state survives restarts, late starts, midnights and changes of clocks because everything is
either recorded or rebuilt from the account's own deals. Where a figure can't be rebuilt it is estimated, marked, and
taken on the side that leaves less room. Peaks never fall.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from portfolio.account.account_state import (
    AccountState,
    Breach,
    FirmFigures,
    Source,
    exact_references,
    recorded_peak,
    shifted,
)
from portfolio.account.balance_path import Path, flows_since, no_lower, start, with_equity_at_reset
from portfolio.account.day_opening import (
    INSTANT,
    DayOpening,
    NotedFigure,
    covers,
    equity_at_reset,
    open_day,
    unseen_peak,
)
from portfolio.calendar.firm_day import clock_override, last_reset, local_day, next_reset
from portfolio.model import ZERO, DealKind, Snapshot, masked_login
from portfolio.reasons import Refusal, refuse
from portfolio.rules.headroom import Limit, References, daily_floor, headroom, measured, touched
from portfolio.rules.rule_set import Rules

BACKWARD = timedelta(seconds=2)
"""By how much the computer's clock may go back (a time server corrects it) before it is no longer believed."""


class _Inputs(NamedTuple):
    """Arguments of one call of `advance`: recorded state, snapshot and rules."""

    record: AccountState | None
    """The recorded state, if it is of the same epoch."""
    today: AccountState | None
    """The recorded state, if it is also of the same day."""
    snapshot: Snapshot
    rules: Rules
    initial: Decimal
    reset: datetime
    figures: FirmFigures | None
    server_offset: int | None


class _Reference(NamedTuple):
    balance: Decimal
    equity: Decimal | None
    source: Source
    notes: tuple[str, ...]


class _High(NamedTuple):
    money: Decimal
    note: str


def advance(
    state: AccountState | None,
    snapshot: Snapshot,
    rules: Rules,
    *,
    initial: Decimal,
    epoch: int = 1,
    figures: FirmFigures | None = None,
    server_offset: int | None = None,
) -> AccountState | Refusal:
    """Return the state of the account at a consistent snapshot.

    `server_offset` is the lead of the broker's clock as in `firm_day.last_reset`.
    Refuses `account_changed`, `clock_suspect`, `epoch_mismatch` (another initial size needs a new epoch), and
    `day_start_unknown` where a daily rule needs a balance that neither history nor the user provides. Where a rule
    needs the equity at the reset and nothing tells, the state is recorded and leaves no room (`missing_reference`). A
    size that the rules don't list raises KeyError (`size_limits.size_refusal`).
    """
    now, account = snapshot.taken_at, snapshot.account
    override = clock_override(server_offset, now)
    reset = last_reset(rules.day, now, override)
    record = state if state is not None and state.epoch == epoch else None
    today = record if record is not None and record.day_start == reset else None
    inputs = _Inputs(record, today, snapshot, rules, initial, reset, figures, override)
    refusal = None if state is None else _misfit(state, inputs, epoch)
    if refusal is not None:
        return refusal
    day_opening, gap = _day_opening(inputs, new_epoch=state is not None and record is None)
    reference = _reference(inputs, day_opening)
    if isinstance(reference, Refusal):
        return reference
    day_opening = _with_reset_equity(day_opening, reference, rules)
    ever, high = _highest_equity(inputs, day_opening.path), _highest_today(inputs, day_opening.path, reference)
    lower = record is None or account.equity < record.low_equity
    fresh = AccountState(
        server=account.server,
        login=account.login,
        epoch=epoch,
        initial=initial,
        began=day_opening.began,
        day=local_day(rules.day, reset, override),
        day_start=reset,
        opening=day_opening.opening,
        path=day_opening.path,
        day_balance=reference.balance,
        day_equity=reference.equity,
        equity_peak=ever.money,
        peak_equity_today=high.money,
        balance=account.balance,
        equity=account.equity,
        seen_at=now if record is None else max(now, record.seen_at),
        low_equity=account.equity if record is None else min(account.equity, record.low_equity),
        low_equity_at=now if record is None or lower else record.low_equity_at,
        source=reference.source,
        payout_assumed=_payout_assumed(inputs, day_opening),
        paused=today is not None and today.paused,
        breach=None if record is None else record.breach,
        previous_floor=_previous_floor(inputs, day_opening),
        day_notes=reference.notes + ((high.note,) if high.note else ()),
        peak_note=ever.note
        if rules.overall.peak == "equity"
        else gap or _unseen_resets(inputs, day_opening, reference),
    )
    fresh = _with_typed_peak(fresh, rules, figures)
    return _with_breach(replace(fresh, literal_void=_literal_void(inputs, fresh)), rules)


def _misfit(state: AccountState, inputs: _Inputs, epoch: int) -> Refusal | None:
    account, now = inputs.snapshot.account, inputs.snapshot.taken_at
    if (state.server, state.login) != (account.server, account.login):
        return refuse("account_changed", f"the state is of {masked_login(state.login)} on {state.server}")
    if epoch < state.epoch:
        return refuse("epoch_mismatch", f"epoch {epoch} after epoch {state.epoch}")
    if epoch == state.epoch and inputs.initial != state.initial:
        return refuse("epoch_mismatch", f"initial {inputs.initial:,} instead of {state.initial:,} in epoch {epoch}")
    if now < state.seen_at - BACKWARD or inputs.reset < state.day_start:
        return refuse("clock_suspect", f"{now:%Y-%m-%d %H:%M:%S} UTC after {state.seen_at:%Y-%m-%d %H:%M:%S} UTC")
    return None


def _day_opening(inputs: _Inputs, *, new_epoch: bool) -> tuple[DayOpening, str]:
    """Return the path of the balance, and in words the gap in what history tells of its peaks.

    The path is carried on from the beginning of the recorded day where history reaches back to it, else from the last
    snapshot; without a record it begins with history, and in a new epoch now.
    """
    record, snapshot = inputs.record, inputs.snapshot
    whole = snapshot.deals_since or snapshot.taken_at
    if record is None:
        since = snapshot.taken_at if new_epoch else whole
        day_opening = _carry(inputs, since, start(inputs.initial), since if new_epoch else None)
        return (
            day_opening,
            "" if day_opening.began is not None else f"what came before {since:%Y-%m-%d %H:%M} UTC is not known",
        )
    since = max(record.day_start, record.began or record.day_start)
    if covers(snapshot, since):
        day_opening = _carry(inputs, since, record.opening, record.began)
        return day_opening._replace(path=no_lower(record.path, day_opening.path)), record.peak_note
    day_opening = _carry(inputs, max(whole, record.seen_at + INSTANT), record.path, record.began)
    if inputs.today is not None:
        day_opening = day_opening._replace(opening=inputs.today.opening, rebuilt=False)
    if covers(snapshot, record.seen_at):
        return day_opening, record.peak_note
    return day_opening, f"what came after {record.seen_at:%Y-%m-%d %H:%M} UTC is not fully known"


def _carry(inputs: _Inputs, since: datetime, path: Path, began: datetime | None) -> DayOpening:
    day_opening = open_day(
        inputs.snapshot,
        inputs.rules.day,
        since,
        path,
        inputs.initial,
        began=began,
        shifts=inputs.rules.overall.on_payout == "shift",
        server_offset=inputs.server_offset,
    )
    return day_opening._replace(rebuilt=day_opening.rebuilt and covers(inputs.snapshot, inputs.reset))


def _reference(inputs: _Inputs, day_opening: DayOpening) -> _Reference | Refusal:
    """Return the day's reference: the firm's own figures, else the rebuilt ones.

    Within a day only a late booking can raise a rebuilt balance; nothing lowers it. The first day counts from the
    initial size.
    """
    firm_figures = inputs.figures if inputs.figures is not None and inputs.figures.at >= inputs.reset else None
    first_day = day_opening.began is not None and day_opening.began >= inputs.reset
    balance, source = _day_balance(inputs, day_opening, firm_figures, first_day=first_day)
    if source == "assumed" and inputs.rules.daily is not None:
        return refuse("day_start_unknown", f"history does not reach back to {inputs.reset:%Y-%m-%d %H:%M} UTC")
    equity = _day_equity(inputs, firm_figures, balance if first_day else None)
    return _Reference(balance, equity.money, source, (equity.note,) if equity.note else ())


def _day_balance(
    inputs: _Inputs, day_opening: DayOpening, firm_figures: FirmFigures | None, *, first_day: bool
) -> tuple[Decimal, Source]:
    if firm_figures is not None and firm_figures.day_balance is not None:
        return firm_figures.day_balance, "typed"
    if inputs.today is not None and inputs.today.source == "typed":
        return inputs.today.day_balance, "typed"
    figures = [inputs.initial] if first_day else []
    if day_opening.rebuilt or first_day:
        figures.append(day_opening.opening.balance)
    if inputs.today is not None and inputs.today.source == "rebuilt":
        figures.append(inputs.today.day_balance)
    return (max(figures), "rebuilt") if figures else (inputs.snapshot.account.balance, "assumed")


def _day_equity(inputs: _Inputs, firm_figures: FirmFigures | None, first_day: Decimal | None) -> NotedFigure:
    if firm_figures is not None and firm_figures.day_equity is not None:
        return NotedFigure(firm_figures.day_equity)
    if inputs.today is not None and inputs.today.day_equity is not None:
        return NotedFigure(inputs.today.day_equity, "; ".join(inputs.today.day_notes))
    if first_day is not None:
        return NotedFigure(first_day)
    sample = None if inputs.record is None else (inputs.record.equity, inputs.record.seen_at)
    return equity_at_reset(inputs.snapshot, inputs.reset, sample)


def _with_reset_equity(day_opening: DayOpening, reference: _Reference, rules: Rules) -> DayOpening:
    """Return the day's opening with the equity that the reset found among its peaks."""
    if reference.equity is None:
        return day_opening
    opening = with_equity_at_reset(day_opening.opening, reference.equity, shifts=rules.overall.on_payout == "shift")
    came_in = day_opening.path.deposits - opening.deposits
    path = replace(day_opening.path, eod_max=max(day_opening.path.eod_max, opening.eod_max + came_in))
    return day_opening._replace(opening=opening, path=path)


def _unseen_resets(inputs: _Inputs, day_opening: DayOpening, reference: _Reference) -> str:
    """Return in words the gap in a peak that counts the equity at every reset."""
    if inputs.rules.overall.peak != "eod_max":
        return ""
    resets = day_opening.resets - (1 if inputs.record is None else 2)
    return "equity at a reset was not seen" if resets > 0 or reference.equity is None else ""


def _highest_equity(inputs: _Inputs, path: Path) -> _High:
    """Return the highest equity of the epoch: as seen and, where floors follow it, as it can have been unseen."""
    record, equity, payouts = inputs.record, inputs.snapshot.account.equity, shifted(inputs.rules, path)
    unseen_high = NotedFigure(equity)
    if inputs.rules.overall.peak == "equity":
        unseen_high = unseen_peak(inputs.snapshot, inputs.reset if record is None else record.seen_at)
    high = max(equity, unseen_high.money or equity) + payouts
    if record is None:
        note = f"equity before {inputs.snapshot.taken_at:%Y-%m-%d %H:%M} UTC was not seen"
        return _High(max(inputs.initial, path.closed_balance, high), note if _has_traded(inputs.snapshot) else "")
    highest = max(high, record.equity_peak + max(ZERO, path.deposits - record.path.deposits))
    return _High(highest, unseen_high.note or ("" if equity + payouts == highest else record.peak_note))


def _highest_today(inputs: _Inputs, path: Path, reference: _Reference) -> _High:
    """Return the highest equity since the reset, in the same way."""
    today, equity = inputs.today, inputs.snapshot.account.equity
    unseen_high = NotedFigure(equity)
    if inputs.rules.daily is not None and inputs.rules.daily.ref == "peak_equity_today":
        unseen_high = unseen_peak(inputs.snapshot, inputs.reset if today is None else today.seen_at)
    high = reference.equity or equity
    if today is not None:
        high = today.peak_equity_today + max(ZERO, path.deposits - today.path.deposits)
    return _High(max(high, equity, unseen_high.money or equity), unseen_high.note)


def _has_traded(snapshot: Snapshot) -> bool:
    return bool(snapshot.positions) or any(deal.kind is DealKind.TRADE for deal in snapshot.deals)


def _previous_floor(inputs: _Inputs, day_opening: DayOpening) -> Decimal | None:
    """Return yesterday's daily floor, from its record or, where there is none, from the balance it began with."""
    rule = inputs.rules.daily
    if rule is None:
        return None
    if inputs.today is not None:
        return inputs.today.previous_floor
    if (
        inputs.record is not None
        and next_reset(inputs.rules.day, inputs.record.day_start, inputs.server_offset) == inputs.reset
    ):
        return daily_floor(rule, exact_references(inputs.rules, inputs.record))
    if day_opening.yesterday is not None:
        return daily_floor(rule, References(inputs.initial, day_opening.yesterday.balance))
    return None


def _with_typed_peak(state: AccountState, rules: Rules, figures: FirmFigures | None) -> AccountState:
    """Raise the peak that the rule follows to the firm's own figure; a lower figure changes nothing."""
    if figures is None or figures.peak is None or rules.overall.peak == "none":
        return state
    firm_figures = figures.peak + shifted(rules, state.path)
    if firm_figures < recorded_peak(rules, state):
        return state
    if rules.overall.peak == "equity":
        return replace(state, equity_peak=firm_figures, peak_note="")
    name = rules.overall.peak
    opening = replace(state.opening, **{name: max(firm_figures, getattr(state.opening, name))})
    return replace(state, opening=opening, path=replace(state.path, **{name: firm_figures}), peak_note="")


def _payout_assumed(inputs: _Inputs, day_opening: DayOpening) -> bool:
    """Return whether to act as if a payout had lifted the floor: below its initial size it had none."""
    if inputs.figures is not None and inputs.figures.payout_taken is not None:
        return inputs.figures.payout_taken
    if inputs.record is not None:
        return inputs.record.payout_assumed
    lifts = inputs.rules.overall.on_payout == "floor_to_initial"
    return lifts and day_opening.began is None and inputs.snapshot.account.equity > inputs.initial


def _literal_void(inputs: _Inputs, fresh: AccountState) -> bool:
    """Return whether today's withdrawals by themselves break the daily floor as worded.

    It is decided when money goes out and then holds for the day, so that a later loss never gives room back.
    """
    flows = flows_since(fresh.opening, fresh.path)
    if flows >= 0 or inputs.rules.daily is None:
        return False
    today = inputs.today
    if today is not None and (today.literal_void or flows == flows_since(today.opening, today.path)):
        return today.literal_void
    literal = daily_floor(inputs.rules.daily, exact_references(inputs.rules, fresh))
    return touched(inputs.rules, measured(inputs.rules, fresh.balance, fresh.equity), literal)


def _with_breach(state: AccountState, rules: Rules) -> AccountState:
    """Return the state with its breach and its pause as this snapshot shows them."""
    head = headroom(rules, exact_references(rules, state), state.balance, state.equity, state.seen_at)
    state = replace(state, paused=state.paused or head.paused)
    if state.breach is not None and state.breach.confirmed:
        return state
    if not head.breached:
        return replace(state, breach=None)
    limit: Limit = "overall" if head.breached_overall else "daily"
    if state.breach is not None and state.breach.at < state.seen_at:
        return replace(state, breach=replace(state.breach, confirmed=True))
    floor = head.overall_floor if head.breached_overall or head.daily_floor is None else head.daily_floor
    measure = measured(rules, state.balance, state.equity)
    return replace(state, breach=Breach(limit, state.seen_at, floor, measure))
