"""Identity of a decision: its id and time, its lease, and the version and configuration that made it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple


class Envelope(NamedTuple):
    """Facts of a decision that do not come from its context; passed in, so that the same inputs give the same bytes."""

    id: str
    at: datetime
    ttl: timedelta = timedelta(seconds=10)
    lease: str | None = None
    fence: int | None = None
    terminal: str = ""
    """Name of the terminal that was read; `simulated` is marked wherever the decision is shown."""
    config_digest: str = ""
    version: str = ""
    magic: int = 0
    deviation_points: int = 10
