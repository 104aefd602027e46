"""The demonstration is the same for everybody, costs little to start, and shows something of everything."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from mt5bridge.simulated import SimulatedTerminal
from tests.paths import ROOT

TELL = """
from datetime import timedelta
from mt5bridge.simulated import SimulatedTerminal
terminal = SimulatedTerminal.demo(seed=3)
terminal.advance(timedelta(days=3))
for row in (*terminal.history_deals_get(0, 2_000_000_000), *terminal.positions_get(), *terminal.orders_get()):
    print(row)
print(terminal.account_info(), terminal.symbol_info("GER40"), terminal.symbol_info_tick("XAUUSD"))
print(terminal.copy_rates_from_pos("EURUSD", terminal.TIMEFRAME_M5, 0, 50).tolist())
"""
LOOK = """
import sys
from mt5bridge.simulated import SimulatedTerminal
terminal = SimulatedTerminal.demo()
terminal.account_info(), terminal.positions_get(), terminal.orders_get(), terminal.symbol_info("EURUSD")
terminal.order_calc_profit(0, "EURUSD", 1.0, 1.1, 1.2), terminal.history_deals_get(0, 2_000_000_000)
print("numpy" in sys.modules)
"""


def run(code: str, **environment: str) -> str:
    """Return what a fresh interpreter prints."""
    settings = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    process = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, env=settings)  # noqa: S603
    return process.stdout


def test_two_processes_tell_the_same_story() -> None:
    first = run(TELL, PYTHONHASHSEED="1", TZ="Asia/Tokyo")
    second = run(TELL, PYTHONHASHSEED="2", TZ="America/New_York")
    assert first == second
    assert first.count("TradeDeal") > 30


def test_another_seed_tells_another() -> None:
    balances = {SimulatedTerminal.demo(seed=seed).broker.book.balance for seed in range(3)}
    assert len(balances) == 3


def test_a_snapshot_without_bars_needs_no_numpy() -> None:
    assert run(LOOK).strip() == "False"


def test_rows_alone_need_no_broker() -> None:
    code = "import sys, mt5bridge.metatrader.structs; print('mt5bridge.simulated.broker.broker' in sys.modules)"
    assert run(code).strip() == "False"


def test_the_demonstration_shows_something_of_everything() -> None:
    terminal = SimulatedTerminal.demo()
    account = terminal.account_info()
    positions, orders = terminal.positions_get() or (), terminal.orders_get() or ()
    deals = terminal.history_deals_get(0, 2_000_000_000) or ()
    assert account is not None
    assert terminal.now == datetime(2026, 6, 10, 12, tzinfo=UTC)
    assert (account.currency, account.margin_mode) == ("USD", terminal.ACCOUNT_MARGIN_MODE_RETAIL_HEDGING)
    assert 2 <= len(positions) <= 4
    assert all(position.sl > 0 for position in positions)
    assert any(position.swap != 0 for position in positions)
    assert [order.type for order in orders] == [terminal.ORDER_TYPE_BUY_LIMIT]
    assert sum(deal.entry == 1 for deal in deals) >= 12
    assert {deal.reason for deal in deals} >= {terminal.DEAL_REASON_SL, terminal.DEAL_REASON_TP}
    assert any(deal.commission < 0 for deal in deals)
    # the firm's day began at 22:00 UTC, Prague midnight: deals before and after it
    midnight = terminal.clock.to_server(int(datetime(2026, 6, 9, 22, tzinfo=UTC).timestamp() * 1000)) // 1000
    assert {deal.time >= midnight for deal in deals} == {True, False}


def test_every_position_of_the_demonstration_is_on_the_brokers_grid() -> None:
    terminal = SimulatedTerminal.demo()
    for position in terminal.positions_get() or ():
        contract = terminal.market.contracts[position.symbol]
        assert contract.price(contract.points(position.sl)) == position.sl
        assert round(position.volume / contract.volume_step, 6) % 1 == 0


def test_it_can_begin_on_another_day() -> None:
    early = SimulatedTerminal.demo(datetime(2026, 3, 2, 9, tzinfo=UTC))
    assert early.now == datetime(2026, 3, 2, 9, tzinfo=UTC)
    assert early.positions_get() == early.orders_get() == ()
    later = SimulatedTerminal.demo(datetime(2026, 6, 17, 12, tzinfo=UTC))
    assert later.now == datetime(2026, 6, 17, 12, tzinfo=UTC)


@pytest.mark.parametrize("currency", ["USD", "EUR", "GBP", "CHF", "JPY"])
def test_every_symbol_can_be_valued_in_the_usual_deposit_currencies(currency: str) -> None:
    terminal = SimulatedTerminal.fresh(currency=currency)
    for symbol in terminal.market.contracts:
        terminal.symbol_select(symbol)
        info = terminal.symbol_info(symbol)
        assert info is not None
        assert info.trade_tick_value_loss >= info.trade_tick_value_profit > 0, symbol
        assert terminal.order_calc_margin(0, symbol, 1.0, info.ask), symbol
