"""Read one consistent moment off a MetaTrader 5 terminal, as plain values that fit into JSON.

This file imports nothing but the standard library, because it also runs beside MetaTrader5 in the terminal's own
process, where nothing of ours is installed. It checks nothing; `mt5bridge.reading.snapshot` checks its answer:

    gather(mt5, request) -> {
      "terminal_info": {}, "account_before": {}, "account_info": {}, "positions": [{}], "orders": [{}],
      "totals": {"positions": 0, "orders": 0, "deals": 0, "history_orders": 0},
      "symbols": {name: {}}, "ticks": {name: {}}, "roles": {name: "candidate" | "book" | "extra" | "conversion"},
      "profits": [{"symbol", "side", "open", "close", "volume", "profit"}],
      "margins": [{"symbol", "side", "volume", "price", "margin"}],
      "deals": [{}] | null, "history_orders": [{}] | null, "rates": {name: {timeframe: {column: []}}},
      "after": {"account_info": {}, "positions": [{}], "orders": [{}], "terminal_info": {}}}

or, where a necessary call failed, {"failed": {"call", "code", "text"}}, and for a name that the terminal does
not know {"unknown": {"symbol", "near": []}}.

The request: {"symbol", "side", "entry", "stop", "target" (numbers or null), "extra": [names],
"bars": [[timeframe, code, count]], "deals_from", "deals_to" (server epochs or null), "closing" (true for an exit:
only the symbol itself matters)}.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from functools import partial
from typing import Any, Protocol, cast

LARGE_VOLUME = 1_000_000.0
"""Lots in a profit question: the terminal rounds to cents, so one lot's answer would be half noise on a small tick."""

# the package's numbers, written out: nothing of ours can be imported beside the terminal
FOREX_MODES = (0, 5)
BUY, SELL = 0, 1
LONG_TYPES = (0, 2, 4, 6)
CLOSE_BY = 8
STOP_LIMIT_TYPES = (6, 7)
SUCCESS = 1
NOT_FOUND = -4
SELECT = True
"""For `symbol_select`, which takes it by position."""
COLUMNS = ("time", "open", "high", "low", "close", "tick_volume", "spread", "real_volume")


class Row(Protocol):
    """A struct sequence of the package."""

    def _asdict(self) -> dict[str, Any]: ...


class _NoAnswerError(Exception):
    def __init__(self, call: str, error: tuple[int, str]) -> None:
        super().__init__(call, error)
        self.failure = {"call": call, "code": error[0], "text": error[1]}


class _UnknownSymbolError(Exception):
    def __init__(self, symbol: str, near: list[str]) -> None:
        super().__init__(symbol)
        self.unknown = {"symbol": symbol, "near": near}


def gather(mt5: object, request: Mapping[str, Any]) -> dict[str, Any]:
    """Return one moment of the terminal `mt5` (the MetaTrader5 module, or anything with its functions)."""
    try:
        return _RawReading(mt5, request).read()
    except _NoAnswerError as error:
        return {"failed": error.failure}
    except _UnknownSymbolError as error:
        return {"unknown": error.unknown}


