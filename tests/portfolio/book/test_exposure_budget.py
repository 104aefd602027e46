"""The weekly budget of source 000: what is spent, when it is freed, when the week begins anew, who gets how much."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.book.exposure_budget import Allocation, Spent, freed, shares, spent
from portfolio.calendar.exchange_sessions import Scans

SCANS = Scans()
D = Decimal


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def took(money: int | None, opened: str, closed: str | None = None, position: str = "") -> Allocation:
    """Return a position of so much exposure; its name is the moment it was opened at."""
    exposure = None if money is None else D(money)
    return Allocation(position or opened, "PLTR", exposure, utc(opened), None if closed is None else utc(closed))


def at(now: str, *taken: Allocation) -> Spent:
    return spent(taken, utc(now), SCANS)


# 2026-06-10 is a Wednesday; New York is UTC - 4: the scans are at 14:30 and 19:55 UTC, the close at 20:00


def test_source_000_what_is_open_is_spent_of_day_and_week() -> None:
    now = at("2026-06-10T18:00", took(10_500, "2026-06-10T14:31"), took(10_000, "2026-06-09T14:31"))
    assert (now.day, now.week) == (D(10_500), D(20_500))
    assert (now.positions_day, now.positions_week) == (1, 2)


@pytest.mark.parametrize(
    ("now", "left"),
    [
        ("2026-06-10T16:00", 10_500),  # at the close itself
        ("2026-06-10T19:54:59", 10_500),
        ("2026-06-10T19:55", 0),  # the scan
        ("2026-06-10T19:56", 0),
    ],
)
def test_source_000_a_closed_position_frees_its_budget_at_the_next_scan_and_not_at_once(now: str, left: int) -> None:
    found = at(now, took(10_500, "2026-06-10T14:31", closed="2026-06-10T16:00"))
    assert found.day == found.week == left


def test_the_scan_that_will_free_it_is_named() -> None:
    found = at("2026-06-10T17:00", took(10_500, "2026-06-10T14:31", closed="2026-06-10T16:00"))
    assert found.frees == utc("2026-06-10T19:55")
    assert at("2026-06-10T17:00", took(10_500, "2026-06-10T14:31")).frees is None


def test_a_position_closed_at_a_scan_waits_for_the_one_after() -> None:
    found = at("2026-06-10T19:55", took(10_500, "2026-06-10T14:31", closed="2026-06-10T19:55"))
    assert found.week == 10_500
    assert found.frees == utc("2026-06-11T14:30")


def test_a_freed_position_still_counts_as_one_of_the_day() -> None:
    found = at("2026-06-10T20:30", took(10_500, "2026-06-10T14:31", closed="2026-06-10T16:00"))
    assert (found.day, found.positions_day) == (D(0), 1)


def test_the_day_changes_at_midnight_in_new_york() -> None:
    taken = took(10_500, "2026-06-10T14:31")
    assert at("2026-06-11T03:59", taken).day == 10_500
    assert at("2026-06-11T04:00", taken).day == 0
    assert at("2026-06-11T04:00", taken).week == 10_500


def test_source_000_the_week_resets_after_friday_s_close_when_every_position_is_closed() -> None:
    taken = (
        took(10_500, "2026-06-08T14:31", closed="2026-06-10T16:00"),
        took(10_500, "2026-06-09T14:31", closed="2026-06-12T20:00"),
    )
    assert at("2026-06-12T19:59", *taken).positions_week == 2
    after = at("2026-06-12T20:01", *taken)
    assert (after.positions_week, after.week_began) == (0, utc("2026-06-12T20:00"))


def test_source_000_it_does_not_reset_while_one_is_open() -> None:
    taken = (
        took(10_500, "2026-06-08T14:31", closed="2026-06-10T16:00"),
        took(10_500, "2026-06-09T14:31", closed="2026-06-15T16:00"),
    )
    monday = at("2026-06-15T19:56", *taken)
    assert (monday.positions_week, monday.week_began) == (2, utc("2026-06-05T20:00"))
    assert monday.week == 0
    next_friday = at("2026-06-18T20:00", *taken)
    assert next_friday.positions_week == 0


def test_what_stays_open_over_the_weekend_stays_spent() -> None:
    assert at("2026-06-15T15:00", took(10_500, "2026-06-09T14:31")).week == 10_500


def test_an_addition_to_a_position_is_no_new_position() -> None:
    taken = (took(5_000, "2026-06-10T14:31", position="7"), took(4_000, "2026-06-10T15:00", position="7"))
    found = at("2026-06-10T18:00", *taken)
    assert (found.day, found.positions_day) == (D(9_000), 1)


def test_what_can_t_be_valued_is_named_until_it_is_freed() -> None:
    taken = took(None, "2026-06-10T14:31", closed="2026-06-10T16:00", position="7")
    assert at("2026-06-10T17:00", taken).unknown == ("PLTR 7",)
    assert at("2026-06-10T19:55", taken).unknown == ()


def test_nothing_traded_is_nothing_spent() -> None:
    assert at("2026-06-10T12:00") == Spent(D(0), D(0), 0, 0, utc("2026-06-05T20:00"))


@pytest.mark.parametrize(
    ("signals", "per_cent"),
    [
        (0, []),
        (1, ["10.00"]),
        (2, ["10.00", "10.00"]),
        (3, ["6.67", "6.67", "6.67"]),
        (4, ["5.00"] * 4),
        (5, ["5.00"] * 4 + ["0.00"]),
        (7, ["5.00"] * 4 + ["0.00"] * 3),
    ],
)
def test_source_000_dynamic_sizing_by_the_number_of_signals(signals: int, per_cent: list[str]) -> None:
    assert [f"{share * 100:.2f}" for share in shares(signals)] == per_cent


def test_source_000_a_day_never_exceeds_twenty_per_cent() -> None:
    assert all(sum(shares(count)) <= D("0.20") for count in range(20))


MOMENTS = st.datetimes(datetime(2026, 5, 1), datetime(2026, 7, 31), timezones=st.just(UTC))  # noqa: DTZ001 - bounds
TAKEN = st.builds(
    lambda opened, held, money, number: Allocation(
        str(number), "X", D(money), opened, None if held is None else opened + timedelta(minutes=held)
    ),
    MOMENTS,
    st.none() | st.integers(0, 20_000),
    st.integers(1, 50_000),
    st.integers(0, 5),
)


@given(st.lists(TAKEN, max_size=8), MOMENTS)
def test_a_day_never_spends_more_than_its_week(taken: list[Allocation], now: datetime) -> None:
    found = spent(taken, now, SCANS)
    assert 0 <= found.day <= found.week
    assert found.positions_day <= len(taken)


@given(TAKEN, MOMENTS, st.integers(0, 10_000))
def test_what_is_freed_stays_freed_and_only_a_closed_position_is(one: Allocation, now: datetime, later: int) -> None:
    if freed(one, now, SCANS):
        assert one.closed is not None
        assert one.closed < now
        assert freed(one, now + timedelta(minutes=later), SCANS)


@given(st.lists(TAKEN, max_size=6), TAKEN, MOMENTS)
def test_another_position_never_leaves_more_of_the_week(
    taken: list[Allocation], one: Allocation, now: datetime
) -> None:
    assert spent([*taken, one], now, SCANS).week >= spent(taken, now, SCANS).week
