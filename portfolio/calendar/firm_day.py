"""The firm's day: the resets before and after a moment, in the firm's own zone, never by adding 24 h."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

SERVER = "SERVER"
"""The zone name of a day that begins by the broker's clock."""

SERVER_ZONE = ZoneInfo("America/New_York")
SERVER_AHEAD = timedelta(hours=7)
"""Brokers of this field keep their clock seven hours ahead of New York all year, so that a trading week has five
days (FTMO's trading updates of 2023-03-09, 2024-03-14 and 2024-10-31 follow the American change of clocks)."""

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class DayRule:
    """One boundary for the daily rule and for every peak of a day's end."""

    tz: str = SERVER
    """An IANA zone, or `SERVER` for the broker's clock."""
    reset: time = time(0)
    """Local wall-clock time."""


def server_utc_offset(now: datetime) -> int:
    """Return by how many seconds a broker's clock that follows the model is ahead of UTC at `now`."""
    offset = _utc(now).astimezone(SERVER_ZONE).utcoffset() or timedelta(0)
    return round((offset + SERVER_AHEAD).total_seconds())


def server_to_utc(seconds: int, server_offset: int | None = None) -> datetime:
    """Return the moment that a terminal writes as `seconds`: the broker's wall clock counted as if it were UTC.

    Without `server_offset` (seconds ahead of UTC) the model holds; the hour that the autumn change repeats is taken
    as its first pass.
    """
    wall = datetime.fromtimestamp(seconds, UTC)
    if server_offset is not None:
        return wall - timedelta(seconds=server_offset)
    return (wall - SERVER_AHEAD).replace(tzinfo=SERVER_ZONE).astimezone(UTC)


def last_reset(day: DayRule, now: datetime, server_offset: int | None = None) -> datetime:
    """Return the latest reset at or before `now` (UTC): a moment at the reset belongs to the new day.

    `server_offset` is the lead of the broker's clock at `now`, in seconds, where it was measured or configured: it
    matters where the day is `SERVER` and it contradicts the model (`clock_override`). A naive `now` raises ValueError.
    """
    moment = _utc(now)
    resets = _near(day, moment, server_offset)
    return max(reset for reset in resets if reset <= moment)


def next_reset(day: DayRule, now: datetime, server_offset: int | None = None) -> datetime:
    """Return the first reset after `now` (UTC); arguments as in `last_reset`."""
    moment = _utc(now)
    resets = _near(day, moment, server_offset)
    return min(reset for reset in resets if reset > moment)


def clock_override(offset: int | None, now: datetime) -> int | None:
    """Return the measured lead of the broker's clock where it contradicts the model at `now`, else None: the model.

    A measured lead says nothing about the other side of a change of clocks, so the model holds wherever both agree.
    """
    return None if offset == server_utc_offset(now) else offset


def local_day(day: DayRule, reset: datetime, server_offset: int | None = None) -> date:
    """Return the date on the firm's own calendar on which the day of this reset begins.

    `server_offset` here is an override (`clock_override`), not a measurement: None is the model.
    """
    if day.tz != SERVER:
        return reset.astimezone(ZoneInfo(day.tz)).date()
    ahead = server_utc_offset(reset) if server_offset is None else server_offset
    return (reset + timedelta(seconds=ahead)).date()


def resets_between(day: DayRule, after: datetime, until: datetime, server_offset: int | None = None) -> list[datetime]:
    """Return the resets in (after, until], oldest first; `server_offset` is the lead at `until`."""
    override = clock_override(server_offset, until)
    resets = []
    reset = next_reset(day, after, override)
    while reset <= until:
        resets.append(reset)
        reset = next_reset(day, reset, override)
    return resets


def _utc(now: datetime) -> datetime:
    if now.tzinfo is None:
        message = "a moment without a zone has no trading day"
        raise ValueError(message)
    return now.astimezone(UTC)


def _near(day: DayRule, moment: datetime, server_offset: int | None) -> tuple[datetime, ...]:
    """Return enough resets around `moment` for one to lie on each side of it."""
    override = clock_override(server_offset, moment) if day.tz == SERVER else None
    return _around(day.tz, day.reset, moment.date(), override)


@lru_cache(maxsize=64)
def _around(tz: str, reset: time, utc_date: date, server_offset: int | None) -> tuple[datetime, ...]:
    """Return the resets of the five local dates around a UTC date.

    A local time that a change of clocks leaves out is taken by the clock before the change, and one that it repeats at
    its first pass (zoneinfo's `fold` 0).
    """
    walls = [datetime.combine(utc_date + step * _DAY, reset) for step in range(-2, 3)]
    if server_offset is not None:
        return tuple((wall - timedelta(seconds=server_offset)).replace(tzinfo=UTC) for wall in walls)
    zone, ahead = (SERVER_ZONE, SERVER_AHEAD) if tz == SERVER else (ZoneInfo(tz), timedelta(0))
    return tuple((wall - ahead).replace(tzinfo=zone).astimezone(UTC) for wall in walls)
