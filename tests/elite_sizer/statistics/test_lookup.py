"""Figures are measured once per closed bar, looked up ever after, and None with a reason where there are no data."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from math import nan
from pathlib import Path

import pytest

from elite_sizer.statistics import lookup as statistics
from elite_sizer.statistics.lookup import (
    PerformanceFigures,
    Statistics,
    StatisticsCache,
    StatisticsSettings,
    atr_for,
    refresh,
    statistics_for,
)
from elite_sizer.statistics.measurement import bar_figures
from portfolio.errors import StoreError
from portfolio.model import Bars, Deal, DealEntry, DealKind, Side, Snapshot, TerminalState
from portfolio.reasons import refuse
from portfolio.statistics.correlation import estimate
from portfolio.statistics.gap_risk import gap_fraction
from portfolio.statistics.regime import classify
from portfolio.statistics.tail_risk import tail_distance
from portfolio.statistics.volatility import wilder_atr
from portfolio.store.database import Store
from portfolio.track_record.performance import multiplier
from portfolio.track_record.trades import trades
from tests.builders import account, order, position, spec
from tests.market_data import bars, prior, walk
from tests.paths import ROOT

NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)
MONDAY = 1_780_272_000
SETTINGS = StatisticsSettings(prior())
WEEK = 7 * 24 * 3600


@dataclass
class Memory:
    """A store in memory that counts, and fails when told to."""

    rows: dict[str, bytes] = field(default_factory=dict)
    read: int = 0
    broken: bool = False

    def get_statistic(self, key: str) -> bytes | None:
        self.read += 1
        self._fail()
        return self.rows.get(key)

    def put_statistic(self, key: str, value: bytes, at: datetime) -> None:
        assert at.tzinfo is not None
        self._fail()
        self.rows[key] = value

    def _fail(self) -> None:
        if self.broken:
            raise StoreError(refuse("state_busy", "locked by another process"))


def weekly(count: int = 200) -> Bars:
    """Return H4 bars with a gap of 1 % after every seventh day."""
    series = bars(walk(count, seed=7), "H4", start=MONDAY, reach=0.0002)
    times = [time + (at // 30) * 2 * 24 * 3600 for at, time in enumerate(series.time)]
    opens = [price * (1.01 if at and at % 30 == 0 else 1.0) for at, price in enumerate(series.open)]
    return replace(series, time=times, open=opens)


def deals(count: int = 40) -> tuple[Deal, ...]:
    """Return closed trades: two in three win 150 against a risk of 100, the others lose it."""
    history = []
    for at in range(count):
        result = Decimal(-100 if at % 3 == 0 else 150)
        history += [
            closing(2 * at, DealEntry.IN, Side.BUY, Decimal("1.1"), Decimal(0)),
            closing(2 * at + 1, DealEntry.OUT, Side.SELL, Decimal("1.1") + result / 100_000, result),
        ]
    return tuple(history)


def closing(ticket: int, entry: DealEntry, side: Side, price: Decimal, profit: Decimal) -> Deal:
    return Deal(
        ticket=ticket + 1,
        order=ticket + 1,
        position_id=ticket // 2 + 1,
        symbol="EURUSD",
        kind=DealKind.TRADE,
        side=side,
        entry=entry,
        volume=Decimal(1),
        price=price,
        profit=profit,
        commission=Decimal(0),
        swap=Decimal(0),
        fee=Decimal(0),
        at=NOW - timedelta(days=100) + timedelta(hours=ticket),
    )


def market(book: str = "GBPUSD", **bars_by: Bars) -> Snapshot:
    """Return a moment with a position in each symbol of `book`; bars as EURUSD_H1=..."""
    series: dict[str, Bars] = {
        "EURUSD_H1": bars(walk(1200), "H1", start=MONDAY, reach=0.0002, spread=[12] * 1200),
        "EURUSD_H4": weekly(),
        "EURUSD_D1": bars(walk(250, seed=3), "D1", start=MONDAY, reach=0.001),
        "GBPUSD_D1": bars(walk(250, seed=4), "D1", symbol="GBPUSD", start=MONDAY, reach=0.001),
        **bars_by,
    }
    symbols = ("EURUSD", "GBPUSD", "XAUUSD", "USDSEK")
    return Snapshot(
        taken_at=NOW,
        account=account(),
        terminal=TerminalState("simulated"),
        specs={symbol: spec(symbol) for symbol in symbols},
        quotes={},
        positions=tuple(position(f"{symbol} buy 1.00 @ 1.0850 sl 1.0800") for symbol in book.split()),
        deals=deals(),
        deals_since=NOW - timedelta(days=200),
        bars={(name.split("_")[0], name.split("_")[1]): closed for name, closed in series.items()},
        stops={at + 1: Decimal("1.099") for at in range(40)},
    )


def ask(
    snapshot: Snapshot,
    cache: StatisticsCache | None = None,
    *,
    side: Side = Side.BUY,
    settings: StatisticsSettings = SETTINGS,
    others: tuple[str, ...] = (),
) -> Statistics:
    return statistics_for(
        snapshot, "EURUSD", side, "H1", 1.25, settings=settings, cache=cache or StatisticsCache(), others=others
    )


@pytest.fixture
def no_measuring(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every measurement a failure of the test."""

    def fail() -> None:
        pytest.fail("measured again")

    monkeypatch.setattr(statistics, "_measurement", fail)


