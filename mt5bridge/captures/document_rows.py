"""The rows of a capture: each field checked by name, each gap filled with the terminal's own default, or refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

from mt5bridge.errors import RecordingError
from mt5bridge.metatrader.constants import FOREX_MODES, TIMEFRAMES
from mt5bridge.metatrader.rows import RATES, STRUCTS, is_flag, is_fraction, is_text, neutral
from portfolio.nearest_name import nearest_name

PROFIT_KEYS = ("action", "symbol", "volume", "price_open", "price_close", "profit")
MARGIN_KEYS = ("action", "symbol", "volume", "price", "margin")
NEEDED = {
    "AccountInfo": ("balance", "equity", "currency", "leverage"),
    "SymbolInfo": (
        *("trade_contract_size", "trade_tick_size", "trade_tick_value", "volume_min", "volume_max", "volume_step"),
        "currency_profit",
    ),
    "Tick": ("bid", "ask"),
    "TradePosition": ("symbol", "type", "volume", "price_open"),
    "TradeOrder": ("symbol", "type", "price_open"),
    "TradeDeal": ("type",),
    "TerminalInfo": (),
}
"""Fields that a size depends on, so that no neutral value may replace them."""
NEEDED_RATES = ("time", "open", "high", "low", "close")


TERMINAL_DEFAULTS: Mapping[str, Any] = {"connected": True, "trade_allowed": True, "maxbars": 100_000}
"""A capture comes from a terminal that answered."""


def invalid(detail: str) -> NoReturn:
    """Raise that a capture can't be used."""
    raise RecordingError(detail)


def check_keys(row: Mapping[str, Any], names: Iterable[str], where: str) -> None:
    """Refuse a key that is not among `names`, and say which is nearest."""
    allowed = tuple(names)
    for key in row:
        if key not in allowed:
            invalid(f"{where} has an unknown key {key!r}; nearest is {nearest_name(key, allowed, cutoff=0)!r}")


def as_object(value: object, where: str) -> dict[str, Any]:
    """Return `value` if it is a JSON object; refuse it where it is missing or something else."""
    if not isinstance(value, dict):
        invalid(f"{where} is missing" if value is None else f"{where} is {value!r}, not an object")
    return value


def each_object(document: Mapping[str, Any], name: str) -> Iterable[tuple[int, str, dict[str, Any]]]:
    """Yield place, name and object of each row in the list `name`; a missing list is empty."""
    rows = document.get(name, [])
    if not isinstance(rows, list):
        invalid(f"{name} is {rows!r}, not a list")
    for place, row in enumerate(rows):
        where = f"{name}[{place}]"
        yield place, where, as_object(row, where)


def fill(struct: str, row: object, where: str, defaults: Mapping[str, Any]) -> dict[str, Any]:
    """Return every field of a record: as written, else its default, else neutral, unless a size depends on it."""
    written = as_object(row, where)
    check_keys(written, STRUCTS[struct], where)
    for field in NEEDED[struct]:
        if field not in written:
            invalid(f"{where}.{field} is missing, and a size depends on it")
    filled = {}
    for field in STRUCTS[struct]:
        if field in written:
            filled[field] = _typed(struct, field, written[field], f"{where}.{field}")
        else:
            filled[field] = defaults.get(field, neutral(struct, field))
    return filled