class _RawReading:
    """The reading of one moment; its fields fill up from call to call."""

    def __init__(self, mt5: object, request: Mapping[str, Any]) -> None:
        self.mt5 = mt5
        self.request = request
        self.symbols: dict[str, dict[str, Any]] = {}
        self.ticks: dict[str, dict[str, Any]] = {}
        self.roles: dict[str, str] = {}

    def read(self) -> dict[str, Any]:
        """Read everything once, and the account and the book again at the end."""
        terminal = self._row("terminal_info")
        before = self._row("account_info")
        deals, history, totals = self._history()
        account = self._row("account_info")
        positions, orders = self._rows("positions_get"), self._rows("orders_get")
        totals["positions"], totals["orders"] = self._call("positions_total"), self._call("orders_total")
        self._read_symbols(positions + orders)
        self._read_conversions(str(account.get("currency", "")))
        profits, margins = self._profits(positions, orders), self._margins(orders)
        rates = self._rates()
        return {
            "terminal_info": terminal,
            "account_before": before,
            "account_info": account,
            "positions": positions,
            "orders": orders,
            "totals": totals,
            "symbols": self.symbols,
            "ticks": self.ticks,
            "roles": self.roles,
            "profits": profits,
            "margins": margins,
            "deals": deals,
            "history_orders": history,
            "rates": rates,
            "after": {
                "positions": self._rows("positions_get"),
                "orders": self._rows("orders_get"),
                "account_info": self._row("account_info"),
                "terminal_info": self._row("terminal_info"),
            },
        }

    # one call at a time

    def _call(self, name: str, *arguments: object) -> object:
        try:
            answer: object = getattr(self.mt5, name)(*arguments)
        except Exception as error:
            # the package raises SystemError and the wire EOFError; both mean the same to a reader: no answer
            raise _NoAnswerError(name, (0, f"{type(error).__name__}: {error}")) from error
        return answer

    def _failure(self, name: str) -> _NoAnswerError:
        """Return the failure of the call before, with the terminal's own code and words."""
        try:
            code, text = cast("tuple[int, str]", self._call("last_error"))
        except _NoAnswerError as error:
            # `last_error` failed too; the call before it is the one to report
            return _NoAnswerError(name, (0, f"last_error: {error.failure['text']}"))
        except (TypeError, ValueError) as error:
            return _NoAnswerError(name, (0, f"last_error: {type(error).__name__}: {error}"))
        return _NoAnswerError(name, (int(code), str(text)))

    def _call_twice(self, name: str, *arguments: object) -> object:
        """Call once more where there was no answer; a second silence is the answer."""
        answer = self._call(name, *arguments)
        return self._call(name, *arguments) if answer is None else answer

    def _row(self, name: str, *arguments: object) -> dict[str, Any]:
        answer = self._call_twice(name, *arguments)
        if answer is None:
            raise self._failure(name)
        return plain(answer)

    def _rows(self, name: str, *arguments: object) -> list[dict[str, Any]]:
        answer = self._call_twice(name, *arguments)
        if answer is None:
            failure = self._failure(name)
            # () is the answer of an empty book; a None without an error is read as the same
            if failure.failure["code"] == SUCCESS and name in ("positions_get", "orders_get"):
                return []
            raise failure
        return [plain(row) for row in cast("Iterable[object]", answer)]

    # history and bars

    def _history(self) -> tuple[list[dict[str, Any]] | None, list[dict[str, Any]] | None, dict[str, Any]]:
        begin, end = self.request.get("deals_from"), self.request.get("deals_to")
        totals: dict[str, Any] = {"deals": None, "history_orders": None}
        if begin is None or end is None:
            return None, None, totals
        deals = self._rows("history_deals_get", begin, end)
        orders = self._rows("history_orders_get", begin, end)
        totals["deals"] = self._call("history_deals_total", begin, end)
        totals["history_orders"] = self._call("history_orders_total", begin, end)
        return deals, orders, totals

    def _rates(self) -> dict[str, dict[str, Any]]:
        series = [tuple(row) for row in self.request.get("bars") or ()]
        names = [name for name, role in self.roles.items() if role != "conversion"]
        rates: dict[str, dict[str, Any]] = {name: {} for name in names}
        for name in names:
            for timeframe, code, count in series:
                bars = self._bars(name, code, count)
                if bars is not None:
                    rates[name][timeframe] = bars
        return rates

    def _bars(self, symbol: str, code: int, count: int) -> dict[str, list[Any]] | None:
        """Return the columns, None where the terminal has no such bars; any other silence is a fault."""
        # one bar more than requested: the newest is still forming and will be dropped
        call = "copy_rates_from_pos"
        rates = self._call_twice(call, symbol, code, 0, count + 1)
        if rates is None:
            failure = self._failure(call)
            if failure.failure["code"] == NOT_FOUND:
                return None
            raise failure
        rows: list[Any] = rates.tolist() if hasattr(rates, "tolist") else list(cast("Iterable[object]", rates))
        return {column: [row[place] for row in rows] for place, column in enumerate(COLUMNS)}

    # symbols, quotes and the pairs between their currencies

    def _read_symbols(self, book: Iterable[Mapping[str, Any]]) -> None:
        candidate = self.request.get("symbol")
        if candidate is not None:
            self._read_symbol(candidate, "candidate")
        if self.request.get("closing"):
            return  # nothing else in the book may block an exit
        for row in book:
            self._read_symbol(row["symbol"], "book")
        for name in self.request.get("extra") or ():
            self._read_symbol(name, "extra")

    def _read_symbol(self, name: str, role: str) -> None:
        if name in self.roles:
            return
        row = self._call_twice("symbol_info", name)
        if row is None:
            failure = self._failure("symbol_info")
            raise self._unknown_symbol(name) or failure
        info = plain(row)
        if not info.get("select"):
            # a symbol outside Market Watch has no quote
            self._call("symbol_select", name, SELECT)
            info = self._row("symbol_info", name)
        self.roles[name] = role
        self.symbols[name] = info
        tick = self._call_twice("symbol_info_tick", name)
        if tick is not None:
            self.ticks[name] = plain(tick)

    def _unknown_symbol(self, name: str) -> _UnknownSymbolError | None:
        """Return the error that names the nearest symbols, or None where the terminal does have this one."""
        names = [str(row.get("name")) for row in self._all_symbols()]
        if not names or name in names:
            return None
        by_upper = {symbol.upper(): symbol for symbol in names}
        near = difflib.get_close_matches(name.upper(), list(by_upper), n=3, cutoff=0.5)
        return _UnknownSymbolError(name, [by_upper[match] for match in near])

    def _all_symbols(self) -> list[dict[str, Any]]:
        """Return every contract of the broker, thousands at some; none where the terminal lists none."""
        return [plain(row) for row in cast("Iterable[object]", self._call("symbols_get") or ())]

    def _read_conversions(self, deposit: str) -> None:
        """Read a direct or inverse pair for every currency in play, or the two legs of one cross."""
        currencies = {
            str(info.get(field) or "")
            for info in list(self.symbols.values())
            for field in ("currency_profit", "currency_margin", "currency_base")
        }
        for currency in sorted(currencies - {deposit, ""}):
            if self._has_pair(currency, deposit) or self._read_pair(currency, deposit):
                continue
            for middle in self._middles(currency, deposit):
                if self._read_pair(currency, middle) and self._read_pair(middle, deposit):
                    break

    def _has_pair(self, first: str, second: str) -> bool:
        return any(_currencies(info) == {first, second} and self._quotes(name) for name, info in self.symbols.items())

    def _quotes(self, name: str) -> bool:
        tick = self.ticks.get(name)
        return tick is not None and is_forex(self.symbols[name]) and tick.get("bid", 0) > 0

    def _read_pair(self, first: str, second: str) -> bool:
        if self._has_pair(first, second):
            return True
        for name in self._pair_names(first, second):
            self._try_conversion(name, {first, second})
            if self._has_pair(first, second):
                return True
        return False

    def _try_conversion(self, name: str, currencies: set[str]) -> None:
        if name in self.roles:
            return
        row = self._call("symbol_info", name)
        if row is None:
            return
        info = plain(row)
        if not is_forex(info) or _currencies(info) != currencies:
            return
        if not info.get("select"):
            self._call("symbol_select", name, SELECT)
        tick = self._call_twice("symbol_info_tick", name)
        if tick is not None:
            self.roles[name], self.symbols[name], self.ticks[name] = "conversion", info, plain(tick)

    def _pair_names(self, first: str, second: str) -> Iterable[str]:
        """Yield likely names first, with the prefix and suffix of the broker's other symbols; then the whole list."""
        for prefix, suffix in self._affixes():
            yield prefix + first + second + suffix
            yield prefix + second + first + suffix
        for name, currencies in self._pairs():
            if currencies == {first, second}:
                yield name

    def _affixes(self) -> list[tuple[str, str]]:
        """Return prefix and suffix of the symbols read so far: brokers write EURUSD.r or XAUUSDm."""
        affixes = [("", "")]
        for name, info in self.symbols.items():
            core = f"{info.get('currency_base')}{info.get('currency_profit')}"
            if core in name:
                prefix, _, suffix = name.partition(core)
                if (prefix, suffix) not in affixes:
                    affixes.insert(0, (prefix, suffix))
        return affixes

    def _pairs(self) -> list[tuple[str, set[str]]]:
        if not hasattr(self, "_all_pairs"):
            pairs = (row for row in self._all_symbols() if is_forex(row))
            forex = sorted(pairs, key=lambda row: (not row.get("select"), row["name"]))
            self._all_pairs = [(row["name"], _currencies(row)) for row in forex]
        return self._all_pairs

    def _middles(self, first: str, second: str) -> list[str]:
        """Return the currencies that a listed pair joins to both, the most traded first."""
        to_first = {name for _, pair in self._pairs() if first in pair for name in pair - {first}}
        to_second = {name for _, pair in self._pairs() if second in pair for name in pair - {second}}
        order = ("USD", "EUR", "JPY", "GBP", "CHF")
        return sorted(to_first & to_second, key=lambda name: (order.index(name) if name in order else len(order), name))

    # profit, loss and margin of a trade

    def _profits(self, positions: list[dict[str, Any]], orders: list[dict[str, Any]]) -> list[dict[str, Any]]:
        questions: dict[tuple[str, str, float, float], None] = {}
        if self.request.get("closing"):
            return []
        for candidate in candidate_exits(self.request, self.symbols, self.ticks):
            questions.setdefault(candidate)
        for row in positions:
            for open_price in (row["price_open"], row["price_current"]):
                self._add_exits(questions, row, open_price)
        for row in orders:
            if row["type"] != CLOSE_BY:
                self._add_exits(questions, row, order_price(row))
        call = partial(self._call_twice, "order_calc_profit")
        answers = (profit_row(call, self.symbols[question[0]], question) for question in questions)
        return [answer for answer in answers if answer is not None]

    def _add_exits(self, questions: dict[Any, None], row: Mapping[str, Any], open_price: float) -> None:
        side = "buy" if row["type"] in LONG_TYPES else "sell"
        for close in (row["sl"], row["tp"]):
            if close and open_price and open_price != close:
                questions.setdefault((row["symbol"], side, open_price, close))

    def _margins(self, orders: list[dict[str, Any]]) -> list[dict[str, Any]]:
        questions: dict[tuple[str, str, float, float], None] = {}
        if self.request.get("closing"):
            return []
        symbol, entry = self.request.get("symbol"), entry_price(self.request, self.ticks)
        if symbol is not None and entry:
            for side in (self.request["side"],) if self.request.get("side") else ("buy", "sell"):
                for volume in (1.0, self.symbols[symbol].get("volume_max") or 1.0):
                    questions.setdefault((symbol, side, volume, entry))
        for row in orders:
            if row["type"] != CLOSE_BY:
                side = "buy" if row["type"] in LONG_TYPES else "sell"
                questions.setdefault((row["symbol"], side, row["volume_current"], order_price(row)))
        answers = []
        for name, side, volume, price in questions:
            answer = self._call_twice("order_calc_margin", BUY if side == "buy" else SELL, name, volume, price)
            if answer is not None:
                answers.append({"symbol": name, "side": side, "volume": volume, "price": price, "margin": answer})
        return answers