# what is measured


def test_the_tail_is_that_of_the_side_and_the_price() -> None:
    snapshot = market()
    series = snapshot.bars["EURUSD", "H1"]
    for side in Side:
        expected = tail_distance(series, side, 1.25)
        assert ask(snapshot, side=side).tail_distance == (expected.distance, expected.because)


def test_the_settings_reach_the_tail() -> None:
    snapshot = market()
    series = snapshot.bars["EURUSD", "H1"]
    figures = ask(snapshot, settings=StatisticsSettings(prior(), alpha=0.025, window=500))
    assert figures.tail_distance.value == tail_distance(series, Side.BUY, 1.25, alpha=0.025, window=500).distance


def test_average_ranges_are_wilders_of_three_timeframes() -> None:
    snapshot = market()
    figures = ask(snapshot)
    for figure, timeframe in ((figures.atr, "H1"), (figures.atr_h4, "H4"), (figures.atr_d1, "D1")):
        series = snapshot.bars["EURUSD", timeframe]
        assert figure.value == pytest.approx(wilder_atr(series.high, series.low, series.close)[-1])


def test_the_range_of_any_symbol_can_be_looked_up_alone() -> None:
    cache, snapshot = StatisticsCache(), market()
    series = snapshot.bars["GBPUSD", "D1"]
    figures = atr_for(snapshot, "GBPUSD", "D1", settings=SETTINGS, cache=cache)
    assert figures.value == pytest.approx(wilder_atr(series.high, series.low, series.close)[-1])
    assert atr_for(snapshot, "XAUUSD", "D1", settings=SETTINGS, cache=cache).value is None


def test_the_gap_is_the_worse_of_the_weekends_and_three_four_hour_ranges() -> None:
    snapshot = market()
    measured = gap_fraction(snapshot.bars["EURUSD", "H4"]).fraction
    figures = ask(snapshot)
    assert measured is not None
    assert figures.atr_h4.value is not None
    assert measured * 1.25 > 3 * figures.atr_h4.value
    assert figures.gap_distance.value == measured * 1.25
    calm = ask(market(EURUSD_H4=bars(walk(200, seed=7), "H4", start=MONDAY, reach=0.0002)))
    assert calm.atr_h4.value is not None
    assert calm.gap_distance.value == 3 * calm.atr_h4.value
    assert calm.gap_distance.because == "3 x ATR(H4); no data: no weekend in 200 closed bars"


def test_the_median_spread_is_in_price_units() -> None:
    # 12 points of 0.00001
    assert ask(market()).median_spread.value == pytest.approx(0.00012)


def test_the_regime_is_classified_on_the_requests_timeframe() -> None:
    snapshot = market()
    assert ask(snapshot).regime.name == classify(snapshot.bars["EURUSD", "H1"]).name


def test_correlations_are_the_blended_ones_with_each_symbol_of_the_book() -> None:
    snapshot = market("GBPUSD GBPUSD")
    expected = estimate({name: snapshot.bars[name, "D1"] for name in ("EURUSD", "GBPUSD")}, prior())
    figures = ask(snapshot)
    assert set(figures.correlations) == {"EURUSD", "GBPUSD"}
    assert figures.correlations["GBPUSD"].value == expected.matrix[0, 1]
    assert not figures.correlations["GBPUSD"].assumed
    assert figures.book is not None
    assert figures.book.returns == 120


