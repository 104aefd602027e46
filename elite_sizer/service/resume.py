"""Lift everything that latched, for the reason a person gives: halts in the database and a recorded breach."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from elite_sizer.configuration.settings import Settings
from elite_sizer.inputs.account_standing import DRAWDOWN, halt_reached
from elite_sizer.journal.database import database_path, open_database
from portfolio.account.account_state import AccountState, resumed
from portfolio.account.worst_seen import lift_drawdown
from portfolio.ledger.account_states import resume_accounts
from portfolio.ledger.halts import EVERYTHING, resume
from portfolio.store.database import Store


def lift(settings: Settings, reason: str, now: datetime) -> list[str]:
    """Lift all halts and breaches in the database of this configuration; return what was lifted, in words.

    Nothing is lifted where there is no database yet. Raises StoreError where it can't be used.
    """
    if not database_path(settings).exists():
        return []
    with open_database(settings, now) as store:
        halts = [f"{halt.code} ({halt.detail})" for halt in resume(store, EVERYTHING, reason, now)]
        return halts + _breaches(store, reason, now) + _drawdowns(store, settings, reason, now)


def _breaches(store: Store, reason: str, now: datetime) -> list[str]:
    """Lift every breach that was recorded; it is recorded again where two more snapshots find a floor broken."""

    def lifted(state: AccountState) -> AccountState | None:
        return None if state.breach is None else resumed(state)

    breaches = [state.breach for state in resume_accounts(store, "rule_breached", lifted, reason, now)]
    return [f"rule_breached ({breach.limit} floor {breach.floor:,.2f})" for breach in breaches if breach is not None]


def _drawdowns(store: Store, settings: Settings, reason: str, now: datetime) -> list[str]:
    """Lift the drawdowns that halt under this configuration: they count from the equity last seen on."""

    def lifted(state: AccountState) -> AccountState | None:
        if state.watch is None or halt_reached(settings, DRAWDOWN, state.watch) is None:
            return None
        return replace(state, watch=lift_drawdown(state.watch, state.equity))

    before = resume_accounts(store, DRAWDOWN, lifted, reason, now)
    halts = [halt_reached(settings, DRAWDOWN, state.watch) for state in before]
    return [f"{halt.code} ({halt.detail})" for halt in halts if halt is not None]
