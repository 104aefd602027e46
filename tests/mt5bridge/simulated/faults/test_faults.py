"""Every fault of the plan strikes where it is told to, once, and leaves the rest alone."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Any, TypeAlias

import pytest

from mt5bridge.simulated import SimulatedTerminal
from mt5bridge.simulated.faults.faults import FAULTS, FaultPlan, Nothing, Raises, plan_from_rows

Value: TypeAlias = Any
"""Whatever a row or a setting holds."""


def terminal_with(call: str, nth: int, fault: str, **settings: Value) -> SimulatedTerminal:
    """Return a terminal with two positions and one planned fault."""
    terminal = SimulatedTerminal.fresh().quote("EURUSD", 1.10000, 1.10010)
    terminal.buy("EURUSD", 0.10, stop=1.09)
    terminal.buy("USDJPY", 0.10)
    terminal.faults = plan_from_rows([{"call": call, "nth": nth, "fault": fault, **settings}])
    return terminal


def order(**fields: Value) -> dict[str, Any]:
    base = {"action": 1, "symbol": "EURUSD", "volume": 0.50, "type": 0, "sl": 1.09, "tp": 1.12, "type_filling": 1}
    return {**base, **fields}


def test_none_comes_at_the_nth_call_only() -> None:
    terminal = terminal_with("account_info", 2, "none", code=-10005, text="IPC timeout")
    assert terminal.account_info() is not None
    assert terminal.account_info() is None
    assert terminal.last_error() == (-10005, "IPC timeout")
    assert terminal.account_info() is not None
    assert terminal.last_error() == (1, "Success")


def test_none_of_a_yes_or_no_call_is_no() -> None:
    assert terminal_with("symbol_select", 1, "none").symbol_select("EURUSD") is False


def test_a_fault_can_come_at_any_call_or_at_every() -> None:
    terminal = terminal_with("*", 3, "none")
    answers = [terminal.account_info(), terminal.positions_get(), terminal.terminal_info(), terminal.account_info()]
    assert [answer is None for answer in answers] == [False, False, True, False]
    assert terminal.faults.calls == ["account_info", "positions_get", "terminal_info", "account_info"]
    always = terminal_with("account_info", 0, "none")
    assert [always.account_info() for _ in range(3)] == [None] * 3


@pytest.mark.parametrize("kind", sorted(Raises.KINDS))
def test_an_exception_of_any_kind(kind: str) -> None:
    with pytest.raises(Raises.KINDS[kind]):
        terminal_with("symbol_info", 1, "raise", kind=kind).symbol_info("EURUSD")


def test_nan_in_one_column_or_in_all() -> None:
    info: Value = terminal_with("symbol_info", 1, "nan", column="point").symbol_info("EURUSD")
    assert math.isnan(info.point)
    assert info.bid == 1.1
    every: Value = terminal_with("symbol_info_tick", 1, "nan").symbol_info_tick("EURUSD")
    assert math.isnan(every.bid)
    assert every.time > 0
    assert math.isinf(
        terminal_with("order_calc_profit", 1, "nan", value=math.inf).order_calc_profit(0, "EURUSD", 1.0, 1.1, 1.2) or 0
    )


def test_a_column_can_be_set() -> None:
    rows: Value = terminal_with("positions_get", 1, "set", column="sl", value=0.0).positions_get()
    assert [row.sl for row in rows] == [0.0, 0.0]
    wide: Value = terminal_with("symbol_info", 1, "set", column="trade_tick_value", value=10.0).symbol_info("EURUSD")
    assert wide.trade_tick_value == 10.0


def test_stale_ticks_and_bars() -> None:
    terminal = terminal_with("symbol_info_tick", 2, "stale", seconds=90)
    fresh: Value = terminal.symbol_info_tick("EURUSD")
    stale: Value = terminal.symbol_info_tick("EURUSD")
    assert (fresh.time - stale.time, fresh.time_msc - stale.time_msc) == (90, 90_000)
    late: Value = terminal_with("copy_rates_from_pos", 1, "stale", seconds=7200).copy_rates_from_pos(
        "EURUSD", 16385, 0, 10
    )
    assert len(late) == 8


def test_empty_answers_of_every_shape() -> None:
    assert terminal_with("positions_get", 1, "empty").positions_get() == ()
    assert terminal_with("positions_total", 1, "empty").positions_total() == 0
    bars = terminal_with("copy_rates_from_pos", 1, "empty").copy_rates_from_pos("EURUSD", 16385, 0, 10)
    assert bars is not None
    assert len(bars) == 0
    row: Value = terminal_with("account_info", 1, "empty").account_info()
    assert (row.balance, row.currency, row.trade_allowed) == (0.0, "", False)


def test_rows_twice_and_rows_backwards() -> None:
    plain: Value = terminal_with("account_info", 1, "none").positions_get()
    twice: Value = terminal_with("positions_get", 1, "duplicate").positions_get()
    back: Value = terminal_with("positions_get", 1, "reorder").positions_get()
    assert [row.ticket for row in twice] == [row.ticket for row in plain] * 2
    assert [row.ticket for row in back] == [row.ticket for row in plain][::-1]
    bars: Value = terminal_with("copy_rates_from_pos", 1, "reorder").copy_rates_from_pos("EURUSD", 16385, 0, 10)
    assert bars["time"][0] > bars["time"][-1]


def test_a_delay_lets_the_market_move_on() -> None:
    terminal = terminal_with("account_info", 1, "delay", seconds=30)
    start = terminal.now
    terminal.account_info()
    assert terminal.now - start == timedelta(seconds=30)


def test_a_lost_pipe_lasts_until_initialize() -> None:
    terminal = terminal_with("symbol_info", 1, "disconnect", pipe=True)
    assert terminal.symbol_info("EURUSD") is None
    assert terminal.last_error() == (-10004, "No IPC connection")
    assert terminal.account_info() is None
    assert terminal.initialize() is True
    assert terminal.account_info() is not None


def test_a_lost_broker_looks_alive_and_refuses_orders() -> None:
    terminal = terminal_with("terminal_info", 1, "disconnect")
    before: Value = terminal.account_info()
    info: Value = terminal.terminal_info()
    assert info.connected is False
    terminal.unpin("EURUSD").advance(3600)
    assert terminal.account_info() == before
    tick: Value = terminal.symbol_info_tick("EURUSD")
    assert tick.bid == 1.1
    result: Value = terminal.order_send(order())
    assert result.retcode == 10031
    terminal.reconnect()
    again: Value = terminal.symbol_info_tick("EURUSD")
    assert again.time - tick.time >= 3600
    assert terminal.account_info() != before


def test_another_account_from_now_on() -> None:
    terminal = terminal_with("account_info", 2, "account_switch", login=4711, balance=25_000.0, server="Other")
    first: Value = terminal.account_info()
    second: Value = terminal.account_info()
    assert first.login != 4711
    assert (second.login, second.balance, second.server) == (4711, 25_000.0, "Other")
    assert terminal.positions_get() == ()


def test_another_contract_from_now_on() -> None:
    terminal = terminal_with("symbol_info", 2, "spec_change", symbol="EURUSD", values={"trade_contract_size": 10_000.0})
    sizes = [info.trade_contract_size for info in (terminal.symbol_info("EURUSD") for _ in range(3)) if info]
    assert sizes == [100_000.0, 10_000.0, 10_000.0]


def test_a_gap_closes_what_it_jumps_over() -> None:
    terminal = terminal_with("symbol_info_tick", 1, "gap", symbol="EURUSD", points=-1500)
    tick: Value = terminal.symbol_info_tick("EURUSD")
    assert tick.bid == 1.085
    assert [row.symbol for row in terminal.positions_get() or ()] == ["USDJPY"]
    deal: Value = (terminal.history_deals_get(0, 2_000_000_000) or ())[-1]
    assert deal.price == 1.085  # not the stop's 1.09


def test_the_servers_clock_jumps() -> None:
    terminal = terminal_with("symbol_info_tick", 2, "clock_jump", seconds=-3600)
    first: Value = terminal.symbol_info_tick("EURUSD")
    second: Value = terminal.symbol_info_tick("EURUSD")
    assert second.time - first.time == -3600


@pytest.mark.parametrize("code", [10004, 10006, 10012, 10019, 10024, 10031])
def test_any_retcode_and_nothing_done(code: int) -> None:
    terminal = terminal_with("order_send", 1, "retcode", code=code)
    result: Value = terminal.order_send(order())
    assert (result.retcode, result.deal, result.order) == (code, 0, 0)
    assert terminal.positions_total() == 2
    again: Value = terminal.order_send(order())
    assert again.retcode == 10009


def test_a_retcode_of_a_check() -> None:
    checked: Value = terminal_with("order_check", 1, "retcode", code=10016).order_check(order())
    assert checked.retcode == 10016


def test_accepted_and_then_lost() -> None:
    terminal = terminal_with("order_send", 1, "accept_then_drop")
    assert terminal.order_send(order()) is None
    assert terminal.last_error() == (-10002, "IPC recv failed")
    assert terminal.positions_total() == 3


@pytest.mark.parametrize(
    ("filling", "code", "filled", "working"),
    [(1, 10010, 0.25, 0), (0, 10006, 0.0, 0), (2, 10010, 0.50, 0)],
)
def test_a_part_is_filled(filling: int, code: int, filled: float, working: int) -> None:
    terminal = terminal_with("order_send", 1, "partial_fill", share=0.5)
    terminal.market.respecify("EURUSD", trade_exemode=3, filling_mode=3)
    result: Value = terminal.order_send(order(type_filling=filling))
    assert result.retcode == code
    # what RETURN leaves standing is filled as soon as the market settles
    assert result.volume == (0.0 if code == 10006 else 0.25)
    assert [row.volume for row in terminal.positions_get(symbol="EURUSD") or ()][1:] == ([filled] if filled else [])
    assert terminal.orders_total() == working


def test_a_fill_without_its_stops() -> None:
    terminal = terminal_with("order_send", 1, "lose_stops")
    result: Value = terminal.order_send(order())
    (position,) = terminal.positions_get(ticket=result.order) or ()
    assert (result.retcode, position.sl, position.tp) == (10009, 0.0, 0.0)


def test_a_fill_worse_than_quoted() -> None:
    result: Value = terminal_with("order_send", 1, "slippage", points=25).order_send(order())
    assert result.price == 1.10035


def test_every_fault_has_a_name() -> None:
    assert {fault.__name__ for fault in FAULTS.values()} >= {"Nothing", "Raises", "Hang", "AcceptThenDrop"}
    assert FaultPlan().add("account_info", 1, Nothing()).planned[0].call == "account_info"


@pytest.mark.parametrize("name", sorted(set(FAULTS) - {"none", "raise", "hang", "disconnect", "accept_then_drop"}))
def test_no_fault_breaks_the_terminal_itself(name: str) -> None:
    every: dict[str, dict[str, Any]] = {
        "set": {"column": "bid", "value": -1.0},
        "spec_change": {"symbol": "EURUSD", "values": {"volume_step": 0.1}},
        "gap": {"symbol": "EURUSD", "points": 100},
        "retcode": {"code": 10006},
    }
    settings = every.get(name, {})
    terminal = SimulatedTerminal.fresh()
    terminal.faults = plan_from_rows([{"call": "*", "nth": 0, "fault": name, **settings}])
    for call in (
        terminal.account_info, terminal.terminal_info, terminal.positions_get, terminal.orders_get, terminal.version,
        terminal.positions_total, terminal.symbols_get, terminal.symbols_total, terminal.shutdown, terminal.initialize,
    ):  # fmt: skip
        call()
    for function in (terminal.symbol_info, terminal.symbol_info_tick, terminal.symbol_select, terminal.market_book_get):
        function("EURUSD")
    terminal.copy_rates_from_pos("EURUSD", 16385, 0, 5)
    terminal.history_deals_get(0, 2_000_000_000)
    terminal.order_calc_profit(0, "EURUSD", 1.0, 1.1, 1.2)
    terminal.order_check(order())
    terminal.order_send(order())


def test_a_hang_goes_on_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    naps: list[float] = []

    def nap(seconds: float) -> None:
        naps.append(seconds)
        if len(naps) == 5:
            raise KeyboardInterrupt

    monkeypatch.setattr("time.sleep", nap)
    with pytest.raises(KeyboardInterrupt):
        terminal_with("account_info", 1, "hang").account_info()
    assert len(naps) == 5


def test_a_real_delay_makes_the_caller_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    naps: list[float] = []
    monkeypatch.setattr("time.sleep", naps.append)
    assert terminal_with("account_info", 1, "delay", seconds=2.5, real=True).account_info() is not None
    assert naps == [2.5]


def test_a_contract_is_changed_by_full_or_short_names_and_no_others() -> None:
    terminal = terminal_with(
        "symbol_info", 1, "spec_change", symbol="EURUSD", values={"contract_size": 5.0, "digits": 4}
    )
    info: Value = terminal.symbol_info("EURUSD")
    assert (info.trade_contract_size, info.digits) == (5.0, 4)
    with pytest.raises(ValueError, match="a contract has no contract_sise"):
        terminal_with("symbol_info", 1, "spec_change", symbol="EURUSD", values={"contract_sise": 5.0})
