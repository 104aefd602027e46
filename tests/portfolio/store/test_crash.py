"""Killed at any instant, the database has every decision that was acknowledged, and eight processes share one limit."""

from __future__ import annotations

import json
import multiprocessing
import subprocess
import sys
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from portfolio.ledger import lease
from portfolio.ledger.account_ledger import Held, View
from portfolio.ledger.ledger import mark, reserve
from portfolio.model import ZERO
from portfolio.reservation.reservation import FIRST_FENCE
from portfolio.store.database import Store
from tests.paths import ROOT
from tests.portfolio.ledger_world import ACCOUNT, NOON, Decision, d, decision, hold, question

LIMIT = d(1000)
PROCESSES = 8
TURNS = 40


@pytest.mark.generated
def test_no_acknowledged_decision_is_lost_in_500_kills() -> None:
    command = [sys.executable, str(ROOT / "scripts" / "crash_test.py"), "--cycles", "500", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 -- our own script
    figures = json.loads(done.stdout or "{}")
    print(figures)  # noqa: T201 -- the figures for the record
    assert figures.get("faults") == [], done.stderr
    assert figures["cycles"] == 500
    assert figures["acknowledged"] > 500


def compete(path: str, number: int) -> None:
    """Ask for 150 again and again; give back what was reserved before, so that the race goes on."""
    with Store.open(path, anywhere=True) as store:
        own = ""
        for turn in range(TURNS):
            name = f"{number}{turn:04}"

            def decide(held: tuple[Held, ...], name: str = name) -> Decision:
                room = LIMIT - sum((one.hold.loss for one in held), ZERO)
                loss = min(Decimal("150.01"), room)
                return decision(name, hold(1, loss=str(loss)) if loss > 0 else None)

            if own and turn % 3 == 0:
                lease.cancel(store, own, FIRST_FENCE, now=NOON)
            asked = question(caller="", valid_until=NOON + timedelta(hours=1))
            got = reserve(store, ACCOUNT, decide, asked, View(mark(store)), now=NOON)
            assert isinstance(got, Decision), got
            own = got.id if got.hold else ""


def test_eight_processes_never_hold_a_cent_too_much(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    Store.open(path, anywhere=True).close()
    spawn = multiprocessing.get_context("spawn")
    runners = [spawn.Process(target=compete, args=(str(path), number)) for number in range(PROCESSES)]
    for one in runners:
        one.start()
    for one in runners:
        one.join(60)
    assert [one.exitcode for one in runners] == [0] * PROCESSES
    most = held = ZERO
    open_now: dict[str, Decimal] = {}
    with Store.open(path, anywhere=True) as store, store.read() as database:
        rows = database.execute("SELECT id, loss FROM reservation").fetchall()
        losses = {str(identifier): Decimal(str(loss)) for identifier, loss in rows}
        events = database.execute("SELECT id, state FROM reservation_event ORDER BY seq").fetchall()
        decisions = database.execute("SELECT count(*) FROM decision").get
    for identifier, state in events:
        open_now[str(identifier)] = losses[str(identifier)] if state == "HELD" else ZERO
        held = sum(open_now.values(), ZERO)
        most = max(most, held)
    assert decisions == PROCESSES * TURNS
    assert most == LIMIT  # all of it was used, and never a cent more