def _typed(struct: str, field: str, value: object, where: str) -> str | float:
    if is_text(field):
        if not isinstance(value, str):
            invalid(f"{where} is {value!r}, not text")
        return value
    if is_flag(field):
        if value not in (0, 1):
            invalid(f"{where} is {value!r}, not true or false")
        return bool(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        invalid(f"{where} is {value!r}, not a number")
    if is_fraction(struct, field):
        return float(value)
    if value != int(value):
        invalid(f"{where} is {value!r}, not a whole number")
    return int(value)


def account(row: object) -> dict[str, Any]:
    """Return the account; missing fields are those of a hedging account that may trade."""
    written = as_object(row, "account_info")
    digits = 0 if written.get("currency") == "JPY" else 2
    defaults = {"trade_allowed": True, "trade_expert": True, "margin_mode": 2, "currency_digits": digits}
    filled = fill("AccountInfo", written, "account_info", defaults)
    if "margin_free" not in written:
        filled["margin_free"] = filled["equity"] - filled["margin"]
    return filled


def tick(row: object, where: str, server_epoch: int) -> dict[str, Any]:
    """Return the last tick; one without a time is as new as the capture (`server_epoch`)."""
    filled = fill("Tick", row, where, {"time": server_epoch})
    filled["time_msc"] = filled["time_msc"] or filled["time"] * 1000
    return filled


def info(row: object, where: str, name: str, tick: Mapping[str, Any]) -> dict[str, Any]:
    """Return a contract; quotes come from the tick, and one tick value serves both sides."""
    written = as_object(row, where)
    value, step = written.get("trade_tick_value"), written.get("trade_tick_size")
    currency = written.get("currency_base", written.get("currency_profit"))
    defaults = {
        "name": name,
        "select": True,
        "visible": True,
        "bid": tick["bid"],
        "ask": tick["ask"],
        "last": tick["last"],
        "time": tick["time"],
        "trade_mode": 4,
        "trade_exemode": 2,
        "filling_mode": 3,
        "order_mode": 127,
        "expiration_mode": 15,
        "swap_rollover3days": 3,
        "trade_tick_value_profit": value,
        "trade_tick_value_loss": value,
        "point": step,
        "digits": _decimals(step),
        "currency_base": currency,
        "currency_margin": currency,
    }
    filled = fill("SymbolInfo", written, where, defaults)
    if filled["name"] != name:
        invalid(f"{where}.name is {filled['name']!r}, but it stands under {name!r}")
    if filled["trade_calc_mode"] in FOREX_MODES and "currency_base" not in written:
        invalid(f"{where}.currency_base is missing, and a size depends on it")
    return filled


def _decimals(step: object) -> int:
    if not isinstance(step, int | float) or not 0 < step < 1:
        return 0
    return len(f"{step:.10f}".rstrip("0").partition(".")[2])


def position(row: object, where: str, ticks: Mapping[str, Any], place: int) -> dict[str, Any]:
    """Return an open position; without a price of its own, at the price that would close it."""
    written = as_object(row, where)
    ticket = written.get("ticket", place + 1)
    filled = fill("TradePosition", written, where, {"ticket": ticket, "identifier": ticket})
    if "price_current" not in written:
        tick = _tick_of(filled["symbol"], ticks, where)
        filled["price_current"] = tick["bid"] if filled["type"] == 0 else tick["ask"]
    return filled


def _tick_of(symbol: str, ticks: Mapping[str, Any], where: str) -> Mapping[str, Any]:
    if symbol not in ticks:
        near = nearest_name(symbol, ticks, cutoff=0)
        hint = "" if near is None else f"; nearest is {near!r}"
        invalid(f"{where}.symbol is {symbol!r}, which is not in symbols{hint}")
    tick: Mapping[str, Any] = ticks[symbol]
    return tick


def order(row: object, where: str, ticks: Mapping[str, Any], place: int) -> dict[str, Any]:
    """Return a pending order; a volume must be there, current or initial."""
    written = as_object(row, where)
    if "volume_current" not in written and "volume_initial" not in written:
        invalid(f"{where}.volume_current is missing, and a size depends on it")
    volume = written.get("volume_current", written.get("volume_initial"))
    defaults = {"ticket": place + 1, "state": 1, "volume_current": volume, "volume_initial": volume}
    filled = fill("TradeOrder", written, where, defaults)
    tick = _tick_of(filled["symbol"], ticks, where)
    filled["price_current"] = filled["price_current"] or (tick["ask"] if filled["type"] % 2 == 0 else tick["bid"])
    return filled


def past_order(row: object, where: str, place: int) -> dict[str, Any]:
    """Return an order of the history, which serves only for past stops."""
    written = as_object(row, where)
    check_keys(written, STRUCTS["TradeOrder"], where)
    defaults = {"ticket": place + 1, "state": 4}
    needed = {"symbol": "", "type": 0, "price_open": 0.0}
    return fill("TradeOrder", {**needed, **written}, where, defaults)


def deal(row: object, where: str, place: int) -> dict[str, Any]:
    """Return a line of the history; it must say when."""
    written = as_object(row, where)
    if "time" not in written and "time_msc" not in written:
        invalid(f"{where}.time is missing, and the day's result depends on it")
    filled = fill("TradeDeal", written, where, {"ticket": place + 1})
    filled["time"] = filled["time"] or filled["time_msc"] // 1000
    return filled


def answer(row: Mapping[str, Any], where: str, keys: tuple[str, ...]) -> dict[str, Any]:
    """Return a captured answer of an order_calc function."""
    check_keys(row, keys, where)
    for key in keys:
        if key not in row:
            invalid(f"{where}.{key} is missing")
        if key != "symbol" and (isinstance(row[key], bool) or not isinstance(row[key], int | float)):
            invalid(f"{where}.{key} is {row[key]!r}, not a number")
    return dict(row)


def rates(row: object, where: str) -> dict[str, list[tuple[Any, ...]]]:
    """Return bars by timeframe."""
    by_timeframe = as_object(row, where)
    check_keys(by_timeframe, TIMEFRAMES, where)
    return {timeframe: _bars(columns, f"{where}.{timeframe}") for timeframe, columns in by_timeframe.items()}


def _bars(columns: object, where: str) -> list[tuple[Any, ...]]:
    written = as_object(columns, where)
    check_keys(written, RATES, where)
    for column in NEEDED_RATES:
        if not isinstance(written.get(column), list):
            invalid(f"{where}.{column} is missing")
    count = len(written["time"])
    filled = []
    for column in RATES:
        cells = written.get(column, [0] * count)
        if not isinstance(cells, list) or len(cells) != count:
            invalid(f"{where}.{column} does not have the {count} values of time")
        wide = column in ("open", "high", "low", "close")
        filled.append([_cell(cell, f"{where}.{column}", wide=wide) for cell in cells])
    return list(zip(*filled, strict=True))


def _cell(value: object, where: str, *, wide: bool) -> float | int:
    if isinstance(value, bool) or not isinstance(value, int | float):
        invalid(f"{where} holds {value!r}, not a number")
    return float(value) if wide else int(value)
