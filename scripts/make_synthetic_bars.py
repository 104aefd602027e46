"""Make the hourly bars the simulated terminal ships with: invented prices with the manners of real ones.

    python scripts/make_synthetic_bars.py --prior prior_corr_D1_2013_2023_spearman.csv

Nothing here was observed at a broker. What is realistic is the behaviour: daily volatility per market, busy and quiet
hours of the server's day, clusters of volatility, fat tails, gaps over closed hours, and the rank correlations of the
prior table (27 symbols daily, 2013-2023; oil stands for Brent). Crypto and shares are not in that table: their
correlations are assumptions, written below. EURJPY and EURGBP follow from their legs, so no triangle offers free money.

One row an hour in which the symbol traded, all columns differences, prices in points (10 ** -digits):
`hours` since the bar before (the first: since 1970), `gap` from its close to this open, `high` above and `low` below
the open, `close` minus open, `volume` in ticks. The same seed writes the same files.
"""

from __future__ import annotations

import argparse
import csv
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mt5bridge.simulated.market.catalogue import CONTRACTS
from mt5bridge.simulated.market.clock import server_offset

if TYPE_CHECKING:
    from numpy.typing import NDArray

SEED = 20_260_610
FIRST = datetime(2026, 1, 4, 22, tzinfo=UTC)  # Monday 00:00 on the server
WEEKS = 27
ANCHOR = datetime(2026, 6, 10, 12, tzinfo=UTC)
STEPS = 12  # an hour is drawn in steps of five minutes
TAIL = 6.0  # degrees of freedom of the hourly volatility shocks
LEGS = {"EURJPY": ("EURUSD", "USDJPY", 1), "EURGBP": ("EURUSD", "GBPUSD", -1)}


@dataclass(frozen=True, slots=True)
class Market:
    """How one symbol moves: its price at the anchor, daily volatility, ticks an hour and busy hours."""

    price: float
    volatility: float
    ticks: int
    hours: str
    prior: str = ""


MARKETS = {
    "EURUSD": Market(1.08510, 0.0045, 3000, "fx"),
    "GBPUSD": Market(1.27340, 0.0052, 3200, "fx"),
    "USDJPY": Market(150.420, 0.0056, 3500, "asia"),
    "USDCHF": Market(0.89420, 0.0047, 2400, "fx"),
    "AUDUSD": Market(0.66150, 0.0061, 2600, "asia"),
    "USDCAD": Market(1.36680, 0.0042, 2500, "america"),
    "XAUUSD": Market(2341.50, 0.0095, 6000, "america"),
    "XAGUSD": Market(29.450, 0.0175, 4000, "america"),
    "US30": Market(38950.0, 0.0090, 5200, "america"),
    "US500": Market(5321.0, 0.0095, 4800, "america"),
    "NAS100": Market(18720.0, 0.0125, 6500, "america"),
    "GER40": Market(18540.0, 0.0110, 4200, "fx", prior="DE40"),
    "USOIL": Market(56.98, 0.0205, 3000, "america", prior="BRENT"),
    "BTCUSD": Market(67420.0, 0.0270, 5000, "crypto", prior="-"),
    "ETHUSD": Market(3520.0, 0.0360, 4500, "crypto", prior="-"),
    "AAPL": Market(194.30, 0.0155, 2800, "flat", prior="-"),
    "SAP": Market(176.40, 0.0150, 1200, "flat", prior="-"),
}

ASSUMED = {
    ("BTCUSD", "ETHUSD"): 0.80,
    ("BTCUSD", "NAS100"): 0.35,
    ("BTCUSD", "US500"): 0.32,
    ("ETHUSD", "NAS100"): 0.35,
    ("ETHUSD", "US500"): 0.32,
    ("AAPL", "NAS100"): 0.72,
    ("AAPL", "US500"): 0.66,
    ("AAPL", "US30"): 0.58,
    ("AAPL", "GER40"): 0.40,
    ("SAP", "GER40"): 0.70,
    ("SAP", "US500"): 0.50,
    ("SAP", "NAS100"): 0.52,
    ("AAPL", "SAP"): 0.40,
}

# Relative activity by hour of the server's day (New York + 7 h): Tokyo 2-8, London 10-18, New York 15-23.
BUSY = {
    "fx": (3, 3, 4, 4, 4, 4, 4, 4, 5, 8, 11, 10, 9, 8, 9, 12, 13, 12, 10, 7, 6, 5, 4, 3),
    "asia": (4, 5, 8, 9, 8, 7, 6, 6, 6, 8, 10, 9, 8, 8, 9, 12, 12, 11, 9, 7, 6, 5, 5, 4),
    "america": (2, 3, 3, 3, 3, 3, 3, 3, 4, 6, 7, 7, 6, 6, 8, 13, 15, 14, 11, 9, 9, 10, 8, 4),
    "crypto": (7, 6, 6, 6, 6, 6, 6, 7, 7, 8, 8, 8, 8, 8, 9, 11, 12, 12, 11, 10, 9, 9, 8, 8),
    "flat": (1,) * 24,
}


