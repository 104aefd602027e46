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
    known_keys = tuple(names)
    for key in row:
        if key not in known_keys:
            invalid(f"{where} has an unknown key {key!r}; nearest is {nearest_name(key, known_keys, cutoff=0)!r}")


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
    source = as_object(row, where)
    check_keys(source, STRUCTS[struct], where)
    for field in NEEDED[struct]:
        if field not in source:
            invalid(f"{where}.{field} is missing, and a size depends on it")
    record = {}
    for field in STRUCTS[struct]:
        if field in source:
            record[field] = _read_field(struct, field, source[field], f"{where}.{field}")
        else:
            record[field] = defaults.get(field, neutral(struct, field))
    return record


def _read_field(struct: str, field: str, value: object, where: str) -> str | float:
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
    source = as_object(row, "account_info")
    digits = 0 if source.get("currency") == "JPY" else 2
    defaults = {"trade_allowed": True, "trade_expert": True, "margin_mode": 2, "currency_digits": digits}
    record = fill("AccountInfo", source, "account_info", defaults)
    if "margin_free" not in source:
        record["margin_free"] = record["equity"] - record["margin"]
    return record


def tick(row: object, where: str, server_epoch: int) -> dict[str, Any]:
    """Return the last tick; one without a time is as new as the capture (`server_epoch`)."""
    record = fill("Tick", row, where, {"time": server_epoch})
    record["time_msc"] = record["time_msc"] or record["time"] * 1000
    return record


def info(row: object, where: str, name: str, tick: Mapping[str, Any]) -> dict[str, Any]:
    """Return a contract; quotes come from the tick, and one tick value serves both sides."""
    source = as_object(row, where)
    value, step = source.get("trade_tick_value"), source.get("trade_tick_size")
    currency = source.get("currency_base", source.get("currency_profit"))
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
    record = fill("SymbolInfo", source, where, defaults)
    if record["name"] != name:
        invalid(f"{where}.name is {record['name']!r}, but it stands under {name!r}")
    if record["trade_calc_mode"] in FOREX_MODES and "currency_base" not in source:
        invalid(f"{where}.currency_base is missing, and a size depends on it")
    return record


def _decimals(step: object) -> int:
    if not isinstance(step, int | float) or not 0 < step < 1:
        return 0
    return len(f"{step:.10f}".rstrip("0").partition(".")[2])


def position(row: object, where: str, ticks: Mapping[str, Any], place: int) -> dict[str, Any]:
    """Return an open position; without a price of its own, at the price that would close it."""
    source = as_object(row, where)
    ticket = source.get("ticket", place + 1)
    record = fill("TradePosition", source, where, {"ticket": ticket, "identifier": ticket})
    if "price_current" not in source:
        tick = _tick_of(record["symbol"], ticks, where)
        record["price_current"] = tick["bid"] if record["type"] == 0 else tick["ask"]
    return record


def _tick_of(symbol: str, ticks: Mapping[str, Any], where: str) -> Mapping[str, Any]:
    if symbol not in ticks:
        near = nearest_name(symbol, ticks, cutoff=0)
        hint = "" if near is None else f"; nearest is {near!r}"
        invalid(f"{where}.symbol is {symbol!r}, which is not in symbols{hint}")
    tick: Mapping[str, Any] = ticks[symbol]
    return tick


def order(row: object, where: str, ticks: Mapping[str, Any], place: int) -> dict[str, Any]:
    """Return a pending order; a volume must be there, current or initial."""
    source = as_object(row, where)
    if "volume_current" not in source and "volume_initial" not in source:
        invalid(f"{where}.volume_current is missing, and a size depends on it")
    volume = source.get("volume_current", source.get("volume_initial"))
    defaults = {"ticket": place + 1, "state": 1, "volume_current": volume, "volume_initial": volume}
    record = fill("TradeOrder", source, where, defaults)
    tick = _tick_of(record["symbol"], ticks, where)
    record["price_current"] = record["price_current"] or (tick["ask"] if record["type"] % 2 == 0 else tick["bid"])
    return record


def past_order(row: object, where: str, place: int) -> dict[str, Any]:
    """Return an order of the history, which serves only for past stops."""
    source = as_object(row, where)
    check_keys(source, STRUCTS["TradeOrder"], where)
    defaults = {"ticket": place + 1, "state": 4}
    required_keys = {"symbol": "", "type": 0, "price_open": 0.0}
    return fill("TradeOrder", {**required_keys, **source}, where, defaults)


def deal(row: object, where: str, place: int) -> dict[str, Any]:
    """Return a line of the history; it must say when."""
    source = as_object(row, where)
    if "time" not in source and "time_msc" not in source:
        invalid(f"{where}.time is missing, and the day's result depends on it")
    record = fill("TradeDeal", source, where, {"ticket": place + 1})
    record["time"] = record["time"] or record["time_msc"] // 1000
    return record


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
    source = as_object(columns, where)
    check_keys(source, RATES, where)
    for column in NEEDED_RATES:
        if not isinstance(source.get(column), list):
            invalid(f"{where}.{column} is missing")
    count = len(source["time"])
    record = []
    for column in RATES:
        cells = source.get(column, [0] * count)
        if not isinstance(cells, list) or len(cells) != count:
            invalid(f"{where}.{column} does not have the {count} values of time")
        wide = column in ("open", "high", "low", "close")
        record.append([_cell(cell, f"{where}.{column}", wide=wide) for cell in cells])
    return list(zip(*record, strict=True))


def _cell(value: object, where: str, *, wide: bool) -> float | int:
    if isinstance(value, bool) or not isinstance(value, int | float):
        invalid(f"{where} holds {value!r}, not a number")
    return float(value) if wide else int(value)
