"""Read the news a trader wants to stay out of: a CSV or a TOML file of release times, kept up by the trader.

time,before,after,symbols,currencies,name           minutes; several symbols or currencies parted by spaces
2026-06-10T12:30:00Z,2,2,,USD,US CPI
2026-06-11 14:15 Europe/Berlin,,,EURUSD GER40,,ECB rate

until = 2026-06-13T00:00:00Z                        the same as TOML; `until`: how far the file is complete
[[news]]
time = 2026-06-10T12:30:00Z
currencies = ["USD"]
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from portfolio.calendar.blackout import News

COLUMNS: Final = ("time", "before", "after", "symbols", "currencies", "name")
LARGEST: Final = 1_000_000
"""Bytes; a calendar of a year has far less."""
LONGEST_MINUTES: Final = 24 * 60
_UNTIL: Final = "until"


class Calendar(NamedTuple):
    """The releases of a file, and up to when it is complete."""

    events: tuple[News, ...]
    until: datetime


def read_news(path: Path, before: int, after: int) -> Calendar:
    """Return the events of a news file; `before` and `after` are the minutes of an event that states none.

    Without `until` it is complete up to its last event. Raises OSError, or ValueError with the line at fault.
    """
    with path.open("rb") as file:
        body = file.read(LARGEST + 1)
    if len(body) > LARGEST:
        message = f"it has more than {LARGEST:,} bytes"
        raise ValueError(message)
    text = body.decode("utf-8-sig")
    rows, complete_until = _toml(text) if path.suffix.lower() == ".toml" else _csv(text)
    events = []
    for number, row in enumerate(rows, 1):
        try:
            events.append(_event(row, before, after))
        except (ValueError, KeyError) as error:
            message = f"event {number}: {error}"
            raise ValueError(message) from error
    last = max((event.at + event.after for event in events), default=None)
    until = last if complete_until is None else _moment(complete_until)
    if until is None:
        message = "it has no event, and no `until`"
        raise ValueError(message)
    return Calendar(tuple(sorted(events)), until if last is None else max(until, last))


def _toml(text: str) -> tuple[list[Mapping[str, Any]], object]:
    document = tomllib.loads(text)
    _only(document, (_UNTIL, "news"))
    rows = document.get("news", [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        message = "news is no list of tables; write [[news]]"
        raise ValueError(message)
    return rows, document.get(_UNTIL)


def _csv(text: str) -> tuple[list[Mapping[str, Any]], object]:
    """Return the rows of a file with a heading; a row whose name is `until` says how far the file is complete."""
    reader = csv.DictReader(line for line in text.splitlines() if line.strip() and not line.startswith("#"))
    _only(reader.fieldnames or (), COLUMNS)
    rows: list[Mapping[str, Any]] = []
    until = None
    for row in reader:
        if None in row or None in row.values():
            message = f"line {reader.line_num} has not as many columns as the heading"
            raise ValueError(message)
        if row.get("name") == _UNTIL:
            until = row["time"]
        else:
            rows.append({key: value for key, value in row.items() if value})
    return rows, until


def _event(row: Mapping[str, Any], before: int, after: int) -> News:
    _only(row, COLUMNS)
    if "time" not in row:
        message = "it has no time"
        raise ValueError(message)
    return News(
        at=_moment(row["time"]),
        name=str(row.get("name", "news")),
        before=_minutes(row.get("before", before)),
        after=_minutes(row.get("after", after)),
        symbols=_words(row.get("symbols", "")),
        currencies=_words(row.get("currencies", "")),
    )


def _moment(value: object) -> datetime:
    """Return an aware moment from a date-time with an offset, or one with a zone's name behind it."""
    moment = value
    if isinstance(value, str):
        text, _, zone = value.strip().rpartition(" ")
        is_name = "/" in zone
        moment = datetime.fromisoformat(text if is_name else value.strip())
        if is_name and moment.tzinfo is None:
            moment = moment.replace(tzinfo=ZoneInfo(zone))
    if not isinstance(moment, datetime) or moment.utcoffset() is None:
        message = f"{value} has no time zone; write 2026-06-10T12:30:00Z or 2026-06-10 08:30 America/New_York"
        raise ValueError(message)
    return moment.astimezone(UTC)


def _minutes(value: object) -> timedelta:
    minutes = int(value) if isinstance(value, str) else value
    if isinstance(minutes, bool) or not isinstance(minutes, int) or not 0 <= minutes <= LONGEST_MINUTES:
        message = f"{value!r} is no whole number of minutes from 0 to {LONGEST_MINUTES}"
        raise ValueError(message)
    return timedelta(minutes=minutes)


def _words(value: object) -> frozenset[str]:
    words = value.split() if isinstance(value, str) else value
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        message = f"{value!r} is no list of names"
        raise ValueError(message)
    return frozenset(word.upper() for word in words)


def _only(keys: Iterable[str], columns: tuple[str, ...]) -> None:
    extra_columns = sorted(set(keys) - set(columns))
    if extra_columns:
        message = f"there is no {extra_columns[0]!r}; known are {', '.join(columns)}"
        raise ValueError(message)
