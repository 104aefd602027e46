"""order_check and order_send answer a request with the server's codes, and do what a good one asks."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeAlias

import pytest

from mt5bridge.simulated import SimulatedTerminal
from mt5bridge.simulated.faults.faults import plan_from_rows
from mt5bridge.simulated.market.contracts import Commission

Value: TypeAlias = Any
"""Whatever a row or a field holds."""

AT_NIGHT = datetime(2026, 6, 13, 12, tzinfo=UTC)  # a Saturday
DONE = 10009


def euro(**account: Value) -> SimulatedTerminal:
    """Return a terminal with EURUSD held at 1.10000 / 1.10010, its stops level 50 points."""
    terminal = SimulatedTerminal.fresh(**account)
    terminal.market.respecify("EURUSD", trade_stops_level=50)
    return terminal.quote("EURUSD", 1.10000, 1.10010)


def request(**fields: Value) -> dict[str, Any]:
    """Return a good market buy of half a lot with a bracket, some fields changed (None: left out)."""
    base = {
        "action": 1, "symbol": "EURUSD", "volume": 0.50, "type": 0, "price": 1.10010, "sl": 1.09500, "tp": 1.11000,
        "deviation": 10, "magic": 7, "comment": "es:01JD3M7K", "type_time": 0, "type_filling": 1,
    }  # fmt: skip
    return {name: value for name, value in {**base, **fields}.items() if value is not None}


def send(terminal: SimulatedTerminal, **fields: Value) -> Value:
    return terminal.order_send(request(**fields))


def both(terminal: SimulatedTerminal, **fields: Value) -> int:
    """Return the code of order_check and order_send, which agree on a refusal."""
    checked, result = terminal.order_check(request(**fields)), send(terminal, **fields)
    assert checked is not None
    assert checked.retcode == (0 if result.retcode == DONE else result.retcode)
    return int(result.retcode)


def test_a_bracket_is_filled_with_its_stops() -> None:
    terminal = euro()
    result = send(terminal)
    assert (result.retcode, result.volume, result.price) == (DONE, 0.50, 1.10010)
    assert (result.bid, result.ask, result.comment, result.request_id) == (1.10000, 1.10010, "Request executed", 1)
    assert result.request.symbol == "EURUSD"
    assert result.request.position == 0
    (position,) = terminal.positions_get(ticket=result.order) or ()
    assert (position.sl, position.tp, position.magic, position.comment) == (1.09500, 1.11000, 7, "es:01JD3M7K")
    (deal,) = terminal.history_deals_get(ticket=result.order) or ()
    assert (deal.ticket, deal.magic) == (result.deal, 7)


def test_a_check_shows_the_account_after_the_trade_and_changes_nothing() -> None:
    terminal = euro()
    checked = terminal.order_check(request())
    assert checked is not None
    assert (checked.retcode, checked.comment) == (0, "Done")
    assert (checked.balance, checked.equity, checked.margin, checked.margin_free) == (
        100_000,
        100_000,
        550.05,
        99_449.95,
    )
    assert terminal.positions_get() == ()
    assert terminal.orders_total() == 0


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({}, DONE),
        ({"sl": None, "tp": None}, DONE),
        ({"action": 2}, 10013),
        ({"action": None}, 10013),
        ({"symbol": "NOPE"}, 10013),
        ({"type": 2}, 10013),
        ({"volume": float("nan")}, 10013),
        ({"sl": -1.0}, 10013),
        ({"volume": 0.0}, 10014),
        ({"volume": 0.005}, 10014),
        ({"volume": 0.015}, 10014),
        ({"volume": 50.01}, 10014),
        ({"sl": 1.10010}, 10016),  # above the price it is closed at
        ({"sl": 1.09951}, 10016),  # 49 points from the bid
        ({"sl": 1.09950}, DONE),
        ({"sl": 1.095005}, 10016),  # between two ticks
        ({"tp": 1.09900}, 10016),
        ({"tp": 1.10049}, 10016),
        ({"tp": 1.10050}, DONE),
        ({"type": 1, "sl": 1.10500, "tp": 1.09000}, DONE),
        ({"type": 1, "sl": 1.10059, "tp": 1.09000}, 10016),  # 49 points from the ask
        ({"type": 1}, 10016),  # a buy's stops
        ({"type_filling": 0}, DONE),
        ({"type_filling": 2}, 10030),  # RETURN, where the market fills
        ({"type_filling": 3}, 10030),
        ({"volume": 50.0}, DONE),
        ({"position": 12345}, 10036),
        ({"price": 0.0}, DONE),  # market execution does not ask for a price
        ({"price": None, "deviation": None}, DONE),
    ],
)
def test_a_market_order_is_judged(fields: dict[str, Any], code: int) -> None:
    assert both(euro(), **fields) == code


@pytest.mark.parametrize(
    ("spec", "fields", "code"),
    [
        ({"trade_mode": 0}, {}, 10017),
        ({"trade_mode": 1}, {}, DONE),
        ({"trade_mode": 1}, {"type": 1, "sl": 1.105, "tp": 1.09}, 10042),
        ({"trade_mode": 2}, {}, 10043),
        ({"trade_mode": 3}, {}, 10044),
        ({"filling_mode": 1}, {}, 10030),
        ({"filling_mode": 1}, {"type_filling": 0}, DONE),
        ({"filling_mode": 2}, {"type_filling": 0}, 10030),
        ({"volume_limit": 0.49}, {}, 10034),
        ({"volume_limit": 0.50}, {}, DONE),
        ({"volume_min": 0.1, "volume_step": 0.03}, {"volume": 0.12}, DONE),
        ({"volume_min": 0.1, "volume_step": 0.03}, {"volume": 0.13}, 10014),
        ({"trade_exemode": 3, "filling_mode": 0}, {"type_filling": 2}, DONE),
        # instant execution goes by the price of the request
        ({"trade_exemode": 1}, {}, DONE),
        ({"trade_exemode": 1}, {"price": 1.10020}, DONE),
        ({"trade_exemode": 1}, {"price": 1.10021}, 10004),
        ({"trade_exemode": 1}, {"price": 0.0}, 10015),
        ({"trade_exemode": 1}, {"price": 1.100105}, 10015),
    ],
)
def test_the_symbol_decides_what_may_be_sent(spec: dict[str, Any], fields: dict[str, Any], code: int) -> None:
    terminal = euro()
    terminal.market.respecify("EURUSD", **spec)
    assert both(terminal, **fields) == code


def test_the_limit_counts_positions_and_orders_of_one_direction() -> None:
    terminal = euro()
    terminal.market.respecify("EURUSD", volume_limit=1.0)
    terminal.buy("EURUSD", 0.30)
    terminal.place("EURUSD", terminal.ORDER_TYPE_BUY_LIMIT, 0.20, 1.09)
    terminal.sell("EURUSD", 0.90)
    assert both(terminal, volume=0.51) == 10034
    assert both(terminal, volume=0.50) == DONE


def test_a_closed_market_is_said_and_an_open_one_trades() -> None:
    terminal = SimulatedTerminal.fresh(at=AT_NIGHT)
    fields = {"sl": None, "tp": None}
    assert both(terminal, **fields) == 10018
    terminal.symbol_select("BTCUSD", True)  # noqa: FBT003 - the package's call
    assert both(terminal, symbol="BTCUSD", **fields) == DONE


def test_a_symbol_without_quotes_can_not_be_traded() -> None:
    terminal = euro().quote("EURUSD", 0.0, 0.0)
    assert both(terminal, sl=None, tp=None) == 10021


def test_there_must_be_money_and_a_hedge_needs_none() -> None:
    terminal = euro(balance=1_200)
    assert both(terminal, volume=1.10) == 10019  # 1.1 * 1100.10 = 1210.11
    assert send(terminal, volume=1.00).retcode == DONE
    assert both(terminal, volume=0.20) == 10019
    assert both(terminal, volume=0.20, type=1, sl=1.105, tp=1.09) == DONE


@pytest.mark.parametrize(
    ("switch", "code"),
    [
        ({"trade_allowed": False}, 10027),
        ({"account": {"trade_allowed": False}}, 10017),
        ({"account": {"trade_expert": False}}, 10026),
    ],
)
def test_switches_stop_sending_but_not_checking(switch: dict[str, Any], code: int) -> None:
    terminal = euro()
    terminal.trade_allowed = switch.get("trade_allowed", True)
    terminal.broker.book.account = replace(terminal.broker.book.account, **switch.get("account", {}))
    assert send(terminal).retcode == code
    checked = terminal.order_check(request())
    assert checked is not None
    assert checked.retcode == 0
    assert terminal.positions_get() == ()


def test_a_disabled_api_answers_none() -> None:
    terminal = euro()
    terminal.api_disabled = True
    assert send(terminal) is None
    assert terminal.last_error() == (-8, "Auto-Trading using Python API disabled in Terminal")
    assert terminal.order_check(request()) is not None


# closing


def closing(ticket: int, **fields: Value) -> dict[str, Any]:
    return {**request(type=1, sl=None, tp=None, position=ticket, price=1.10000), **fields}


def test_a_position_is_closed_by_its_ticket() -> None:
    terminal = euro()
    ticket = terminal.buy("EURUSD", 0.50)
    result = terminal.order_send(closing(ticket))
    assert result is not None
    assert result.retcode == DONE
    assert terminal.positions_get() == ()
    (out,) = [deal for deal in terminal.history_deals_get(position=ticket) or () if deal.entry == 1]
    assert (out.order, out.ticket, out.profit) == (result.order, result.deal, -5.0)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"volume": 0.30}, DONE),
        ({"volume": 0.51}, 10038),
        ({"volume": 0.305}, 10014),
        ({"type": 0}, 10013),
        ({"symbol": "GBPUSD"}, 10013),
    ],
)
def test_a_close_is_judged(fields: dict[str, Any], code: int) -> None:
    terminal = euro()
    ticket = terminal.buy("EURUSD", 0.50)
    result = terminal.order_send({**closing(ticket), **fields})
    assert result is not None
    assert result.retcode == code


def test_a_close_only_symbol_lets_go() -> None:
    terminal = euro()
    ticket = terminal.buy("EURUSD", 0.50)
    terminal.market.respecify("EURUSD", trade_mode=3)
    result = terminal.order_send(closing(ticket))
    assert result is not None
    assert result.retcode == DONE


def test_first_in_first_out_where_the_account_asks_for_it() -> None:
    terminal = euro()
    terminal.broker.book.account = replace(terminal.broker.book.account, fifo_close=True)
    older, newer = terminal.buy("EURUSD", 0.50), terminal.buy("EURUSD", 0.50)
    codes = [terminal.order_send(closing(ticket)) for ticket in (newer, older, newer)]
    assert [code.retcode for code in codes if code] == [10045, DONE, DONE]


def test_two_opposite_positions_close_each_other() -> None:
    terminal = euro()
    bought, sold = terminal.buy("EURUSD", 0.50), terminal.sell("EURUSD", 0.30)
    terminal.quote("EURUSD", 1.10500)
    result = terminal.order_send({"action": 10, "position": bought, "position_by": sold})
    assert result is not None
    assert result.retcode == DONE
    (rest,) = terminal.positions_get() or ()
    assert (rest.ticket, rest.volume) == (bought, 0.20)
    out = [deal for deal in terminal.history_deals_get(0, 2_000_000_000) or () if deal.entry == 3]
    # 0.3 lots bought at 1.1001 against 0.3 sold at 1.1000: the spread, once
    assert [(deal.volume, deal.profit) for deal in out] == [(0.3, -3.0), (0.3, 0.0)]


@pytest.mark.parametrize("same_side", [True, False])
def test_close_by_needs_opposite_sides_of_one_symbol(*, same_side: bool) -> None:
    terminal = euro()
    first = terminal.buy("EURUSD", 0.50)
    second = terminal.buy("EURUSD", 0.50) if same_side else terminal.sell("GBPUSD", 0.50)
    result = terminal.order_send({"action": 10, "position": first, "position_by": second})
    assert result is not None
    assert result.retcode == 10013


# pending orders


@pytest.mark.parametrize(
    ("kind", "price", "sl", "tp", "code"),
    [
        ("BUY_LIMIT", 1.09500, 1.09000, 1.10500, DONE),
        ("BUY_LIMIT", 1.10100, 1.09000, 1.10500, 10015),  # above the market
        ("BUY_LIMIT", 1.09961, 1.09000, 1.10500, 10015),  # 49 points from the ask
        ("BUY_LIMIT", 0.0, 0.0, 0.0, 10015),
        ("BUY_LIMIT", 1.095005, 0.0, 0.0, 10015),
        ("BUY_LIMIT", 1.09500, 1.09600, 1.10500, 10016),
        ("BUY_LIMIT", 1.09500, 1.09000, 1.09400, 10016),
        ("BUY_STOP", 1.10500, 1.10000, 1.11000, DONE),
        ("BUY_STOP", 1.09500, 0.0, 0.0, 10015),
        ("SELL_LIMIT", 1.10500, 1.11000, 1.10000, DONE),
        ("SELL_LIMIT", 1.09500, 0.0, 0.0, 10015),
        ("SELL_STOP", 1.09500, 1.10000, 1.09000, DONE),
        ("SELL_STOP", 1.10500, 0.0, 0.0, 10015),
        ("BUY_STOP_LIMIT", 1.10500, 1.10000, 1.11000, 10015),  # without its limit
    ],
)
def test_a_pending_order_is_judged(kind: str, price: float, sl: float, tp: float, code: int) -> None:
    terminal = euro()
    order_type = getattr(terminal, f"ORDER_TYPE_{kind}")
    assert both(terminal, action=5, type=order_type, price=price, sl=sl, tp=tp, type_filling=2) == code
    assert terminal.orders_total() == (1 if code == DONE else 0)


@pytest.mark.parametrize(("limit", "code"), [(1.10300, DONE), (1.10600, 10015), (1.10460, 10015)])
def test_a_stop_limits_limit_waits_behind_its_stop(limit: float, code: int) -> None:
    fields = {"action": 5, "type": 6, "price": 1.10500, "stoplimit": limit, "sl": 1.1, "tp": 1.12, "type_filling": 2}
    assert both(euro(), **fields) == code


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"type_time": 0}, DONE),
        ({"type_time": 1}, DONE),
        ({"type_time": 2}, 10022),
        ({"type_time": 2, "expiration": 1_781_103_600}, 10022),  # now
        ({"type_time": 2, "expiration": 1_781_103_660}, DONE),
        ({"type_time": 9}, 10022),
    ],
)
def test_an_orders_time_is_judged(fields: dict[str, Any], code: int) -> None:
    base: dict[str, Any] = {"action": 5, "type": 2, "price": 1.095, "sl": 1.09, "type_filling": 2}
    assert both(euro(), **{**base, **fields}) == code


def test_an_order_for_the_day_lapses_at_midnight() -> None:
    terminal = euro()
    send(terminal, action=5, type=2, price=1.095, sl=1.09, type_filling=2, type_time=1)
    terminal.advance(datetime(2026, 6, 10, 20, 59, 59, tzinfo=UTC))
    assert terminal.orders_total() == 1
    terminal.advance(1)
    assert terminal.orders_total() == 0


def test_an_order_type_the_symbol_forbids_is_refused() -> None:
    terminal = euro()
    terminal.market.respecify("EURUSD", order_mode=127 - 4)
    assert both(terminal, action=5, type=4, price=1.105, sl=1.10, tp=1.11, type_filling=2) == 10035
    assert both(terminal, action=5, type=2, price=1.095, sl=1.09, tp=1.10, type_filling=2) == DONE


def test_an_account_holds_only_so_many_orders() -> None:
    terminal = euro()
    terminal.broker.book.account = replace(terminal.broker.book.account, limit_orders=1)
    fields = {"action": 5, "type": 2, "price": 1.095, "sl": 1.09, "tp": 1.10, "type_filling": 2}
    assert [send(terminal, **fields).retcode for _ in range(2)] == [DONE, 10033]


# changing what stands


@pytest.mark.parametrize(
    ("sl", "tp", "code"),
    [
        (1.09800, 1.11000, DONE),
        (0.0, 0.0, DONE),
        (1.09500, 1.11000, 10025),
        (1.09999, 1.11, 10016),
        (1.098, 1.099, 10016),
    ],
)
def test_stops_are_moved(sl: float, tp: float, code: int) -> None:
    terminal = euro()
    ticket = send(terminal).order
    result = terminal.order_send({"action": 6, "position": ticket, "symbol": "EURUSD", "sl": sl, "tp": tp})
    assert result is not None
    assert result.retcode == code
    (position,) = terminal.positions_get() or ()
    assert (position.sl, position.tp) == ((sl, tp) if code == DONE else (1.095, 1.11))


def test_stops_of_a_missing_position_can_not_be_moved() -> None:
    result = euro().order_send({"action": 6, "position": 5, "sl": 1.0, "tp": 0.0})
    assert result is not None
    assert result.retcode == 10036


def test_netting_stops_are_moved_by_symbol() -> None:
    terminal = euro(netting=True)
    send(terminal)
    result = terminal.order_send({"action": 6, "symbol": "EURUSD", "sl": 1.09, "tp": 0.0})
    assert result is not None
    assert result.retcode == DONE


def test_near_its_stop_a_position_is_frozen() -> None:
    terminal = euro()
    ticket = send(terminal).order
    terminal.market.respecify("EURUSD", trade_freeze_level=30)
    move = {"action": 6, "position": ticket, "sl": 1.09300, "tp": 1.11000}
    terminal.quote("EURUSD", 1.09530)
    near = terminal.order_send(move)
    terminal.quote("EURUSD", 1.09531)
    clear = terminal.order_send(move)
    assert near is not None
    assert clear is not None
    assert (near.retcode, clear.retcode) == (10029, DONE)


def test_an_order_is_modified_and_removed() -> None:
    terminal = euro()
    ticket = send(terminal, action=5, type=2, price=1.095, sl=1.09, tp=1.10, type_filling=2).order
    change = {"action": 7, "order": ticket, "price": 1.094, "sl": 1.09, "tp": 1.10}
    codes = [terminal.order_send(change), terminal.order_send(change), terminal.order_send({**change, "price": 1.2})]
    assert [code.retcode for code in codes if code] == [DONE, 10025, 10015]
    (order,) = terminal.orders_get() or ()
    assert order.price_open == 1.094
    removal = {"action": 8, "order": ticket}
    assert [row.retcode for row in (terminal.order_send(removal), terminal.order_send(removal)) if row] == [DONE, 10035]
    (past,) = terminal.history_orders_get(ticket=ticket) or ()
    assert past.state == terminal.ORDER_STATE_CANCELED
    assert terminal.order_send(change).retcode == 10035  # type: ignore[union-attr]


@pytest.mark.parametrize(("volume", "code"), [(0.50, DONE), (0.51, 10044)])
def test_a_close_only_symbol_lets_a_netting_position_shrink(volume: float, code: int) -> None:
    terminal = euro(netting=True)
    terminal.buy("EURUSD", 0.50)
    terminal.market.respecify("EURUSD", trade_mode=3)
    assert both(terminal, type=1, volume=volume, sl=None, tp=None) == code


@pytest.mark.parametrize(("side", "code"), [(1, DONE), (0, 10019)])
def test_without_free_margin_a_netting_position_can_only_shrink(side: int, code: int) -> None:
    # 1 lot ties up 1100.10; after a fall of 90 pips 295 dollars of 1,200 are left, above stop-out at 25 %
    terminal = euro(netting=True, balance=1_200)
    terminal.broker.book.account = replace(terminal.broker.book.account, margin_so_so=25.0)
    terminal.buy("EURUSD", 1.0)
    terminal.quote("EURUSD", 1.09110)
    assert both(terminal, type=side, volume=0.20, sl=None, tp=None) == code


def test_what_is_disabled_can_not_even_be_closed() -> None:
    terminal = euro()
    ticket = terminal.buy("EURUSD", 0.50)
    terminal.market.respecify("EURUSD", trade_mode=0)
    result = terminal.order_send(closing(ticket))
    assert result is not None
    assert result.retcode == 10017


@pytest.mark.parametrize(("fields", "code"), [({"symbol": "NOPE"}, 10013), ({"type": 0}, 10035)])
def test_a_pending_order_needs_a_symbol_and_a_pending_type(fields: dict[str, Any], code: int) -> None:
    base: dict[str, Any] = {"action": 5, "type": 2, "price": 1.095, "sl": 1.09, "tp": 1.10, "type_filling": 2}
    assert both(euro(), **{**base, **fields}) == code


def test_positions_that_are_gone_can_not_close_each_other() -> None:
    result = euro().order_send({"action": 10, "position": 1, "position_by": 2})
    assert result is not None
    assert result.retcode == 10036


def test_slippage_can_eat_the_money_an_order_needs() -> None:
    # 1 lot at 1.1001 ties up 1100.10 of 1,100.20; 25 dollars of slippage on 2 % of price are beyond
    terminal = euro(balance=1_101)
    terminal.market.respecify("EURUSD", trade_calc_mode=4, currency_margin="USD", commission=Commission())
    terminal.faults = plan_from_rows([{"call": "order_send", "nth": 1, "fault": "slippage", "points": 200}])
    assert send(terminal, volume=1.0, sl=None, tp=None).retcode == 10019
    assert send(terminal, volume=1.0, sl=None, tp=None).retcode == DONE