def candidate_exits(
    request: Mapping[str, Any], symbols: Mapping[str, Mapping[str, Any]], ticks: Mapping[str, Mapping[str, Any]]
) -> list[tuple[str, str, float, float]]:
    """Return symbol, side, entry and closing price for the stop and for the target of the requested trade."""
    symbol, side, entry = request.get("symbol"), request.get("side"), entry_price(request, ticks)
    if symbol is None or side is None or not entry:
        return []
    tick = symbols[symbol].get("trade_tick_size") or 0
    closes = (request.get("stop"), request.get("target"))
    return [(symbol, side, entry, stop_on_tick(close, tick, side)) for close in closes if close]


def entry_price(request: Mapping[str, Any], ticks: Mapping[str, Mapping[str, Any]]) -> float | None:
    """Return the price given, else the ask for a buy and the bid for a sell."""
    tick = ticks.get(request.get("symbol") or "", {})
    market = tick.get("ask" if request.get("side") == "buy" else "bid")
    entry: float | None = request.get("entry") or market
    return entry


def profit_row(
    call: Callable[..., Any], info: Mapping[str, Any], question: tuple[str, str, float, float]
) -> dict[str, Any] | None:
    """Return what `call`, which is order_calc_profit, answers for the first volume that it knows; None without one."""
    symbol, side, open_price, close = question
    action = BUY if side == "buy" else SELL
    for volume in (LARGE_VOLUME, info.get("volume_max") or 1.0, 1.0):
        answer = call(action, symbol, volume, open_price, close)
        if answer is not None:
            return {
                "symbol": symbol,
                "side": side,
                "open": open_price,
                "close": close,
                "volume": volume,
                "profit": answer,
            }
    return None


def plain(row: object) -> dict[str, Any]:
    """Return a row's fields as a plain dictionary."""
    return dict(cast("Row", row)._asdict())


def is_forex(info: Mapping[str, Any]) -> bool:
    """Whether a symbol is a currency pair that money can be converted by."""
    return info.get("trade_calc_mode") in FOREX_MODES


def order_price(row: Mapping[str, Any]) -> float:
    """Return the price at which a pending order would be filled: for a stop limit that of its limit."""
    price = row["price_stoplimit"] if row["type"] in STOP_LIMIT_TYPES else row["price_open"]
    return float(price or row["price_open"] or row["price_current"])


def stop_on_tick(price: float, tick: float, side: str) -> float:
    """Round a stop or target to the tick: down for a buy, up for a sell, so a stop moves away from the entry."""
    if not tick > 0:
        return price
    exact, step = Decimal(repr(float(price))), Decimal(repr(float(tick)))
    steps = (exact / step).to_integral_value(ROUND_FLOOR if side == "buy" else ROUND_CEILING)
    return float(steps * step)


def _currencies(info: Mapping[str, Any]) -> set[str]:
    return {str(info.get("currency_base")), str(info.get("currency_profit"))}
