"""A terminal that answers from a capture: the same numbers every time, on any machine, without a broker.

    terminal = RecordingTerminal("case.json")
    snapshot = take(terminal, SnapshotRequest("EURUSD", Side.BUY, stop=...), now=terminal.now)

Its clock stays at `captured_at` unless `at` says otherwise. Profit and margin of a lot follow from the documented
formulas, rounded to the account's digits as a server does, unless the capture holds the answer. It can't
trade: `order_check` and `order_send` give None and "Unsupported function". A file that can't be trusted raises
`RecordingError` (`recording_invalid`), see `mt5bridge.captures.document`.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mt5bridge.captures import formulas
from mt5bridge.captures.document import Capture, read
from mt5bridge.connections.calls import BarRows
from mt5bridge.metatrader.constants import TIMEFRAMES, Constants, last_error, timeframe_seconds
from mt5bridge.metatrader.protocol import Date
from mt5bridge.metatrader.rows import make
from mt5bridge.metatrader.structs import Record

SUCCESS, INVALID = Constants.RES_S_OK, Constants.RES_E_INVALID_PARAMS
NOT_FOUND, UNSUPPORTED = Constants.RES_E_NOT_FOUND, Constants.RES_E_UNSUPPORTED
WEEK_SHIFT = 4 * 86_400
"""Weeks of bars begin on Sunday; the epoch began on a Thursday."""


class RecordingTerminal:
    """The MetaTrader5 functions that read, over one capture; a `Terminal` of `mt5bridge.metatrader.protocol`."""

    name = "recording"
    epoch = 0

    def __init__(self, source: str | Path | Capture, *, at: datetime | None = None) -> None:
        self.capture = source if isinstance(source, Capture) else read(source)
        self.captured_at = self.capture.captured_at
        self.server_utc_offset = self.capture.server_utc_offset
        self._at = self.captured_at if at is None else at.astimezone(UTC)
        self._error = SUCCESS
        account = self.capture.account_info
        self._market = formulas.RawPrices(
            account["currency"], account["leverage"], self.capture.infos, self.capture.ticks
        )

    @property
    def now(self) -> datetime:
        """The instant that this terminal's clock shows (UTC)."""
        return self._at

    # the connection

    def initialize(self, *_args: object, **_keywords: object) -> bool:
        """Attach to nothing; always works."""
        self._error = SUCCESS
        return True

    def shutdown(self) -> bool:
        """Let go of nothing."""
        self._error = SUCCESS
        return True

    def last_error(self) -> tuple[int, str]:
        """Return code and text of the call before."""
        return last_error(self._error)

    def version(self) -> tuple[int, int, str]:
        """Return the captured build."""
        self._error = SUCCESS
        return 500, self.capture.terminal_info["build"], ""

    def terminal_info(self) -> Record:
        """Return the program as captured."""
        self._error = SUCCESS
        return make("TerminalInfo", self.capture.terminal_info)

    def account_info(self) -> Record:
        """Return the account as captured."""
        self._error = SUCCESS
        return make("AccountInfo", self.capture.account_info)

    # the book

    def positions_total(self) -> int:
        """Return the number of open positions."""
        self._error = SUCCESS
        return len(self.capture.positions)

    def positions_get(self, **filters: object) -> tuple[Record, ...]:
        """Return positions, all or by `symbol`, `group` or `ticket`; unknown keywords change nothing."""
        return self._select("TradePosition", self.capture.positions, filters)

    def orders_total(self) -> int:
        """Return the number of pending orders."""
        self._error = SUCCESS
        return len(self.capture.orders)

    def orders_get(self, **filters: object) -> tuple[Record, ...]:
        """Return pending orders, all or by `symbol`, `group` or `ticket`; unknown keywords change nothing."""
        return self._select("TradeOrder", self.capture.orders, filters)

    def _select(
        self, struct: str, rows: Iterable[Mapping[str, Any]], filters: Mapping[str, object]
    ) -> tuple[Record, ...]:
        self._error = SUCCESS
        for key in ("symbol", "ticket"):
            if key in filters:
                rows = [row for row in rows if row[key] == filters[key]]
        if "group" in filters:
            rows = [row for row in rows if in_group(row["symbol"], str(filters["group"]))]
        return tuple(make(struct, row) for row in rows)

    # symbols

    def symbols_get(self, group: str = "*") -> tuple[Record, ...]:
        """Return the captured contracts whose names fit `group` (`*USD*,!EUR*`)."""
        self._error = SUCCESS
        return tuple(make("SymbolInfo", row) for name, row in self.capture.infos.items() if in_group(name, group))

    def symbol_info(self, symbol: str, /) -> Record | None:
        """Return a captured contract, None for another."""
        return self._of_symbol("SymbolInfo", self.capture.infos, symbol)

    def symbol_info_tick(self, symbol: str, /) -> Record | None:
        """Return a captured tick, None for another symbol's."""
        return self._of_symbol("Tick", self.capture.ticks, symbol)

    def symbol_select(self, symbol: str, _enable: object = None, /) -> bool:
        """Say whether the capture holds the symbol."""
        self._error = SUCCESS if symbol in self.capture.infos else NOT_FOUND
        return self._error == SUCCESS

    def _of_symbol(self, struct: str, rows: Mapping[str, Mapping[str, Any]], symbol: str) -> Record | None:
        self._error = SUCCESS if symbol in rows else NOT_FOUND
        return make(struct, rows[symbol]) if symbol in rows else None

    # money

    def order_calc_profit(
        self, action: int, symbol: str, volume: float, price_open: float, price_close: float, /
    ) -> float | None:
        """Return the result in deposit currency, rounded to its digits: as captured, else by formula."""
        question = {"action": action, "symbol": symbol, "price_open": price_open, "price_close": price_close}
        answer = _captured_answer(self.capture.profits, question)
        if answer is not None:
            return self._round_money(answer["profit"] / answer["volume"] * volume)
        return self._compute(
            symbol,
            lambda: formulas.profit(self._market, action, symbol, volume, open_price=price_open, close=price_close),
        )

    def order_calc_margin(self, action: int, symbol: str, volume: float, price: float, /) -> float | None:
        """Return the margin in deposit currency, rounded to its digits: as captured, else by formula."""
        answer = _captured_answer(self.capture.margins, {"action": action, "symbol": symbol, "price": price})
        if answer is not None:
            return self._round_money(answer["margin"] / answer["volume"] * volume)
        return self._compute(symbol, lambda: formulas.margin(self._market, symbol, volume, price))

    def _compute(self, symbol: str, amount: Callable[[], float | None]) -> float | None:
        if symbol not in self.capture.infos:
            self._error = NOT_FOUND
            return None
        money = amount()
        if money is None:
            self._error = UNSUPPORTED
            return None
        return self._round_money(money)

    def _round_money(self, amount: float) -> float:
        self._error = SUCCESS
        return float(round(amount, self.capture.account_info["currency_digits"]))

    # history and bars

    def history_deals_total(self, date_from: Date, date_to: Date, /) -> int | None:
        """Return the number of deals between two server times."""
        deals = self.history_deals_get(date_from, date_to)
        return None if deals is None else len(deals)

    def history_deals_get(self, *dates: Date, **filters: object) -> tuple[Record, ...] | None:
        """Return deals between two server times, or by `position` or (order) `ticket`."""
        keys = {"position": "position_id", "ticket": "order"}
        return self._history("TradeDeal", self.capture.deals, ("time", keys), dates, filters)

    def history_orders_total(self, date_from: Date, date_to: Date, /) -> int | None:
        """Return the number of orders between two server times."""
        orders = self.history_orders_get(date_from, date_to)
        return None if orders is None else len(orders)

    def history_orders_get(self, *dates: Date, **filters: object) -> tuple[Record, ...] | None:
        """Return past orders between two server times, or by `position` or `ticket`."""
        keys = {"position": "position_id", "ticket": "ticket"}
        return self._history("TradeOrder", self.capture.history_orders, ("time_setup", keys), dates, filters)

    def _history(
        self,
        struct: str,
        rows: Sequence[Mapping[str, Any]],
        fields: tuple[str, Mapping[str, str]],
        dates: tuple[Date, ...],
        filters: Mapping[str, object],
    ) -> tuple[Record, ...] | None:
        at, keys = fields
        ids = {keys[key]: value for key, value in filters.items() if key in keys}
        self._error = SUCCESS
        match dates:
            case _ if ids:
                rows = [row for row in rows if all(row[field] == value for field, value in ids.items())]
            case (begin, end):
                rows = [row for row in rows if _seconds(begin) <= row[at] <= _seconds(end)]
            case _:
                self._error = INVALID
                return None
        return tuple(make(struct, row) for row in rows if in_group(row["symbol"], str(filters.get("group", "*"))))

    def copy_rates_from_pos(self, symbol: str, timeframe: int, start_pos: int, count: int, /) -> BarRows | None:
        """Return bars, oldest first, none where none were captured; the forming one comes from the tick if need be."""
        names = {code: name for name, code in TIMEFRAMES.items()}
        if symbol not in self.capture.rates or timeframe not in names:
            self._error = NOT_FOUND
            return None
        self._error = SUCCESS
        rows = self.capture.rates[symbol].get(names[timeframe], [])
        bars = self._with_forming(rows, names[timeframe], self.capture.ticks[symbol])
        end = len(bars) - start_pos
        return BarRows(bars[max(0, end - count) : max(0, end)])

    def _with_forming(
        self, rows: list[tuple[Any, ...]], timeframe: str, tick: Mapping[str, Any]
    ) -> list[tuple[Any, ...]]:
        length = timeframe_seconds(timeframe)
        if not rows or rows[-1][0] + length > tick["time"]:
            return rows
        shift = WEEK_SHIFT if timeframe == "W1" else 0
        open_time = (tick["time"] + shift) // length * length - shift
        if timeframe == "MN1":
            quoted_at = datetime.fromtimestamp(tick["time"], UTC)
            open_time = int(datetime(quoted_at.year, quoted_at.month, 1, tzinfo=UTC).timestamp())
        price = tick["bid"]
        return [*rows, (open_time, price, price, price, price, 1, 0, 0)]

    # orders

    def order_check(self, _request: Mapping[str, Any]) -> None:
        """Give no answer: a capture has no server."""
        self._error = UNSUPPORTED

    def order_send(self, _request: Mapping[str, Any]) -> None:
        """Send nothing: a capture has no server."""
        self._error = UNSUPPORTED


def _captured_answer(answers: Iterable[Mapping[str, Any]], question: Mapping[str, Any]) -> Mapping[str, Any] | None:
    fitting = [answer for answer in answers if all(answer[key] == value for key, value in question.items())]
    return max(fitting, key=lambda answer: float(answer["volume"]), default=None)


def in_group(symbol: str, group: str) -> bool:
    """Whether a symbol fits a group of patterns such as `*USD*,!EUR*`; an exclusion beats an inclusion."""
    patterns = [pattern.strip() for pattern in group.split(",")]
    inclusions = [pattern for pattern in patterns if not pattern.startswith("!")] or ["*"]
    exclusions = [pattern[1:] for pattern in patterns if pattern.startswith("!")]
    return any(fnmatch.fnmatchcase(symbol, pattern) for pattern in inclusions) and not any(
        fnmatch.fnmatchcase(symbol, pattern) for pattern in exclusions
    )


def _seconds(date: Date) -> float:
    return float(date.timestamp() if isinstance(date, datetime) else date)
