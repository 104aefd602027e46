"""Lift, by a human's word, everything that latched: halts in the database and a breach that was recorded."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import apsw
import msgspec

from elite_sizer.configuration.settings import Settings
from elite_sizer.inputs.account_standing import DRAWDOWN, halt_reached
from elite_sizer.journal.database import database_path, open_database
from portfolio.account.account_state import AccountState
from portfolio.account.worst_seen import lifted
from portfolio.ledger.halts import EVERYTHING, Act, resume, write_act
from portfolio.store.database import Store
from portfolio.store.rows import read_account_state, write_account_state

_decoder = msgspec.json.Decoder(AccountState)
_encoder = msgspec.json.Encoder(decimal_format="number")


def lift(settings: Settings, reason: str, now: datetime) -> list[str]:
    """Lift all halts and breaches in the database of this configuration; return what was lifted, in words.

    Nothing is lifted where there is no database yet. Raises StoreError where it can't be used.
    """
    if not database_path(settings).exists():
        return []
    with open_database(settings, now) as store:
        found = [f"{halt.code} ({halt.detail})" for halt in resume(store, EVERYTHING, reason, now)]
        return found + _breaches(store, reason, now) + _drawdowns(store, settings, reason, now)


def _drawdowns(store: Store, settings: Settings, reason: str, now: datetime) -> list[str]:
    """Lift the drawdowns that halt under this configuration: they count from the equity last seen on."""
    with store.write() as database:
        found = []
        for account in _accounts(database):
            row = read_account_state(database, account)
            state = None if row is None else _decoder.decode(row.state)
            halt = None if state is None else halt_reached(settings, DRAWDOWN, state.watch)
            if row is None or state is None or state.watch is None or halt is None:
                continue
            write_act(database, Act(account, "resume", DRAWDOWN, reason, now))
            fresh = replace(state, watch=lifted(state.watch, state.equity))
            write_account_state(database, row._replace(state=_encoder.encode(fresh)))
            found.append(f"{halt.code} ({halt.detail})")
    return found


def _accounts(database: apsw.Connection) -> list[str]:
    return [str(name) for (name,) in database.execute("SELECT account FROM account_state ORDER BY account")]


def _breaches(store: Store, reason: str, now: datetime) -> list[str]:
    with store.write() as database:
        found = []
        for account in _accounts(database):
            row = read_account_state(database, account)
            state = None if row is None else _decoder.decode(row.state)
            if row is None or state is None or state.breach is None:
                continue
            write_act(database, Act(account, "resume", "rule_breached", reason, now))
            write_account_state(database, row._replace(state=_encoder.encode(replace(state, breach=None))))
            found.append(f"rule_breached ({state.breach.limit} floor {state.breach.floor:,.2f})")
    return found
