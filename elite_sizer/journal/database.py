"""Path of a configuration's database, and opening it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Final

from elite_sizer.configuration.settings import Settings
from portfolio.store.database import Store

DATABASE: Final = "elite-sizer.db"


def database_path(settings: Settings) -> Path:
    """Return the database's file in the configured folder, whether it exists or not."""
    return settings.folder / DATABASE


def open_database(settings: Settings, at: datetime | None) -> Store:
    """Open or create the database; `at` dates the name of a damaged file that is set aside (None: no clock is known).

    Raises StoreError where it can't be used.
    """
    stamp = "unopened" if at is None else f"{at:%Y%m%dT%H%M%SZ}"
    return Store.open(database_path(settings), stamp=stamp, anywhere=settings.store.allow_network)
