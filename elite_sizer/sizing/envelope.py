"""What a decision carries besides its context: id, time, lease, version."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple


class Envelope(NamedTuple):
    """What a decision carries besides its context: given from outside, so that the same inputs give the same bytes."""

    id: str
    at: datetime
    ttl: timedelta = timedelta(seconds=10)
    lease: str | None = None
    fence: int | None = None
    terminal: str = ""
    """Which terminal answered; `simulated` is said wherever the decision is shown."""
    config_digest: str = ""
    version: str = ""
    magic: int = 0
    deviation_points: int = 10
