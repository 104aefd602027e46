"""Real bars, trades and reference values for the tests of the statistics."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from elite_sizer.statistics.prior_file import load_prior
from portfolio.model import Bars, Side
from portfolio.statistics.correlation_prior import Prior
from portfolio.track_record.trades import Trade
from tests.paths import ROOT

MAJORS = ("EURUSD", "GBPUSD", "AUDUSD", "USDJPY", "USDCHF", "USDCAD", "XAUUSD", "BRENT", "US500", "DE40")
"""The ten symbols of the correlation oracles, in their order."""

_HOUR = 3600
_SECONDS = {"H1": _HOUR, "H4": 4 * _HOUR, "D1": 24 * _HOUR}


@cache
def oracles() -> Mapping[str, Any]:
    """Return the reference values by their id."""
    text = (ROOT / "tests" / "data" / "statistics_oracles.json").read_text(encoding="utf-8")
    return {row["id"]: row["value"] for row in json.loads(text)["oracles"]}


@cache
def prior(pairs: tuple[tuple[str, float], ...] = ()) -> Prior:
    """Return the shipped table of correlations, with `pairs` edited over it."""
    return load_prior(ROOT / "config", dict(pairs))


@cache
def real_bars(shared: Path, symbol: str, timeframe: str) -> Bars:
    """Return all real bars of one file, prices as arrays."""
    with (shared / "data" / "bars" / f"{symbol}_{timeframe}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    times = np.array([int(moment(row["time"]).timestamp()) for row in rows])

    def column(name: str) -> NDArray[np.float64]:
        return np.array([float(row[name]) for row in rows])

    return Bars(symbol, timeframe, times, column("open"), column("high"), column("low"), column("close"))  # type: ignore[arg-type]


def bars(
    closes: Sequence[float],
    timeframe: str = "H1",
    *,
    symbol: str = "EURUSD",
    start: int = 1_700_000_000,
    reach: float = 0.0,
    spread: Sequence[int] = (),
) -> Bars:
    """Return bars of these closes: each opens at the close before, and reaches beyond both by `reach`."""
    step = _SECONDS[timeframe]
    opens = [closes[0], *closes[:-1]] if len(closes) else []
    highs = [max(pair) + reach for pair in zip(opens, closes, strict=True)]
    lows = [min(pair) - reach for pair in zip(opens, closes, strict=True)]
    times = [start + step * at for at in range(len(closes))]
    return Bars(symbol, timeframe, times, opens, highs, lows, list(closes), spread)


def walk(count: int, *, seed: int = 1, scale: float = 0.001, price: float = 1.1) -> list[float]:
    """Return the closes of a random walk with fat tails, the same for a seed."""
    steps = np.random.default_rng(seed).standard_t(5, count) * scale
    return [float(close) for close in price * np.exp(np.cumsum(steps))]


def part(whole: Bars, used: slice) -> Bars:
    """Return some of the bars."""
    return Bars(
        whole.symbol,
        whole.timeframe,
        whole.time[used],
        whole.open[used],
        whole.high[used],
        whole.low[used],
        whole.close[used],
    )


def moment(text: str) -> datetime:
    """Return an aware time; one without a zone is taken as UTC."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def statement(shared: Path, name: str) -> tuple[Trade, ...]:
    """Return the trades of a bundled statement; the risk is known where it has a stop, at 100,000 a lot."""
    with (shared / "data" / "trades" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(_trade(row) for row in csv.DictReader(file))


def _trade(row: Mapping[str, str]) -> Trade:
    entry, stop, lots = Decimal(row["open_price"]), Decimal(row["sl"]), Decimal(row["lots"])
    gross = Decimal(row["profit"])
    return Trade(
        position_id=int(row["ticket"]),
        symbol=row["symbol"],
        side=Side(row["type"]),
        opened_at=moment(row["open_time"]),
        closed_at=moment(row["close_time"]),
        lots=lots,
        entry=entry,
        exit=Decimal(row["close_price"]),
        gross=gross,
        net=gross + Decimal(row["commission"]) + Decimal(row["swap"]),
        risk=abs(entry - stop) * lots * 100_000 if stop else None,
    )
