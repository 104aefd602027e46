"""Windows in which no entry is sized: around news, outside of sessions, before a long close.

A window that can't be computed forbids too: a news file that is missing, broken, or no longer complete. Only the cap
`blackout` asks, so a window never stands in the way of an exit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from elite_sizer.configuration.document.tables import BlackoutTable
from elite_sizer.configuration.settings import Settings
from elite_sizer.inputs.news_file import Calendar, read_news
from portfolio.calendar.blackout import around_news, before_close, outside, spans
from portfolio.instruments.symbol_names import instrument_name
from portfolio.model import SymbolSpec
from portfolio.rules.rule_set import Rules

CAP: Final = "blackout"
FTMO: Final = "FTMO"
AHEAD: Final = timedelta(hours=2)
"""FTMO's forbidden practices: "two hours or less before a relevant financial market is closed"."""
DEFAULT: Final = "default"


def window(settings: Settings, rules: Rules, spec: SymbolSpec, asset_class: str, now: datetime) -> str | None:
    """Return the window in force for a symbol of this asset class, in words; None where none is, or the cap is off."""
    if CAP not in settings.caps_on:
        return None
    table = settings.blackout
    news = None if table.news is None else _news(table, spec, now)
    if news is not None:
        return news
    sessions = _of(table.sessions, spec, asset_class)
    off_session = outside(spans(sessions), ZoneInfo(table.zone), now) if sessions else None
    if off_session is not None:
        return off_session
    ahead = hours_ahead(settings, rules)
    return None if ahead is None else before_close(_closes(table, spec, asset_class, now), ahead, now)


def hours_ahead(settings: Settings, rules: Rules) -> timedelta | None:
    """Return the hours before a long close in which nothing is opened; None where they don't matter."""
    hours = settings.blackout.before_close_hours
    if isinstance(hours, Decimal):
        return timedelta(hours=float(hours)) if hours else None
    return AHEAD if rules.firm == FTMO and settings.account.phase == "funded" else None


def _news(table: BlackoutTable, spec: SymbolSpec, now: datetime) -> str | None:
    path = Path(table.news or "").expanduser()
    try:
        stat = path.stat()
        version = _FileVersion(path, stat.st_mtime_ns, stat.st_size)
        calendar = _calendar(version, table.news_before_minutes, table.news_after_minutes)
    except (OSError, ValueError, KeyError) as error:
        return f"the news file {path.name} can't be used: {error}".encode("ascii", "replace").decode()
    if now > calendar.until + timedelta(hours=table.news_stale_hours):
        return f"the news file {path.name} is complete only until {calendar.until:%Y-%m-%d %H:%M} UTC"
    news = around_news(calendar.events, spec, now)
    return None if news is None else news.encode("ascii", "replace").decode()


class _FileVersion(NamedTuple):
    """A file as it was last written; another time or size is another content."""

    path: Path
    changed_ns: int
    size: int


@lru_cache(maxsize=4)
def _calendar(version: _FileVersion, before: int, after: int) -> Calendar:
    return read_news(version.path, before, after)


def _closes(
    table: BlackoutTable, spec: SymbolSpec, asset_class: str, now: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """Give the closes of a symbol, and the holidays of one that closes at all."""
    stretches, zone = spans(_of(table.closes, spec, asset_class) or ""), ZoneInfo(table.closes_zone)
    for span in stretches:
        yield from span.near(now, zone)
    if stretches:
        yield from table.closed


def _of(by_name: Mapping[str, str], spec: SymbolSpec, asset_class: str) -> str | None:
    """Return the entry that holds for a symbol: by its own name, its plain name, its class, or for all."""
    for name in (spec.name, instrument_name(spec.name), asset_class, DEFAULT):
        if name in by_name:
            return by_name[name]
    return None
