"""The paper server's clock is New York + 7 h, written as an epoch, through every change of summer time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from mt5bridge.simulated import SimulatedTerminal
from mt5bridge.simulated.market.clock import VirtualClock, epoch_ms, server_offset

NEW_YORK = ZoneInfo("America/New_York")


def test_every_hour_of_ten_years_is_new_york_and_seven() -> None:
    at = datetime(2018, 1, 1, tzinfo=UTC)
    for _ in range(10 * 366 * 24):
        expected = at.astimezone(NEW_YORK).utcoffset() or timedelta()
        assert server_offset(at.timestamp()) == expected.total_seconds() + 7 * 3600, at
        at += timedelta(hours=1)


@pytest.mark.parametrize(
    ("before", "offsets"),
    [
        (datetime(2026, 3, 8, 6, 59, 59, tzinfo=UTC), (7200, 10800)),  # 01:59:59 EST, then 03:00 EDT
        (datetime(2026, 11, 1, 5, 59, 59, tzinfo=UTC), (10800, 7200)),  # 01:59:59 EDT, then 01:00 EST
    ],
)
def test_the_offset_changes_on_the_second(before: datetime, offsets: tuple[int, int]) -> None:
    now = before.timestamp()
    assert (server_offset(now), server_offset(now + 1)) == offsets


def test_the_mismatch_weeks_follow_new_york() -> None:
    # US summer time began on 8 March 2026, Europe's on 29 March: midnight is 21:00 UTC already
    clock = VirtualClock(datetime(2026, 3, 10, 12, tzinfo=UTC))
    assert clock.next_midnight() == epoch_ms(datetime(2026, 3, 10, 21, tzinfo=UTC))
    clock = VirtualClock(datetime(2026, 3, 3, 12, tzinfo=UTC))
    assert clock.next_midnight() == epoch_ms(datetime(2026, 3, 3, 22, tzinfo=UTC))


def test_server_time_can_be_undone_except_for_the_hour_that_comes_twice() -> None:
    clock = VirtualClock(datetime(2026, 1, 1, tzinfo=UTC))
    at = datetime(2026, 1, 1, tzinfo=UTC)
    twice = datetime(2026, 11, 1, 6, tzinfo=UTC)  # its hour repeats the one before on the server's clock
    for _ in range(366 * 24):
        back = clock.to_utc(clock.to_server(epoch_ms(at)))
        assert back == epoch_ms(at if at != twice else at - timedelta(hours=1)), at
        at += timedelta(hours=1)


def test_times_in_rows_are_the_servers_wall_clock() -> None:
    terminal = SimulatedTerminal.fresh(at=datetime(2026, 6, 10, 12, tzinfo=UTC))
    tick = terminal.symbol_info_tick("EURUSD")
    assert tick is not None
    assert datetime.fromtimestamp(tick.time, UTC) == datetime(2026, 6, 10, 15, tzinfo=UTC)
    assert tick.time_msc // 1000 == tick.time


def test_another_rule_can_be_had() -> None:
    clock = VirtualClock(datetime(2026, 6, 10, 12, tzinfo=UTC), lambda _utc: 3600)
    assert clock.server_ms - clock.utc_ms == 3_600_000


def test_the_clock_stands_still_until_moved_and_never_goes_back() -> None:
    terminal = SimulatedTerminal.fresh()
    start = terminal.now
    assert terminal.now == start
    assert terminal.advance(1.5).now == start + timedelta(seconds=1.5)
    assert terminal.advance(timedelta(minutes=1)).now == start + timedelta(seconds=61.5)
    assert terminal.advance(start + timedelta(hours=1)).now == start + timedelta(hours=1)
    assert terminal.advance(start).now == start + timedelta(hours=1)


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        VirtualClock(datetime(2026, 6, 10))  # noqa: DTZ001 - the point of the test
