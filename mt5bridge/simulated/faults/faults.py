"""What can go wrong at a terminal: no answer, a wrong one, a late one, another account, an order that half happens.

A fault acts before the call (the line dies, the price jumps), on its answer (an empty tuple, a NaN), or instead of it.
Every fault is its settings; `FaultPlan.from_rows` makes a plan from plain values, so one can be sent to a process.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

from mt5bridge.metatrader.structs import is_record, with_values
from mt5bridge.simulated.arguments import Refused
from mt5bridge.simulated.faults.fault_plan import EVERY, Fault, FaultPlan, Mishap, Planned
from mt5bridge.simulated.faults.order_faults import AcceptThenDrop, LoseStops, PartialFill, Retcode, Slippage
from mt5bridge.simulated.market.contracts import Contract

if TYPE_CHECKING:
    from mt5bridge.simulated.functions.session import Session

__all__ = [
    "EVERY", "FAULTS", "AcceptThenDrop", "Fault", "FaultPlan", "LoseStops", "Mishap", "PartialFill", "Planned",
    "Retcode", "Slippage",
]  # fmt: skip
"""What comes from elsewhere, and the registry; the faults below are public all the same."""

TIMES = ("time", "time_msc", "time_update", "time_update_msc", "time_setup", "time_setup_msc")


@dataclass(frozen=True)
class Nothing(Fault):
    """None (or False) with this error."""

    code: int = -10001
    text: str = "IPC send failed"

    def before(self, desk: Session) -> None:  # noqa: ARG002
        raise Refused(self.code, self.text)


@dataclass(frozen=True)
class Raises(Fault):
    """An exception: the module's own SystemError unless another is named."""

    kind: str = "SystemError"
    text: str = "<built-in function> returned NULL without setting an exception"
    KINDS: ClassVar[Mapping[str, type[Exception]]] = {
        kind.__name__: kind for kind in (SystemError, TypeError, OSError, EOFError, RuntimeError, ValueError)
    }

    def before(self, desk: Session) -> None:  # noqa: ARG002
        raise self.KINDS[self.kind](self.text)


@dataclass(frozen=True)
class Sets(Fault):
    """One column of the row (or of every row) holds another value."""

    column: str
    value: Any

    def after(self, answer: Any) -> Any:  # noqa: ANN401
        return each_row(answer, lambda row: {self.column: self.value} if hasattr(row, self.column) else {})


@dataclass(frozen=True)
class NotANumber(Fault):
    """NaN in one column, or in every price and amount of the answer."""

    column: str = ""
    value: float = math.nan

    def after(self, answer: Any) -> Any:  # noqa: ANN401
        if isinstance(answer, float):
            return self.value
        return each_row(
            answer,
            lambda row: {
                name: self.value
                for name, held in row._asdict().items()
                if isinstance(held, float) and self.column in ("", name)
            },
        )


@dataclass(frozen=True)
class Stale(Fault):
    """Times so many seconds in the past; bars opened since then are missing."""

    seconds: int = 3600

    def after(self, answer: Any) -> Any:  # noqa: ANN401
        if hasattr(answer, "dtype"):
            return answer[answer["time"] <= answer["time"].max() - self.seconds] if len(answer) else answer
        return each_row(
            answer,
            lambda row: {
                name: held - self.seconds * (1000 if name.endswith("_msc") else 1)
                for name, held in row._asdict().items()
                if name in TIMES and held
            },
        )


@dataclass(frozen=True)
class Empty(Fault):
    """No rows where rows were expected; a single row of zeros; zero."""

    def after(self, answer: Any) -> Any:  # noqa: ANN401
        if is_record(answer):
            return each_row(answer, lambda row: {name: _nothing(held) for name, held in row._asdict().items()})
        if isinstance(answer, tuple) or hasattr(answer, "dtype"):
            return answer[:0]
        return type(answer)()


@dataclass(frozen=True)
class Duplicate(Fault):
    """Every row twice."""

    def after(self, answer: Any) -> Any:  # noqa: ANN401
        if hasattr(answer, "dtype"):
            return answer.repeat(2)
        return answer + answer if isinstance(answer, tuple) and not is_record(answer) else answer


@dataclass(frozen=True)
class Reorder(Fault):
    """The rows backwards."""

    def after(self, answer: Any) -> Any:  # noqa: ANN401
        rows = hasattr(answer, "dtype") or (isinstance(answer, tuple) and not is_record(answer))
        return answer[::-1] if rows else answer


@dataclass(frozen=True)
class Delay(Fault):
    """The market moves on for so many seconds before the answer comes; `real` makes the caller wait them too."""

    seconds: float = 5.0
    real: bool = False

    def before(self, desk: Session) -> None:
        if self.real:
            time.sleep(self.seconds)
        desk.broker.advance(self.seconds)


@dataclass(frozen=True)
class Hang(Fault):
    """The call never returns; whoever waits must kill the process."""

    def before(self, desk: Session) -> None:  # noqa: ARG002
        while True:
            time.sleep(3600)


@dataclass(frozen=True)
class Disconnect(Fault):
    """The line breaks: to the terminal (`pipe`), until `initialize()`; or to the broker, until `reconnect()`."""

    pipe: bool = False

    def before(self, desk: Session) -> None:
        if self.pipe:
            desk.attached = False
        else:
            desk.lose_broker()


@dataclass(frozen=True)
class SwitchAccount(Fault):
    """From now on the terminal is logged in to another account."""

    login: int = 990_000_001
    balance: float = 50_000.0
    currency: str = ""
    server: str = ""

    def before(self, desk: Session) -> None:
        desk.switch_account(self.login, self.balance, currency=self.currency, server=self.server)


@dataclass(frozen=True)
class ChangeSpec(Fault):
    """From now on the broker's contract of a symbol is another; fields with or without the package's `trade_`."""

    symbol: str
    values: Mapping[str, Any]

    def __post_init__(self) -> None:
        """Refuse a field that no contract has."""
        contract_fields(self.values)

    def before(self, desk: Session) -> None:
        desk.market.respecify(self.symbol, **contract_fields(self.values))
        desk.broker.settle()


@dataclass(frozen=True)
class PriceGap(Fault):
    """The price jumps by so many points, for good."""

    symbol: str
    points: int

    def before(self, desk: Session) -> None:
        desk.market.gap(self.symbol, self.points)
        desk.broker.settle()


@dataclass(frozen=True)
class ClockJump(Fault):
    """From now on the server's clock is wrong by so many seconds more."""

    seconds: int = 3600

    def before(self, desk: Session) -> None:
        desk.clock.skew_ms += self.seconds * 1000


def contract_fields(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return fields of a contract under their full names; one that no contract has is refused."""
    known = {name: name for name in Contract.__slots__}
    known.update({name.removeprefix("trade_"): name for name in known})
    unknown = [name for name in values if name not in known]
    if unknown:
        message = f"a contract has no {', '.join(unknown)}"
        raise ValueError(message)
    return {known[name]: value for name, value in values.items()}


def _nothing(held: Any) -> Any:  # noqa: ANN401 - a column's value, and the empty one of its type
    return held if is_record(held) else type(held)()


def each_row(answer: Any, changes: Any) -> Any:  # noqa: ANN401 - rows in, rows out; a function of a row to its changes
    """Return the answer with every row changed; what holds no rows is returned as it is."""
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
