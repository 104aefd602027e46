"""Record a terminal: write one reading into a capture that `replay` can answer from.

    request = SnapshotRequest(extra=("EURUSD", "US30"), bars=(("H1", 500),), deals_since=...)
    document = record(terminal, request, now=now, mask=True)
    write("case.json.gz", document)

Nothing is checked but that the capture can be read again: a reading that no size could be made from is just the one
to send in with a question. With `mask`, logins, names, paths and external ids are left out.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from mt5bridge.captures.document import FORMAT, parse
from mt5bridge.errors import RecordingError, TerminalError
from mt5bridge.metatrader.protocol import Source, Terminal
from mt5bridge.reading.convert import newest_tick
from mt5bridge.reading.fields import Raw
from mt5bridge.reading.request import Clock, SnapshotRequest, fetch, gather_request
from mt5bridge.reading.server_time import NEW_YORK_CLOSE
from mt5bridge.reading.terminal_memory import Memory
from mt5bridge.terminal_side.gather import BUY, COLUMNS, SELL
from portfolio.reasons import refuse

PRIVATE: Final[Mapping[str, Any]] = {
    "login": 0,
    "name": "",
    "path": "",
    "data_path": "",
    "commondata_path": "",
    "external_id": "",
}
"""Fields that say whose account it is; replaced in the account, the terminal and the rows, never in a symbol."""


def record(
    terminal: Terminal | Source,
    request: SnapshotRequest,
    *,
    now: Clock | datetime,
    memory: Memory | None = None,
    mask: bool = False,
) -> dict[str, Any]:
    """Return one reading as a capture document; `TerminalError` where the terminal gives none."""
    time = now if callable(now) else lambda: now
    raw = fetch(terminal, gather_request(request, time()))
    at = time().astimezone(UTC)
    if "failed" in raw or "unknown" in raw:
        raise TerminalError(refuse("terminal_no_data", str(raw.get("failed") or raw.get("unknown"))))
    clock = (memory or Memory()).server_clock(terminal, newest_tick(raw), at) or NEW_YORK_CLOSE
    document = {
        "format": FORMAT,
        "captured_at": at.isoformat().replace("+00:00", "Z"),
        "server_utc_offset": clock.offset(at),
        "terminal_info": raw["terminal_info"],
        "account_info": raw["account_info"],
        "symbols": {name: _symbol(raw, name) for name in raw["symbols"] if name in raw["ticks"]},
        "positions": raw["positions"],
        "orders": raw["orders"],
        "deals": raw["deals"] or [],
        "history_orders": raw["history_orders"] or [],
        "order_calc_profit": [_profit(row) for row in raw["profits"]],
        "order_calc_margin": [_margin(row) for row in raw["margins"]],
    }
    return mask_owner(document) if mask else document


def _symbol(raw: Raw, name: str) -> dict[str, Any]:
    rates = {
        timeframe: {column: columns[column] for column in COLUMNS}
        for timeframe, columns in raw["rates"].get(name, {}).items()
        if columns["time"]
    }
    return {"info": raw["symbols"][name], "tick": raw["ticks"][name], "rates": rates}


def _question(row: Raw) -> dict[str, Any]:
    action = BUY if row["side"] == "buy" else SELL
    return {"action": action, "symbol": row["symbol"], "volume": row["volume"]}


def _profit(row: Raw) -> dict[str, Any]:
    return {**_question(row), "price_open": row["open"], "price_close": row["close"], "profit": row["profit"]}


def _margin(row: Raw) -> dict[str, Any]:
    return {**_question(row), "price": row["price"], "margin": row["margin"]}


def mask_owner(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a capture document that does not say whose account it is."""
    rows = {name: _mask_rows(document[name]) for name in ("positions", "orders", "deals", "history_orders")}
    single = {name: _mask_row(document[name]) for name in ("terminal_info", "account_info")}
    return {**document, **rows, **single}


def _mask_rows(rows: Iterable[Raw]) -> list[dict[str, Any]]:
    return [_mask_row(row) for row in rows]


def _mask_row(row: Raw) -> dict[str, Any]:
    return {field: PRIVATE.get(field, value) for field, value in row.items()}


def write(path: str | Path, document: Mapping[str, Any]) -> None:
    """Write a capture document, packed where the name ends in `.gz`; `RecordingError` if nobody could read it."""
    try:
        text = json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False)
    except ValueError as error:
        message = f"the terminal gave what no capture can hold: {error}"
        raise RecordingError(message) from error
    parse(text, str(path))
    data = (text + "\n").encode("utf-8")
    Path(path).write_bytes(gzip.compress(data) if Path(path).suffix == ".gz" else data)
