"""Windows in which nothing is opened, to the second, and on both sides of a change of clocks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from portfolio.calendar.blackout import News, around_news, before_close, outside, spans
from tests.builders import NOW, spec

NEW_YORK = ZoneInfo("America/New_York")
TWO_HOURS = timedelta(hours=2)
MINUTES = timedelta(minutes=2)
WEEKEND = "Fri 17:00 - Sun 17:00"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def closing(text: str, now: str) -> str | None:
    closes = (one for span in spans(text) for one in span.near(at(now), NEW_YORK))
    return before_close(closes, TWO_HOURS, at(now))


@pytest.mark.parametrize(
    ("now", "shut"),
    [
        # summer: 17:00 in New York is 21:00 UTC
        ("2026-06-12T18:59:59Z", False),
        ("2026-06-12T19:00:00Z", True),
        ("2026-06-12T20:59:59Z", True),
        ("2026-06-13T12:00:00Z", True),
        ("2026-06-14T20:59:59Z", True),
        ("2026-06-14T21:00:00Z", False),
        # Thursday's and Monday's hour is none before a weekend
        ("2026-06-11T20:00:00Z", False),
        ("2026-06-15T20:00:00Z", False),
        # winter: 22:00 UTC
        ("2026-01-09T19:59:59Z", False),
        ("2026-01-09T20:00:00Z", True),
        # the weekend on which the clocks change (8 March 2026): closed at 22:00 UTC, open at 21:00 UTC
        ("2026-03-06T19:59:59Z", False),
        ("2026-03-06T20:00:00Z", True),
        ("2026-03-08T20:59:59Z", True),
        ("2026-03-08T21:00:00Z", False),
    ],
)
def test_the_two_hours_before_friday_17_new_york_and_the_weekend_itself(now: str, *, shut: bool) -> None:
    assert (closing(WEEKEND, now) is not None) is shut


def test_it_says_which_close() -> None:
    assert closing(WEEKEND, "2026-06-12T20:00:00Z") == "the market closes Fri 21:00 UTC until Sun 21:00 UTC"


@pytest.mark.parametrize(
    ("text", "shut"), [("17:00 - 18:00", False), ("17:00 - 18:59", False), ("17:00 - 19:00", True)]
)
def test_a_break_of_less_than_two_hours_is_no_close(text: str, *, shut: bool) -> None:
    assert (closing(text, "2026-06-10T20:00:00Z") is not None) is shut


def test_a_close_without_days_comes_every_weekday_and_lasts_into_the_next() -> None:
    # stocks: 16:00 in New York is 20:00 UTC
    assert closing("16:00 - 09:30", "2026-06-10T17:59:59Z") is None
    assert closing("16:00 - 09:30", "2026-06-10T18:00:00Z") is not None
    assert closing("16:00 - 09:30", "2026-06-11T13:29:59Z") is not None
    assert closing("16:00 - 09:30", "2026-06-11T13:30:00Z") is None


def test_a_market_that_never_closes_has_no_window() -> None:
    assert closing("", "2026-06-12T20:00:00Z") is None


# sessions


@pytest.mark.parametrize(
    ("now", "open_"),
    [
        ("2026-06-10T10:59:59Z", False),
        ("2026-06-10T11:00:00Z", True),
        ("2026-06-10T14:59:59Z", True),
        ("2026-06-10T15:00:00Z", False),
        ("2026-06-10T17:00:00Z", True),
        # Saturday
        ("2026-06-13T12:00:00Z", False),
        # winter: an hour later by UTC
        ("2026-01-09T11:30:00Z", False),
        ("2026-01-09T12:00:00Z", True),
    ],
)
def test_a_session_begins_at_its_minute_and_ends_before_the_last(now: str, *, open_: bool) -> None:
    assert (outside(spans("07:00-11:00, 13:00-17:00"), NEW_YORK, at(now)) is None) is open_


def test_a_session_over_midnight_belongs_to_the_day_it_began() -> None:
    night = spans("22:00-02:00")
    assert outside(night, UTC_ZONE, at("2026-06-13T01:00:00Z")) is None
    assert outside(night, UTC_ZONE, at("2026-06-14T01:00:00Z")) is not None


def test_outside_it_says_when_the_next_begins() -> None:
    said = outside(spans("07:00-11:00"), UTC_ZONE, at("2026-06-12T11:00:00Z"))
    assert said == "outside of the session, the next begins Mon 07:00 UTC"


def test_without_sessions_any_hour_is_good() -> None:
    assert outside((), UTC_ZONE, NOW) is None


@pytest.mark.parametrize("text", ["07:00", "7-11", "24:00-25:00", "Fri 17:00 - 18:00", "07:00-11:00,", "Foo 1:00-2:00"])
def test_a_stretch_that_can_t_be_meant_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no stretch of time"):
        spans(text)


def test_a_day_s_name_may_be_written_out() -> None:
    assert spans("Friday 17:00 - Sunday 17:00") == spans("fri 17:00-sun 17:00")


# news


CPI = News(NOW, "US CPI", MINUTES, MINUTES, currencies=frozenset({"USD"}))


@pytest.mark.parametrize(("seconds", "shut"), [(-121, False), (-120, True), (0, True), (120, True), (121, False)])
def test_two_minutes_on_both_sides_of_a_release_both_ends_included(seconds: int, *, shut: bool) -> None:
    found = around_news([CPI], spec("EURUSD"), NOW + timedelta(seconds=seconds))
    assert (found is not None) is shut


def test_it_names_the_release_and_its_end() -> None:
    assert around_news([CPI], spec("EURUSD"), NOW) == "news: US CPI at Wed 12:00 UTC, until Wed 12:02 UTC"


def test_a_symbol_without_the_currency_is_not_concerned() -> None:
    other = spec("EURGBP", currency_profit="GBP", currency_margin="EUR")
    assert around_news([CPI], other, NOW) is None


@pytest.mark.parametrize(("symbol", "shut"), [("US30.cash", True), ("US30", True), ("GER40", False)])
def test_a_symbol_is_known_by_its_plain_name(symbol: str, *, shut: bool) -> None:
    event = News(NOW, "opening", MINUTES, MINUTES, symbols=frozenset({"US30"}))
    assert (around_news([event], spec(symbol), NOW) is not None) is shut


def test_a_release_that_names_nothing_concerns_everything() -> None:
    event = News(NOW, "a war", MINUTES, MINUTES)
    assert around_news([event], spec("GER40"), NOW) is not None


UTC_ZONE = ZoneInfo("UTC")
