"""An account by its firm's rules: its recorded state carried on to a snapshot, its floors, its halts."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import takewhile
from typing import Final, NamedTuple

from elite_sizer.configuration.parts import load_plugin
from elite_sizer.configuration.settings import Settings
from portfolio.account.account_state import AccountState, FirmFigures, exact_references, headroom_now
from portfolio.account.advance import advance
from portfolio.account.balance_path import balance_before, moves
from portfolio.account.worst_seen import WorstSeen, watched
from portfolio.calendar.firm_day import clock_override, last_reset, local_day
from portfolio.ledger.account_states import state_of
from portfolio.model import ZERO, DealKind, Snapshot
from portfolio.reasons import Refusal, refuse
from portfolio.rounding import UP, under
from portfolio.rules.headroom import Headroom
from portfolio.rules.rule_set import Rules
from portfolio.rules.size_limits import size_refusal
from portfolio.store.rows import AccountRow

FIRST_EPOCH: Final = 1
DAILY: Final = "daily_halt"
DRAWDOWN: Final = "drawdown_halt"
_LISTED: Final = 5


class AccountStanding(NamedTuple):
    """An account at one moment, by its rules."""

    state: AccountState
    headroom: Headroom

    @property
    def halt(self) -> Refusal | None:
        """The halt by the firm's rules alone: a breach that was recorded, or a pause until the next reset."""
        breach = self.state.breach
        if breach is not None:
            measure = f"{breach.measure:,.2f} at {breach.at:%Y-%m-%d %H:%M} UTC"
            return refuse("rule_breached", f"{breach.limit} floor {breach.floor:,.2f}, {measure}")
        if self.headroom.paused:
            return refuse("rule_paused", f"until {self.headroom.next_reset_utc:%Y-%m-%d %H:%M} UTC")
        return None


def account_standing(
    row: AccountRow | None, snapshot: Snapshot, rules: Rules, settings: Settings
) -> AccountStanding | Refusal:
    """Carry the recorded state on to a snapshot and compute the floors there; pure, whatever the ambient decimals."""
    with under(UP):
        return _account_standing(row, snapshot, rules, settings)


def _account_standing(
    row: AccountRow | None, snapshot: Snapshot, rules: Rules, settings: Settings
) -> AccountStanding | Refusal:
    before = None if row is None else state_of(row)
    initial = _initial(before, snapshot, settings)
    if isinstance(initial, Refusal):
        return initial
    misfit = size_refusal(rules, initial)
    if misfit is not None:
        return misfit
    figures = _firm_figures(snapshot, rules, settings)
    if isinstance(figures, Refusal):
        return figures
    state = advance(
        before,
        snapshot,
        rules,
        initial=initial,
        epoch=epoch_of(settings),
        figures=figures,
        server_offset=snapshot.server_offset,
    )
    if isinstance(state, Refusal):
        return state
    same_epoch = before if before is not None and before.epoch == state.epoch else None
    worst = watched(
        None if same_epoch is None else same_epoch.watch,
        same_day=same_epoch is not None and same_epoch.day_start == state.day_start,
        reference=exact_references(rules, state).day_balance,
        equity=state.equity,
        high_water=state.high_water,
    )
    state = replace(state, watch=worst)
    return AccountStanding(state, headroom_now(rules, state, snapshot.server_offset))


def halt_of_own(settings: Settings, watch: WorstSeen | None) -> Refusal | None:
    """Return the trader's own halt that the next entry will meet; the drawdown first, since a human must lift it."""
    return halt_reached(settings, DRAWDOWN, watch) or halt_reached(settings, DAILY, watch)


def halt_reached(settings: Settings, cap: str, watch: WorstSeen | None) -> Refusal | None:
    """Ask one of the two caps, as configured, whether the worst that was seen halts; None where the cap is off."""
    if cap not in settings.caps_on:
        return None
    refusal: Refusal | None = load_plugin(settings.sources, "caps", cap).reached(watch)
    return refusal


def epoch_of(settings: Settings) -> int:
    """Return the epoch that the configuration names, counted from one as the database does."""
    return FIRST_EPOCH + settings.account.epoch


def _firm_figures(snapshot: Snapshot, rules: Rules, settings: Settings) -> FirmFigures | Refusal | None:
    """Return the firm's own figure for the day that has begun; a day's figure left standing would move later floors."""
    figure, on = settings.account.day_start, settings.account.day_start_on
    if figure is None:
        return None
    if on is None:
        return refuse("config_invalid", "[account] day_start needs day_start_on, the firm's date that it is of")
    clock = clock_override(snapshot.server_offset, snapshot.taken_at)
    today = local_day(rules.day, last_reset(rules.day, snapshot.taken_at, snapshot.server_offset), clock)
    return FirmFigures(snapshot.taken_at, day_balance=Decimal(figure)) if on == today else None


def _initial(before: AccountState | None, snapshot: Snapshot, settings: Settings) -> Decimal | Refusal:
    """Return the account's initial size: configured, recorded, or the one deposit that a whole history begins with.

    A history is whole where nothing was there before it. A later deposit, or one of several, would move every floor.
    """
    initial = settings.account.initial
    if initial != "auto":
        return Decimal(initial)
    if before is not None and before.epoch == epoch_of(settings):
        return before.initial
    history = sorted(snapshot.deals, key=lambda deal: (deal.at, deal.ticket))
    deposits = [deal.net for deal in takewhile(lambda deal: deal.kind is DealKind.BALANCE, history)]
    if not deposits or deposits[0] <= 0:
        return refuse("initial_unknown", "the history does not begin with a deposit")
    if len(deposits) > 1:
        deposits_shown = ", ".join(f"{money:,.2f}" for money in deposits[:_LISTED])
        return refuse("initial_unknown", f"money moved more than once before the first trade: {deposits_shown}")
    earlier = balance_before(snapshot.account.balance, moves(history, history[0].at, snapshot.taken_at))
    if earlier != ZERO:
        return refuse("initial_unknown", f"the balance was {earlier:,.2f} before the first deal of the history")
    return deposits[0]
