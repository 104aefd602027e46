"""Read one consistent moment off a MetaTrader 5 terminal, as plain values that fit into JSON.

This file imports nothing but the standard library, because it also runs beside MetaTrader5 in the terminal's own
process, where nothing of ours is installed. It checks nothing; `mt5bridge.reading.snapshot` does, on what comes back:

    gather(mt5, ask) -> {
      "terminal_info": {}, "account_before": {}, "account_info": {}, "positions": [{}], "orders": [{}],
      "totals": {"positions": 0, "orders": 0, "deals": 0, "history_orders": 0},
      "symbols": {name: {}}, "ticks": {name: {}}, "roles": {name: "candidate" | "book" | "extra" | "conversion"},
      "profits": [{"symbol", "side", "open", "close", "volume", "profit"}],
      "margins": [{"symbol", "side", "volume", "price", "margin"}],
      "deals": [{}] | null, "history_orders": [{}] | null, "rates": {name: {timeframe: {column: []}}},
      "after": {"account_info": {}, "positions": [{}], "orders": [{}], "terminal_info": {}}}

or, where a call that is needed failed, {"failed": {"call", "code", "text"}}, and for a name that the terminal does
not know {"unknown": {"symbol", "near": []}}.

The ask: {"symbol", "side", "entry", "stop", "target" (numbers or null), "extra": [names],
"bars": [[timeframe, code, count]], "deals_from", "deals_to" (server epochs or null), "closing" (true where only the
symbol itself matters)}.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

LARGE_VOLUME = 1_000_000.0
"""Lots to ask a profit for: the answer is rounded to cents, so one lot's would be half noise on a small tick."""

FOREX_MODES = (0, 5)
BUY, SELL = 0, 1
LONG_TYPES = (0, 2, 4, 6)
CLOSE_BY = 8
STOP_LIMIT_TYPES = (6, 7)
SUCCESS = 1
NOT_FOUND = -4
COLUMNS = ("time", "open", "high", "low", "close", "tick_volume", "spread", "real_volume")


class _NoAnswerError(Exception):
    def __init__(self, call: str, error: tuple[int, str]) -> None:
        super().__init__(call, error)
        self.failure = {"call": call, "code": error[0], "text": error[1]}


class _UnknownSymbolError(Exception):
    def __init__(self, symbol: str, near: list[str]) -> None:
        super().__init__(symbol)
        self.unknown = {"symbol": symbol, "near": near}


def gather(mt5: object, ask: Mapping[str, Any]) -> dict[str, Any]:
    """Return one moment of the terminal `mt5` (the MetaTrader5 module, or anything with its functions)."""
    try:
        return _Moment(mt5, ask).read()
    except _NoAnswerError as error:
        return {"failed": error.failure}
    except _UnknownSymbolError as error:
        return {"unknown": error.unknown}


