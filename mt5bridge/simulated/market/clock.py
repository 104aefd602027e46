"""The time of the paper market: it moves only on request, and the server writes it as its own wall clock.

Milliseconds everywhere. `utc_ms` is true time; `server_ms` is the time in the server's records: the reading of its
wall clock stored as if it were an epoch, which is how the package hands times out.
"""

from __future__ import annotations

from calendar import monthcalendar
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache

HOUR = 3600
DAY = 86_400
SUNDAY = 6

ServerRule = Callable[[float], int]
"""UTC epoch seconds -> seconds by which the server's clock is ahead of UTC."""


@cache
def _summer_time(year: int) -> tuple[float, float]:
    """Return when US summer time starts and ends in `year` (UTC epoch; the rule in force since 2007)."""
    march = [week[SUNDAY] for week in monthcalendar(year, 3) if week[SUNDAY]]
    november = [week[SUNDAY] for week in monthcalendar(year, 11) if week[SUNDAY]]
    starts = datetime(year, 3, march[1], 7, tzinfo=UTC)
    ends = datetime(year, 11, november[0], 6, tzinfo=UTC)
    return starts.timestamp(), ends.timestamp()


def server_offset(utc: float) -> int:
    """Return New York + 7 h in seconds ahead of UTC: 3 h in US summer time, else 2 h, so midnight is 17:00 there."""
    return _offset_in_hour(int(utc // HOUR))


@lru_cache(maxsize=8192)
def _offset_in_hour(hour: int) -> int:
    utc = hour * HOUR
    starts, ends = _summer_time(datetime.fromtimestamp(utc, UTC).year)
    return 3 * HOUR if starts <= utc < ends else 2 * HOUR


class VirtualClock:
    """A clock that moves only by `move_to`."""

    def __init__(self, now: datetime, rule: ServerRule = server_offset) -> None:
        self.utc_ms = epoch_ms(now)
        self.rule = rule
        self.skew_ms = 0
        """Error of the server's clock, made by a fault."""

    @property
    def now(self) -> datetime:
        """The present, in UTC."""
        return moment(self.utc_ms)

    @property
    def server_ms(self) -> int:
        """The present as the server writes it."""
        return self.to_server(self.utc_ms) + self.skew_ms

    def to_server(self, utc_ms: int) -> int:
        """Return the time that an unskewed server writes at `utc_ms`."""
        return utc_ms + self.rule(utc_ms / 1000) * 1000

    def to_utc(self, server_ms: int) -> int:
        """Undo `to_server`; the hour that happens twice in autumn is taken as its first."""
        early = server_ms - self.rule(server_ms / 1000 - 12 * HOUR) * 1000
        return early if self.to_server(early) == server_ms else server_ms - self.rule(server_ms / 1000) * 1000

    def next_midnight(self) -> int:
        """Return the UTC milliseconds of the server's next midnight."""
        day = self.to_server(self.utc_ms) // 1000 // DAY
        return self.to_utc((day + 1) * DAY * 1000)

    def move_to(self, utc_ms: int) -> None:
        """Go forward to `utc_ms`; never back."""
        self.utc_ms = max(self.utc_ms, utc_ms)


def epoch_ms(at: datetime) -> int:
    """Return an aware moment as epoch milliseconds."""
    if at.tzinfo is None:
        message = f"{at.isoformat()} has no time zone"
        raise ValueError(message)
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def moment(utc_ms: int) -> datetime:
    """Return epoch milliseconds as an aware moment."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=utc_ms)
