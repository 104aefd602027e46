"""Terminals for tests: a small hand-written capture, and a wrapper that alters what one call answers."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeAlias

from mt5bridge.captures.document import parse
from mt5bridge.captures.replay import RecordingTerminal
from mt5bridge.metatrader.rows import TYPES
from mt5bridge.metatrader.structs import Record
from mt5bridge.simulated.module import SimulatedTerminal

Value: TypeAlias = Any
"""Whatever a field, a function or a JSON key holds."""
Answer = Callable[[Value], Value]

CAPTURED: dict[str, Any] = {
    "format": "mt5bridge-recording/1",
    "captured_at": "2026-06-10T12:00:01Z",
    "server_utc_offset": 10_800,
    "account_info": {
        "login": 1234,
        "server": "Test-Server",
        "currency": "USD",
        "balance": 100_000.0,
        "equity": 100_050.0,
        "margin": 300.0,
        "leverage": 100,
    },
    "symbols": {
        "EURUSD": {
            "info": {
                "trade_contract_size": 100_000.0,
                "trade_tick_size": 0.00001,
                "trade_tick_value": 1.0,
                "volume_min": 0.01,
                "volume_max": 50.0,
                "volume_step": 0.01,
                "currency_base": "EUR",
                "currency_profit": "USD",
            },
            "tick": {"bid": 1.08500, "ask": 1.08510, "time": 1781103600},
            "rates": {
                "H1": {
                    "time": [1781092800, 1781096400, 1781100000, 1781103600],
                    "open": [1.081, 1.082, 1.083, 1.084],
                    "high": [1.083, 1.084, 1.085, 1.086],
                    "low": [1.080, 1.081, 1.082, 1.083],
                    "close": [1.082, 1.083, 1.084, 1.085],
                    "spread": [10, 10, 12, 10],
                }
            },
        },
        "GBPJPY": {
            "info": {
                "trade_contract_size": 100_000.0,
                "trade_tick_size": 0.001,
                "trade_tick_value": 0.6666,
                "volume_min": 0.01,
                "volume_max": 50.0,
                "volume_step": 0.01,
                "currency_base": "GBP",
                "currency_profit": "JPY",
                "currency_margin": "GBP",
            },
            "tick": {"bid": 190.000, "ask": 190.020, "time": 1781103600},
        },
        "USDJPY": {
            "info": {
                "trade_contract_size": 100_000.0,
                "trade_tick_size": 0.001,
                "trade_tick_value": 0.6666,
                "volume_min": 0.01,
                "volume_max": 50.0,
                "volume_step": 0.01,
                "currency_base": "USD",
                "currency_profit": "JPY",
            },
            "tick": {"bid": 150.000, "ask": 150.020, "time": 1781103600},
        },
        "GBPUSD": {
            "info": {
                "trade_contract_size": 100_000.0,
                "trade_tick_size": 0.00001,
                "trade_tick_value": 1.0,
                "volume_min": 0.01,
                "volume_max": 50.0,
                "volume_step": 0.01,
                "currency_base": "GBP",
                "currency_profit": "USD",
            },
            "tick": {"bid": 1.26600, "ask": 1.26620, "time": 1781103600},
        },
    },
    "positions": [
        {
            "ticket": 7,
            "symbol": "EURUSD",
            "type": 0,
            "volume": 0.1,
            "price_open": 1.08,
            "sl": 1.075,
            "tp": 1.09,
            "profit": 50.0,
            "time": 1781092800,
            "identifier": 7,
        }
    ],
    "orders": [{"ticket": 8, "symbol": "EURUSD", "type": 3, "volume_current": 0.2, "price_open": 1.09, "sl": 1.095}],
    "deals": [
        {"ticket": 1, "type": 2, "profit": 100_000.0, "time": 1780000000},
        {
            "ticket": 2,
            "type": 0,
            "symbol": "EURUSD",
            "volume": 0.1,
            "price": 1.08,
            "position_id": 7,
            "time": 1781092800,
        },
    ],
    "history_orders": [{"ticket": 2, "position_id": 7, "sl": 1.07, "time_setup": 1781092800, "symbol": "EURUSD"}],
}
"""One buy of 0.10 EURUSD at 1.08 that earns 50, a sell limit, pairs to convert by. Server 15:00 is 12:00 UTC."""

NOW = datetime(2026, 6, 10, 12, 0, 1, tzinfo=UTC)


def document(**changes: Value) -> dict[str, Any]:
    """Return a copy of the capture as JSON values, with top-level keys replaced."""
    return {**copy.deepcopy(CAPTURED), **changes}


def recording(capture: dict[str, Any] | None = None) -> RecordingTerminal:
    """Return a terminal that answers from a document (the ordinary one where None is given)."""
    return RecordingTerminal(parse(json.dumps(capture or CAPTURED), "the test's capture"))


@cache
def _demo() -> SimulatedTerminal:
    return SimulatedTerminal.demo()


def demo() -> SimulatedTerminal:
    """Return the simulated terminal in the middle of its trading day, attached; a copy, since telling it takes long."""
    terminal = copy.deepcopy(_demo())
    terminal.initialize()
    return terminal


def booked() -> SimulatedTerminal:
    """Return the simulated terminal with two positions, an order and their deals; the same every time, and quick."""
    terminal = SimulatedTerminal.fresh()
    terminal.buy("EURUSD", 0.5, stop=1.0700, target=1.1000)
    terminal.sell("USDJPY", 0.3, stop=152.0)
    terminal.place("GBPUSD", terminal.ORDER_TYPE_BUY_LIMIT, 0.2, 1.2500, stop=1.2400)
    return terminal.advance(2)


class Altered:
    """A recording under another name, one of whose calls answers differently.

    `change` gets the true answer; what it raises is raised. It is due every time, or only `once`, or only at the last
    of every `of` times, which is what tears a moment that reads something twice.
    """

    def __init__(self, call: str, change: Answer, *, of: int = 1, once: bool = False) -> None:
        self.name = "native"
        self.epoch = 0
        self.calls: list[str] = []
        self._inner = recording()
        self._call, self._change, self._of, self._once = call, change, of, once

    def __getattr__(self, name: str) -> Value:
        inner = getattr(self._inner, name)
        if not callable(inner):
            return inner

        def answer(*arguments: Value, **keywords: Value) -> Value:
            self.calls.append(name)
            true = inner(*arguments, **keywords)
            count = self.calls.count(name)
            due = count == 1 if self._once else count % self._of == 0
            return self._change(true) if name == self._call and due else true

        return answer


def with_fields(record: Record, **changes: Value) -> Record:
    """Return a record with some fields changed, since the terminal's records have no `_replace`."""
    values = {**record._asdict(), **changes}
    return TYPES[type(record).__name__](values.values())
