"""A package with an account and nothing else, quick to start, that hangs as the real one does while a file exists."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path
from typing import Any


class Row:
    """A row of one field or two."""

    def __init__(self, **fields: Any) -> None:  # noqa: ANN401 - any field
        self._fields = fields

    def _asdict(self) -> dict[str, Any]:
        return self._fields


def initialize() -> bool:
    """Attach."""
    return True


def last_error() -> tuple[int, str]:
    """Return success."""
    return 1, "Success"


def terminal_info() -> Row:
    """Return the program."""
    return Row(connected=True)


def account_info() -> Row:
    """Return the account, or hold Python's lock for ten minutes."""
    if Path(os.environ["FAKE_WHEN"]).exists():
        if sys.platform == "win32":
            ctypes.PyDLL("kernel32").Sleep(600_000)
        else:
            ctypes.PyDLL(None).sleep(600)
    return Row(login=1, currency="USD")


def positions_get() -> tuple[Row, ...]:
    """Return nothing."""
    return ()


def positions_total() -> int:
    """Return nothing."""
    return 0


orders_get, orders_total = positions_get, positions_total
