"""How long the statistics take to refresh, against numpy and riskfolio, and how that grows.

    python scripts/benchmark_statistics.py [--calls N]

Subjects and yardstick of a group are interleaved in one process with one BLAS thread and fixed seeds; figures are
medians and 99th percentiles in microseconds, and the ratio of the medians. Prints JSON. Without riskfolio the plain
CVaR is our own sort and mean, and the yardstick's name says so.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402 - after BLAS has been given one thread

from elite_sizer.statistics.lookup import StatisticsCache, StatisticsSettings, statistics_for  # noqa: E402
from elite_sizer.statistics.prior_file import load_prior  # noqa: E402
from portfolio.model import Account, Bars, Position, Side, Snapshot, TerminalState  # noqa: E402
from portfolio.statistics.correlation import blend, estimate, prior_matrix  # noqa: E402
from portfolio.statistics.correlation_prior import instrument  # noqa: E402
from portfolio.statistics.series import Floats, log_returns, simple_returns  # noqa: E402
from portfolio.statistics.tail_risk import expected_shortfall, filtered_expected_shortfall, tail_fraction  # noqa: E402

Subject = Callable[[], object]
PRIOR = load_prior(ROOT / "config")
ALPHA = 0.05
BOOK = 10


def measured(subjects: Mapping[str, Subject], calls: int) -> dict[str, dict[str, float]]:
    """Return median, 99th percentile and ratio of each subject; the first one is the yardstick."""
    taken: dict[str, list[int]] = {name: [] for name in subjects}
    for turn in range(calls + calls // 10):
        for name, subject in subjects.items():
            began = time.perf_counter_ns()
            subject()
            if turn >= calls // 10:
                taken[name].append(time.perf_counter_ns() - began)
    medians = {name: sorted(times)[len(times) // 2] for name, times in taken.items()}
    yardstick = next(iter(medians.values()))
    return {
        name: {
            "p50_us": round(medians[name] / 1e3, 2),
            "p99_us": round(sorted(times)[int(len(times) * 0.99)] / 1e3, 2),
            "ratio": round(medians[name] / yardstick, 3),
        }
        for name, times in taken.items()
    }


def bars(symbol: str, count: int, seed: int, *, arrays: bool) -> Bars:
    """Return daily bars of a random walk with fat tails."""
    closes = 100 * np.exp(np.cumsum(np.random.default_rng(seed).standard_t(5, count) * 0.005))
    times = np.arange(count) * 86_400 + 1_700_000_000
    if arrays:
        return Bars(symbol, "D1", times, closes, closes, closes, closes)  # type: ignore[arg-type]
    plain = tuple(map(float, closes))
    return Bars(symbol, "D1", tuple(map(int, times)), plain, plain, plain, plain)


def names(count: int) -> list[str]:
    """Return symbols of the prior table, and strangers beyond it."""
    return [*PRIOR.symbols, *(f"ODD{at}" for at in range(count))][:count]


def correlations(symbols: int, returns: int, calls: int) -> dict[str, dict[str, float]]:
    """Return the refresh of a correlation matrix beside `numpy.corrcoef` of the same returns."""
    arrays = {name: bars(name, returns + 1, at, arrays=True) for at, name in enumerate(names(symbols))}
    plain = {name: bars(name, returns + 1, at, arrays=False) for at, name in enumerate(names(symbols))}
    moves: Floats = np.stack([log_returns(series.close) for series in arrays.values()])
    prior = prior_matrix(PRIOR, tuple(map(instrument, arrays)))
    return measured(
        {
            "numpy.corrcoef of the returns": lambda: np.corrcoef(moves),
            "blend of the returns with the prior": lambda: blend(moves, prior),
            "estimate from bars held as arrays": lambda: estimate(arrays, PRIOR, window=returns),
            "estimate from bars held as tuples": lambda: estimate(plain, PRIOR, window=returns),
        },
        calls,
    )


def plain_cvar() -> tuple[str, Callable[[Floats], object]]:
    """Return the yardstick of the tail: riskfolio's, else our own sort and mean."""
    try:
        riskfolio = import_module("riskfolio.src.RiskFunctions")
    except ImportError:
        return "plain numpy sort and mean (riskfolio is not installed)", _sort_and_mean
    return "riskfolio CVaR_Hist", lambda returns: riskfolio.CVaR_Hist(returns, alpha=ALPHA)


def _sort_and_mean(returns: Floats) -> float:
    worst = np.sort(returns)[: int(np.ceil(ALPHA * returns.size))]
    return float(-worst.mean())


def tails(count: int, calls: int) -> dict[str, dict[str, float]]:
    """Return the refresh of a tail beside the plain CVaR of the same window."""
    fast, plain = (bars("EURUSD", count, 1, arrays=arrays) for arrays in (True, False))
    moves = simple_returns(fast.close)
    name, yardstick = plain_cvar()
    return measured(
        {
            name: lambda: yardstick(moves),
            "expected_shortfall": lambda: expected_shortfall(-moves, ALPHA),
            "filtered_expected_shortfall": lambda: filtered_expected_shortfall(moves, ALPHA),
            "tail_fraction from bars held as arrays": lambda: tail_fraction(fast, Side.BUY, window=count),
            "tail_fraction from bars held as tuples": lambda: tail_fraction(plain, Side.BUY, window=count),
        },
        calls,
    )


def lookups(calls: int) -> dict[str, dict[str, float]]:
    """Return a look-up of everything one candidate needs, with a book of ten symbols and of none."""
    now, money = datetime(2026, 6, 10, tzinfo=UTC), Decimal(100_000)
    symbols = names(BOOK + 1)
    market = {(name, tf): bars(name, 1000, at, arrays=False) for at, name in enumerate(symbols) for tf in ("H1", "D1")}
    market |= {(symbols[0], "H4"): bars(symbols[0], 1000, 99, arrays=False)}
    lot = Decimal(1)
    book = tuple(
        Position(at, name, Side.BUY, lot, lot, lot, None, None, lot, lot, now) for at, name in enumerate(symbols[1:])
    )
    account = Account(1, "Benchmark", "USD", money, money, Decimal(0), money, 100)
    full = Snapshot(now, account, TerminalState("simulated"), {}, {}, book, bars=market)
    bare = Snapshot(now, account, TerminalState("simulated"), {}, {}, bars=market)
    settings, cache = StatisticsSettings(PRIOR), StatisticsCache()

    def look(snapshot: Snapshot) -> Subject:
        return lambda: statistics_for(snapshot, symbols[0], Side.BUY, "H1", 1.1, settings=settings, cache=cache)

    return measured({"empty book": look(bare), f"book of {BOOK} symbols": look(full)}, calls)


def report(calls: int) -> dict[str, Any]:
    """Return every group of measurements."""
    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "blas_threads": os.environ["OPENBLAS_NUM_THREADS"],
        "correlation refresh, 30 symbols x 120 daily returns": correlations(30, 120, calls),
        "correlation refresh by symbols, 120 returns": {
            n: correlations(n, 120, calls // 10) for n in (10, 30, 100, 300)
        },
        "correlation refresh by returns, 30 symbols": {
            n: correlations(30, n, calls // 10) for n in (60, 120, 500, 2000)
        },
        "tail refresh, 1,000 bars": tails(1000, calls),
        "tail refresh by bars": {n: tails(n, calls // 10) for n in (250, 500, 1000, 2000, 10_000)},
        "look-up on a hit": lookups(calls),
    }


def main() -> None:
    """Print the report as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=3000, help="timed calls of each subject (default 3000)")
    print(json.dumps(report(parser.parse_args().calls), indent=1))


if __name__ == "__main__":
    main()
