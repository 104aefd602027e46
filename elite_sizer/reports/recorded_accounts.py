"""Every account in the database as it was last read; no terminal is asked."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from elite_sizer.configuration.settings import Settings
from elite_sizer.inputs.account_standing import halt_of_own
from elite_sizer.journal.database import database_path, open_database
from portfolio.account.account_state import AccountState
from portfolio.ledger.account_states import all_states
from portfolio.ledger.halts import EVERYTHING, halts
from portfolio.ledger.ledger import reservations
from portfolio.model import last_digits
from portfolio.reasons import Refusal, refuse
from portfolio.store.database import Store
from portfolio.store.rows import account_key


class RecordedAccount(NamedTuple):
    """One account as the database has it."""

    login: int
    """Its last four digits."""
    server: str
    epoch: int
    seen_at: datetime
    initial: Decimal
    balance: Decimal
    equity: Decimal
    high_water: Decimal
    low_equity: Decimal
    reserved: int
    halts: tuple[Refusal, ...]
    """Everything in force: a breach, a pause, latched halts of the account or of one of its bots."""


def accounts(settings: Settings, now: datetime) -> tuple[RecordedAccount, ...]:
    """Return the recorded accounts, the one seen last first; none without a database. StoreError where it is unusable.

    A trader's own halts are judged by these settings, which may be another account's.
    """
    if not database_path(settings).exists():
        return ()
    with open_database(settings, now) as store:
        states = sorted(all_states(store), key=lambda state: state.seen_at, reverse=True)
        return tuple(_recorded_account(store, settings, state, now) for state in states)


def _recorded_account(store: Store, settings: Settings, state: AccountState, now: datetime) -> RecordedAccount:
    key = account_key(state.server, state.login)
    reasons = [
        refuse("halted", f"{halt.code}: {halt.detail}")
        for halt in halts(store)
        if halt.scope in {EVERYTHING, key} or halt.scope.startswith(f"{key}/")
    ]
    if state.breach is not None:
        reasons.append(refuse("rule_breached", f"{state.breach.limit} floor {state.breach.floor:,.2f}"))
    if state.paused:
        reasons.append(refuse("rule_paused", "until the reset after it was last seen"))
    own = halt_of_own(settings, state.watch)
    return RecordedAccount(
        login=last_digits(state.login),
        server=state.server,
        epoch=state.epoch,
        seen_at=state.seen_at,
        initial=state.initial,
        balance=state.balance,
        equity=state.equity,
        high_water=state.high_water,
        low_equity=state.low_equity,
        reserved=len(reservations(store, key, now=now)),
        halts=tuple(reasons if own is None else [*reasons, own]),
    )
