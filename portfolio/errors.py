"""The program's own errors; a refused trade is not one of them (that is a `Refusal`, a value).

EliteSizerError
├── ConfigError            a setting is unknown, of the wrong type or out of range     exit 2
├── StoreError             the database can't be used; carries its reason code          exit 4
│   └── StoreCorruptError  it is damaged and has been set aside                         exit 7
└── mt5bridge.errors       the terminal's errors                                        exit 4 or 5
"""

from __future__ import annotations

from portfolio.reasons import Refusal


class EliteSizerError(Exception):
    """Anything this program raises on purpose; the message says what, why and the fix."""


class ConfigError(EliteSizerError):
    """The configuration was refused; the message names file, table, key and the nearest valid name."""


class StoreError(EliteSizerError):
    """The database can't be used now; `reason` holds the registered code."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(f"{reason.code}: {reason.detail}")
        self.reason = reason


class StoreCorruptError(StoreError):
    """The database was damaged and has been moved aside, never deleted."""
