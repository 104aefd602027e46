"""Past prices the paper market replays: the invented ones it ships with, or a trader's own CSV."""

from __future__ import annotations

import csv
from bisect import bisect_right
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from itertools import accumulate, pairwise
from operator import add, sub
from pathlib import Path
from typing import NamedTuple

from mt5bridge.simulated.market.contracts import Contract

HOUR = 3600
SHIPPED = Path(__file__).parents[1] / "data"


class Bar(NamedTuple):
    """One bar of bid prices in points; `time` is its open in UTC epoch seconds."""

    time: int
    open: int
    high: int
    low: int
    close: int
    volume: int


class Tape:
    """The bars of one symbol, oldest first, all of one period (seconds)."""

    def __init__(self, bars: Iterable[Bar], period: int) -> None:
        self.bars = list(bars)
        self.period = period
        self._times = [bar.time for bar in self.bars]
        if any(map(period.__gt__, map(sub, self._times[1:], self._times))):
            message = f"bars must be in order and {period} s apart"
            raise ValueError(message)

    def __deepcopy__(self, _memo: object) -> Tape:
        """Bars never change, so a copied market shares them."""
        return self

    def index_at(self, utc: float) -> int:
        """Return the index of the last bar that opened by `utc`; -1 before the first."""
        return bisect_right(self._times, utc) - 1


def load_shipped(contract: Contract) -> Tape:
    """Return the hourly bars shipped for the contract, no bars where none are shipped."""
    source = SHIPPED / f"{contract.name}.csv"
    return _decode(source) if source.is_file() else Tape((), HOUR)


@lru_cache(maxsize=64)
def _decode(source: Path) -> Tape:
    """Undo the differences of a shipped file: hours and gap to the bar before, the rest to the open."""
    numbers = list(map(int, source.read_text(encoding="utf-8").partition("\n")[2].replace("\n", ",")[:-1].split(",")))
    hours, gaps, ups, downs, moves, volumes = (numbers[column::6] for column in range(6))
    closes = list(accumulate(map(add, gaps, moves)))
    opens = list(map(sub, closes, moves))
    times = [hour * HOUR for hour in accumulate(hours)]
    return Tape(map(Bar, times, opens, map(add, opens, ups), map(sub, opens, downs), closes, volumes), HOUR)


def from_csv(path: Path, contract: Contract) -> Tape:
    """Read `time,open,high,low,close[,volume]`, open times in ISO 8601; the period is the least step between bars."""
    with path.open(encoding="utf-8", newline="") as file:
        bars = [
            _bar(row, contract, f"{path.name} line {line}") for line, row in enumerate(csv.DictReader(file), start=2)
        ]
    steps = [late.time - early.time for early, late in pairwise(bars)]
    if not steps or min(steps) <= 0:
        message = f"{path.name}: needs two bars or more, oldest first"
        raise ValueError(message)
    return Tape(bars, min(steps))


def _bar(row: dict[str, str], contract: Contract, where: str) -> Bar:
    try:
        at = datetime.fromisoformat(row["time"])
        start, high, low, close = (contract.points(float(row[name])) for name in ("open", "high", "low", "close"))
        volume = int(float(row.get("volume") or 0))
    except (KeyError, ValueError, OverflowError) as error:
        message = f"{where}: {error}"
        raise ValueError(message) from error
    if at.tzinfo is None or not 0 < low <= min(start, close) <= max(start, close) <= high:
        message = f"{where}: time needs a zone, prices must be above 0 and within high and low"
        raise ValueError(message)
    return Bar(int(at.timestamp()), start, high, low, close, max(volume, 1))