def test_the_same_symbol_is_correlation_one_and_needs_no_bars() -> None:
    figures = ask(market("EURUSD"))
    assert figures.correlations["EURUSD"].value == 1.0
    assert figures.book is None


def test_pending_orders_and_reservations_are_in_the_book() -> None:
    snapshot = replace(market(""), orders=(order("GBPUSD buy 1.00 @ 1.25"),))
    assert set(ask(snapshot, others=("XAUUSD",)).correlations) == {"EURUSD", "GBPUSD", "XAUUSD"}


def test_a_symbol_without_bars_stands_on_the_prior_and_says_so() -> None:
    figures = ask(market("GBPUSD XAUUSD USDSEK")).correlations
    # the figure of the table
    assert figures["XAUUSD"].value == pytest.approx(0.4224, abs=0.05)
    assert not figures["XAUUSD"].assumed
    assert "not measured: shares 0 bars" in figures["XAUUSD"].because
    assert figures["USDSEK"].assumed


def test_the_performance_is_that_of_the_closed_trades() -> None:
    snapshot = market()
    figures = ask(snapshot).performance
    expected = multiplier(trades(snapshot.deals, snapshot.stops).trades)
    assert (figures.multiplier, figures.because, figures.independent) == (expected.value, expected.because, 40)
    # 26 of 40 won 150, 14 lost 100: (26 x 150 - 14 x 100) / 40
    assert (figures.closed, figures.wins, figures.losses, figures.average) == (40, 26, 14, 62.5)
    assert (figures.win_rate, figures.payoff) == (0.65, 1.5)
    assert figures.average_r == pytest.approx(0.625)


def test_a_position_that_can_not_be_read_is_counted() -> None:
    snapshot = market()
    figures = ask(replace(snapshot, deals=snapshot.deals[1:]))
    assert figures.performance.because.endswith("; 1 positions could not be read")


# what is missing


def test_without_bars_and_deals_everything_is_no_data_in_words() -> None:
    bare = replace(market(), bars={}, deals=(), deals_since=None, specs={})
    figures = ask(bare)
    assert figures.tail_distance == (None, "no data: no closed H1 bars")
    assert figures.gap_distance == (None, "no data: no closed H4 bars; no data: no closed H4 bars")
    assert figures.atr_d1 == (None, "no data: no closed D1 bars")
    assert figures.median_spread == (None, "no data: no specification of EURUSD")
    assert figures.regime == (None, "no data: no closed H1 bars")
    assert figures.performance == PerformanceFigures(because="no data: no deals were read")
    # the prior table needs no bars
    assert figures.correlations["GBPUSD"].value == 0.6088


def test_too_few_bars_are_no_data_each_in_its_own_words() -> None:
    figures = ask(market(EURUSD_H1=bars(walk(10), "H1")))
    assert figures.tail_distance.because == "no data: 10 closed H1 bars, 30 are needed"
    assert figures.atr.because == "no data: 10 closed H1 bars, 15 are needed"
    assert figures.regime.because == "no data: 10 closed bars, 130 are needed"


@pytest.mark.parametrize("name", ["high", "low", "close"])
def test_bars_that_hold_no_number_are_no_data_and_no_crash(name: str) -> None:
    torn = bars(walk(300), "H1", start=MONDAY, reach=0.001)
    getattr(torn, name)[150] = nan
    figures = ask(market(EURUSD_H1=torn))
    assert figures.atr.value is None
    assert "not a finite number" in figures.atr.because
    assert (figures.tail_distance.value is None) == (name == "close")


def test_daily_bars_that_hold_no_number_leave_the_prior() -> None:
    torn = bars(walk(250, seed=4), "D1", symbol="GBPUSD", start=MONDAY)
    torn.close[200] = nan  # type: ignore[index]
    figures = ask(market(GBPUSD_D1=torn)).correlations["GBPUSD"]
    assert figures.value == 0.6088
    assert "not a finite number" in figures.because


# what is kept


def test_nothing_is_measured_twice(request: pytest.FixtureRequest) -> None:
    cache, snapshot = StatisticsCache(), market("GBPUSD XAUUSD")
    first = ask(snapshot, cache)
    request.getfixturevalue("no_measuring")
    assert ask(snapshot, cache) == first
    later = replace(snapshot, taken_at=NOW + timedelta(seconds=5))
    assert ask(later, cache) == first


