"""A terminal that is reached by calling its functions by name, over a wire or in this process.

Answers come back over a wire as plain values; here they become the records that code for the package expects.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any, cast

from mt5bridge.metatrader.protocol import Terminal
from mt5bridge.metatrader.rows import STRUCTS, make
from mt5bridge.metatrader.structs import Record
from mt5bridge.terminal_side.host_script import CALLS

ROWS: Mapping[str, str] = {
    "terminal_info": "TerminalInfo",
    "account_info": "AccountInfo",
    "positions_get": "TradePosition",
    "orders_get": "TradeOrder",
    "symbols_get": "SymbolInfo",
    "symbol_info": "SymbolInfo",
    "symbol_info_tick": "Tick",
    "history_deals_get": "TradeDeal",
    "history_orders_get": "TradeOrder",
    "order_check": "OrderCheckResult",
    "order_send": "OrderSendResult",
}
"""The row type of each function's answer."""


class BarRows(list[tuple[Any, ...]]):
    """Bars as rows, with the one method of a numpy array that readers use."""

    def tolist(self) -> list[tuple[Any, ...]]:
        """Return the rows."""
        return list(self)


class Calls(ABC):
    """A terminal with one method, `call`, that reaches every function of the package which may be called."""

    @abstractmethod
    def call(self, name: str, *arguments: object, **keywords: object) -> object:
        """Call a function of the terminal by name; `TerminalError` where there is no answer at all."""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name not in CALLS:
            raise AttributeError(name)
        return partial(self.call, name)

    @property
    def functions(self) -> Terminal:
        """This object, typed as all the functions of a terminal."""
        return cast("Terminal", self)


def to_plain(argument: object) -> object:
    """Return an argument as JSON has it; a datetime becomes the number the package would make of it."""
    return argument.timestamp() if isinstance(argument, datetime) else argument


def to_records(name: str, answer: object) -> object:
    """Return the plain answer of the function `name` as the package would give it."""
    if answer is None:
        return None
    if name == "copy_rates_from_pos":
        return BarRows(tuple(row) for row in cast("list[list[Any]]", answer))
    if name not in ROWS:
        return tuple(answer) if isinstance(answer, list) else answer
    if isinstance(answer, list):
        return tuple(_record(ROWS[name], row) for row in answer)
    return _record(ROWS[name], cast("Mapping[str, Any]", answer))


def _record(struct: str, row: Mapping[str, Any]) -> Record:
    values = {field: row[field] for field in STRUCTS[struct] if field in row}
    if isinstance(values.get("request"), Mapping):
        values["request"] = make("TradeRequest", values["request"])
    return make(struct, values)
