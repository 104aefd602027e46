"""The broker's clock: what it shows, how it is found out, and where it is not known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mt5bridge.errors import MomentError
from mt5bridge.reading.server_time import NEW_YORK_CLOSE, ServerClock, fixed, measure, parse, settle_clock
from mt5bridge.reading.terminal_memory import Memory

BERLIN = ServerClock("Europe/Berlin", 0)
SUMMER = datetime(2026, 6, 10, 12, 0, tzinfo=UTC)


def epoch(text: str) -> float:
    """Return the epoch a terminal writes for a wall clock time."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("utc", "hours"),
    [
        ("2026-01-15T12:00", 2),
        ("2026-06-10T12:00", 3),
        ("2026-03-08T06:59", 2),  # New York changes at 07:00 UTC on 8 March, Berlin only on the 29th
        ("2026-03-08T07:00", 3),
        ("2026-03-20T12:00", 3),
        ("2026-10-28T12:00", 3),  # Berlin has changed back on the 25th, New York not before 1 November
        ("2026-11-01T06:00", 2),
    ],
)
def test_the_usual_broker_is_seven_hours_ahead_of_new_york(utc: str, hours: int) -> None:
    at = datetime.fromisoformat(utc).replace(tzinfo=UTC)
    assert NEW_YORK_CLOSE.offset(at) == hours * 3600


def test_its_day_ends_when_new_york_closes() -> None:
    for day in ("2026-01-15T22:00", "2026-06-10T21:00", "2026-03-20T21:00"):
        at = datetime.fromisoformat(day).replace(tzinfo=UTC)
        assert datetime.fromtimestamp(NEW_YORK_CLOSE.to_server(at), UTC).hour == 0


@given(st.integers(1_420_070_400, 2_051_222_400), st.sampled_from([NEW_YORK_CLOSE, BERLIN]))
def test_there_and_back_is_the_same_instant_but_in_the_hour_shown_twice(second: int, clock: ServerClock) -> None:
    instant = datetime.fromtimestamp(second, UTC)
    back = clock.to_utc(clock.to_server(instant))
    assert back == instant or instant - back == timedelta(hours=1)


@pytest.mark.parametrize("clock", [NEW_YORK_CLOSE, BERLIN, ServerClock("UTC", 19_800)])
@pytest.mark.parametrize("step", [3_600, 14_400, 86_400, 604_800])
def test_many_times_are_read_as_one_by_one(clock: ServerClock, step: int) -> None:
    # three years, six changes of New York's and Berlin's clocks
    server_epochs = list(range(int(epoch("2024-01-01T00:00")), int(epoch("2027-01-01T00:00")), step))
    assert list(clock.all_to_utc(server_epochs)) == [int(clock.to_utc(at).timestamp()) for at in server_epochs]


def test_history_on_the_other_side_of_a_clock_change_is_read_rightly() -> None:
    # the same 10:00 at the server is 08:00 UTC in winter and 07:00 in summer
    assert NEW_YORK_CLOSE.to_utc(epoch("2026-02-02T10:00")) == datetime(2026, 2, 2, 8, tzinfo=UTC)
    assert NEW_YORK_CLOSE.to_utc(epoch("2026-06-02T10:00")) == datetime(2026, 6, 2, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("offset", "at", "zone"),
    [
        (10_800, SUMMER, "America/New_York"),
        (7_200, SUMMER, "Europe/Berlin"),
        (3_600, SUMMER, "Europe/London"),
        (7_200, datetime(2026, 3, 20, tzinfo=UTC), "Europe/Athens"),
        (19_800, SUMMER, "UTC"),
    ],
)
def test_a_plain_offset_is_explained_by_a_rule_brokers_use(offset: int, at: datetime, zone: str) -> None:
    assert fixed(offset, at).zone == zone


def test_an_offset_without_a_rule_holds_until_the_next_clock_change() -> None:
    clock = fixed(19_800, SUMMER)
    assert clock.offset(datetime(2026, 10, 24, tzinfo=UTC)) == 19_800
    assert clock.offset(datetime(2026, 3, 30, tzinfo=UTC)) == 19_800
    for beyond in (datetime(2026, 10, 25, 3, tzinfo=UTC), datetime(2026, 3, 28, tzinfo=UTC)):
        with pytest.raises(MomentError) as caught:
            clock.offset(beyond)
        assert caught.value.reason.code == "server_offset_unknown"