class _Moment:
    """The reading of one moment; what has been read so far stands in its fields."""

    def __init__(self, mt5: object, ask: Mapping[str, Any]) -> None:
        self.mt5 = mt5
        self.ask = ask
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

    def _call(self, name: str, *arguments: object) -> Any:  # noqa: ANN401 - whatever the package returns
        try:
            return getattr(self.mt5, name)(*arguments)
        except Exception as error:
            # the package raises SystemError and the wire EOFError; both mean the same to a reader: no answer
            raise _NoAnswerError(name, (0, f"{type(error).__name__}: {error}")) from error

    def _failure(self, name: str) -> _NoAnswerError:
        return _NoAnswerError(name, _last_error(self.mt5))

    def _twice(self, name: str, *arguments: object) -> Any:  # noqa: ANN401 - whatever the package returns
        """Ask once more where there was no answer; a second silence is the answer."""
        answer = self._call(name, *arguments)
        return self._call(name, *arguments) if answer is None else answer

    def _row(self, name: str, *arguments: object) -> dict[str, Any]:
        answer = self._twice(name, *arguments)
        if answer is None:
            raise self._failure(name)
        return plain(answer)

    def _rows(self, name: str, *arguments: object) -> list[dict[str, Any]]:
        answer = self._twice(name, *arguments)
        if answer is None:
            failure = self._failure(name)
            if failure.failure["code"] == SUCCESS and name in ("positions_get", "orders_get"):
                return []
            raise failure
        return [plain(row) for row in answer]

    # history and bars

    def _history(self) -> tuple[list[dict[str, Any]] | None, list[dict[str, Any]] | None, dict[str, Any]]:
        begin, end = self.ask.get("deals_from"), self.ask.get("deals_to")
        totals: dict[str, Any] = {"deals": None, "history_orders": None}
        if begin is None or end is None:
            return None, None, totals
        deals = self._rows("history_deals_get", begin, end)
        orders = self._rows("history_orders_get", begin, end)
        totals["deals"] = self._call("history_deals_total", begin, end)
        totals["history_orders"] = self._call("history_orders_total", begin, end)
        return deals, orders, totals

    def _rates(self) -> dict[str, dict[str, Any]]:
        wanted = [tuple(row) for row in self.ask.get("bars") or ()]
        names = [name for name, role in self.roles.items() if role != "conversion"]
        found: dict[str, dict[str, Any]] = {name: {} for name in names}
        for name in names:
            for timeframe, code, count in wanted:
                bars = self._bars(name, code, count)
                if bars is not None:
                    found[name][timeframe] = bars
        return found

    def _bars(self, symbol: str, code: int, count: int) -> dict[str, list[Any]] | None:
        """Return the columns, None where the terminal knows of none; any other silence is a fault."""
        # one more than asked: the newest bar is still forming and will be dropped
        call = "copy_rates_from_pos"
        rates = self._twice(call, symbol, code, 0, count + 1)
        if rates is None:
            failure = self._failure(call)
            if failure.failure["code"] == NOT_FOUND:
                return None
            raise failure
        rows = rates.tolist() if hasattr(rates, "tolist") else list(rates)
        return {column: [row[place] for row in rows] for place, column in enumerate(COLUMNS)}

    # symbols, quotes and the pairs between their currencies

    def _read_symbols(self, book: Iterable[Mapping[str, Any]]) -> None:
        candidate = self.ask.get("symbol")
        if candidate is not None:
            self._read_symbol(candidate, "candidate")
        if self.ask.get("closing"):
            return  # nothing else in the book may stand in the way of an exit
        for row in book:
            self._read_symbol(row["symbol"], "book")
        for name in self.ask.get("extra") or ():
            self._read_symbol(name, "extra")

    def _read_symbol(self, name: str, role: str) -> None:
        if name in self.roles:
            return
        info = self._twice("symbol_info", name)
        if info is None:
            failure = self._failure("symbol_info")
            raise self._missing(name) or failure
        info = plain(info)
        if not info.get("select"):
            self._call("symbol_select", name, True)  # noqa: FBT003 - the package takes it by position
            info = self._row("symbol_info", name)
        self.roles[name] = role
        self.symbols[name] = info
        tick = self._twice("symbol_info_tick", name)
        if tick is not None:
            self.ticks[name] = plain(tick)

    def _missing(self, name: str) -> _UnknownSymbolError | None:
        """Return the error that names the nearest symbols, or None where the terminal does know this one."""
        known = [str(plain(row).get("name")) for row in self._call("symbols_get") or ()]
        if not known or name in known:
            return None
        by_upper = {other.upper(): other for other in known}
        near = difflib.get_close_matches(name.upper(), list(by_upper), n=3, cutoff=0.5)
        return _UnknownSymbolError(name, [by_upper[match] for match in near])

    def _read_conversions(self, deposit: str) -> None:
        """Read a direct or inverse pair for every currency in play, or the two legs of one cross."""
        currencies = {
            str(info.get(field) or "")
            for info in list(self.symbols.values())
            for field in ("currency_profit", "currency_margin", "currency_base")
        }
        for currency in sorted(currencies - {deposit, ""}):
            if self._joined(currency, deposit) or self._read_pair(currency, deposit):
                continue
            for middle in self._middles(currency, deposit):
                if self._read_pair(currency, middle) and self._read_pair(middle, deposit):
                    break

    def _joined(self, one: str, other: str) -> bool:
        return any(_currencies(info) == {one, other} and self._quotes(name) for name, info in self.symbols.items())

    def _quotes(self, name: str) -> bool:
        tick = self.ticks.get(name)
        return tick is not None and is_forex(self.symbols[name]) and tick.get("bid", 0) > 0

    def _read_pair(self, one: str, other: str) -> bool:
        if self._joined(one, other):
            return True
        for name in self._pair_names(one, other):
            self._try_conversion(name, {one, other})
            if self._joined(one, other):
                return True
        return False

    def _try_conversion(self, name: str, currencies: set[str]) -> None:
        if name in self.roles:
            return
        info = self._call("symbol_info", name)
        if info is None:
            return
        info = plain(info)
        if not is_forex(info) or _currencies(info) != currencies:
            return
        if not info.get("select"):
            self._call("symbol_select", name, True)  # noqa: FBT003 - the package takes it by position
        tick = self._twice("symbol_info_tick", name)
        if tick is not None:
            self.roles[name], self.symbols[name], self.ticks[name] = "conversion", info, plain(tick)

    def _pair_names(self, one: str, other: str) -> Iterable[str]:
        """Yield likely names first, dressed as the broker dresses its others; the whole list only if none is there."""
        for before, after in self._dresses():
            yield before + one + other + after
            yield before + other + one + after
        for name, currencies in self._pairs():
            if currencies == {one, other}:
                yield name

    def _dresses(self) -> list[tuple[str, str]]:
        found = [("", "")]
        for name, info in self.symbols.items():
            core = f"{info.get('currency_base')}{info.get('currency_profit')}"
            if core in name:
                before, _, after = name.partition(core)
                if (before, after) not in found:
                    found.insert(0, (before, after))
        return found

    def _pairs(self) -> list[tuple[str, set[str]]]:
        if not hasattr(self, "_all_pairs"):
            rows = [plain(row) for row in self._call("symbols_get") or ()]
            forex = sorted((row for row in rows if is_forex(row)), key=lambda row: (not row.get("select"), row["name"]))
            self._all_pairs = [(row["name"], _currencies(row)) for row in forex]
        return self._all_pairs

    def _middles(self, one: str, other: str) -> list[str]:
        """Return the currencies that a listed pair joins to both, the most traded first."""
        first = {name for _, pair in self._pairs() if one in pair for name in pair - {one}}
        second = {name for _, pair in self._pairs() if other in pair for name in pair - {other}}
        order = ("USD", "EUR", "JPY", "GBP", "CHF")
        return sorted(first & second, key=lambda name: (order.index(name) if name in order else len(order), name))

    # what a trade would earn, lose and bind

    def _profits(self, positions: list[dict[str, Any]], orders: list[dict[str, Any]]) -> list[dict[str, Any]]:
        asked: dict[tuple[str, str, float, float], None] = {}
        if self.ask.get("closing"):
            return []
        for candidate in self._candidate():
            asked.setdefault(candidate)
        for row in positions:
            for opened in (row["price_open"], row["price_current"]):
                self._ask_exits(asked, row, opened)
        for row in orders:
            if row["type"] != CLOSE_BY:
                self._ask_exits(asked, row, order_price(row))
        answers = (self._profit(*question) for question in asked)
        return [answer for answer in answers if answer is not None]

    def _candidate(self) -> list[tuple[str, str, float, float]]:
        symbol, side = self.ask.get("symbol"), self.ask.get("side")
        entry = self._entry()
        if symbol is None or side is None or not entry:
            return []
        tick = self.symbols[symbol].get("trade_tick_size") or 0
        closes = (self.ask.get("stop"), self.ask.get("target"))
        return [(symbol, side, entry, on_tick(close, tick, side)) for close in closes if close]

    def _entry(self) -> float | None:
        """Return the price given, else the ask for a buy and the bid for a sell."""
        tick = self.ticks.get(self.ask.get("symbol") or "", {})
        market = tick.get("ask" if self.ask.get("side") == "buy" else "bid")
        entry: float | None = self.ask.get("entry") or market
        return entry

    def _ask_exits(self, asked: dict[Any, None], row: Mapping[str, Any], opened: float) -> None:
        side = "buy" if row["type"] in LONG_TYPES else "sell"
        for close in (row["sl"], row["tp"]):
            if close and opened and opened != close:
                asked.setdefault((row["symbol"], side, opened, close))

    def _profit(self, symbol: str, side: str, opened: float, close: float) -> dict[str, Any] | None:
        action = BUY if side == "buy" else SELL
        for volume in (LARGE_VOLUME, self.symbols[symbol].get("volume_max") or 1.0, 1.0):
            answer = self._twice("order_calc_profit", action, symbol, volume, opened, close)
            if answer is not None:
                return {
                    "symbol": symbol,
                    "side": side,
                    "open": opened,
                    "close": close,
                    "volume": volume,
                    "profit": answer,
                }
        return None

    def _margins(self, orders: list[dict[str, Any]]) -> list[dict[str, Any]]:
        asked: dict[tuple[str, str, float, float], None] = {}
        if self.ask.get("closing"):
            return []
        symbol, entry = self.ask.get("symbol"), self._entry()
        if symbol is not None and entry:
            for side in (self.ask["side"],) if self.ask.get("side") else ("buy", "sell"):
                for volume in (1.0, self.symbols[symbol].get("volume_max") or 1.0):
                    asked.setdefault((symbol, side, volume, entry))
        for row in orders:
            if row["type"] != CLOSE_BY:
                side = "buy" if row["type"] in LONG_TYPES else "sell"
                asked.setdefault((row["symbol"], side, row["volume_current"], order_price(row)))
        answers = []
        for name, side, volume, price in asked:
            answer = self._twice("order_calc_margin", BUY if side == "buy" else SELL, name, volume, price)
            if answer is not None:
                answers.append({"symbol": name, "side": side, "volume": volume, "price": price, "margin": answer})
        return answers