def correlations(prior: Path, names: list[str]) -> NDArray[np.float64]:
    """Return the normal correlations of `names` that give the prior's rank correlations; positive definite."""
    with prior.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    table = {
        (row[0], column): float(value) for row in rows[1:] for column, value in zip(rows[0][1:], row[1:], strict=True)
    }
    rank = np.eye(len(names))
    for i, first in enumerate(names):
        for j, second in enumerate(names):
            key = (MARKETS[first].prior or first, MARKETS[second].prior or second)
            assumed = ASSUMED.get((first, second), ASSUMED.get((second, first), 0.05))
            if i != j:
                rank[i, j] = table.get(key, assumed)
    values, vectors = np.linalg.eigh(2 * np.sin(np.pi / 6 * rank))
    raised = (vectors * np.maximum(values, 1e-3)) @ vectors.T
    scale = np.sqrt(np.diag(raised))
    return np.asarray(raised / np.outer(scale, scale))


def trading_hours(name: str, hours: list[datetime]) -> NDArray[np.bool_]:
    """Return for each UTC hour whether `name` trades in it."""
    session = CONTRACTS[name].hours
    server = [at + timedelta(seconds=server_offset(at.timestamp())) for at in hours]
    return np.array([session.open_at(at.weekday(), at.hour * 3600) for at in server])


def activity(name: str, hours: list[datetime], is_open: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the standard deviation of each hour: busy hours add up to a day, closed ones to a gap."""
    market = MARKETS[name]
    server = [at + timedelta(seconds=server_offset(at.timestamp())) for at in hours]
    weights = np.array([BUSY[market.hours][at.hour] for at in server], dtype=float)
    weights[~is_open] = 0.0
    by_day = np.array([at.toordinal() for at in server])
    day_open = {day: weights[by_day == day].sum() for day in set(by_day.tolist())}
    share = np.array([weight / max(day_open[day], 1.0) for weight, day in zip(weights, by_day.tolist(), strict=True)])
    share[~is_open] = 0.25 / max((~is_open).sum() / WEEKS, 1.0)
    return np.asarray(market.volatility * np.sqrt(share))


def draw(
    prior: Path, seed: int
) -> tuple[list[datetime], dict[str, NDArray[np.float64]], dict[str, NDArray[np.float64]]]:
    """Return the hours, every symbol's log price at each step (one more than steps), and each hour's deviation."""
    names = list(MARKETS)
    rng = np.random.Generator(np.random.PCG64(seed))
    hours = [FIRST + timedelta(hours=n) for n in range(WEEKS * 168)]
    root = np.linalg.cholesky(correlations(prior, names))
    normal = rng.standard_normal((len(hours) * STEPS, len(names))) @ root.T
    shock = np.sqrt(TAIL / rng.chisquare(TAIL, len(hours))) * np.sqrt((TAIL - 2) / TAIL)
    mood = np.zeros(WEEKS * 7)
    for day in range(1, len(mood)):
        mood[day] = 0.9 * mood[day - 1] + 0.13 * rng.standard_normal()
    swing = np.repeat(np.exp(mood - mood.var()), 24) * shock
    anchor = int((ANCHOR - FIRST).total_seconds()) // 3600 * STEPS
    paths, deviations = {}, {}
    for column, name in enumerate(names):
        deviations[name] = activity(name, hours, trading_hours(name, hours)) * swing
        moves = np.repeat(deviations[name], STEPS) / np.sqrt(STEPS) * normal[:, column]
        path = np.concatenate([[0.0], np.cumsum(moves)])
        paths[name] = path - path[anchor] + np.log(MARKETS[name].price)
    for name, (first, second, sign) in LEGS.items():
        paths[name] = paths[first] + sign * paths[second]
        deviations[name] = np.hypot(deviations[first], deviations[second]) * 0.8
    return hours, paths, deviations


def rows(
    name: str,
    hours: list[datetime],
    path: NDArray[np.float64],
    deviation: NDArray[np.float64],
    rng: np.random.Generator,
) -> list[tuple[int, ...]]:
    """Return the rows of one symbol's file."""
    points = 10 ** CONTRACTS[name].digits
    ticks = MARKETS[name].ticks if name in MARKETS else 2800
    beyond = np.abs(rng.standard_normal((len(hours), 2))) * deviation[:, None] * 0.12
    noise = np.exp(0.15 * rng.standard_normal(len(hours)))
    usual = float(np.median(deviation))
    out: list[tuple[int, ...]] = []
    last_hour, last_close = 0, 0
    for n in np.flatnonzero(trading_hours(name, hours)).tolist():
        span = path[n * STEPS : (n + 1) * STEPS + 1]
        opened, closed = round(float(np.exp(span[0])) * points), round(float(np.exp(span[-1])) * points)
        high = max(round(float(np.exp(span.max() + beyond[n, 0])) * points), opened, closed)
        low = min(round(float(np.exp(span.min() - beyond[n, 1])) * points), opened, closed)
        volume = max(round(ticks * float(noise[n]) * min(float(deviation[n]) / usual, 3.0)), 60)
        hour = int(hours[n].timestamp()) // 3600
        out.append((hour - last_hour, opened - last_close, high - opened, opened - low, closed - opened, volume))
        last_hour, last_close = hour, closed
    return out


def main() -> None:
    """Write one file per symbol."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--prior", type=Path, required=True, help="table of rank correlations (CSV)")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--to", type=Path, default=Path(__file__).parents[1] / "mt5bridge" / "simulated" / "data")
    options = parser.parse_args()
    hours, paths, deviations = draw(options.prior, options.seed)
    rng = np.random.Generator(np.random.PCG64(options.seed + 1))
    for name, path in paths.items():
        with (options.to / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(("hours", "gap", "high", "low", "close", "volume"))
            writer.writerows(rows(name, hours, path, deviations[name], rng))
        print(f"{name}: {(options.to / f'{name}.csv').stat().st_size} bytes")


if __name__ == "__main__":
    main()
