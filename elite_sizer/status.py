"""How an account stands right now: its floors, what is at risk, and whether anything stops a new trade."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from elite_sizer.api import Sizer
from elite_sizer.assemble import Moment, Terms, masked, moment
from elite_sizer.config import Settings
from elite_sizer.firms import rules_of
from elite_sizer.flag import FlagReader, stopped
from elite_sizer.outcome import Flag
from elite_sizer.research import HISTORY
from elite_sizer.standing import stand
from mt5bridge.snapshot import Ask
from portfolio.exposure import Charge
from portfolio.model import Account, Position
from portfolio.prop_rules import Headroom, Rules
from portfolio.reasons import REASONS, Refusal
from portfolio.rooms import Room, daily_room, overall_room, room_after_reset
from portfolio.store_rows import account_key


@dataclass(frozen=True, slots=True)
class Holding:
    """An open position with what it can still lose; None is unbounded."""

    position: Position
    at_risk: Decimal | None


@dataclass(frozen=True, slots=True)
class Status:
    """One look at an account; rooms are net of open risk, reservations and buffer."""

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

    @property
    def exit_code(self) -> int:
        """0 where trading may go on, else what stops it."""
        if self.halt is not None:
            return REASONS[self.halt.code].exit_code
        return REASONS["rule_breached"].exit_code if self.headroom.breached else 0


def status(sizer: Sizer) -> Status | Refusal:
    """Return how the account stands, or why that can't be told; records nothing. StoreError without a database."""
    settings, now = sizer.reloader.refresh(), sizer.desk.clock()
    snapshot = sizer.desk.look(Ask(deals_since=now - HISTORY))
    if isinstance(snapshot, Refusal):
        return snapshot
    key = account_key(snapshot.account.server, snapshot.account.login)
    rules = rules_of(settings.account.rules, settings.rules.get(settings.account.rules))
    stood = stand(sizer.recorder.account(key), snapshot, rules, settings)
    if isinstance(stood, Refusal):
        return stood
    halt = stopped(settings.folder) or sizer.recorder.halted(key, sizer.caller) or stood.halt
    made = moment(snapshot, _terms(settings), rules, stood.headroom, state=stood.state, halt=halt)
    if isinstance(made, Refusal):
        return made
    return _status(sizer, settings, made, sizer.recorder.held(key, now))


def _status(sizer: Sizer, settings: Settings, made: Moment, held: tuple[Charge, ...]) -> Status:
    charges = (*made.book, *held)
    rules, head = made.rules, made.headroom
    buffer = settings.policy.buffer(head)
    by_ticket = {charge.id: charge for charge in made.book if charge.kind == "position"}
    return Status(
        at=made.snapshot.taken_at,
        terminal=sizer.desk.name,
        account=masked(made.snapshot.account),
        rules=rules,
        headroom=head,
        daily=daily_room(rules, head, charges, buffer),
        after_reset=room_after_reset(rules, head, charges, buffer),
        overall=overall_room(rules, head, charges, buffer),
        holdings=tuple(Holding(one, by_ticket[str(one.ticket)].floor_loss) for one in made.snapshot.positions),
        pending=tuple(charge for charge in made.book if charge.kind == "order"),
        held=held,
        flag=FlagReader(settings.folder).read(settings).flag,
        guard=settings.guard,
        halt=made.halt,
    )


def _terms(settings: Settings) -> Terms:
    commission = settings.costs.commission
    return Terms(
        policy=settings.policy,
        classes=settings.classes,
        commission=None if commission == "auto" else Decimal(commission),
        gap_charged=settings.policy.open_stop == "gap",
    )