def test_an_offset_without_a_rule_reads_no_history_from_before_the_change() -> None:
    with pytest.raises(MomentError):
        fixed(19_800, SUMMER).to_utc(epoch("2026-02-02T10:00"))


@pytest.mark.parametrize("hour", range(24))
def test_an_offset_found_on_the_day_of_a_change_holds_at_that_hour(hour: int) -> None:
    at = datetime(2026, 3, 8, hour, 30, tzinfo=UTC)
    assert fixed(19_800, at).offset(at) == 19_800


@pytest.mark.parametrize(
    ("ahead", "offset", "age"),
    [(10_799.0, 10_800, 1.0), (7_198.0, 7_200, 2.0), (-3_605.0, -3_600, 5.0), (0.5, 0, -0.5)],
)
def test_an_offset_is_measured_to_the_quarter_of_an_hour(ahead: float, offset: int, age: float) -> None:
    # 7198 s ahead: a published Ger40 dump, two seconds after its last tick
    measured_offset, measured_age = measure(SUMMER.timestamp() + ahead, SUMMER)
    assert measured_offset == offset
    assert measured_age == pytest.approx(age)


def tick(offset: float, age: float = 1.0) -> float:
    return SUMMER.timestamp() + offset - age


def test_a_fresh_tick_confirms_the_model() -> None:
    assert settle_clock(tick(10_800), SUMMER) == NEW_YORK_CLOSE


def test_without_a_tick_the_belief_stands() -> None:
    assert settle_clock(None, SUMMER, believed=BERLIN) == BERLIN


def test_an_override_stands_whatever_the_tick_says() -> None:
    assert settle_clock(tick(10_800), SUMMER, override=BERLIN) == BERLIN
    assert settle_clock(tick(10_800), SUMMER, override=7_200) == BERLIN


def test_a_tick_ahead_of_the_model_can_not_be_stale() -> None:
    assert settle_clock(tick(14_400), SUMMER) == fixed(14_400, SUMMER)


@pytest.mark.parametrize("offset", [14_400, 7_200])
def test_a_tick_that_contradicts_a_confirmed_clock_does_not_change_it(offset: int) -> None:
    assert settle_clock(tick(offset), SUMMER, believed=NEW_YORK_CLOSE, moving=True) == NEW_YORK_CLOSE


def test_a_confirmed_clock_is_believed_until_clocks_change() -> None:
    memory = Memory()
    memory.confirm(BERLIN, tick(7_200), SUMMER)
    assert memory.believed(datetime(2026, 10, 20, tzinfo=UTC)) == BERLIN
    assert memory.believed(datetime(2026, 10, 28, tzinfo=UTC)) is None


def test_a_clock_that_no_fresh_tick_agreed_with_is_not_believed() -> None:
    memory = Memory()
    memory.confirm(BERLIN, tick(7_200, age=61), SUMMER)
    assert memory.believed(SUMMER) is None


def test_a_tick_behind_the_model_may_be_stale_and_decides_nothing_alone() -> None:
    assert settle_clock(tick(7_200), SUMMER) is None


def test_a_tick_behind_the_model_that_moves_is_another_clock() -> None:
    assert settle_clock(tick(7_200), SUMMER, moving=True) == BERLIN


def test_a_tick_off_the_quarters_is_stale_and_the_belief_stands() -> None:
    assert settle_clock(tick(10_800, age=300), SUMMER, moving=True) == NEW_YORK_CLOSE


def test_an_offset_no_place_on_earth_has_is_not_believed() -> None:
    assert settle_clock(tick(16 * 3600), SUMMER) == NEW_YORK_CLOSE


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("10800", 10_800),
        ("-18000", -18_000),
        ("Europe/Berlin", BERLIN),
        ("America/New_York+25200", NEW_YORK_CLOSE),
        ("Etc/GMT+3", ServerClock("Etc/GMT+3", 0)),
    ],
)
def test_a_user_may_name_seconds_or_a_zone(text: str, meant: ServerClock | int) -> None:
    assert parse(text) == meant


@pytest.mark.parametrize("text", ["", "three hours", "Europe/Berlinn", "../etc/passwd", "America/New_York+7h"])
def test_what_is_neither_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="neither seconds nor a time zone"):
        parse(text)
