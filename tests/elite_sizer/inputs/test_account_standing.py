"""An account's state is carried on from look to look, and where its initial size can't be known nothing is decided."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Context, Decimal, localcontext
from typing import Any, Final

import pytest

from elite_sizer.configuration.settings import Settings, load
from elite_sizer.inputs.account_standing import AccountStanding, account_standing, epoch_of
from portfolio.ledger.account_states import row_of
from portfolio.model import ZERO, Deal, DealEntry, DealKind, Side, Snapshot, TerminalState
from portfolio.reasons import Refusal
from portfolio.rules.rule_set import Rules
from portfolio.store.rows import AccountRow
from tests.builders import FTMO, NOW, account, d

OPENED: Final = NOW - timedelta(days=9)


def deal(
    ticket: int,
    profit: str,
    at: datetime = OPENED,
    kind: DealKind = DealKind.BALANCE,
    **changes: Any,  # noqa: ANN401 - any field
) -> Deal:
    """Return a deposit, or a losing or winning trade."""
    trade = kind is DealKind.TRADE
    made = Deal(
        ticket,
        ticket,
        ticket,
        "EURUSD" if trade else "",
        kind,
        Side.SELL if trade else None,
        DealEntry.OUT if trade else None,
        d(1) if trade else ZERO,
        d("1.08") if trade else ZERO,
        d(profit),
        ZERO,
        ZERO,
        ZERO,
        at,
    )
    return made._replace(**changes)


def trade(ticket: int, profit: str, hours: int = 1) -> Deal:
    return deal(ticket, profit, NOW - timedelta(hours=hours), DealKind.TRADE)


DEPOSIT: Final = deal(1, "100000")


def shown(*deals: Deal, balance: str = "100000", equity: str | None = None, at: datetime = NOW) -> Snapshot:
    """A dollar account at a Wednesday noon, its history of 400 days."""
    return Snapshot(
        taken_at=at,
        account=account(balance, balance if equity is None else equity),
        terminal=TerminalState("recording"),
        specs={},
        quotes={},
        deals=deals,
        deals_since=NOW - timedelta(days=400),
        server_offset=10_800,
    )


def settings(**options: object) -> Settings:
    return load(options={key.replace("__", "."): value for key, value in options.items()}, environment={})


def at(snapshot: Snapshot, row: AccountRow | None = None, rules: Rules = FTMO, **options: object) -> AccountStanding:
    found = account_standing(row, snapshot, rules, settings(**options))
    assert isinstance(found, AccountStanding), found
    return found


def why(snapshot: Snapshot, row: AccountRow | None = None, rules: Rules = FTMO, **options: object) -> Refusal:
    found = account_standing(row, snapshot, rules, settings(**options))
    assert isinstance(found, Refusal)
    return found


# the initial size


def test_the_initial_size_is_the_deposit_that_the_history_begins_with() -> None:
    assert at(shown(DEPOSIT)).state.initial == 100_000
    assert at(shown(DEPOSIT, trade(2, "-500"), balance="99500")).state.initial == 100_000


def test_the_history_s_order_is_by_time_and_not_by_row() -> None:
    assert at(shown(trade(2, "-500"), DEPOSIT, balance="99500")).state.initial == 100_000


def test_without_a_history_the_initial_size_is_not_known() -> None:
    assert why(shown()).code == "initial_unknown"
    typed = {"account__day_start": 100_000, "account__day_start_on": date(2026, 6, 10)}
    known = account_standing(None, shown(), FTMO, settings(account__initial=100_000, **typed))
    assert isinstance(known, AccountStanding)
    assert known.state.initial == 100_000


def test_a_history_that_begins_with_a_trade_or_a_withdrawal_is_not_whole() -> None:
    assert why(shown(trade(2, "-500"), balance="99500")).code == "initial_unknown"
    assert why(shown(deal(1, "-500"), balance="99500")).code == "initial_unknown"


def test_a_later_deposit_is_not_taken_for_the_first() -> None:
    # the history shows 5,000 of 100,000: floors from 5,000 would allow anything
    refusal = why(shown(deal(9, "5000"), balance="100000"))
    assert refusal == ("initial_unknown", "the balance was 95,000.00 before the first deal of the history")


def test_several_deposits_before_the_first_trade_do_not_tell_the_size() -> None:
    two = (deal(1, "60000"), deal(2, "40000"))
    refusal = why(shown(*two))
    assert refusal == ("initial_unknown", "money moved more than once before the first trade: 60,000.00, 40,000.00")
    assert at(shown(*two), account__initial=100_000).state.initial == 100_000


def test_a_deposit_after_the_first_trade_does_not_hide_the_first() -> None:
    later = deal(3, "20000", NOW - timedelta(hours=2))
    found = at(shown(DEPOSIT, trade(2, "0", hours=30), later, balance="120000"))
    assert found.state.initial == 100_000


def test_what_is_configured_stands_above_what_the_history_says() -> None:
    assert at(shown(DEPOSIT), account__initial=200_000).state.initial == 200_000


def test_what_is_recorded_stands_though_the_history_has_grown_short() -> None:
    row = row_of(at(shown(DEPOSIT)).state)
    later = shown(trade(2, "-500"), balance="99500", at=NOW + timedelta(hours=1))
    assert at(later, row).state.initial == 100_000


def test_another_initial_size_needs_another_epoch() -> None:
    row = row_of(at(shown(DEPOSIT)).state)
    assert why(shown(DEPOSIT), row, account__initial=50_000).code == "epoch_mismatch"
    assert at(shown(DEPOSIT), row, account__initial=50_000, account__epoch=1).state.initial == 50_000


def test_a_size_that_the_rules_do_not_list_is_refused() -> None:
    listed = replace(FTMO.overall, amount=replace(FTMO.overall.amount, pct=None, by_initial=((d(25_000), d(1_500)),)))
    rules = replace(FTMO, overall=listed)
    assert why(shown(DEPOSIT), rules=rules).code == "rules_unknown"
    assert at(shown(deal(1, "25000"), balance="25000"), rules=rules).headroom.overall_amount == 1_500


# the day, the state and its row


def test_a_typed_day_start_is_the_day_s_reference() -> None:
    # 5,000 below the firm's figure
    typed = at(shown(DEPOSIT), account__day_start=101_000, account__day_start_on=date(2026, 6, 10))
    assert typed.headroom.daily_floor == 96_000
    assert at(shown(DEPOSIT)).headroom.daily_floor == 95_000


def test_yesterday_s_typed_day_start_says_nothing_today() -> None:
    typed = at(shown(DEPOSIT), account__day_start=90_000, account__day_start_on=date(2026, 6, 9))
    assert typed.headroom.daily_floor == 95_000


def test_a_typed_day_start_without_its_date_is_refused() -> None:
    assert why(shown(DEPOSIT), account__day_start=101_000).code == "config_invalid"


def test_a_row_holds_the_state_and_the_figures_that_never_loosen() -> None:
    state = at(shown(DEPOSIT, trade(2, "1500"), balance="101500")).state
    row = row_of(state)
    assert (row.account, row.epoch, row.day, row.peak) == ("1234@FTMO-Demo", 1, date(2026, 6, 10), d(101_500))


def test_a_state_that_was_written_down_is_read_as_it_was() -> None:
    first = at(shown(DEPOSIT, trade(2, "1500"), balance="101500"))
    again = at(shown(DEPOSIT, trade(2, "1500"), balance="101500"), row_of(first.state))
    assert again.state == first.state


def test_peaks_do_not_fall_with_the_balance() -> None:
    row = row_of(at(shown(DEPOSIT, equity="103000")).state)
    later = shown(DEPOSIT, trade(2, "-2000"), balance="98000", at=NOW + timedelta(hours=1))
    assert at(later, row).state.high_water == 103_000


def test_epochs_are_counted_from_one() -> None:
    assert [epoch_of(settings()), epoch_of(settings(account__epoch=2))] == [1, 3]


def test_standing_does_not_depend_on_the_precision_of_the_program_around() -> None:
    snapshot = shown(DEPOSIT, trade(2, "-1234.56"), balance="98765.44")
    with localcontext(Context(prec=3)):
        rough = at(snapshot)
    assert rough == at(snapshot)
    assert rough.headroom.distance_daily == Decimal("3765.44")


# halts by the rules


def test_a_fresh_account_is_not_halted() -> None:
    assert at(shown(DEPOSIT)).halt is None


@pytest.mark.parametrize(("loss", "limit"), [("-5000.01", "daily"), ("-10000.01", "overall")])
def test_an_account_below_a_floor_is_halted(loss: str, limit: str) -> None:
    balance = str(100_000 + Decimal(loss))
    halt = at(shown(DEPOSIT, trade(2, loss), balance=balance)).halt
    assert halt is not None
    assert halt.code == "rule_breached"
    assert halt.detail.startswith(f"{limit} floor")


def test_an_account_on_its_floor_is_not() -> None:
    assert at(shown(DEPOSIT, trade(2, "-5000"), balance="95000")).halt is None


def test_a_rule_that_pauses_halts_until_the_reset() -> None:
    assert FTMO.daily is not None
    rules = replace(FTMO, daily=replace(FTMO.daily, action="pause"))
    halt = at(shown(DEPOSIT, trade(2, "-5000.01"), balance="94999.99"), rules=rules).halt
    assert halt == ("rule_paused", "until 2026-06-10 22:00 UTC")
