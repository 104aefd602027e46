"""Measure how long one consistent moment takes, by terminal and by the number of open positions.

    python scripts/benchmark_bridge.py [--times 200] [--json FILE]

Each row is one `take`: account, book, quote, what the terminal says of every stop, 30 days of deals; `with bars` also
500 hourly and 250 daily bars of every symbol in play. `simulated` answers in this process, `recording` from a capture
of it, `host` owns it in a process of its own. Rows are interleaved, so a busy machine slows them all alike.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from mt5bridge.captures.document import parse
from mt5bridge.captures.record import record
from mt5bridge.captures.replay import RecordingTerminal
from mt5bridge.connections.host import Host, HostSettings
from mt5bridge.reading.request import SnapshotRequest
from mt5bridge.reading.snapshot import take
from mt5bridge.reading.terminal_memory import Memory
from mt5bridge.simulated.module import SimulatedTerminal
from portfolio.model import Side

ROOT = Path(__file__).resolve().parent.parent
BOOKS = (0, 10, 100)
SYMBOLS = ("EURUSD", "GBPUSD", "USDJPY", "AUDUSD", "XAUUSD")
BARS = (("H1", 500), ("D1", 250))
MODULE = """
from benchmark_bridge import with_positions
terminal = with_positions({count})
__author__ = "SIMULATED"
def __getattr__(name):
    return getattr(terminal, name)
"""


def with_positions(count: int) -> SimulatedTerminal:
    """Return a terminal with so many small positions, all with stops."""
    terminal = SimulatedTerminal.fresh(balance=1_000_000)
    for number in range(count):
        symbol = SYMBOLS[number % len(SYMBOLS)]
        tick, info = terminal.symbol_info_tick(symbol), terminal.symbol_info(symbol)
        stop = 0.0 if tick is None or info is None else round(tick.bid * 0.98, info.digits)
        terminal.buy(symbol, 0.01, stop=stop)
    return terminal.advance(2)


class CountingHost(Host):
    """The host, with its requests counted."""

    requests = 0

    def gather(self, ask: Mapping[str, Any]) -> dict[str, Any]:
        """Return one moment."""
        self.requests += 1
        return super().gather(ask)


@dataclass
class Row:
    """One thing to measure, and what was measured, in milliseconds."""

    terminal: str
    positions: int
    bars: bool
    once: Callable[[], object]
    milliseconds: list[float] = field(default_factory=list)

    def measure(self) -> None:
        """Measure it once."""
        begun = time.perf_counter()
        self.once()
        self.milliseconds.append((time.perf_counter() - begun) * 1000)

    def figures(self) -> dict[str, Any]:
        """Return what it is, its median and its 99th percentile."""
        ordered = sorted(self.milliseconds)
        return {
            "terminal": self.terminal,
            "positions": self.positions,
            "bars": self.bars,
            "median_ms": round(statistics.median(ordered), 2),
            "p99_ms": round(ordered[int(len(ordered) * 0.99)], 2),
        }


def rows(hosts: Mapping[int, CountingHost]) -> list[Row]:
    """Return everything to measure."""
    results: list[Row] = []
    for count in BOOKS:
        terminal = with_positions(count)
        now = terminal.now
        for bars in (False, True):
            ask = SnapshotRequest(
                "EURUSD",
                Side.BUY,
                stop=Decimal("1.05"),
                deals_since=now - timedelta(days=30),
                bars=BARS if bars else (),
            )
            captured = json.dumps(record(terminal, ask, now=now))
            sources = {
                "simulated": terminal,
                "recording": RecordingTerminal(parse(captured, "benchmark")),
                "host": hosts[count],
            }
            results.extend(Row(name, count, bars, taking(source, ask, now)) for name, source in sources.items())
    return results


def taking(source: Any, ask: SnapshotRequest, now: datetime) -> Callable[[], object]:  # noqa: ANN401 - any terminal
    """Return what takes one moment, with the memory that a process keeps."""
    memory = Memory()
    take(source, ask, now=now, memory=memory)
    return lambda: take(source, ask, now=now, memory=memory)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure how long one consistent moment takes.")
    parser.add_argument("--times", type=int, default=200)
    parser.add_argument("--json", type=Path, help="also write the figures here")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["PYTHONPATH"] = os.pathsep.join((folder, str(ROOT), str(Path(__file__).parent)))
        hosts = {}
        for count in BOOKS:
            module = f"simulated_with_{count}"
            (Path(folder) / f"{module}.py").write_text(MODULE.format(count=count), encoding="utf-8")
            hosts[count] = CountingHost(settings=HostSettings(module=module, deadline=60.0))
        results = rows(hosts)
        moments = sum(row.terminal == "host" for row in results) * (options.times + 1)
        for _ in range(options.times):
            for row in results:
                row.measure()
        requests = sum(host.requests for host in hosts.values())
        for host in hosts.values():
            host.close()
    figures = [row.figures() for row in results]
    print(f"{'terminal':10} {'positions':>9} {'bars':>5} {'median ms':>10} {'p99 ms':>8}")
    for each in figures:
        bars = "yes" if each["bars"] else "no"
        print(f"{each['terminal']:10} {each['positions']:9} {bars:>5} {each['median_ms']:10.2f} {each['p99_ms']:8.2f}")
    print(f"round trips to the host: {requests} for {moments} moments")
    if options.json is not None:
        options.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
