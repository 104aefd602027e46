"""The recorded state of each account: JSON in the database, beside the figures that may never loosen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import apsw
import msgspec

from portfolio.account.account_state import AccountState
from portfolio.ledger.halts import Act, write_act
from portfolio.store.database import Store
from portfolio.store.rows import AccountRow, account_key, account_keys, read_account_state, write_account_state

_decoder = msgspec.json.Decoder(AccountState)
_encoder = msgspec.json.Encoder(decimal_format="number")


def state_of(row: AccountRow) -> AccountState:
    """Return the state that a database row holds."""
    return _decoder.decode(row.state)


def row_of(state: AccountState) -> AccountRow:
    """Return the database row of a state; day and peak have their own columns, which a trigger forbids to fall."""
    return AccountRow(
        account=account_key(state.server, state.login),
        epoch=state.epoch,
        day=state.day,
        peak=state.high_water,
        state=_encoder.encode(state),
    )


def all_states(store: Store) -> tuple[AccountState, ...]:
    """Return the recorded state of every account, by its key."""
    with store.read() as database:
        return _states(database)


def resume_accounts(
    store: Store,
    subject: str,
    change: Callable[[AccountState], AccountState | None],
    reason: str,
    now: datetime,
) -> tuple[AccountState, ...]:
    """Record a human's resumption of each account that `lifted` changes, and its new state; return those before it."""
    before = []
    with store.write() as database:
        for state in _states(database):
            after = change(state)
            if after is not None:
                row = row_of(after)
                write_act(database, Act(row.account, "resume", subject, reason, now))
                write_account_state(database, row)
                before.append(state)
    return tuple(before)


def _states(database: apsw.Connection) -> tuple[AccountState, ...]:
    rows = (read_account_state(database, account) for account in account_keys(database))
    return tuple(state_of(row) for row in rows if row is not None)
