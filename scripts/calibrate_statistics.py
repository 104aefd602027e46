"""Tell whether the tail is calibrated and the correlations forecast, on real bars.

    python scripts/calibrate_statistics.py [--shared FOLDER]

Tail: every bar is forecast from the thousand before it, for both sides, as `tail_fraction` does; a breach is a loss
beyond the forecast quantile of the same distribution. Rate: share of breaches (5 % is right). Ratio: mean of loss
over forecast expected shortfall on a breach (1 is right). Correlation: root mean square error of the next sixty daily
correlations, 2019 to 2023, prior of 2013 to 2018 alone.
"""

from __future__ import annotations

import argparse
import csv
import os
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402 - after BLAS has been given one thread

from portfolio.model import Bars, Side  # noqa: E402
from portfolio.statistics.correlation import blend  # noqa: E402
from portfolio.statistics.distributions import student_quantile  # noqa: E402
from portfolio.statistics.series import Floats, simple_returns  # noqa: E402
from portfolio.statistics.tail_risk import PSEUDO_BARS, WINDOW, standardised, tail_fraction  # noqa: E402

FORECAST = (
    *("EURUSD", "GBPUSD", "AUDUSD", "NZDUSD", "USDJPY", "USDCHF", "USDCAD", "EURGBP", "EURJPY", "GBPJPY"),
    *("XAUUSD", "XAGUSD", "BRENT", "US500", "NAS100", "US30", "DE40", "UK100"),
)
HORIZON = 60
_2019 = 1_546_300_800


class Calibration(NamedTuple):
    """How forecasts of the tail turned out."""

    forecasts: int
    rate: float
    ratio: float
    raw_rate: float
    """Share of losses beyond the forecast expected shortfall itself."""


def load(shared: Path, symbol: str, timeframe: str) -> Bars:
    """Return all bars of one file."""
    with (shared / "data" / "bars" / f"{symbol}_{timeframe}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    times = np.array([int(datetime.fromisoformat(row["time"]).timestamp()) for row in rows])
    columns = [np.array([float(row[name]) for row in rows]) for name in ("open", "high", "low", "close")]
    return Bars(symbol, timeframe, times, *columns)  # type: ignore[arg-type]


def calibration(bars: Bars, side: Side, alpha: float) -> Calibration:
    """Return how the forecasts of every bar after the first thousand turned out."""
    student = -student_quantile(5.0, alpha) * (3.0 / 5.0) ** 0.5
    closes = np.asarray(bars.close)
    losses, tails, quantiles = [], [], []
    for now in range(WINDOW - 1, closes.size - 1):
        window = closes[now - WINDOW + 1 : now + 1]
        forecast = tail_fraction(Bars(bars.symbol, bars.timeframe, (), (), (), (), window), side, alpha=alpha)  # type: ignore[arg-type]
        moves, volatility = standardised(simple_returns(window))
        own = np.sort(-side.sign * moves)[-int(np.ceil(alpha * moves.size))]
        shrunk = (moves.size * own + PSEUDO_BARS * student) / (moves.size + PSEUDO_BARS)
        losses.append(-side.sign * (closes[now + 1] / closes[now] - 1))
        tails.append(forecast.fraction or 0.0)
        quantiles.append(shrunk * volatility)
    loss, tail, quantile = map(np.array, (losses, tails, quantiles))
    breach = loss > quantile
    return Calibration(
        loss.size, float(breach.mean()), float((loss[breach] / tail[breach]).mean()), float((loss > tail).mean())
    )


def tail_table(shared: Path, timeframe: str, symbols: Sequence[str]) -> Iterator[str]:
    """Yield the rows of one timeframe, both sides of every symbol, and their means."""
    yield f"{timeframe}: symbol    alpha  side  forecasts  breach rate  loss/ES on breach  beyond ES"
    for alpha in (0.05, 0.025):
        every = []
        for symbol in symbols:
            bars = load(shared, symbol, timeframe)
            for side in Side:
                row = calibration(bars, side, alpha)
                every.append(row)
                yield (
                    f"    {symbol:<10} {alpha:<6} {side:<5} {row.forecasts:>8} {row.rate:>12.4f} {row.ratio:>18.3f} "
                    f"{row.raw_rate:>10.4f}"
                )
        mean = [float(np.mean([getattr(row, name) for row in every])) for name in ("rate", "ratio", "raw_rate")]
        yield f"    mean       {alpha:<6} {'':<5} {'':>8} {mean[0]:>12.4f} {mean[1]:>18.3f} {mean[2]:>10.4f}"


def forecast_table(shared: Path, symbols: Sequence[str]) -> Iterator[str]:
    """Yield the forecast errors of the sample, the prior and their blend, by sample size."""
    every = [load(shared, symbol, "D1") for symbol in symbols]
    times = np.asarray(every[0].time)
    for bars in every[1:]:
        times = np.intersect1d(times, np.asarray(bars.time))
    closes = np.stack([np.asarray(bars.close)[np.searchsorted(bars.time, times)] for bars in every])
    returns = np.diff(np.log(closes), axis=1)
    past = int((times < _2019).sum()) - 1
    ranks = returns[:, :past].argsort(axis=1).argsort(axis=1).astype(np.float64)
    prior = 2 * np.sin(np.pi / 6 * _sample(ranks))
    yield f"{len(symbols)} symbols: n    sample   prior   blend with 40"
    for count in (20, 40, 60, 120, 250):
        errors = np.array(list(_errors(returns, prior, past, count)))
        sample, old, mixed = np.sqrt(errors.mean(axis=0))
        yield f"    {count:>12} {sample:>10.4f} {old:>7.4f} {mixed:>10.4f}"


def _errors(returns: Floats, prior: Floats, past: int, count: int) -> Iterator[tuple[float, float, float]]:
    above = np.triu_indices(len(prior), 1)
    for now in range(past, returns.shape[1] - HORIZON + 1, 20):
        before = returns[:, now - count : now]
        coming = _sample(returns[:, now : now + HORIZON])[above]
        forecasts = (_sample(before), prior, blend(before, prior))
        sample, old, mixed = (float(((forecast[above] - coming) ** 2).mean()) for forecast in forecasts)
        yield sample, old, mixed


def _sample(returns: Floats) -> Floats:
    return np.atleast_2d(np.corrcoef(returns))


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--shared", type=Path, default=Path(os.environ.get("ELITE_SIZER_SHARED", ROOT.parent / "shared"))
    )
    shared = parser.parse_args().shared
    names = (shared / "data" / "bars").glob("*_[HD][14].csv")
    files = sorted(path.stem.rsplit("_", 1) for path in names if not path.stem.startswith("trades"))
    for timeframe in ("H4", "D1"):
        for line in tail_table(shared, timeframe, [symbol for symbol, tf in files if tf == timeframe]):
            print(line)
    for symbols in (FORECAST, tuple(symbol for symbol, tf in files if tf == "D1")):
        for line in forecast_table(shared, symbols):
            print(line)


if __name__ == "__main__":
    main()
