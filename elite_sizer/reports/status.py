"""An account right now: its floors, its risk, and the halt of new trades, if any."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from elite_sizer.assembly.account_picture import AccountPicture, account_picture
from elite_sizer.caps.reasons import REASONS
from elite_sizer.configuration.flag import FlagReader
from elite_sizer.configuration.settings import Settings
from elite_sizer.configuration.stop_file import stopped
from elite_sizer.inputs.account_standing import account_standing, halt_of_own
from elite_sizer.inputs.entry_windows import window
from elite_sizer.inputs.exposure_budget import spent_by
from elite_sizer.inputs.market_study import HISTORY, terms
from elite_sizer.journal.read_only import ReadOnlyRecorder
from elite_sizer.model.outcome import Flag
from elite_sizer.model.policy import Policy
from elite_sizer.service.sizer import Sizer
from mt5bridge.reading.request import SnapshotRequest
from portfolio.book.charges import Charge, total
from portfolio.book.exposure_budget import Spent
from portfolio.ledger.unsized_trades import UnsizedTrade
from portfolio.model import Account, Position, masked
from portfolio.reasons import Refusal
from portfolio.rounding import room_down
from portfolio.rules.headroom import Headroom
from portfolio.rules.rooms import Room, daily_risk_budget, daily_room, overall_room, room_after_reset
from portfolio.rules.rule_set import Rules
from portfolio.store.rows import account_key


@dataclass(frozen=True, slots=True)
class Holding:
    """An open position and the loss it can still take; None is unbounded."""

    position: Position
    at_risk: Decimal | None


@dataclass(frozen=True, slots=True)
class Status:
    """One reading of an account; rooms are net of open risk, reservations and buffer."""

    at: datetime
    terminal: str
    account: Account
    rules: Rules
    headroom: Headroom
    daily: Room
    after_reset: Room
    overall: Room
    holdings: tuple[Holding, ...]
    pending: tuple[Charge, ...]
    held: tuple[Charge, ...]
    flag: Flag | None
    guard: bool
    halt: Refusal | None
    day_profit: Decimal
    """Equity against the day's reference."""
    budget: Decimal | None
    """The daily risk budget left, before any new trade; None where an open trade has no bound."""
    spent: Spent | None
    """Of the exposure budgets, where one is in use."""
    foreign: tuple[UnsizedTrade, ...]
    """Trades that were not sized here."""
    windows: tuple[tuple[str, str], ...]
    """Symbols of the book in which nothing may be opened now, and why."""
    low_equity: Decimal
    """The lowest that was read; between two readings it may have been lower."""

    @property
    def exit_code(self) -> int:
        """0 where trading may go on, else the code of the halt."""
        if self.halt is not None:
            return REASONS[self.halt.code].exit_code
        return REASONS["rule_breached"].exit_code if self.headroom.breached else 0


def status(sizer: Sizer) -> Status | Refusal:
    """Return the status of the account, or why it can't be read; records nothing. StoreError without a database."""
    settings, now = sizer.reloader.refresh(), sizer.terminal.clock()
    snapshot = sizer.terminal.snapshot(SnapshotRequest(deals_since=now - HISTORY))
    if isinstance(snapshot, Refusal):
        return snapshot
    key = account_key(snapshot.account.server, snapshot.account.login)
    rules = settings.firm_rules
    account = account_standing(sizer.recorder.account(key), snapshot, rules, settings)
    if isinstance(account, Refusal):
        return account
    halt = stopped(settings.folder) or sizer.recorder.halted(key, sizer.caller) or account.halt
    unsized = sizer.recorder.foreign(key, snapshot)
    halt = halt or halt_of_own(settings, account.state.watch) or _unaccepted(sizer, settings, key, unsized)
    picture = account_picture(snapshot, terms(settings), rules, account.headroom, state=account.state, halt=halt)
    if isinstance(picture, Refusal):
        return picture
    spending = spent_by(settings, ReadOnlyRecorder.of(sizer.recorder), sizer.terminal, snapshot, now)
    report = _status(sizer, settings, picture, sizer.recorder.held(key, now))
    return replace(report, foreign=unsized, spent=spending, low_equity=account.state.low_equity)


def _unaccepted(sizer: Sizer, settings: Settings, key: str, unsized: tuple[UnsizedTrade, ...]) -> Refusal | None:
    if not unsized or settings.account.foreign_trades == "count":
        return None
    return ReadOnlyRecorder.of(sizer.recorder).unaccepted(key, unsized, sizer.terminal.clock())


def _budget(
    policy: Policy, picture: AccountPicture, charges: tuple[Charge, ...], rooms: tuple[Room, Room, Room]
) -> Decimal | None:
    """Return the daily risk budget; None where an open trade has no bound."""
    at_risk = total(charge.floor_loss for charge in charges)
    if at_risk is None:
        return None
    account, initial = picture.snapshot.account, picture.headroom.references.initial
    money = {"balance": account.balance, "equity": account.equity, "initial": initial}
    basis = money.get(policy.basis, min(account.balance, account.equity))
    budget = daily_risk_budget(
        rooms,
        fraction=policy.budget_fraction,
        own_share=policy.max_daily_risk_pct,
        basis=basis,
        day_loss=picture.day_loss,
        at_risk=at_risk,
    )
    return room_down(budget)


def _windows(settings: Settings, picture: AccountPicture) -> tuple[tuple[str, str], ...]:
    names = sorted({charge.symbol for charge in picture.book})
    now, specs = picture.snapshot.taken_at, picture.snapshot.specs
    windows = [(name, window(settings, picture.rules, specs[name], picture.classes[name][0], now)) for name in names]
    return tuple((name, words) for name, words in windows if words is not None)


def _status(sizer: Sizer, settings: Settings, picture: AccountPicture, beside: tuple[Charge, ...]) -> Status:
    charges = (*picture.book, *beside)
    rules, head = picture.rules, picture.headroom
    buffer = settings.policy.buffer(head)
    by_ticket = {charge.id: charge for charge in picture.book if charge.kind == "position"}
    rooms = (
        daily_room(rules, head, charges, buffer),
        room_after_reset(rules, head, charges, buffer),
        overall_room(rules, head, charges, buffer),
    )
    return Status(
        at=picture.snapshot.taken_at,
        terminal=sizer.terminal.name,
        account=masked(picture.snapshot.account),
        rules=rules,
        headroom=head,
        daily=rooms[0],
        after_reset=rooms[1],
        overall=rooms[2],
        holdings=tuple(
            Holding(position, by_ticket[str(position.ticket)].floor_loss) for position in picture.snapshot.positions
        ),
        pending=tuple(charge for charge in picture.book if charge.kind == "order"),
        held=beside,
        flag=FlagReader(settings.folder).read(settings).flag,
        guard=settings.guard,
        halt=picture.halt,
        day_profit=head.equity - head.references.day_balance,
        budget=_budget(settings.policy, picture, charges, rooms),
        spent=None,
        foreign=(),
        windows=_windows(settings, picture),
        low_equity=head.equity,
    )
