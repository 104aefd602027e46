"""The few MetaTrader5 functions that we use; anything that has them is a terminal.

The MetaTrader5 package itself is a terminal, so are the simulated and the recording one. A terminal in a process of
its own is a `Source` instead: it brings a whole moment in one round trip (`mt5bridge.terminal_side.gather`).

The functions keep the package's manners: None is a failure whose code is in `last_error()`, an empty tuple is an
answer; times are the server's wall clock written as an epoch; records are read-only tuples with `_asdict()`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeAlias, runtime_checkable


class TerminalRow(Protocol):
    """A row of the terminal: fields by name, and all of them by `_asdict()`."""

    def _asdict(self) -> dict[str, Any]: ...


class Rates(Protocol):
    """Bars as the package returns them: a numpy record array, rows in the order of `metatrader.rows.RATES`."""

    def __len__(self) -> int: ...

    def tolist(self) -> list[Any]:
        """Return the rows as plain tuples."""
        ...


Date: TypeAlias = datetime | float
"""A datetime or a number of seconds; the package reads a naive datetime in the machine's own zone."""


class Terminal(Protocol):
    """The functions of the MetaTrader5 module that we call; those with `/` refuse keywords there too."""

    def initialize(self, path: str = ..., /) -> bool:
        """Attach to the terminal; called without credentials, since those switch its account."""
        ...

    def shutdown(self) -> object:
        """Let go of the terminal; True in the package, None in some mirrors of it."""
        ...

    def last_error(self) -> tuple[int, str]:
        """Return code and text of the call before; (1, "Success") where it worked."""
        ...

    def version(self) -> tuple[int, int, str] | None:
        """Return version, build and build date; (0, 0, "") without a terminal."""
        ...

    def terminal_info(self) -> TerminalRow | None:
        """Return the program: connection, permissions, build."""
        ...

    def account_info(self) -> TerminalRow | None:
        """Return the account."""
        ...

    def positions_total(self) -> int | None:
        """Return the number of open positions."""
        ...

    def positions_get(self, *, symbol: str = ..., group: str = ..., ticket: int = ...) -> Sequence[TerminalRow] | None:
        """Return open positions; an unknown keyword is ignored and all of them come."""
        ...

    def orders_total(self) -> int | None:
        """Return the number of pending orders."""
        ...

    def orders_get(self, *, symbol: str = ..., group: str = ..., ticket: int = ...) -> Sequence[TerminalRow] | None:
        """Return pending orders."""
        ...

    def symbols_get(self, group: str = ...) -> Sequence[TerminalRow] | bool | None:
        """Return every symbol, thousands at some brokers; False for a bad group."""
        ...

    def symbol_info(self, symbol: str, /) -> TerminalRow | None:
        """Return the contract of one symbol."""
        ...

    def symbol_info_tick(self, symbol: str, /) -> TerminalRow | None:
        """Return the last tick; None while the symbol is not selected."""
        ...

    def symbol_select(self, symbol: str, enable: object = ..., /) -> bool:
        """Put a symbol into Market Watch, or take it out where `enable` is false."""
        ...

    def order_calc_profit(
        self, action: int, symbol: str, volume: float, price_open: float, price_close: float, /
    ) -> float | None:
        """Return the result in deposit currency, rounded to its digits."""
        ...

    def order_calc_margin(self, action: int, symbol: str, volume: float, price: float, /) -> float | None:
        """Return the margin of a lone order in deposit currency."""
        ...

    def history_deals_total(self, date_from: Date, date_to: Date, /) -> int | None:
        """Return the number of deals between two server times."""
        ...

    def history_deals_get(
        self, date_from: Date = ..., date_to: Date = ..., /, *, group: str = ..., ticket: int = ..., position: int = ...
    ) -> Sequence[TerminalRow] | None:
        """Return the deals between two server times."""
        ...

    def history_orders_total(self, date_from: Date, date_to: Date, /) -> int | None:
        """Return the number of orders between two server times."""
        ...

    def history_orders_get(
        self, date_from: Date = ..., date_to: Date = ..., /, *, group: str = ..., ticket: int = ..., position: int = ...
    ) -> Sequence[TerminalRow] | None:
        """Return past orders between two server times."""
        ...

    def copy_rates_from_pos(self, symbol: str, timeframe: int, start_pos: int, count: int, /) -> Rates | None:
        """Return bars, oldest first; position 0 is the bar still forming."""
        ...

    def order_check(self, request: Mapping[str, Any]) -> TerminalRow | None:
        """Return the server's answer to the request without sending it."""
        ...

    def order_send(self, request: Mapping[str, Any]) -> TerminalRow | None:
        """Send the request."""
        ...


@runtime_checkable
class Source(Protocol):
    """A terminal behind a wire: one request brings one moment, in the shape of `terminal_side.gather.gather`."""

    name: str
    epoch: int
    """Grows by one with every new connection."""

    def gather(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Return one moment as plain values."""
        ...