def plain(record: Any) -> dict[str, Any]:  # noqa: ANN401 - a struct sequence of the package
    """Return a record's fields as a plain dictionary."""
    return dict(record._asdict())


def is_forex(info: Mapping[str, Any]) -> bool:
    """Whether a symbol is a currency pair that money can be converted by."""
    return info.get("trade_calc_mode") in FOREX_MODES


def order_price(row: Mapping[str, Any]) -> float:
    """Return the price at which a pending order would be filled: for a stop limit that of its limit."""
    price = row["price_stoplimit"] if row["type"] in STOP_LIMIT_TYPES else row["price_open"]
    return float(price or row["price_open"] or row["price_current"])


def on_tick(price: float, tick: float, side: str) -> float:
    """Round a stop or target to the tick: down for a buy, up for a sell, so a stop moves away from the entry."""
    if not tick > 0:
        return price
    exact, step = Decimal(repr(float(price))), Decimal(repr(float(tick)))
    steps = (exact / step).to_integral_value(ROUND_FLOOR if side == "buy" else ROUND_CEILING)
    return float(steps * step)


def _currencies(info: Mapping[str, Any]) -> set[str]:
    return {str(info.get("currency_base")), str(info.get("currency_profit"))}


def _last_error(mt5: object) -> tuple[int, str]:
    try:
        code, text = getattr(mt5, "last_error")()  # noqa: B009 - mt5 is any module with this function
    except Exception as error:  # noqa: BLE001 - the failure being described is another one
        return 0, f"last_error: {type(error).__name__}: {error}"
    return int(code), str(text)
