"""New York's sessions: holidays, half days, and the two scans of a day."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime, time
from itertools import islice

import pytest

from portfolio.calendar.exchange_sessions import Scans, closing_time
from portfolio.errors import ConfigError


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "closes"),
    [
        (date(2026, 6, 10), time(16)),
        (date(2026, 6, 13), None),  # a Saturday
        (date(2026, 6, 19), None),  # Juneteenth
        (date(2026, 7, 3), None),  # Independence Day falls on a Saturday
        (date(2026, 4, 3), None),  # Good Friday
        (date(2025, 1, 9), None),  # mourning for President Carter
        (date(2026, 11, 27), time(13)),  # the day after Thanksgiving
        (date(2026, 12, 24), time(13)),
        (date(2025, 7, 3), time(13)),
    ],
)
def test_the_exchange_closes(day: date, closes: time | None) -> None:
    # from the exchange's own list of holidays and early closings, https://www.nyse.com/markets/hours-calendars
    assert closing_time(day) == closes


def test_scans_are_at_half_past_ten_and_five_to_four_new_york_time() -> None:
    # summer: New York is UTC - 4
    assert Scans().of(date(2026, 6, 10)) == (utc("2026-06-10T14:30"), utc("2026-06-10T19:55"))


def test_in_winter_they_are_an_hour_later_in_utc() -> None:
    assert Scans().of(date(2026, 1, 7)) == (utc("2026-01-07T15:30"), utc("2026-01-07T20:55"))


def test_a_half_day_has_no_scan_after_its_close() -> None:
    assert Scans().of(date(2026, 11, 27)) == (utc("2026-11-27T15:30"),)


@pytest.mark.parametrize(
    ("at", "scan"),
    [
        ("2026-06-10T14:29:59", "2026-06-10T14:30"),
        ("2026-06-10T14:30", "2026-06-10T19:55"),  # the scan of this very moment is over
        ("2026-06-10T20:00", "2026-06-11T14:30"),
        ("2026-06-12T21:00", "2026-06-15T14:30"),  # over the weekend
        ("2026-06-18T20:00", "2026-06-22T14:30"),  # over Juneteenth, a Friday, and the weekend
        ("2026-11-27T15:30", "2026-11-30T15:30"),  # a half day
        ("2026-03-06T20:56", "2026-03-09T14:30"),  # summer time begins on the 8th
    ],
)
def test_the_next_scan(at: str, scan: str) -> None:
    assert Scans().after(utc(at)) == utc(scan)


def test_a_week_closes_with_its_last_session() -> None:
    # Friday 26 June; Friday 19 June is Juneteenth, so Thursday 18; Friday 12 June
    closes = list(islice(Scans().week_closes(utc("2026-06-30T12:00")), 3))
    assert closes == [utc("2026-06-26T20:00"), utc("2026-06-18T20:00"), utc("2026-06-12T20:00")]


def test_a_week_closes_at_the_close_and_not_before() -> None:
    assert next(Scans().week_closes(utc("2026-06-26T19:59:59"))) == utc("2026-06-18T20:00")
    assert next(Scans().week_closes(utc("2026-06-26T20:00"))) == utc("2026-06-26T20:00")


@pytest.mark.parametrize("times", [(time(15, 55), time(10, 30)), (time(10, 30), time(10, 30)), ()])
def test_scan_times_out_of_order_are_refused(times: tuple[time, ...]) -> None:
    with pytest.raises(ValueError, match="scan times must rise"):
        Scans(times)


def test_without_the_calendar_s_package_it_is_said_which_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "holidays", None)
    with pytest.raises(ConfigError, match="pip install holidays"):
        closing_time(date(1990, 1, 2))  # a year that no other test asks for
