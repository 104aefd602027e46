"""Read captures: one terminal's numbers in a file that can be sent, stored and replayed.

The format is `mt5bridge-recording/1`: JSON, or JSON in gzip. Reading is strict, because a capture that is half right
gives a size that looks right: a damaged or foreign file, a key that the terminal does not have, a key twice, NaN, a
word where a number belongs, or a missing field that a size depends on is a `RecordingError` that names it.

Further optional keys: `history_orders`, `order_calc_profit` and `order_calc_margin` (answers captured from a real
terminal, with the functions' own argument names and `profit` or `margin`), `_note`.
"""

from __future__ import annotations

import gzip
import json
import math
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn

from mt5bridge.captures import document_rows as rows
from mt5bridge.reading.server_time import FARTHEST, NEW_YORK_CLOSE, fixed

FORMAT = "mt5bridge-recording/1"
GZIP_MAGIC = b"\x1f\x8b"
KEYS = (
    *("format", "captured_at", "server_utc_offset", "terminal_info", "account_info", "symbols", "positions", "orders"),
    *("deals", "history_orders", "order_calc_profit", "order_calc_margin", "_note"),
)


@dataclass(frozen=True, slots=True)
class Capture:
    """A capture with every field of every record filled in, in the terminal's own names and raw values."""

    captured_at: datetime
    server_utc_offset: int
    terminal_info: dict[str, Any]
    account_info: dict[str, Any]
    infos: dict[str, dict[str, Any]]
    ticks: dict[str, dict[str, Any]]
    rates: dict[str, dict[str, list[tuple[Any, ...]]]]
    """By symbol and timeframe: rows in the order of `mt5bridge.metatrader.rows.RATES`."""
    positions: list[dict[str, Any]]
    orders: list[dict[str, Any]]
    deals: list[dict[str, Any]]
    history_orders: list[dict[str, Any]]
    profits: list[dict[str, Any]]
    margins: list[dict[str, Any]]


def read(path: str | Path) -> Capture:
    """Return the capture in `path`; `RecordingError` where it can't be read or trusted."""
    return parse(_text(Path(path)), str(path))


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
        if data.startswith(GZIP_MAGIC):
            data = gzip.decompress(data)
        return data.decode("utf-8")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        rows.invalid(f"{path} can't be read: {error}")


def parse(text: str, name: str) -> Capture:
    """Return the capture in a JSON text; errors call it `name`."""
    try:
        document = json.loads(
            text, object_pairs_hook=_without_doubles, parse_constant=_refuse_constant, parse_float=_finite_number
        )
    except (ValueError, RecursionError) as error:
        rows.invalid(f"{name} is no whole JSON document: {error}")
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        format_named = document.get("format") if isinstance(document, dict) else type(document).__name__
        rows.invalid(f"{name} is not in the format {FORMAT}, but {format_named!r}")
    rows.check_keys(document, KEYS, name)
    return _capture(document)


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) != len(pairs):
        names = [key for key, _ in pairs]
        message = f"key {next(name for name in names if names.count(name) > 1)!r} stands twice"
        raise ValueError(message)
    return document


def _refuse_constant(text: str) -> NoReturn:
    message = f"{text} is not a number"
    raise ValueError(message)


def _finite_number(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        message = f"{text} is too large"
        raise ValueError(message)
    return value


def _capture(document: Mapping[str, Any]) -> Capture:
    captured_at = _instant(document)
    offset = _offset(document, captured_at)
    server_epoch = int(captured_at.timestamp()) + offset
    infos, ticks, rates = {}, {}, {}
    for name, entry in rows.as_object(document.get("symbols"), "symbols").items():
        where = f"symbols.{name}"
        rows.check_keys(rows.as_object(entry, where), ("info", "tick", "rates"), where)
        ticks[name] = rows.tick(entry.get("tick"), f"{where}.tick", server_epoch)
        infos[name] = rows.info(entry.get("info"), f"{where}.info", name, ticks[name])
        rates[name] = rows.rates(entry.get("rates", {}), f"{where}.rates")
    positions = [
        rows.position(row, where, ticks, place) for place, where, row in rows.each_object(document, "positions")
    ]
    return Capture(
        captured_at=captured_at,
        server_utc_offset=offset,
        terminal_info=rows.fill(
            "TerminalInfo", document.get("terminal_info", {}), "terminal_info", rows.TERMINAL_DEFAULTS
        ),
        account_info=rows.account(document.get("account_info")),
        infos=infos,
        ticks=ticks,
        rates=rates,
        positions=positions,
        orders=[rows.order(row, where, ticks, place) for place, where, row in rows.each_object(document, "orders")],
        deals=[rows.deal(row, where, place) for place, where, row in rows.each_object(document, "deals")],
        history_orders=[
            rows.past_order(row, where, place) for place, where, row in rows.each_object(document, "history_orders")
        ],
        profits=[
            rows.answer(row, where, rows.PROFIT_KEYS)
            for _, where, row in rows.each_object(document, "order_calc_profit")
        ],
        margins=[
            rows.answer(row, where, rows.MARGIN_KEYS)
            for _, where, row in rows.each_object(document, "order_calc_margin")
        ],
    )


def _instant(document: Mapping[str, Any]) -> datetime:
    captured_at = document.get("captured_at")
    try:
        at = datetime.fromisoformat(str(captured_at))
    except ValueError:
        rows.invalid(f"captured_at is {captured_at!r}, not a time such as 2026-06-10T12:00:00Z")
    if at.tzinfo is None:
        rows.invalid(f"captured_at is {captured_at!r}, without a time zone; write Z for UTC")
    return at.astimezone(UTC)


def _offset(document: Mapping[str, Any], at: datetime) -> int:
    """Return the broker's offset: as captured, else that of New York + 7 h."""
    offset = document.get("server_utc_offset", NEW_YORK_CLOSE.offset(at))
    if isinstance(offset, bool) or not isinstance(offset, int) or abs(offset) > FARTHEST:
        rows.invalid(f"server_utc_offset is {offset!r}, not a number of seconds within {FARTHEST}")
    fixed(offset, at)
    return offset
