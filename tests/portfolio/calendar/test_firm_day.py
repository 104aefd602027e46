"""The firm's day begins when the firm says, in every hour of sixteen years."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import numpy as np
import pytest

from portfolio.calendar.firm_day import (
    DayRule,
    clock_override,
    last_reset,
    local_day,
    next_reset,
    resets_between,
    server_to_utc,
    server_utc_offset,
)
from tests.portfolio.day_oracle import FIRST, LAST, boundaries

PRAGUE = DayRule("Europe/Prague", time(0))
SERVER = DayRule("SERVER", time(0))

IN_USE = [
    PRAGUE,
    DayRule("America/New_York", time(17)),
    DayRule("America/New_York", time(18)),
    DayRule("America/Chicago", time(17)),
    SERVER,
    DayRule("UTC", time(0)),
    DayRule("UTC", time(0, 30)),
]


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize("day", IN_USE, ids=lambda day: f"{day.tz} {day.reset:%H:%M}")
def test_every_hour_of_2020_to_2035_lies_between_the_resets_of_an_independent_clock(day: DayRule) -> None:
    found = boundaries(day.tz, day.reset)
    resets = [datetime.fromtimestamp(int(moment), UTC) for moment in found]
    first = int(datetime(FIRST, 1, 1, tzinfo=UTC).timestamp())
    hours = np.arange(first, int(datetime(LAST + 1, 1, 1, tzinfo=UTC).timestamp()), 3600)
    places = np.searchsorted(found, hours, side="right")
    start = datetime(FIRST, 1, 1, tzinfo=UTC)
    wrong = []
    for step, place in enumerate(places.tolist()):
        now = start + timedelta(hours=step)
        if last_reset(day, now) != resets[place - 1] or next_reset(day, now) != resets[place]:
            wrong.append(now)
    assert len(hours) == 140_256  # 16 years with 4 leap days: 5844 days of 24 hours
    assert wrong == []


@pytest.mark.parametrize("day", IN_USE, ids=lambda day: f"{day.tz} {day.reset:%H:%M}")
def test_the_second_before_a_reset_belongs_to_the_old_day(day: DayRule) -> None:
    for reset in resets_between(day, utc("2026-01-01"), utc("2027-01-01")):
        assert last_reset(day, reset) == reset
        assert next_reset(day, reset - timedelta(seconds=1)) == reset
        assert last_reset(day, reset - timedelta(seconds=1)) < reset < next_reset(day, reset)


@pytest.mark.parametrize(
    ("noon", "begins", "ends", "hours"),
    [
        # the local days around both changes of clocks in 2026
        ("2026-03-28T12:00", "2026-03-27T23:00", "2026-03-28T23:00", 24),
        ("2026-03-29T12:00", "2026-03-28T23:00", "2026-03-29T22:00", 23),
        ("2026-03-30T12:00", "2026-03-29T22:00", "2026-03-30T22:00", 24),
        ("2026-10-24T12:00", "2026-10-23T22:00", "2026-10-24T22:00", 24),
        ("2026-10-25T12:00", "2026-10-24T22:00", "2026-10-25T23:00", 25),
        ("2026-10-26T12:00", "2026-10-25T23:00", "2026-10-26T23:00", 24),
    ],
)
def test_the_days_of_the_change_of_clocks_in_prague_have_23_and_25_hours(
    noon: str, begins: str, ends: str, hours: int
) -> None:
    assert last_reset(PRAGUE, utc(noon)) == utc(begins)
    assert next_reset(PRAGUE, utc(noon)) == utc(ends)
    assert utc(ends) - utc(begins) == timedelta(hours=hours)


def test_prague_resets_at_one_oclock_of_the_server_except_in_the_weeks_when_the_clocks_disagree() -> None:
    # New York changes on 8 March and 1 November 2026, Prague on 29 March and 25 October
    late = []
    for reset in resets_between(PRAGUE, utc("2025-12-31T12:00"), utc("2026-12-31T12:00")):
        server = reset + timedelta(seconds=server_utc_offset(reset))
        assert server.hour in {1, 2}
        if server.hour == 2:
            late.append(server.date())
    # the midnight that begins 8 March comes before New York's change, so the first late one begins 9 March; the one
    # that begins 29 March is the last late one. In autumn they are those of 26 October to 1 November.
    spring = [date(2026, 3, 9) + timedelta(days=step) for step in range(21)]
    autumn = [date(2026, 10, 26) + timedelta(days=step) for step in range(7)]
    assert late == spring + autumn


def test_the_server_is_seven_hours_ahead_of_new_york() -> None:
    assert server_utc_offset(utc("2026-01-14T12:00")) == 2 * 3600
    assert server_utc_offset(utc("2026-06-10T12:00")) == 3 * 3600
    assert server_utc_offset(utc("2026-03-10T12:00")) == 3 * 3600  # Prague is still on winter time


def test_a_terminals_time_becomes_utc_by_the_offset_of_its_own_day() -> None:
    # scenarios R01: 1781051400 reads 2026-06-10 00:30 on the server
    assert server_to_utc(1781051400) == utc("2026-06-09T21:30")
    winter = int(utc("2026-01-14T00:30").timestamp())
    assert server_to_utc(winter) == utc("2026-01-13T22:30")
    assert server_to_utc(winter, 0) == utc("2026-01-14T00:30")
    assert server_to_utc(winter, 3600) == utc("2026-01-13T23:30")


def test_a_measured_offset_replaces_the_model_only_where_it_contradicts_it() -> None:
    now = utc("2026-06-10T12:00")
    assert clock_override(3 * 3600, now) is None
    assert clock_override(2 * 3600, now) == 2 * 3600
    assert last_reset(SERVER, now, 3 * 3600) == utc("2026-06-09T21:00")
    assert last_reset(SERVER, now, 2 * 3600) == utc("2026-06-09T22:00")
    assert last_reset(SERVER, now, 0) == utc("2026-06-10T00:00")
    assert last_reset(PRAGUE, now, 0) == utc("2026-06-09T22:00")


def test_a_measured_offset_that_agrees_does_not_spoil_the_day_of_the_change() -> None:
    # Sunday 1 November 2026: New York leaves summer time at 06:00 UTC, the server's day began at 21:00 UTC before
    after = utc("2026-11-01T07:00")
    assert last_reset(SERVER, after, 2 * 3600) == utc("2026-10-31T21:00")
    assert local_day(SERVER, utc("2026-10-31T21:00")) == date(2026, 11, 1)
    assert next_reset(SERVER, after, 2 * 3600) == utc("2026-11-01T22:00")


def test_a_reset_time_that_the_clock_leaves_out_is_taken_by_the_clock_before_the_change() -> None:
    gap = DayRule("Europe/Prague", time(2, 30))
    assert last_reset(gap, utc("2026-03-29T12:00")) == utc("2026-03-29T01:30")


def test_a_reset_time_that_the_clock_repeats_counts_once_at_its_first_pass() -> None:
    twice = DayRule("Europe/Prague", time(2, 30))
    assert last_reset(twice, utc("2026-10-25T00:30")) == utc("2026-10-25T00:30")
    assert last_reset(twice, utc("2026-10-25T01:30")) == utc("2026-10-25T00:30")
    assert next_reset(twice, utc("2026-10-25T00:30")) == utc("2026-10-26T01:30")


def test_a_day_is_named_by_the_firms_own_calendar() -> None:
    assert local_day(PRAGUE, utc("2026-06-09T22:00")) == date(2026, 6, 10)
    assert local_day(DayRule("America/New_York", time(17)), utc("2026-06-09T21:00")) == date(2026, 6, 9)
    assert local_day(SERVER, utc("2026-06-09T21:00")) == date(2026, 6, 10)
    assert local_day(SERVER, utc("2026-06-09T22:00"), 2 * 3600) == date(2026, 6, 10)


def test_resets_between_leaves_out_the_first_moment_and_keeps_the_last() -> None:
    found = resets_between(PRAGUE, utc("2026-03-27T23:00"), utc("2026-03-30T22:00"))
    assert found == [utc("2026-03-28T23:00"), utc("2026-03-29T22:00"), utc("2026-03-30T22:00")]


def test_a_moment_without_a_zone_has_no_trading_day() -> None:
    with pytest.raises(ValueError, match="zone"):
        last_reset(PRAGUE, datetime(2026, 6, 10, 12))  # noqa: DTZ001 -- the fault under test
