"""Bars of every timeframe and ticks are put together as a server charts them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from mt5bridge.metatrader.constants import Constants
from mt5bridge.simulated import SimulatedTerminal
from mt5bridge.simulated.market.bars import Bar, Tape
from tests.paths import DATA

CONTRACT = json.loads((DATA / "mt5_contract.json").read_text(encoding="utf-8"))
NOON = datetime(2026, 6, 10, 12, tzinfo=UTC)
HALF_PAST = NOON + timedelta(minutes=30)


def test_the_arrays_have_the_packages_columns() -> None:
    terminal = SimulatedTerminal.fresh()
    bars = terminal.copy_rates_from_pos("EURUSD", terminal.TIMEFRAME_H1, 0, 3)
    ticks = terminal.copy_ticks_from("EURUSD", 1_781_092_800, 3, terminal.COPY_TICKS_ALL)
    assert bars is not None
    assert ticks is not None
    assert [list(field) for field in bars.dtype.descr] == CONTRACT["rates_dtype"]
    assert [list(field) for field in ticks.dtype.descr] == CONTRACT["ticks_dtype"]
    assert bars.dtype.itemsize == ticks.dtype.itemsize == 60


def test_position_0_is_the_bar_still_forming() -> None:
    terminal = SimulatedTerminal.fresh(at=HALF_PAST)
    bars = terminal.copy_rates_from_pos("EURUSD", terminal.TIMEFRAME_H1, 0, 2)
    tick = terminal.symbol_info_tick("EURUSD")
    assert bars is not None
    assert tick is not None
    assert bars["time"].tolist() == [1_781_100_000, 1_781_103_600]  # 14:00 and 15:00 on the server
    assert bars["close"][-1] == tick.bid
    closed = terminal.advance(timedelta(minutes=30)).copy_rates_from_pos("EURUSD", terminal.TIMEFRAME_H1, 1, 1)
    assert closed is not None
    assert bars["high"][-1] <= closed["high"][0]
    assert bars["low"][-1] >= closed["low"][0]
    assert bars["open"][-1] == closed["open"][0]


@pytest.mark.parametrize(
    ("timeframe", "count"),
    [("M1", 60), ("M5", 12), ("M15", 4), ("M30", 2), ("H1", 1)],
)
def test_shorter_bars_make_up_the_hour(timeframe: str, count: int) -> None:
    terminal = SimulatedTerminal.fresh(at=NOON)
    hour = terminal.copy_rates_from_pos("EURUSD", terminal.TIMEFRAME_H1, 1, 1)
    parts = terminal.copy_rates_from_pos("EURUSD", getattr(terminal, f"TIMEFRAME_{timeframe}"), 1, count)
    assert hour is not None
    assert parts is not None
    assert len(parts) == count
    assert parts["time"][0] == hour["time"][0]
    assert parts["high"].max() == hour["high"][0]
    assert parts["low"].min() == hour["low"][0]
    assert (parts["open"][0], parts["close"][-1]) == (hour["open"][0], hour["close"][0])


def test_a_day_is_the_servers_day() -> None:
    terminal = SimulatedTerminal.fresh(at=NOON)
    days = terminal.copy_rates_from_pos("EURUSD", terminal.TIMEFRAME_D1, 0, 6)
    assert days is not None
    assert [datetime.fromtimestamp(time, UTC).day for time in days["time"].tolist()] == [3, 4, 5, 8, 9, 10]
    assert all(time % 86_400 == 0 for time in days["time"].tolist())


def test_weeks_begin_on_sunday_and_months_on_the_first() -> None:
    terminal = SimulatedTerminal.fresh(at=NOON)
    weeks = terminal.copy_rates_from_pos("EURUSD", terminal.TIMEFRAME_W1, 0, 2)
    months = terminal.copy_rates_from_pos("EURUSD", terminal.TIMEFRAME_MN1, 0, 2)
    assert weeks is not None
    assert months is not None
    assert [datetime.fromtimestamp(time, UTC).strftime("%a %d") for time in weeks["time"].tolist()] == [
        "Sun 31",
        "Sun 07",
    ]
    assert [datetime.fromtimestamp(time, UTC).strftime("%m-%d") for time in months["time"].tolist()] == [
        "05-01",
        "06-01",
    ]


def test_more_bars_than_there_are_gives_what_there_is() -> None:
    terminal = SimulatedTerminal.fresh(at=NOON)
    days = terminal.copy_rates_from_pos("EURUSD", terminal.TIMEFRAME_D1, 0, 5000)
    assert days is not None
    assert len(days) == 113
    none = terminal.copy_rates_from_pos("EURUSD", terminal.TIMEFRAME_D1, 5000, 10)
    assert none is not None
    assert len(none) == 0


@pytest.mark.parametrize("timeframe", ["M5", "H1", "H4", "D1"])
def test_asking_for_few_bars_gives_the_last_of_many(timeframe: str) -> None:
    terminal = SimulatedTerminal.fresh(at=HALF_PAST)
    code = getattr(terminal, f"TIMEFRAME_{timeframe}")
    few, many = (terminal.copy_rates_from_pos("US500", code, 0, count) for count in (7, 90))
    assert few is not None
    assert many is not None
    assert few.tolist() == many[-7:].tolist()


def test_bars_by_date_go_by_the_servers_clock() -> None:
    terminal = SimulatedTerminal.fresh(at=NOON)
    until = datetime(2026, 6, 10, 14, tzinfo=UTC)  # 14:00 on the server, an hour ago
    bars = terminal.copy_rates_from("EURUSD", terminal.TIMEFRAME_H1, until, 2)
    assert bars is not None
    assert bars["time"].tolist() == [1_781_096_400, 1_781_100_000]
    ranged = terminal.copy_rates_range("EURUSD", terminal.TIMEFRAME_H1, until - timedelta(hours=1), until)
    assert ranged is not None
    assert ranged.tolist() == bars.tolist()


def test_ticks_lie_between_their_dates() -> None:
    terminal = SimulatedTerminal.fresh(at=NOON)
    ticks = terminal.copy_ticks_range("EURUSD", 1_781_100_000, 1_781_100_060, terminal.COPY_TICKS_ALL)
    assert ticks is not None
    assert (ticks["time"] - 1_781_100_000).tolist() == [0, 15, 30, 45, 60]
    assert (ticks["ask"] > ticks["bid"]).all()


def test_an_unknown_timeframe_is_refused() -> None:
    terminal = SimulatedTerminal.fresh()
    assert terminal.copy_rates_from_pos("EURUSD", 999, 0, 3) is None
    assert terminal.last_error() == (-2, "Terminal: Invalid params")
    assert terminal.copy_rates_from_pos("NOPE", terminal.TIMEFRAME_H1, 0, 3) is None
    assert terminal.last_error()[0] == -4


def test_the_hour_that_comes_twice_is_one_bar() -> None:
    # 1 November 2026: the server's 08:00 comes at 05:00 UTC and again at 06:00 UTC
    terminal = SimulatedTerminal.fresh(at=datetime(2026, 11, 1, 8, tzinfo=UTC))
    start = int(datetime(2026, 11, 1, 4, tzinfo=UTC).timestamp())
    hours = [Bar(start + 3600 * n, 100 + n, 110 + n, 90 + n, 105 + n, 10) for n in range(5)]
    terminal.market.load("BTCUSD", Tape(hours, 3600))
    bars = terminal.copy_rates_from_pos("BTCUSD", terminal.TIMEFRAME_H1, 0, 9)
    assert bars is not None
    assert [datetime.fromtimestamp(time, UTC).hour for time in bars["time"].tolist()] == [7, 8, 9, 10]
    assert bars["tick_volume"].tolist()[:3] == [10, 20, 10]
    assert (bars["open"][1], bars["close"][1]) == (1.01, 1.07)


def test_a_gap_moves_the_bars_after_it() -> None:
    terminal = SimulatedTerminal.fresh(at=NOON)
    before = terminal.symbol_info_tick("EURUSD")
    terminal.market.gap("EURUSD", -500)
    after = terminal.symbol_info_tick("EURUSD")
    assert before is not None
    assert after is not None
    assert after.bid == pytest.approx(before.bid - 0.005)
    bars = terminal.copy_rates_from_pos("EURUSD", Constants.TIMEFRAME_H1, 0, 2)
    assert bars is not None
    assert bars["close"][-1] == after.bid


@pytest.mark.parametrize(
    "call",
    [
        lambda terminal: terminal.copy_rates_from_pos("EURUSD", terminal.TIMEFRAME_H1, -1, 3),
        lambda terminal: terminal.copy_rates_from_pos("EURUSD", terminal.TIMEFRAME_H1, 0, 0),
        lambda terminal: terminal.copy_rates_from("EURUSD", terminal.TIMEFRAME_H1, 1_781_103_600, 0),
        lambda terminal: terminal.copy_ticks_from("EURUSD", 1_781_100_000, 0, -1),
    ],
)
def test_no_bars_before_the_first_and_none_at_all_are_refused(call: Callable[[SimulatedTerminal], object]) -> None:
    terminal = SimulatedTerminal.fresh()
    assert call(terminal) is None
    assert terminal.last_error() == (-2, "Terminal: Invalid params")


@pytest.mark.parametrize("senseless", [float("nan"), float("inf"), float("-inf"), -1.0e300])
def test_a_senseless_date_breaks_nothing(senseless: float) -> None:
    terminal = SimulatedTerminal.fresh()
    bars = terminal.copy_rates_range("EURUSD", terminal.TIMEFRAME_H1, senseless, 1_781_103_600)
    ticks = terminal.copy_ticks_range("EURUSD", 1_781_103_600, senseless, terminal.COPY_TICKS_ALL)
    assert bars is not None
    assert ticks is not None
    assert terminal.history_deals_get(senseless, senseless) == ()
