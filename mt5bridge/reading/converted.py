"""One raw reading as our own values: account, contracts, book, quotes, history and bars."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any, TypeVar

from mt5bridge.errors import BridgeError
from mt5bridge.metatrader.constants import timeframe_seconds
from mt5bridge.reading import convert
from mt5bridge.reading.fields import Raw, number, whole_number
from mt5bridge.reading.freshness import check_bars, usable
from mt5bridge.reading.server_time import ServerClock
from mt5bridge.terminal_side.gather import CLOSE_BY
from portfolio.model import (
    Account,
    Bars,
    Deal,
    MarginQuestion,
    Order,
    Position,
    ProfitQuestion,
    Quote,
    SymbolSpec,
)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ConvertedReading:
    """One reading, the time it ended, and the broker's clock."""

    raw: Raw
    at: datetime
    clock: ServerClock
    lenient: bool = False
    """Leave out rows of the book that can't be read."""
    replayed: bool = False
    """The reading is of a capture, which may have been made without bars."""

    def account(self) -> Account:
        """Return the account; a lenient reading accepts an account without money."""
        return convert.account(self.raw["account_info"], solvent=not self.lenient)

    def specs(self) -> Mapping[str, SymbolSpec]:
        """Return the contracts; a pair that only converts money is left out where it makes no sense."""
        specs = {}
        for name, row in self.raw["symbols"].items():
            try:
                specs[name] = convert.spec(row)
            except BridgeError:
                if self.raw["roles"][name] != "conversion":
                    raise
        return MappingProxyType(specs)

    def quotes(self, oldest: float) -> Mapping[str, Quote]:
        """Return the quotes that have two prices; of those that only convert money, none older than `oldest` s."""
        quotes = {}
        for name, row in self.raw["ticks"].items():
            quote = convert.quote(name, row, self.clock.to_utc)
            stale = (self.at - quote.at).total_seconds() > oldest
            if usable(quote) and not (stale and self.raw["roles"][name] == "conversion"):
                quotes[name] = quote
        return MappingProxyType(quotes)

    def positions(self) -> tuple[Position, ...]:
        """Return the open positions by ticket."""
        rows = self._convert_each(self.raw["positions"], lambda row: convert.position(row, self.clock.to_utc))
        return tuple(sorted(rows, key=lambda row: row.ticket))

    def orders(self) -> tuple[Order, ...]:
        """Return the pending orders by ticket; a close-by order opens nothing and is left out."""
        pending = [row for row in self.raw["orders"] if row.get("type") != CLOSE_BY]
        rows = self._convert_each(pending, lambda row: convert.order(row, self.clock.to_utc))
        return tuple(sorted(rows, key=lambda row: row.ticket))

    def _convert_each(self, rows: Iterable[Raw], make: Callable[[Raw], T]) -> list[T]:
        values = []
        for row in rows:
            try:
                values.append(make(row))
            except BridgeError:
                if not self.lenient:
                    raise
        return values

    def deals(self, since: datetime | None) -> tuple[Deal, ...]:
        """Return the history from `since` on, oldest first."""
        if since is None or self.raw["deals"] is None:
            return ()
        rows = (convert.deal(row, self.clock.to_utc) for row in self.raw["deals"])
        return tuple(sorted((row for row in rows if row.at >= since), key=lambda row: (row.at, row.ticket)))

    def first_stops(self) -> Mapping[int, Decimal]:
        """Return the first stop that the orders of each position carried, by position id."""
        stops: dict[int, Decimal] = {}
        rows = [
            (number(row, "time_setup", where), whole_number(row, "ticket", where), row)
            for row in self.raw["history_orders"] or ()
            for where in (f"history order {row.get('ticket')}",)
        ]
        for _, ticket, row in sorted(rows, key=lambda entry: entry[:2]):
            stop = number(row, "sl", f"history order {ticket}")
            position = whole_number(row, "position_id", f"history order {ticket}")
            if stop > 0 and position:
                stops.setdefault(position, stop)
        return MappingProxyType(stops)

    def bars(self, counts: Mapping[str, int]) -> Mapping[tuple[str, str], Bars]:
        """Return the newest `counts[timeframe]` closed bars of every symbol they came for."""
        bars = {}
        for name, by_timeframe in self.raw["rates"].items():
            tick = self.raw["ticks"].get(name)
            quoted_at = None if tick is None else float(convert.tick_time(name, tick))
            for timeframe, columns in by_timeframe.items():
                if self.replayed and not columns["time"]:
                    continue
                check_bars(name, timeframe, columns, quoted_at)
                bars[name, timeframe] = self._closed_bars(name, timeframe, columns, counts[timeframe])
        return MappingProxyType(bars)

    def _closed_bars(self, name: str, timeframe: str, columns: Mapping[str, Sequence[Any]], count: int) -> Bars:
        times = columns["time"]
        forming = times[-1] + timeframe_seconds(timeframe) > self.clock.to_server(self.at)
        end = len(times) - 1 if forming else len(times)
        cut = slice(max(0, end - count), end)
        prices = {column: _read_only("d", columns[column][cut]) for column in ("open", "high", "low", "close")}
        open_times = _read_only("q", self.clock.all_to_utc(times[cut]))
        return Bars(name, timeframe, open_times, **prices, spread=tuple(map(int, columns["spread"][cut])))

    def profits(self) -> Mapping[ProfitQuestion, Decimal]:
        """Return the terminal's result of one lot (deposit currency), by question."""
        digits = whole_number(self.raw["account_info"], "currency_digits", "account_info")
        cent = Decimal(1).scaleb(-digits)
        return MappingProxyType(dict(convert.profit_answer(row, cent) for row in self.raw["profits"]))

    def margins(self) -> Mapping[MarginQuestion, Decimal]:
        """Return the terminal's margin of a volume (deposit currency), by question."""
        return MappingProxyType(dict(convert.margin_answer(row) for row in self.raw["margins"]))


def _read_only(code: str, values: Sequence[Any]) -> Sequence[Any]:
    """Return the numbers as a read-only buffer, which the statistics take over without a copy."""
    return memoryview(array(code, values)).toreadonly()
