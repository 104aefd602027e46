"""When the firms' days begin, reckoned without a time zone database: the rules of the clocks, counted in half hours."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import numpy as np
import numpy.typing as npt

FIRST, LAST = 2020, 2035
HALF_HOUR = 1800
DAY = 86_400

Seconds = npt.NDArray[np.int64]


def _sunday(year: int, month: int, nth: int) -> date:
    """Return the nth Sunday of a month, the last for -1."""
    days = [date(year, month, 1) + timedelta(days=step) for step in range(31)]
    return [day for day in days if day.month == month and day.isoweekday() == 7][nth]


def _utc(day: date, hour: int) -> int:
    return int(datetime(day.year, day.month, day.day, hour, tzinfo=UTC).timestamp())


def _europe(year: int) -> tuple[int, int]:
    """Summer from the last Sunday of March, 01:00 UTC, to the last Sunday of October, 01:00 UTC."""
    return _utc(_sunday(year, 3, -1), 1), _utc(_sunday(year, 10, -1), 1)


def _america(year: int, winter: int) -> tuple[int, int]:
    """Summer from the second Sunday of March, 02:00 local, to the first Sunday of November, 02:00 local."""
    return _utc(_sunday(year, 3, 1), 2 - winter), _utc(_sunday(year, 11, 0), 1 - winter)


def leads(zone: str, moments: Seconds) -> Seconds:
    """Return by how many seconds the clock of a zone is ahead of UTC at each moment."""
    winter = {"Europe/Prague": 1, "America/New_York": -5, "America/Chicago": -6, "UTC": 0, "SERVER": 2}[zone]
    lead = np.full(moments.shape, winter * 3600, dtype=np.int64)
    for year in range(FIRST - 1, LAST + 2):
        if zone == "UTC":
            break
        local = -5 if zone == "SERVER" else winter
        begin, end = _europe(year) if zone == "Europe/Prague" else _america(year, local)
        lead[(moments >= begin) & (moments < end)] += 3600
    return lead


def boundaries(zone: str, reset: time) -> Seconds:
    """Return every reset from before 2020 until after 2035 in UTC epoch seconds, by watching the local clock.

    A reset is the half hour in which the local clock passes the reset time.
    """
    begin = int(datetime(FIRST - 1, 12, 28, tzinfo=UTC).timestamp())
    end = int(datetime(LAST + 1, 1, 5, tzinfo=UTC).timestamp())
    moments = np.arange(begin, end, HALF_HOUR, dtype=np.int64)
    local = moments + leads(zone, moments) - (reset.hour * 3600 + reset.minute * 60)
    passed = np.flatnonzero(np.diff(local // DAY) > 0) + 1
    return moments[passed]
