"""What is asked of the terminal for a request, and what its bars then say, on the safe side."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

import pytest

from elite_sizer.configuration.settings import Settings, load
from elite_sizer.inputs.market_study import HISTORY, Research, Study, terms
from elite_sizer.model.request import HoldingPeriod
from elite_sizer.statistics.lookup import StatisticsCache
from portfolio.model import Bars, Quote, Side, Snapshot, TerminalState
from tests.builders import NOW, account, d, position, request, spec

HOUR: Final = 3_600
LENGTH: Final = {"H1": HOUR, "H4": 4 * HOUR, "D1": 24 * HOUR}


def settings(**options: object) -> Settings:
    return load(options={key.replace("__", "."): value for key, value in options.items()}, environment={})


def bars(symbol: str, timeframe: str, count: int = 300) -> Bars:
    """Return bars that each span 20 points around 1.0850, the last one closed at noon."""
    end = int(NOW.timestamp())
    times = tuple(end - LENGTH[timeframe] * back for back in range(count, 0, -1))
    prices = {name: (price,) * count for name, price in _BAR.items()}
    return Bars(symbol, timeframe, times, **prices, spread=(10,) * count)


_BAR: Final = {"open": 1.0850, "high": 1.0851, "low": 1.0849, "close": 1.0850}


def shown(*known: Bars, **changes: Any) -> Snapshot:  # noqa: ANN401 - parts of a snapshot
    made = {
        "taken_at": NOW,
        "account": account(),
        "terminal": TerminalState("recording"),
        "specs": {"EURUSD": spec(), "GBPUSD": spec("GBPUSD")},
        "quotes": {"EURUSD": Quote("EURUSD", d("1.0849"), d("1.0850"), NOW)},
        "bars": {(one.symbol, one.timeframe): one for one in known},
        "server_offset": 10_800,
    }
    return Snapshot(**{**made, **changes})


def study(snapshot: Snapshot, *others: str, **options: object) -> Study:
    made = Research(settings(**options), StatisticsCache())
    return made.study(snapshot, request("EURUSD buy sl 1.0800"), others)


# what is asked


@pytest.mark.parametrize(
    ("timeframe", "hold", "bars_asked"),
    [
        ("H1", HoldingPeriod.OVERNIGHT, {"H1": 1000, "D1": 250}),
        ("M5", HoldingPeriod.INTRADAY, {"M5": 1000, "D1": 250}),
        ("D1", HoldingPeriod.OVERNIGHT, {"D1": 1000}),
        ("H4", HoldingPeriod.OVERNIGHT, {"H4": 1000, "D1": 250}),
        ("H1", HoldingPeriod.WEEKEND, {"H1": 1000, "D1": 250, "H4": 1500}),
        ("H4", HoldingPeriod.WEEKEND, {"H4": 1500, "D1": 250}),
    ],
)
def test_each_timeframe_is_asked_for_as_many_bars_as_its_hungriest_figure_needs(
    timeframe: str, hold: HoldingPeriod, bars_asked: dict[str, int]
) -> None:
    made = Research(settings(), StatisticsCache())
    assert dict(made.snapshot_request(request(timeframe=timeframe, hold=hold), NOW).bars) == bars_asked


def test_the_tail_s_window_is_the_configuration_s() -> None:
    made = Research(settings(tail__bars=400), StatisticsCache())
    assert dict(made.snapshot_request(request(), NOW).bars) == {"H1": 400, "D1": 250}


def test_the_trade_itself_is_put_to_the_terminal() -> None:
    asked = request("EURUSD sell sl 1.0900 tp 1.0700", entry="1.0880")
    made = Research(settings(), StatisticsCache()).snapshot_request(asked, NOW)
    assert (made.symbol, made.side, made.entry, made.stop, made.target) == (
        "EURUSD",
        Side.SELL,
        d("1.0880"),
        d("1.0900"),
        d("1.0700"),
    )
    assert (made.deals_since, made.closing) == (NOW - HISTORY, False)
    assert timedelta(days=400) == HISTORY


# what is configured


def test_what_trades_cost_comes_from_the_configuration() -> None:
    by_default = terms(settings())
    assert (by_default.commission, by_default.slippage, by_default.usual_rate) == (None, None, Decimal("0.0001"))
    chosen = terms(settings(costs__commission=7, costs__slippage=d("2.5"), costs__assumed_per_100k=6))
    assert (chosen.commission, chosen.slippage, chosen.usual_rate) == (d(7), d("2.5"), Decimal("0.00006"))


def test_a_trade_without_a_stop_is_charged_only_where_the_policy_says_so() -> None:
    assert not terms(settings()).gap_charged
    assert terms(settings(policy__open_stop="gap")).gap_charged


# what is found


def test_without_bars_there_is_no_data_and_nothing_is_made_up() -> None:
    found = study(shown())
    assert found.atr is None
    assert found.distances[:4] == (None, None, None, None)
    assert (found.market.regime, found.market.volatility, found.market.record) == (None, None, None)
    assert "no data" in found.market.tail_because


def test_ranges_and_spreads_are_told_in_prices_and_rounded_up() -> None:
    found = study(shown(bars("EURUSD", "H1"), bars("EURUSD", "D1")))
    # every bar spans 20 points, and spreads are ten points
    assert found.atr is not None
    assert d("0.0002") <= found.atr < d("0.00020001")
    assert found.distances.spread == d("0.0001")
    assert found.market.volatility == pytest.approx(0.0002 / 1.0850)


def test_prices_that_stand_still_tell_no_tail() -> None:
    found = study(shown(bars("EURUSD", "H1")))
    assert found.distances.tail is None
    assert "stood still" in found.distances.because


def test_a_tail_is_told_in_prices() -> None:
    still = bars("EURUSD", "H1")
    jumpy = replace(still, close=tuple(1.0850 - 0.001 * (place % 2) for place in range(len(still))))
    tail = study(shown(jumpy)).distances.tail
    # every other bar falls by 0.0010; the worst bars are scaled by how wild it is just now
    assert tail is not None
    assert d("0.0010") < tail < d("0.0020")


def test_three_daily_ranges_stand_for_a_stop_only_where_the_policy_says_so() -> None:
    snapshot = shown(bars("EURUSD", "D1"))
    assert study(snapshot).distances.stopless is None
    assert study(snapshot).daily_atr == {}
    found = study(snapshot, policy__open_stop="gap")
    assert found.distances.stopless is not None
    assert d("0.0006") <= found.distances.stopless < d("0.00060003")
    assert list(found.daily_atr) == ["EURUSD"]


def test_what_is_open_and_what_is_reserved_is_correlated_with_the_trade() -> None:
    snapshot = shown(positions=(position("GBPUSD buy 1 @ 1.2700 sl 1.2600"),))
    assert set(study(snapshot).market.correlations) == {"EURUSD", "GBPUSD"}
    assert set(study(shown(), "GBPUSD").market.correlations) == {"EURUSD", "GBPUSD"}
    assert set(study(shown()).market.correlations) == {"EURUSD"}


def test_the_user_s_own_correlation_stands() -> None:
    found = study(shown(), "GBPUSD", **{"correlation.pairs.EURUSD GBPUSD": d("0.35")})
    assert found.market.correlations["GBPUSD"] == pytest.approx(0.35)
