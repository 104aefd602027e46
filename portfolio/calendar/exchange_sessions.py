"""Trading hours of New York: sessions, holidays, half days, and the two scans of a day.

The days come from the package `holidays`, whose sessions and half days are those of the exchange (compared day by day
with exchange_calendars 4.13 from 2007 to November 2027: no difference). Moments are UTC.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

from portfolio.errors import ConfigError

EXCHANGE: Final = "NYSE"
CLOSE, HALF_CLOSE = time(16), time(13)
"""On an ordinary day, and on a half day."""
FRIDAY: Final = 4
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Scans:
    """Wall-clock times at which a session is scanned for trades, in order; source 000: 10:30 and 15:55."""

    times: tuple[time, ...] = (time(10, 30), time(15, 55))
    zone: str = "America/New_York"

    def __post_init__(self) -> None:
        if not self.times or list(self.times) != sorted(set(self.times)):
            times = ", ".join(f"{scan:%H:%M}" for scan in self.times)
            message = f"scan times must rise through the day, not {times or 'nothing'}"
            raise ValueError(message)

    def day(self, at: datetime) -> date:
        """Return the calendar day of a moment in this zone."""
        return at.astimezone(ZoneInfo(self.zone)).date()

    def of(self, day: date) -> tuple[datetime, ...]:
        """Return the scans of a day; none without a session, and on a half day only those before its close."""
        closes = closing_time(day)
        if closes is None:
            return ()
        zone = ZoneInfo(self.zone)
        return tuple(datetime.combine(day, scan, zone).astimezone(UTC) for scan in self.times if scan < closes)

    def after(self, at: datetime) -> datetime:
        """Return the first scan after a moment; one at that very moment is over."""
        day = self.day(at)
        while True:
            for scan in self.of(day):
                if scan > at:
                    return scan
            day += _DAY

    def close(self, day: date) -> datetime | None:
        """Return when a day's session closes; None without one."""
        closes = closing_time(day)
        return None if closes is None else datetime.combine(day, closes, ZoneInfo(self.zone)).astimezone(UTC)

    def week_closes(self, at: datetime) -> Iterator[datetime]:
        """Give the closes of the weeks' last sessions up to a moment, newest first: Friday's, or the last before it."""
        day = self.day(at)
        friday = day + (FRIDAY - day.weekday()) * _DAY
        while True:
            last = self._last(friday)
            if last is not None and last <= at:
                yield last
            friday -= 7 * _DAY

    def _last(self, friday: date) -> datetime | None:
        days = (friday - back * _DAY for back in range(FRIDAY + 1))
        return next((close for day in days if (close := self.close(day)) is not None), None)


def closing_time(day: date) -> time | None:
    """Return when the exchange closes on a day, in New York; None where it stays closed."""
    if day.weekday() > FRIDAY:
        return None
    holidays, half = _calendar(day.year)
    return None if day in holidays else (HALF_CLOSE if day in half else CLOSE)


@lru_cache(maxsize=32)
def _calendar(year: int) -> tuple[Mapping[date, Any], Mapping[date, Any]]:
    """Return the holidays and the half days of a year; ConfigError where the package is not installed."""
    try:
        # loading it takes 0.1 s, which only an exposure budget needs
        from holidays import financial_holidays  # noqa: PLC0415
    except ImportError as error:
        message = "The exposure budget needs the exchange's calendar. Install it with: pip install holidays"
        raise ConfigError(message) from error
    return (
        financial_holidays(EXCHANGE, years=year),
        financial_holidays(EXCHANGE, years=year, categories=("half_day",)),
    )
