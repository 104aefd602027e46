"""How long a durable decision takes, against one synced line of the same bytes, and with eight processes at once.

    python scripts/benchmark_store.py [--calls N] [--processes N] [--seconds S] [--folder DIR] [--json]

Subject and yardstick are interleaved on the same disk; the seed is fixed. Figures are medians and 99th
percentiles in microseconds, and their ratio, since disks differ more than programs do.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from multiprocessing.queues import Queue
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parent.parent))

from elite_sizer.journal.files import Journal
from portfolio.errors import StoreError
from portfolio.ledger import ledger
from portfolio.ledger.account_ledger import Held, View
from portfolio.ledger.lease import cancel
from portfolio.ledger.ledger import CallTerms, reserve
from portfolio.model import Side
from portfolio.reservation.hold import Hold
from portfolio.reservation.reservation import FIRST_FENCE
from portfolio.store.database import Store
from portfolio.store.rows import AccountRow

ACCOUNT = "1@server"
LINE_BYTES = 4800
CAP = Decimal(1000)
START = datetime(2026, 6, 10, 12, tzinfo=UTC)


class Decision(NamedTuple):
    """As much of a decision as the ledger asks for."""

    id: str
    at: datetime
    lots: Decimal
    line: bytes
    hold: Hold | None


def decision(identifier: str, at: datetime, loss: Decimal, line: bytes) -> Decision:
    """Return a decision of one lot that can lose `loss`."""
    hold = Hold("EURUSD", Side.BUY, Decimal(1), loss, loss, Decimal(108_500), Decimal(3616)) if loss else None
    return Decision(identifier, at, Decimal(1 if loss else 0), line, hold)


def percentile(seconds: list[float], share: float) -> float:
    """Return a percentile in microseconds."""
    return sorted(seconds)[min(int(len(seconds) * share), len(seconds) - 1)] * 1e6


def durable(folder: Path, calls: int, *, repeated: bool) -> dict[str, float]:
    """Measure decisions with journal row, reservation and state against synced lines.

    `repeated`: each also has an idempotency key and replaces the hold of the one before; else that one is
    cancelled beforehand, untimed.
    """
    line = _line()
    yardstick = os.open(folder / "yardstick.jsonl", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    sync = getattr(os, "fdatasync", os.fsync)
    lines, decisions, journaled = [], [], []
    journal = Journal(folder)
    with Store.open(folder / f"benchmark-{repeated}.db") as store:
        for number in range(calls):
            at = START + timedelta(seconds=number)
            fresh = decision(f"{number:026}", at, Decimal(10), line)
            asked = CallTerms("EURUSD", Side.BUY, at + timedelta(seconds=10), caller="bot", fenced=True)
            if repeated:
                asked = asked._replace(key=str(number))
            elif number:
                cancel(store, f"{number - 1:026}", FIRST_FENCE, now=at)
            state = AccountRow(ACCOUNT, 0, date(2026, 6, 10), Decimal(100_000 + number), b"x" * 400)
            view = View(ledger.mark(store))
            began = time.perf_counter()
            os.write(yardstick, line)
            sync(yardstick)
            wrote = time.perf_counter()
            answer = reserve(store, ACCOUNT, _always(fresh), asked, view, now=at, advance=_to(state))
            answered = time.perf_counter()
            journal.append(line, at)
            ended = time.perf_counter()
            if answer is not fresh:
                raise RuntimeError(answer)
            lines.append(wrote - began)
            decisions.append(answered - wrote)
            journaled.append(ended - answered)
    os.close(yardstick)
    return {
        "line_median_us": percentile(lines, 0.5),
        "line_p99_us": percentile(lines, 0.99),
        "decision_median_us": percentile(decisions, 0.5),
        "decision_p99_us": percentile(decisions, 0.99),
        "journal_median_us": percentile(journaled, 0.5),
        "ratio_of_medians": percentile(decisions, 0.5) / percentile(lines, 0.5),
        "ratio_of_means": sum(decisions) / sum(lines),
    }


def _line() -> bytes:
    text = random.Random(1).randbytes(LINE_BYTES // 2).hex()  # noqa: S311 -- no secret
    return b'{"x":"' + text[: LINE_BYTES - 9].encode() + b'"}\n'


def _always(answer: Decision) -> Callable[[tuple[Held, ...]], Decision]:
    return lambda _held: answer


def _to(state: AccountRow) -> Callable[[AccountRow | None], AccountRow]:
    return lambda _before: state


def race(path: str, number: int, seconds: float, results: Queue[tuple[list[float], int, int]]) -> None:
    """Ask for random money until the time is over, give a third of it back, and note how long each answer took."""
    dice = random.Random(number)  # noqa: S311 -- no secret
    took: list[float] = []
    over = busy = 0
    line = _line()
    with Store.open(path) as store:
        end = time.perf_counter() + seconds
        count = 0
        while time.perf_counter() < end:
            count += 1
            at = START + timedelta(microseconds=count)
            wanted = Decimal(dice.randint(1, 20_000)) / 100
            name = f"{number:02}{count:024}"

            def decide(
                holds: tuple[Held, ...], at: datetime = at, name: str = name, wanted: Decimal = wanted
            ) -> Decision:
                nonlocal over
                used = sum((hold.hold.loss for hold in holds), Decimal(0))
                over += used > CAP
                return decision(name, at, max(Decimal(0), min(wanted, CAP - used)), line)

            asked = CallTerms("EURUSD", Side.BUY, at + timedelta(hours=1))
            view = View(ledger.mark(store))
            began = time.perf_counter()
            try:
                answer = reserve(store, ACCOUNT, decide, asked, view, now=at)
            except StoreError as error:
                busy += error.reason.code == "state_busy"
                continue
            finally:
                took.append(time.perf_counter() - began)
            if isinstance(answer, Decision) and answer.hold and dice.random() < 0.7:  # noqa: PLR2004 -- most of it comes back, so that the race goes on
                cancel(store, answer.id, FIRST_FENCE, now=at)
    results.put((took, over, busy))


def racing(folder: Path, processes: int, seconds: float) -> dict[str, float]:
    """Let processes race for one headroom and count how often more than all of it was reserved."""
    path = folder / "race.db"
    Store.open(path).close()
    results: Queue[tuple[list[float], int, int]] = multiprocessing.Queue()
    runners = [multiprocessing.Process(target=race, args=(str(path), n, seconds, results)) for n in range(processes)]
    for runner in runners:
        runner.start()
    gathered = [results.get() for _ in runners]
    for runner in runners:
        runner.join()
    took = [second for seconds_taken, _, _ in gathered for second in seconds_taken]
    return {
        "processes": processes,
        "decisions": len(took),
        "decisions_per_second": len(took) / seconds,
        "median_us": percentile(took, 0.5),
        "p99_us": percentile(took, 0.99),
        "longest_us": max(took) * 1e6,
        "overspent": sum(over for _, over, _ in gathered),
        "busy": sum(busy for _, _, busy in gathered),
    }


def main() -> None:
    """Print the figures."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    options.add_argument("--calls", type=int, default=3000)
    options.add_argument("--processes", type=int, default=8)
    options.add_argument("--seconds", type=float, default=5.0)
    options.add_argument("--folder", type=Path, default=None, help="on the disk to be measured; default: temporary")
    options.add_argument("--json", action="store_true")
    given = options.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        figures = {
            "durable": durable(Path(folder), given.calls, repeated=False),
            "durable, repeated": durable(Path(folder), given.calls, repeated=True),
        }
        if given.processes:
            figures["race"] = racing(Path(folder), given.processes, given.seconds)
    if given.json:
        print(json.dumps(figures, indent=1))
        return
    for name, group in figures.items():
        print(name, *(f"{key} {value:,.2f}" for key, value in group.items()), sep="\n  ")


if __name__ == "__main__":
    main()
