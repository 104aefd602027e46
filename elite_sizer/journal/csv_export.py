"""Decisions as a table that a spreadsheet opens: one row each, numbers as numbers, and no cell that is a formula.

Text that a spreadsheet would compute (it begins with = + - @ or a control character) gets an apostrophe in front.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Final

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "id": ("id",),
    "at": ("at",),
    "login": ("account", "login"),
    "server": ("account", "server"),
    "currency": ("account", "currency"),
    "balance": ("account", "balance"),
    "equity": ("account", "equity"),
    "symbol": ("request", "symbol"),
    "side": ("request", "side"),
    "timeframe": ("request", "timeframe"),
    "confidence": ("request", "confidence"),
    "score": ("request", "score"),
    "conviction": ("request", "conviction"),
    "regime": ("request", "regime"),
    "signal_id": ("request", "signal_id"),
    "outcome": ("outcome",),
    "reason": ("reason", "code"),
    "detail": ("reason", "detail"),
    "flag": ("flag", "value"),
    "sizer": ("sizer",),
    "lots": ("lots",),
    "binding": ("binding",),
    "price": ("order", "price"),
    "stop": ("order", "stop"),
    "target": ("order", "target"),
    "risk": ("risk", "money"),
    "risk_at_stop": ("risk", "at_stop"),
    "risk_fraction": ("risk", "fraction"),
    "exposure": ("risk", "exposure"),
    "margin": ("risk", "margin"),
    "leverage": ("risk", "leverage"),
    "raw_lots": ("raw_lots",),
    "legacy_lots": ("legacy", "lots"),
    "elite_lots": ("elite", "lots"),
    "room_daily": ("headroom", "daily"),
    "room_after_reset": ("headroom", "after_reset"),
    "room_overall": ("headroom", "overall"),
    "account_equity_at_entry": ("attribution", "account_equity_at_entry"),
    "position_size_usd": ("attribution", "position_size_usd"),
    "terminal": ("terminal",),
    "version": ("version",),
}
"""Each column and the path of its value in a journal line."""

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")


def table(lines: Iterable[bytes]) -> str:
    """Return journal lines as CSV (RFC 4180) with a header."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for line in lines:
        decision = json.loads(line, parse_float=Decimal)
        writer.writerow([cell(_at(decision, path)) for path in COLUMNS.values()])
    return out.getvalue()


def cell(value: object) -> str:
    """Return a value as a cell: nothing as nothing, a number in plain digits, text that can't be run."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return format(value, "f")
    text = str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(_FORMULA) else text


def _at(value: object, path: tuple[str, ...]) -> object:
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value
