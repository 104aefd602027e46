"""An account's state goes into the database and comes back the same, and a resumption is recorded with its reason."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Final

from portfolio.account.account_state import AccountState, Breach, resumed
from portfolio.ledger.account_states import all_states, resume_accounts, row_of, state_of
from portfolio.ledger.halts import acts
from portfolio.store.database import Store
from tests.portfolio.ledger_world import NOON
from tests.portfolio.looks import after, look

MINE: Final = replace(after([look("06-10 12:00", 101_000)]), login=2)
OTHER: Final = replace(MINE, login=1)
BREACH: Final = Breach("daily", NOON, floor=MINE.balance, measure=MINE.equity, confirmed=True)


def unbreached(state: AccountState) -> AccountState | None:
    return None if state.breach is None else resumed(state)


def put(store: Store, *states: AccountState) -> None:
    for state in states:
        store.put_account_state(row_of(state))


def test_a_state_comes_back_as_it_was_written() -> None:
    row = row_of(replace(MINE, breach=BREACH))
    assert (row.account, row.day, row.peak) == ("2@Firm-Server", MINE.day, Decimal(101_000))
    assert state_of(row) == replace(MINE, breach=BREACH)


def test_all_states_come_by_their_keys() -> None:
    with Store.memory() as store:
        put(store, MINE, OTHER)
        assert all_states(store) == (OTHER, MINE)


def test_a_breach_is_lifted_with_the_reason() -> None:
    with Store.memory() as store:
        put(store, replace(MINE, breach=BREACH), OTHER)
        before = resume_accounts(store, "rule_breached", unbreached, "the firm forgave it", NOON)
        assert before == (replace(MINE, breach=BREACH),)
        assert all_states(store) == (OTHER, MINE)
        [act] = acts(store, "2@Firm-Server")
        assert (act.kind, act.subject, act.reason) == ("resume", "rule_breached", "the firm forgave it")


def test_without_a_breach_nothing_is_recorded() -> None:
    with Store.memory() as store:
        put(store, MINE)
        assert resume_accounts(store, "rule_breached", unbreached, "the firm forgave it", NOON) == ()
        assert acts(store, "2@Firm-Server") == ()
