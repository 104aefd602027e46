"""A trade request as the package reads it: its fields and their types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from mt5bridge.metatrader.constants import NAME_CHARACTERS
from mt5bridge.metatrader.structs import Record, TradeRequest
from mt5bridge.simulated import arguments
from mt5bridge.simulated.arguments import invalid_argument

REAL = ("volume", "price", "stoplimit", "sl", "tp")
TEXT = ("symbol", "comment")
CODES = ("action", "type", "type_filling", "type_time")
NUMBERS = ("magic", "order", "deviation", "position", "position_by")


class OrderRequest(NamedTuple):
    """The fields of TradeRequest, in its order; a field that a request leaves out is zero or empty."""

    action: int = 0
    magic: int = 0
    order: int = 0
    symbol: str = ""
    volume: float = 0.0
    price: float = 0.0
    stoplimit: float = 0.0
    sl: float = 0.0
    tp: float = 0.0
    deviation: int = 0
    type: int = 0
    type_filling: int = 0
    type_time: int = 0
    expiration: int = 0
    comment: str = ""
    position: int = 0
    position_by: int = 0

    def record(self) -> Record:
        """Return the row the results carry."""
        return TradeRequest(self)


def from_call(args: tuple[object, ...], words: Mapping[str, object]) -> OrderRequest:
    """Read the one dictionary of a call, or its keywords, which the package takes for the fields themselves."""
    if (not words and len(args) != 1) or (args and len(args) + len(words) > 1):
        raise arguments.wrong_count()
    source = args[0] if args else dict(words)
    if not isinstance(source, dict):
        raise invalid_argument()
    return read(source)


def read(source: Mapping[object, object]) -> OrderRequest:
    """Check and take the known fields in the package's order; unknown ones are ignored."""
    fields: dict[str, Any] = {name: _field(name, source[name]) for name in OrderRequest._fields if name in source}
    return OrderRequest(**fields)


def _field(name: str, value: object) -> object:
    if name in REAL:
        if not isinstance(value, float):
            raise invalid_argument(name)
        return float(value)
    if name in TEXT:
        if not isinstance(value, str) or len(value) > NAME_CHARACTERS:
            raise invalid_argument(name)
        return value
    if name == "expiration":
        return _expiration(value)
    if name in CODES and isinstance(value, int):
        return _code(name, value)
    return arguments.read_whole({name: value}, name)


def _code(name: str, value: int) -> int:
    """Return a code; the package keeps its low 32 bits."""
    if value < 0:
        raise arguments.with_system_error(
            invalid_argument(name), OverflowError("can't convert negative value to unsigned int")
        )
    if value >= 1 << 63:
        raise arguments.with_system_error(
            invalid_argument(name), OverflowError("Python int too large to convert to C unsigned long")
        )
    return int(value) & 0xFFFFFFFF


def _expiration(value: object) -> int:
    wrong = invalid_argument("expiration")
    if not isinstance(value, int):
        raise wrong
    if not -(1 << 63) <= value < 1 << 63:
        raise arguments.with_system_error(wrong, OverflowError("int too big to convert"))
    return int(value)
