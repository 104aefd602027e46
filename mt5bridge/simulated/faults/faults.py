"""Faults of a terminal, for tests: no answer, a wrong or late one, another account, a partly filled order.

A fault acts before the call (the line dies, the price jumps), on its answer (an empty tuple, a NaN), or instead of it.
Every fault is its settings; `plan_from_rows` makes a plan from plain values, so that it can be sent to a process.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, TypeGuard

from mt5bridge.metatrader.structs import Record, is_record, with_values
from mt5bridge.simulated.arguments import RefusedError
from mt5bridge.simulated.faults.fault_plan import EVERY, Fault, FaultPlan, FaultyTerminal, Planned
from mt5bridge.simulated.faults.order_faults import AcceptThenDrop, LoseStops, PartialFill, Retcode, Slippage
from mt5bridge.simulated.market.contracts import Contract

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "EVERY", "FAULTS", "AcceptThenDrop", "Fault", "FaultPlan", "LoseStops", "PartialFill", "Planned",
    "Retcode", "Slippage",
]  # fmt: skip
"""Names of the neighbouring files, and the registry; the faults below are public too."""

TIMES = ("time", "time_msc", "time_update", "time_update_msc", "time_setup", "time_setup_msc")


@dataclass(frozen=True)
class Nothing(Fault):
    """None (or False) with this error."""

    code: int = -10001
    text: str = "IPC send failed"

    def before(self, _terminal: FaultyTerminal, /) -> None:
        raise RefusedError(self.code, self.text)


@dataclass(frozen=True)
class Raises(Fault):
    """An exception: the module's own SystemError unless another is named."""

    kind: str = "SystemError"
    text: str = "<built-in function> returned NULL without setting an exception"
    KINDS: ClassVar[Mapping[str, type[Exception]]] = {
        kind.__name__: kind for kind in (SystemError, TypeError, OSError, EOFError, RuntimeError, ValueError)
    }

    def before(self, _terminal: FaultyTerminal, /) -> None:
        raise self.KINDS[self.kind](self.text)


@dataclass(frozen=True)
class Sets(Fault):
    """One column of the row (or of every row) holds another value."""

    column: str
    value: Any

    def after(self, answer: object, /) -> object:
        return change_rows(answer, lambda row: {self.column: self.value} if hasattr(row, self.column) else {})


@dataclass(frozen=True)
class NotANumber(Fault):
    """NaN in one column, or in every price and amount of the answer."""

    column: str = ""
    value: float = math.nan

    def after(self, answer: object, /) -> object:
        if isinstance(answer, float):
            return self.value
        return change_rows(
            answer,
            lambda row: {
                name: self.value
                for name, value in row._asdict().items()
                if isinstance(value, float) and self.column in ("", name)
            },
        )


@dataclass(frozen=True)
class Stale(Fault):
    """Times so many seconds in the past; bars opened since then are missing."""

    seconds: int = 3600

    def after(self, answer: object, /) -> object:
        if is_array(answer):
            return answer[answer["time"] <= answer["time"].max() - self.seconds] if len(answer) else answer
        return change_rows(
            answer,
            lambda row: {
                name: value - self.seconds * (1000 if name.endswith("_msc") else 1)
                for name, value in row._asdict().items()
                if name in TIMES and value
            },
        )


@dataclass(frozen=True)
class Empty(Fault):
    """No rows where rows were expected; a single row of zeros; zero."""

    def after(self, answer: object, /) -> object:
        if is_record(answer):
            return change_rows(answer, lambda row: {name: _empty(value) for name, value in row._asdict().items()})
        if isinstance(answer, tuple) or is_array(answer):
            return answer[:0]
        return type(answer)()


@dataclass(frozen=True)
class Duplicate(Fault):
    """Every row twice."""

    def after(self, answer: object, /) -> object:
        if is_array(answer):
            return answer.repeat(2)
        return answer + answer if isinstance(answer, tuple) and not is_record(answer) else answer


@dataclass(frozen=True)
class Reorder(Fault):
    """The rows backwards."""

    def after(self, answer: object, /) -> object:
        if is_array(answer) or (isinstance(answer, tuple) and not is_record(answer)):
            return answer[::-1]
        return answer


@dataclass(frozen=True)
class Delay(Fault):
    """The market moves on for so many seconds before the answer comes; `real` makes the caller wait them too."""

    seconds: float = 5.0
    real: bool = False

    def before(self, terminal: FaultyTerminal, /) -> None:
        if self.real:
            time.sleep(self.seconds)
        terminal.broker.advance(self.seconds)


