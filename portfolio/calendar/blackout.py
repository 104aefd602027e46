"""Times at which nothing is opened: around news, outside of sessions, in the hours before a long close.

Times of day are wall-clock times of a zone; every moment is an aware UTC datetime. Pure: `now` is passed in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from portfolio.instruments.symbol_names import instrument_name
from portfolio.model import SymbolSpec

LONG_CLOSE: Final = timedelta(hours=2)
"""A shorter break is no close (FTMO's forbidden practices: "closed for at least two hours")."""

_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WORKDAYS: Final = 5
_WEEK: Final = 7
_DAY: Final = timedelta(days=1)
_SPAN: Final = re.compile(
    r"\s*(?:(mon|tue|wed|thu|fri|sat|sun)\w*\s+)?([01]\d|2[0-3]):([0-5]\d)\s*-"
    r"\s*(?:(mon|tue|wed|thu|fri|sat|sun)\w*\s+)?([01]\d|2[0-3]):([0-5]\d)\s*",
    re.IGNORECASE,
)


class Span(NamedTuple):
    """A stretch of the week; without days it begins on every weekday and ends at the next such time of day."""

    start: time
    end: time
    start_day: int | None = None
    """0 is Monday."""
    end_day: int | None = None

    def near(self, now: datetime, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
        """Give the occurrences around a moment, each from its beginning to its end, oldest first."""
        today = now.astimezone(zone).date()
        for days in range(-_WEEK - 1, _WEEK + 2):
            day = today + days * _DAY
            begins_here = day.weekday() < _WORKDAYS if self.start_day is None else day.weekday() == self.start_day
            if begins_here:
                begins = datetime.combine(day, self.start, zone).astimezone(UTC)
                yield begins, datetime.combine(day + self._lasts() * _DAY, self.end, zone).astimezone(UTC)

    def _lasts(self) -> int:
        if self.start_day is None or self.end_day is None:
            return int(self.end <= self.start)
        days = (self.end_day - self.start_day) % _WEEK
        return days or (_WEEK if self.end <= self.start else 0)


class News(NamedTuple):
    """A release, and how long around it nothing is opened; no symbols and no currencies mean everything."""

    at: datetime
    name: str
    before: timedelta
    after: timedelta
    symbols: frozenset[str] = frozenset()
    """As the terminal writes them, or plain ("US30")."""
    currencies: frozenset[str] = frozenset()

    def concerns(self, spec: SymbolSpec) -> bool:
        """Return whether a symbol is one of those named, or is made of a currency that is."""
        if not self.symbols and not self.currencies:
            return True
        if {spec.name.upper(), instrument_name(spec.name)} & self.symbols:
            return True
        made_of = {spec.currency_base, spec.currency_profit, spec.currency_margin}
        return bool({currency.upper() for currency in made_of} & self.currencies)


def spans(text: str) -> tuple[Span, ...]:
    """Return the stretches of "Fri 17:00 - Sun 17:00", "08:00-12:00, 13:00-17:00" or nothing; ValueError otherwise."""
    return tuple(_span(part) for part in text.split(",") if text.strip())


def around_news(events: Iterable[News], spec: SymbolSpec, now: datetime) -> str | None:
    """Return the release around which a symbol may not be opened now, both ends included; None without one."""
    for event in events:
        if event.at - event.before <= now <= event.at + event.after and event.concerns(spec):
            return f"news: {event.name} at {_as_text(event.at)}, until {_as_text(event.at + event.after)}"
    return None


def outside(sessions: Iterable[Span], zone: ZoneInfo, now: datetime) -> str | None:
    """Return why a moment is in none of the sessions, the end not included; None where it is, or there is none."""
    occurrences = sorted(occurrence for span in sessions for occurrence in span.near(now, zone))
    if not occurrences or any(begins <= now < ends for begins, ends in occurrences):
        return None
    following = next((begins for begins, _ in occurrences if begins > now), None)
    return "outside of the session" + ("" if following is None else f", the next begins {_as_text(following)}")


def before_close(
    closes: Iterable[tuple[datetime, datetime]], ahead: timedelta, now: datetime, *, shortest: timedelta = LONG_CLOSE
) -> str | None:
    """Return the long close that is on, or less than `ahead` away (exactly that much included); None without one."""
    for begins, ends in closes:
        if ends - begins >= shortest and begins - ahead <= now < ends:
            return f"the market closes {_as_text(begins)} until {_as_text(ends)}"
    return None


def _span(text: str) -> Span:
    match = _SPAN.fullmatch(text)
    if match is None or (match[1] is None) != (match[4] is None):
        message = f'{text.strip()!r} is no stretch of time; write "08:00 - 17:00" or "Fri 17:00 - Sun 17:00"'
        raise ValueError(message)
    first, last = (None if match[at] is None else _DAYS.index(match[at].lower()) for at in (1, 4))
    return Span(time(int(match[2]), int(match[3])), time(int(match[5]), int(match[6])), first, last)


def _as_text(at: datetime) -> str:
    return f"{at:%a %H:%M} UTC"
