"""Kill two writers at random instants, again and again: no acknowledged decision may be lost, no limit exceeded.

    python scripts/crash_test.py [--cycles N] [--seed N] [--folder DIR] [--json]

Each cycle starts two processes that decide, claim, give back and advance the account's state on one database, and
kills them without warning. Then the database is opened again: every decision that was acknowledged must be there,
byte for byte, the held losses must fit the limit, the peak must not have fallen. Exit code 1 where anything failed.
A kill says nothing about a power loss: the page cache survives it.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
import sys
import tempfile
import time
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parent.parent))

from portfolio.ledger import lease
from portfolio.ledger.account_ledger import Held, View
from portfolio.ledger.ledger import CallTerms, mark, reservations, reserve
from portfolio.model import ZERO, Side
from portfolio.reservation.hold import Hold
from portfolio.reservation.reservation import FIRST_FENCE
from portfolio.store.database import Store
from portfolio.store.rows import AccountRow

ACCOUNT = "1@server"
LIMIT = Decimal(1000)
START = datetime(2026, 6, 10, 12, tzinfo=UTC)
LONGEST = 0.02
"""Seconds after the first acknowledgement within which a writer is killed."""
SETTLE_EVERY = 4
"""Cycles between two rounds of freeing what killed writers left reserved."""
CHECK_EVERY = 50
"""Cycles between two checks of the whole file."""


class Decision(NamedTuple):
    """As much of a decision as the ledger asks for."""

    id: str
    at: datetime
    lots: Decimal
    line: bytes
    hold: Hold | None


def line_of(identifier: str) -> bytes:
    """Return the journal line of a decision, as long as a real one and different for each."""
    return b'{"id":"%s","x":"%s"}\n' % (identifier.encode(), identifier.encode() * 180)


def write(path: str, number: int, cycle: int, acknowledge: Connection) -> None:
    """Decide until killed; each decision is acknowledged after it was committed."""
    dice = random.Random(f"{cycle} {number}")  # noqa: S311 -- no secret
    at = START + timedelta(seconds=cycle)
    with Store.open(path, anywhere=True) as store:
        count = 0
        while True:
            count += 1
            name = f"{cycle:08}{number}{count:08}"
            wanted = Decimal(dice.randint(1, 30_000)) / 100
            peak = Decimal(100_000) + cycle * 1000 + count

            def decide(holds: tuple[Held, ...], name: str = name, wanted: Decimal = wanted) -> Decision:
                loss = max(ZERO, min(wanted, LIMIT - sum((each.hold.loss for each in holds), ZERO)))
                hold = Hold("EURUSD", Side.BUY, Decimal(1), loss, loss, ZERO, ZERO) if loss else None
                return Decision(name, at, Decimal(1 if hold else 0), line_of(name), hold)

            def advance(before: AccountRow | None, peak: Decimal = peak) -> AccountRow:
                highest = peak if before is None else max(peak, before.peak)
                return AccountRow(ACCOUNT, 0, date(2026, 6, 10), highest, b"{}")

            asked = CallTerms("EURUSD", Side.BUY, at + timedelta(hours=1))
            got = reserve(store, ACCOUNT, decide, asked, View(mark(store)), now=at, advance=advance)
            if not isinstance(got, Decision):
                raise TypeError(got)
            acknowledge.send_bytes(f"{name} {peak}".encode())
            if got.hold:
                use(store, name, at, dice)


def use(store: Store, name: str, at: datetime, dice: random.Random) -> None:
    """Do with a reservation what a bot may do."""
    chance = dice.random()
    if chance < 0.6:  # noqa: PLR2004 -- shares of a bot's day
        lease.cancel(store, name, FIRST_FENCE, now=at)
    elif chance < 0.8:  # noqa: PLR2004
        lease.claim(store, name, FIRST_FENCE, now=at)


def acknowledged(reader: Connection) -> Iterable[tuple[str, Decimal]]:
    """Give what a killed writer had acknowledged."""
    while True:
        try:
            name, peak = reader.recv_bytes().decode().split()
        except (EOFError, OSError):
            return
        yield name, Decimal(peak)


def run_cycle(path: Path, cycle: int, dice: random.Random) -> list[tuple[str, Decimal]]:
    """Start two writers, kill both at random instants, and return what they had acknowledged."""
    writers = []
    for number in range(2):
        reader, writer = multiprocessing.Pipe(duplex=False)
        process = multiprocessing.Process(target=write, args=(str(path), number, cycle, writer), daemon=True)
        process.start()
        writer.close()
        writers.append((process, reader))
    for process, reader in writers:
        reader.poll(30)
        time.sleep(dice.random() * LONGEST)
        process.kill()
    done = []
    for process, reader in writers:
        process.join()
        done += list(acknowledged(reader))
        reader.close()
    return done


def faults(store: Store, acks: Iterable[tuple[str, Decimal]]) -> list[str]:
    """Return what is wrong with a database after a kill."""
    findings = [f"decision {name} is lost" for name, _ in acks if store.decision(name) != line_of(name)]
    reserved = sum((reservation.hold.loss for reservation in reservations(store, ACCOUNT, now=START)), ZERO)
    if reserved > LIMIT:
        findings.append(f"{reserved} is held of {LIMIT}")
    state = store.account_state(ACCOUNT)
    highest = max((peak for _, peak in acks), default=ZERO)
    if state is None or state.peak < highest:
        findings.append(f"the peak of {highest} is lost: {state}")
    return findings


def crash(folder: Path, cycles: int, seed: int) -> dict[str, float | list[str]]:
    """Run the cycles and return the figures."""
    dice = random.Random(seed)  # noqa: S311 -- no secret
    path = folder / "state.db"
    Store.open(path, anywhere=True).close()
    acks: list[tuple[str, Decimal]] = []
    findings: list[str] = []
    unfinished = 0
    began = time.perf_counter()
    for cycle in range(cycles):
        new = run_cycle(path, cycle, dice)
        acks += new
        log = path.with_name(path.name + "-wal")
        unfinished += log.exists() and log.stat().st_size > 0
        last = cycle == cycles - 1
        with Store.open(path, anywhere=True) as store:
            findings += [f"cycle {cycle}: {fault}" for fault in faults(store, acks if last else new)]
            if last or cycle % CHECK_EVERY == 0:
                store.check()
            if cycle % SETTLE_EVERY == 0:
                for reservation in reservations(store, ACCOUNT, now=START):
                    lease.settle_reservation(store, reservation.id, "killed", now=START + timedelta(seconds=cycle))
    return {
        "seed": seed,
        "cycles": cycles,
        "acknowledged": len(acks),
        "logs_left_behind": unfinished,
        "seconds": time.perf_counter() - began,
        "faults": findings,
    }


def main() -> int:
    """Print the figures; 1 where anything was lost."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    options.add_argument("--cycles", type=int, default=500)
    options.add_argument("--seed", type=int, default=20260610)
    options.add_argument("--folder", type=Path, default=None, help="on the disk to be tried; default: temporary")
    options.add_argument("--json", action="store_true")
    given = options.parse_args()
    if "fork" in multiprocessing.get_all_start_methods():
        multiprocessing.set_start_method("fork")  # a new interpreter for each writer would take most of the time
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        figures = crash(Path(folder), given.cycles, given.seed)
    print(
        json.dumps(figures, indent=1) if given.json else "\n".join(f"{key}: {value}" for key, value in figures.items())
    )
    return 1 if figures["faults"] else 0


if __name__ == "__main__":
    raise SystemExit(main())
