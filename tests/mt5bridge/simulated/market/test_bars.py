"""The shipped prices are invented but well-behaved, and replaying them is exact and repeatable."""

from __future__ import annotations

import csv
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mt5bridge.simulated import SimulatedTerminal
from mt5bridge.simulated.market.bars import SHIPPED, Bar, Tape, from_csv, load_shipped
from mt5bridge.simulated.market.catalogue import CONTRACTS
from mt5bridge.simulated.market.path import price_at
from tests.paths import ROOT

EVERY_SYMBOL = pytest.mark.parametrize("symbol", CONTRACTS)
BAR = Bar(1_781_096_400, 108_500, 108_640, 108_410, 108_520, 2400)


def daily_returns(symbol: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return log returns of the server's days, Monday to Friday."""
    terminal = SimulatedTerminal.fresh(at=datetime(2026, 7, 10, 12, tzinfo=UTC))
    bars = terminal.copy_rates_from_pos(symbol, terminal.TIMEFRAME_D1, 0, 200)
    assert bars is not None
    weekdays = bars[(bars["time"] // 86_400 + 3) % 7 < 5]
    return np.asarray(np.diff(np.log(weekdays["close"])))


def test_all_files_stay_below_a_megabyte_and_a_half() -> None:
    assert sum(path.stat().st_size for path in SHIPPED.iterdir()) < 1_500_000
    assert {path.stem for path in SHIPPED.iterdir()} == set(CONTRACTS)


@EVERY_SYMBOL
def test_bars_are_sane_and_in_session(symbol: str) -> None:
    contract, tape = CONTRACTS[symbol], load_shipped(CONTRACTS[symbol])
    assert len(tape.bars) > 700
    assert all(bar.low <= min(bar.open, bar.close) <= max(bar.open, bar.close) <= bar.high for bar in tape.bars)
    assert all(bar.low > 0 and bar.volume > 0 for bar in tape.bars)
    market = SimulatedTerminal.fresh().market
    assert all(market.is_open(symbol, bar.time * 1000) for bar in tape.bars[::7])
    assert contract.volume_min <= contract.volume_max


@pytest.mark.parametrize(
    ("symbol", "low", "high"),
    [
        ("EURUSD", 0.003, 0.007),
        ("USDJPY", 0.004, 0.009),
        ("XAUUSD", 0.007, 0.014),
        ("US500", 0.006, 0.014),
        ("USOIL", 0.014, 0.030),
        ("BTCUSD", 0.018, 0.042),
    ],
)
def test_daily_volatility_is_of_the_markets_order(symbol: str, low: float, high: float) -> None:
    assert low < float(np.std(daily_returns(symbol))) < high


def test_london_and_new_york_are_busier_than_the_night() -> None:
    spans: dict[int, list[int]] = {}
    for bar in load_shipped(CONTRACTS["EURUSD"]).bars:
        spans.setdefault(datetime.fromtimestamp(bar.time, UTC).hour, []).append(bar.high - bar.low)
    assert np.mean(spans[13]) > 1.5 * np.mean(spans[23])


def test_daily_correlations_follow_the_prior(shared: Path) -> None:
    with (shared / "data" / "prior_corr_D1_2013_2023_spearman.csv").open(encoding="utf-8") as file:
        rows = {row[""]: row for row in csv.DictReader(file)}
    pairs = [
        ("EURUSD", "GBPUSD"), ("EURUSD", "USDCHF"), ("AUDUSD", "USDCAD"), ("XAUUSD", "XAGUSD"), ("US500", "NAS100"),
        ("US500", "US30"), ("EURUSD", "USDJPY"), ("USDJPY", "XAUUSD"),
    ]  # fmt: skip
    for first, second in pairs:
        ranks = [np.argsort(np.argsort(daily_returns(name))) for name in (first, second)]
        measured = float(np.corrcoef(np.asarray(ranks, dtype=float))[0, 1])
        # 134 days: a standard error of at most 0.09; three of them
        assert measured == pytest.approx(float(rows[first][second]), abs=0.27), (first, second)


def test_the_crosses_agree_with_their_legs() -> None:
    closes = {name: load_shipped(CONTRACTS[name]).bars for name in ("EURUSD", "USDJPY", "EURJPY")}
    for euro, yen, cross in zip(closes["EURUSD"], closes["USDJPY"], closes["EURJPY"], strict=True):
        assert euro.close / 1e5 * yen.close / 1e3 == pytest.approx(cross.close / 1e3, rel=2e-5)


def test_the_script_makes_the_shipped_files_again(shared: Path, tmp_path: Path) -> None:
    prior = shared / "data" / "prior_corr_D1_2013_2023_spearman.csv"
    script = ROOT / "scripts" / "make_synthetic_bars.py"
    command = [sys.executable, str(script), "--prior", str(prior), "--to", str(tmp_path)]
    subprocess.run(command, check=True, cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, capture_output=True)  # noqa: S603
    for name in CONTRACTS:
        rebuilt = np.loadtxt(tmp_path / f"{name}.csv", delimiter=",", skiprows=1)
        shipped = np.loadtxt(SHIPPED / f"{name}.csv", delimiter=",", skiprows=1)
        # another processor's exp() may round a point the other way
        assert np.abs(rebuilt - shipped).max() <= 1, name


bars = st.builds(
    lambda start, close, up, down: Bar(
        1_781_096_400, start, max(start, close) + up, min(start, close) - down, close, 1
    ),
    st.integers(100_000, 101_000),
    st.integers(100_000, 101_000),
    st.integers(0, 300),
    st.integers(0, 300),
)


@given(bars, st.integers(4, 400), st.integers(0, 9))
def test_ticks_of_a_bar_make_that_bar(bar: Bar, ticks: int, seed: int) -> None:
    path = [price_at(bar, tick, ticks, f"{seed}:X") for tick in range(ticks)]
    assert (path[0], max(path), min(path), path[-1]) == bar[1:5]


@pytest.mark.parametrize("ticks", [1, 2, 3])
def test_a_bar_of_few_ticks_stays_within_itself(ticks: int) -> None:
    path = [price_at(BAR, tick, ticks, "0:X") for tick in range(ticks)]
    assert path[-1] == BAR.close
    assert all(BAR.low <= price <= BAR.high for price in path)


def test_the_way_through_a_bar_depends_on_the_seed() -> None:
    assert len({tuple(price_at(BAR, tick, 240, f"{seed}:EURUSD") for tick in range(240)) for seed in range(5)}) == 5


def test_quotes_follow_the_tape() -> None:
    terminal = SimulatedTerminal.fresh(at=datetime(2026, 6, 10, 12, tzinfo=UTC))
    tick = terminal.symbol_info_tick("EURUSD")
    assert tick is not None
    assert (tick.bid, tick.ask) == (1.08510, 1.08520)


def test_a_closed_market_keeps_its_last_quote() -> None:
    # Friday 12 June 2026: the server's midnight is 21:00 UTC
    terminal = SimulatedTerminal.fresh(at=datetime(2026, 6, 12, 20, 59, tzinfo=UTC))
    last = terminal.advance(59.75).symbol_info_tick("EURUSD")
    assert terminal.market.is_open("EURUSD")
    later = terminal.advance(timedelta(hours=12)).symbol_info_tick("EURUSD")
    assert later == last
    assert not terminal.market.is_open("EURUSD")
    assert terminal.market.is_open("BTCUSD")


def test_spreads_are_wide_around_midnight() -> None:
    terminal = SimulatedTerminal.fresh(at=datetime(2026, 6, 10, 21, 2, tzinfo=UTC))
    info = terminal.symbol_info("EURUSD")
    assert info is not None
    assert info.spread == 30


def test_a_users_csv_is_replayed(tmp_path: Path) -> None:
    path = tmp_path / "eurusd.csv"
    path.write_text(
        "time,open,high,low,close,volume\n"
        "2026-06-10T12:00:00Z,1.10000,1.10100,1.09900,1.10050,10\n"
        "2026-06-10T12:15:00Z,1.10050,1.10200,1.10000,1.10150,\n",
        encoding="utf-8",
    )
    terminal = SimulatedTerminal.fresh(at=datetime(2026, 6, 10, 12, tzinfo=UTC)).replay("EURUSD", path)
    tick = terminal.symbol_info_tick("EURUSD")
    assert tick is not None
    assert tick.bid == 1.10000
    terminal.advance(timedelta(minutes=30))
    bars_seen = terminal.copy_rates_from_pos("EURUSD", terminal.TIMEFRAME_M15, 0, 5)
    assert bars_seen is not None
    assert [tuple(row)[1:5] for row in bars_seen.tolist()] == [
        (1.1, 1.101, 1.099, 1.1005),
        (1.1005, 1.102, 1.1, 1.1015),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "2026-06-10T12:15:00,1.1,1.2,1.0,1.1",  # no zone
        "2026-06-10T12:15:00Z,1.1,1.0,1.0,1.1",  # high below open
        "2026-06-10T12:15:00Z,nan,1.2,1.0,1.1",
        "2026-06-10T12:15:00Z,-1.1,1.2,-1.2,1.1",
        "2026-06-10T11:45:00Z,1.1,1.2,1.0,1.1",  # goes back
        "yesterday,1.1,1.2,1.0,1.1",
    ],
)
def test_a_wrong_csv_is_refused(tmp_path: Path, line: str) -> None:
    path = tmp_path / "bars.csv"
    path.write_text(f"time,open,high,low,close\n2026-06-10T12:00:00Z,1.1,1.2,1.0,1.1\n{line}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"bars\.csv"):
        from_csv(path, CONTRACTS["EURUSD"])


def test_bars_that_overlap_are_refused() -> None:
    with pytest.raises(ValueError, match="apart"):
        Tape([BAR, BAR._replace(time=BAR.time + 1800)], 3600)