def test_another_process_with_the_same_store_decides_on_the_same_numbers(request: pytest.FixtureRequest) -> None:
    store, snapshot = Memory(), market("GBPUSD XAUUSD")
    first = ask(snapshot, StatisticsCache(store))
    request.getfixturevalue("no_measuring")
    assert ask(snapshot, StatisticsCache(store)) == first


def test_the_databases_own_store_will_do(request: pytest.FixtureRequest) -> None:
    snapshot = market()
    with Store.memory() as store:
        first = ask(snapshot, StatisticsCache(store))
        request.getfixturevalue("no_measuring")
        assert ask(snapshot, StatisticsCache(store)) == first


def test_memory_is_asked_before_the_store() -> None:
    store = Memory()
    cache, snapshot = StatisticsCache(store), market()
    ask(snapshot, cache)
    asked = store.read
    ask(snapshot, cache)
    assert store.read == asked


def test_a_new_bar_is_measured_and_replaces_the_old_entry() -> None:
    store = Memory()
    cache, snapshot = StatisticsCache(store), market()
    first, rows = ask(snapshot, cache), len(store.rows)
    moved = bars([*walk(1200), 1.2], "H1", start=MONDAY, reach=0.0002)
    figures = ask(replace(snapshot, bars={**snapshot.bars, ("EURUSD", "H1"): moved}), cache)
    assert figures.tail_distance != first.tail_distance
    assert figures.atr_d1 == first.atr_d1
    assert len(store.rows) == rows


def test_a_new_deal_is_measured() -> None:
    cache, snapshot = StatisticsCache(), market()
    before = ask(snapshot, cache).performance
    assert ask(replace(snapshot, deals=deals(41)), cache).performance.closed == before.closed + 1


def test_a_look_at_the_last_bar_alone_is_enough_while_it_is_current(request: pytest.FixtureRequest) -> None:
    cache, snapshot = StatisticsCache(), market()
    first = ask(snapshot, cache)
    request.getfixturevalue("no_measuring")
    assert ask(replace(snapshot, bars=last_bars(snapshot)), cache) == first


def test_what_was_made_from_fewer_bars_is_measured_again() -> None:
    cache, snapshot = StatisticsCache(), market()
    assert ask(replace(snapshot, bars=last_bars(snapshot)), cache).tail_distance.value is None
    assert ask(snapshot, cache) == ask(snapshot)


def last_bars(snapshot: Snapshot) -> Mapping[tuple[str, str], Bars]:
    return {
        key: Bars(
            closed.symbol,
            closed.timeframe,
            closed.time[-1:],
            closed.open[-1:],
            closed.high[-1:],
            closed.low[-1:],
            closed.close[-1:],
        )
        for key, closed in snapshot.bars.items()
    }


@pytest.mark.parametrize(
    "changed",
    [
        StatisticsSettings(prior(), alpha=0.01),
        StatisticsSettings(prior(), window=300),
        StatisticsSettings(prior((("EURUSD GBPUSD", -0.9),))),
    ],
    ids=["alpha", "window", "pairs"],
)
def test_other_settings_are_measured_anew(changed: StatisticsSettings) -> None:
    store, snapshot = Memory(), market()
    ask(snapshot, StatisticsCache(store))
    assert ask(snapshot, StatisticsCache(store), settings=changed) == ask(snapshot, settings=changed)


def test_another_server_has_figures_of_its_own() -> None:
    cache, snapshot = StatisticsCache(), market()
    first = ask(snapshot, cache)
    elsewhere = replace(
        market(EURUSD_H1=bars(walk(1200, seed=50), "H1", start=MONDAY)), account=account(server="Another")
    )
    assert ask(elsewhere, cache).tail_distance != first.tail_distance
    assert ask(snapshot, cache) == first


def test_a_configured_class_decides_what_a_symbol_without_bars_is_like() -> None:
    snapshot = replace(market("ODD"), specs={"EURUSD": spec("EURUSD"), "ODD": spec("ODD", calc_mode=2)})
    asked = ask(snapshot, settings=StatisticsSettings(prior(), classes=(("ODD", "forex"),)))
    assert asked.correlations["ODD"][:2] == (0.5, True)
    other = ask(snapshot, settings=StatisticsSettings(prior(), classes=(("ODD", "crypto"),)))
    assert other.correlations["ODD"][:2] == (0.0, True)


@pytest.mark.parametrize("line", [b"", b"nonsense", b"[1,2]", b'["x",1,{}]', b'["x",1,null]'])
def test_a_damaged_entry_is_measured_again(line: bytes) -> None:
    store, snapshot = Memory(), market()
    first = ask(snapshot, StatisticsCache(store))
    store.rows = dict.fromkeys(store.rows, line)
    assert ask(snapshot, StatisticsCache(store)) == first