@dataclass(frozen=True)
class Hang(Fault):
    """The call never returns; the caller must kill the process."""

    def before(self, _terminal: FaultyTerminal, /) -> None:
        while True:
            time.sleep(3600)


@dataclass(frozen=True)
class Disconnect(Fault):
    """The line breaks: to the terminal (`pipe`), until `initialize()`; or to the broker, until `reconnect()`."""

    pipe: bool = False

    def before(self, terminal: FaultyTerminal, /) -> None:
        if self.pipe:
            terminal.attached = False
        else:
            terminal.lose_broker()


@dataclass(frozen=True)
class SwitchAccount(Fault):
    """From now on the terminal is logged in to another account."""

    login: int = 990_000_001
    balance: float = 50_000.0
    currency: str = ""
    server: str = ""

    def before(self, terminal: FaultyTerminal, /) -> None:
        terminal.switch_account(self.login, self.balance, currency=self.currency, server=self.server)


@dataclass(frozen=True)
class ChangeSpec(Fault):
    """From now on the broker's contract of a symbol is another; fields with or without the package's `trade_`."""

    symbol: str
    values: Mapping[str, Any]

    def __post_init__(self) -> None:
        """Refuse a field that no contract has."""
        contract_fields(self.values)

    def before(self, terminal: FaultyTerminal, /) -> None:
        terminal.market.respecify(self.symbol, **contract_fields(self.values))
        terminal.broker.settle()


@dataclass(frozen=True)
class PriceGap(Fault):
    """The price jumps by so many points, for good."""

    symbol: str
    points: int

    def before(self, terminal: FaultyTerminal, /) -> None:
        terminal.market.gap(self.symbol, self.points)
        terminal.broker.settle()


@dataclass(frozen=True)
class ClockJump(Fault):
    """From now on the server's clock is wrong by so many seconds more."""

    seconds: int = 3600

    def before(self, terminal: FaultyTerminal, /) -> None:
        terminal.clock.skew_ms += self.seconds * 1000


def contract_fields(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return fields of a contract under their full names; ValueError for a field that no contract has."""
    fields = {name: name for name in Contract.__slots__}
    fields.update({name.removeprefix("trade_"): name for name in fields})
    extra_names = [name for name in values if name not in fields]
    if extra_names:
        message = f"a contract has no {', '.join(extra_names)}"
        raise ValueError(message)
    return {fields[name]: value for name, value in values.items()}


def _empty(value: object) -> object:
    """Return the empty value of a column's type; a row inside a row stays."""
    return value if is_record(value) else type(value)()


def is_array(answer: object) -> TypeGuard[NDArray[np.void]]:
    """Whether the answer is one of the package's numpy arrays (bars, ticks)."""
    return hasattr(answer, "dtype")


def change_rows(answer: object, changes: Callable[[Record], Mapping[str, object]]) -> object:
    """Return the answer with every row changed; an answer without rows is returned as it is."""
    if is_record(answer):
        return with_values(answer, **changes(answer))
    if isinstance(answer, tuple) and answer and all(is_record(row) for row in answer):
        return tuple(with_values(row, **changes(row)) for row in answer)
    return answer


FAULTS: Mapping[str, type[Fault]] = MappingProxyType(
    {
        "none": Nothing,
        "raise": Raises,
        "set": Sets,
        "nan": NotANumber,
        "stale": Stale,
        "delay": Delay,
        "hang": Hang,
        "empty": Empty,
        "duplicate": Duplicate,
        "reorder": Reorder,
        "disconnect": Disconnect,
        "account_switch": SwitchAccount,
        "spec_change": ChangeSpec,
        "accept_then_drop": AcceptThenDrop,
        "partial_fill": PartialFill,
        "retcode": Retcode,
        "slippage": Slippage,
        "lose_stops": LoseStops,
        "gap": PriceGap,
        "clock_jump": ClockJump,
    }
)
"""By the names a plan in plain values uses."""


def plan_from_rows(rows: Iterable[Mapping[str, Any]]) -> FaultPlan:
    """Make a plan of rows like `{"call": "symbol_info", "nth": 2, "fault": "nan", "column": "point"}`."""
    plan = FaultPlan()
    for row in rows:
        settings = {name: value for name, value in row.items() if name not in ("call", "nth", "fault")}
        plan.add(row["call"], row["nth"], FAULTS[row["fault"]](**settings))
    return plan
