"""Wrong arguments get from the paper terminal what they get from the genuine module, measured under Wine."""

from __future__ import annotations

import collections
import datetime as dt
import decimal
import fractions
import json
import types
from typing import Any, TypeAlias

import numpy as np
import pytest

from mt5bridge.simulated import SimulatedTerminal
from tests.paths import DATA

Value: TypeAlias = Any
"""Whatever a row or a field holds."""

MEASURED = json.loads((DATA / "mt5_refusals.json").read_text(encoding="utf-8"))
REQUEST = {
    "action": 1, "symbol": "EURUSD", "volume": 0.1, "type": 0, "price": 1.1, "sl": 1.0, "tp": 1.2,
    "deviation": 10, "magic": 7, "comment": "c", "type_time": 0, "type_filling": 0,
}  # fmt: skip
NAMES: dict[str, Any] = {
    "np": np,
    "datetime": dt,
    "decimal": decimal,
    "fractions": fractions,
    "types": types,
    "collections": collections,
    "NAIVE": dt.datetime(2026, 1, 1),  # noqa: DTZ001 - the package takes naive dates too
    "AWARE": dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
    "R": REQUEST,
}
BY_FUNCTION: dict[str, list[list[Any]]] = {}
for measured in MEASURED["rows"]:
    function = measured[0].partition("(")[0]
    for name in (function, *MEASURED["same"].get(function, ())):
        BY_FUNCTION.setdefault(name, []).append([measured[0].replace(function, name, 1), *measured[1:]])


def answer(terminal: Value, call: str) -> list[Any]:
    """Return result (or exception and cause) and last_error of a call on a terminal that is not there."""
    terminal.shutdown()
    terminal.account_info()
    try:
        outcome = repr(eval("mt5." + call, {**NAMES, "mt5": terminal}))  # noqa: S307 - our own data
    except (TypeError, SystemError, AttributeError) as error:
        cause = error.__cause__
        outcome = type(error).__name__ + (f" <- {type(cause).__name__}" if cause else "")
    return [call, outcome, *terminal.last_error()]


@pytest.mark.parametrize("function", BY_FUNCTION)
def test_refusals_without_a_terminal_are_the_packages(function: str) -> None:
    terminal = SimulatedTerminal.fresh()
    assert [answer(terminal, row[0]) for row in BY_FUNCTION[function]] == BY_FUNCTION[function]


def test_enough_was_measured() -> None:
    assert len(BY_FUNCTION) >= 30
    assert sum(map(len, BY_FUNCTION.values())) >= 1100


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ({"path": 5}, 'Invalid "path" argument'),
        ({"path": None}, 'Invalid "path" argument'),
        ({"login": "x"}, 'Invalid "login" argument'),
        ({"login": 1.5}, 'Invalid "login" argument'),
        ({"timeout": "x"}, 'Invalid "timeout" argument'),
        ({"server": 5}, 'Invalid "server" argument'),
        ({"password": 5}, 'Invalid "password" argument'),
    ],
)
def test_initialize_refuses_wrong_words_as_the_package_does(words: dict[str, Any], text: str) -> None:
    terminal = SimulatedTerminal.fresh()
    terminal.shutdown()
    assert terminal.initialize(**words) is False
    assert terminal.last_error() == (-2, text)
    assert terminal.initialize(bogus=1) is True


def test_a_call_clears_the_error_of_the_one_before() -> None:
    terminal = SimulatedTerminal.fresh()
    assert terminal.symbol_info("NOPE") is None
    assert terminal.last_error() == (-4, "Terminal: Not found")
    assert terminal.account_info() is not None
    assert terminal.last_error() == (1, "Success")


def test_no_positions_are_an_empty_tuple_and_a_lost_line_is_none() -> None:
    terminal = SimulatedTerminal.fresh()
    assert terminal.positions_get() == ()
    assert terminal.positions_get(symbol="NOPE") == ()
    terminal.shutdown()
    assert terminal.positions_get() is None


def test_an_unknown_keyword_asks_for_all_positions() -> None:
    terminal = SimulatedTerminal.fresh()
    ticket = terminal.buy("EURUSD", 0.1)
    terminal.buy("GBPUSD", 0.1)
    assert len(terminal.positions_get(tickt=ticket) or ()) == 2
    assert len(terminal.positions_get(ticket=ticket) or ()) == 1


def test_a_request_by_its_own_name_is_an_empty_request() -> None:
    # the package takes keywords for the request's fields: `request` is not one
    terminal = SimulatedTerminal.fresh()
    result = terminal.order_send(request=NAMES["R"])
    assert result is not None
    assert (result.retcode, result.request.symbol) == (10013, "")


def test_an_unselected_symbol_has_no_tick_and_no_prices() -> None:
    terminal = SimulatedTerminal.fresh()
    assert terminal.symbol_info_tick("ETHUSD") is None
    assert terminal.last_error()[0] == -1
    info = terminal.symbol_info("ETHUSD")
    assert info is not None
    assert (info.select, info.bid, info.trade_tick_value) == (False, 0.0, 0.0)
    assert terminal.order_calc_profit(0, "ETHUSD", 1.0, 3000.0, 3100.0) is None
    assert terminal.symbol_select("ETHUSD", True) is True  # noqa: FBT003 - the package's call
    tick = terminal.symbol_info_tick("ETHUSD")
    assert tick is not None
    assert tick.bid > 0


def test_a_conversion_pair_is_selected_but_not_shown() -> None:
    terminal = SimulatedTerminal.fresh(currency="EUR")
    terminal.visible = {"AUDUSD"}
    info = terminal.symbol_info("EURUSD")
    assert info is not None
    assert (info.select, info.visible) == (True, False)


def test_a_symbol_with_a_position_can_not_be_hidden() -> None:
    terminal = SimulatedTerminal.fresh()
    ticket = terminal.buy("EURUSD", 0.1)
    assert terminal.symbol_select("EURUSD", False) is False  # noqa: FBT003 - the package's call
    terminal.close(ticket)
    assert terminal.symbol_select("EURUSD", False) is True  # noqa: FBT003 - the package's call


def test_initialize_refuses_wrong_places_as_the_package_does() -> None:
    terminal = SimulatedTerminal.fresh()
    assert terminal.initialize("a", "b") is False
    assert terminal.last_error() == (-2, "Invalid number of arguments")
    assert terminal.initialize(5) is False
    assert terminal.last_error() == (-2, "Invalid 1st unnamed argument")


def test_only_the_account_that_is_there_can_be_logged_in_to() -> None:
    terminal = SimulatedTerminal.fresh()
    account = terminal.account_info()
    assert account is not None
    assert terminal.login(account.login, server="Simulated-Server", password="") is True
    assert terminal.login(account.login + 1) is False
    assert terminal.last_error() == (-6, "Terminal: Authorization failed")


def test_a_depth_of_market_has_the_best_prices() -> None:
    terminal = SimulatedTerminal.fresh().quote("EURUSD", 1.10000, 1.10010)
    assert terminal.market_book_add("EURUSD") is True
    book = terminal.market_book_get("EURUSD") or ()
    assert [(row.type, row.price) for row in book] == [(terminal.BOOK_TYPE_SELL, 1.1001), (terminal.BOOK_TYPE_BUY, 1.1)]
    assert terminal.market_book_release("NOPE") is False