def test_a_store_that_can_not_be_used_costs_a_measurement_and_no_answer() -> None:
    snapshot = market()
    assert ask(snapshot, StatisticsCache(Memory(broken=True))) == ask(snapshot)


def test_a_refresh_leaves_nothing_to_measure(request: pytest.FixtureRequest) -> None:
    cache, snapshot = StatisticsCache(), market()
    refresh(snapshot, [("EURUSD", "H1")], settings=SETTINGS, cache=cache)
    request.getfixturevalue("no_measuring")
    for side in Side:
        assert ask(snapshot, cache, side=side).tail_distance.value is not None


def test_the_same_bars_give_the_same_bytes() -> None:
    first, other = Memory(), Memory()
    for store in (first, other):
        ask(market("GBPUSD XAUUSD"), StatisticsCache(store))
    assert first.rows == other.rows


def test_an_atr_of_few_bars_says_that_more_would_be_better() -> None:
    assert bar_figures(bars(walk(50), reach=0.001), 0.05, 1000).atr.because.endswith(", 200 would be better")


# what a lookup imports

SCRIPT = """
import json, sys
from datetime import UTC, datetime
from pathlib import Path
from elite_sizer.statistics.prior_file import load_prior
from elite_sizer.statistics.lookup import StatisticsCache, StatisticsSettings, statistics_for
from portfolio.model import Account, Bars, Side, Snapshot, TerminalState
from decimal import Decimal

path, root = Path(sys.argv[1]), Path(sys.argv[2])

class File:
    def __init__(self):
        self.rows = json.loads(path.read_text("utf-8")) if path.exists() else {}
    def get_statistic(self, key):
        row = self.rows.get(key)
        return None if row is None else row.encode()
    def put_statistic(self, key, value, at):
        self.rows[key] = value.decode()
        path.write_text(json.dumps(self.rows), "utf-8")

def bars(symbol, timeframe, step):
    closes = [1.1 + 0.001 * ((at * 7919) % 13 - 6) for at in range(250)]
    times = [1_700_000_000 + step * at for at in range(250)]
    return Bars(symbol, timeframe, times, closes, closes, closes, closes)

money = Decimal(1000)
account = Account(1, "Demo", "USD", money, money, Decimal(0), money, 100)
known = {("EURUSD", "H1"): bars("EURUSD", "H1", 3600), ("EURUSD", "D1"): bars("EURUSD", "D1", 86400),
         ("GBPUSD", "D1"): bars("GBPUSD", "D1", 86400)}
snapshot = Snapshot(datetime(2026, 6, 10, tzinfo=UTC), account, TerminalState("simulated"), {}, {}, bars=known)
settings = StatisticsSettings(load_prior(root / "config"))
found = statistics_for(snapshot, "EURUSD", Side.BUY, "H1", 1.1, settings=settings, cache=StatisticsCache(File()),
                       others=("GBPUSD",))
import os
print(json.dumps({"heavy": sorted({"numpy", "scipy"} & set(sys.modules)), "tail": found.tail_distance.value,
                  "rho": found.correlations["GBPUSD"].value, "blas": os.environ.get("OPENBLAS_NUM_THREADS")}))
"""


def run(store: Path, **environment: str) -> dict[str, object]:
    clean = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
    answer = subprocess.run(  # noqa: S603 - our own interpreter and text
        [sys.executable, "-c", SCRIPT, str(store), str(ROOT)],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env={**clean, **environment},
    )
    return dict(json.loads(answer.stdout))


def test_a_hit_imports_neither_numpy_nor_scipy_and_gives_the_same_numbers(tmp_path: Path) -> None:
    first, second = run(tmp_path / "kept.json"), run(tmp_path / "kept.json")
    assert first["heavy"] == ["numpy", "scipy"]
    assert second["heavy"] == []
    assert (second["tail"], second["rho"]) == (first["tail"], first["rho"])
    assert first["tail"] is not None


def test_a_miss_loads_numpy_with_one_blas_thread_unless_the_user_chose(tmp_path: Path) -> None:
    assert run(tmp_path / "one.json")["blas"] == "1"
    assert run(tmp_path / "two.json", OPENBLAS_NUM_THREADS="2")["blas"] == "2"
