"""Terminals that people have published, sized long and short: the lots are worked by hand from their figures.

Every account is given the initial size it was plainly opened with, and today's balance as its day start. The default
configuration risks 30 % of 70 % of the least room, at most 1.1 % of the account; commission is assumed at 10 per
100,000 of notional, slippage at one spread. `legacy` is 1.1 % of the account over the same loss.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import chdir
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import pytest

from elite_sizer import Decision, Sizer, TradeIdea
from elite_sizer.journal.files import Journal
from elite_sizer.journal.verify import LineStatus, check, plans
from elite_sizer.model.outcome import Outcome
from portfolio.rounding import CENT, UP
from tests.paths import ROOT

RECORDINGS: Final = ROOT / "tests" / "recordings"


class Case(NamedTuple):
    """A trade on a published terminal, and what its lots must be."""

    file: str
    symbol: str
    side: str
    stop: str
    initial: int
    day_start: str
    loss: str
    """Per lot, from entry to stop, in cents rounded up."""
    cost: str
    lots: str
    legacy: str


# room of the dollar accounts of 99,511.40: 5,000 less a buffer of 250; 4,750 x 0.7 x 0.3 = 997.50 (1.1 % = 1,094.63)
# room of the euro accounts of 9,681.25: 500 less 25; 475 x 0.7 x 0.3 = 99.75 (1.1 % = 106.49)
# room of the dollar account of 928.29: 28.29 above 900 less 2.50; 25.79 x 0.7 x 0.3 = 5.4159 (1.1 % = 10.21)
CASES: Final = (
    # EURJPY 120.024/120.041, tick 0.001 worth 0.897827: 500 ticks 448.91; commission 10.78 (107,776 a lot),
    # slippage 17 ticks 15.26, swap 0.2 points 0.18: 475.13; 997.50 / 475.13 = 2.0994, 1,094.63 / 475.13 = 2.3038
    Case("eurjpy_2020", "EURJPY", "buy", "119.541", 100_000, "99511.4", "448.92", "26.23", "2.09", "2.30"),
    # short 10.78 + 15.26 + 1.2 points 1.08: 476.03; 2.0954, 2.2995
    Case("eurjpy_2020", "EURJPY", "sell", "120.524", 100_000, "99511.4", "448.92", "27.12", "2.09", "2.29"),
    # EURJPY 144.995/145.009, tick worth 0.717396: 358.70; 10.40 + 14 ticks 10.04, no swap: 379.14; 2.6309, 2.8871
    Case("eurjpy_2022", "EURJPY", "buy", "144.509", 100_000, "99511.4", "358.70", "20.45", "2.63", "2.88"),
    Case("eurjpy_2022", "EURJPY", "sell", "145.495", 100_000, "99511.4", "358.70", "20.45", "2.63", "2.88"),
    # Ger40 25,545.92/25,547.98, one euro a point, step 0.25: 50.00; 2.55 + 2.06 + 5.445 % of 25,547.98 a year over
    # 360 days 3.86: 58.48; 99.75 / 58.48 = 1.7057, 106.49 / 58.48 = 1.8210
    Case("ger40_2026", "Ger40", "buy", "25497.98", 10_000, "9681.25", "50.00", "8.48", "1.50", "1.75"),
    # short 2.55 + 2.06 + 0.555 % 0.39: 55.01; 1.8133, 1.9359
    Case("ger40_2026", "Ger40", "sell", "25595.92", 10_000, "9681.25", "50.00", "5.01", "1.75", "1.75"),
    # EURUSD on euros 1.09137/1.09152: 500 points are 500 dollars, at the stop of 1.08652 460.19 euros; 10.01 +
    # 15 points 13.75 + three nights of 0.7 points, none of them on the weekend 0.65: 484.57; 0.2058, 0.2197
    Case("eurusd_2022", "EURUSD", "buy", "1.08652", 10_000, "9681.25", "460.19", "24.39", "0.20", "0.21"),
    # short at 1.09637 456.06; 10.01 + 13.75 + 1.0 point 0.92: 480.72; 0.2075, 0.2215
    Case("eurusd_2022", "EURUSD", "sell", "1.09637", 10_000, "9681.25", "456.06", "24.67", "0.20", "0.22"),
    # EURUSD on dollars 1.18672/1.18702: 200 points 200.00; 11.87 + 30 points 30.00 + 11 points 11.00: 252.87;
    # 5.4159 / 252.87 = 0.0214, 10.2112 / 252.87 = 0.0403
    Case("eurusd_2026", "EURUSD", "buy", "1.18502", 1_000, "928.29", "200.00", "52.88", "0.02", "0.04"),
    # short 11.87 + 30.00, and swap is earned: 241.87; 0.0223, 0.0422
    Case("eurusd_2026", "EURUSD", "sell", "1.18872", 1_000, "928.29", "200.00", "41.87", "0.02", "0.04"),
)
IDS: Final = [f"{case.file} {case.side}" for case in CASES]


def opened(file: str, initial: int, day_start: str) -> Sizer:
    """Open a published terminal with a record in the working folder, named the same every time."""
    document = json.loads((RECORDINGS / f"{file}.json").read_text(encoding="utf-8"))
    captured = datetime.fromisoformat(document["captured_at"])
    options = {
        "account.initial": initial,
        "account.day_start": Decimal(day_start),
        "account.day_start_on": captured.astimezone(ZoneInfo("Europe/Prague")).date(),
        "store.path": "record",
    }
    made = Sizer.offline(RECORDINGS / f"{file}.json", options=options)
    count = iter(range(1000))
    made._noise = lambda length: next(count).to_bytes(length, "big")
    return made


def sized(folder: Path, case: Case) -> Decision:
    folder.mkdir()
    with chdir(folder), opened(case.file, case.initial, case.day_start) as made:
        return made.size(TradeIdea(case.symbol, case.side, stop=case.stop))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("captures")


@pytest.fixture(scope="module")
def decisions(folder: Path) -> dict[Case, Decision]:
    """Size every case once, each with a record of its own."""
    return {case: sized(folder / name, case) for case, name in zip(CASES, IDS, strict=True)}


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_a_published_terminal_is_sized_as_worked_by_hand(case: Case, decisions: dict[Case, Decision]) -> None:
    decision = decisions[case]
    assert decision.context is not None
    lot = decision.context.lot
    assert UP.quantize(lot.stop, CENT) == Decimal(case.loss)
    assert UP.quantize(lot.cost, CENT) == Decimal(case.cost)
    assert (decision.outcome, decision.lots) == (Outcome.APPROVE, Decimal(case.lots))
    assert decision.verdict is not None
    assert decision.verdict.legacy.lots == Decimal(case.legacy)


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_the_three_ways_to_value_a_published_lot_agree(case: Case, decisions: dict[Case, Decision]) -> None:
    context = decisions[case].context
    assert context is not None
    ways = [context.lot.terminal, context.lot.tick_value, context.lot.contract]
    known = [way for way in ways if way is not None]
    assert len(known) == 3
    assert max(known) - min(known) <= Decimal("1E-8")


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_no_stop_of_a_published_trade_costs_more_than_was_allowed(case: Case, decisions: dict[Case, Decision]) -> None:
    decision = decisions[case]
    assert decision.context is not None
    least = decision.context.rooms.least
    assert least is not None
    assert decision.lots * decision.context.lot.at_stop <= Decimal("0.21") * least


def test_beside_a_published_book_its_open_risk_is_charged(tmp_path: Path) -> None:
    # five positions in EURUSD, from its quotes to their stops: 0.01 lots lose 13.86, 39.92, 37.48 and 45.75, and 0.02
    # lots 112.42: 249.43; with half a commission of 11.01 and a spread of 5 points on 0.06 lots 250.06
    with chdir(tmp_path), opened("eurcad_2020", 100_000, "99511.4") as made:
        long = made.size(TradeIdea("EURCAD", "buy", stop="1.54731"), reserve=False)
        short = made.size(TradeIdea("EURCAD", "sell", stop="1.55692"), reserve=False)
    # 500 ticks worth 0.704454 each; commission 10.94, slippage 39 ticks 27.48, swap 1.1 or 0.9 points 0.78 or 0.64
    for decision, cost in ((long, "39.19"), (short, "39.05")):
        assert decision.context is not None
        assert UP.quantize(decision.context.lot.stop, CENT) == Decimal("352.23")
        assert UP.quantize(decision.context.lot.cost, CENT) == Decimal(cost)
    assert long.context is not None
    assert long.context.totals.floor_loss is not None
    assert UP.quantize(long.context.totals.floor_loss, CENT) == Decimal("250.07")
    # equity 99,548.59 above 94,511.40, less the buffer and that
    assert long.context.rooms.daily.money == Decimal("4787.19") - long.context.totals.floor_loss
    assert long.verdict is not None
    assert short.verdict is not None
    # 1,094.6254 over 352.23 + 39.18 = 2.7966, and over 352.23 + 39.04 = 2.7977; the elite sizer sees the book
    assert [long.verdict.legacy.lots, short.verdict.legacy.lots] == [Decimal("2.79"), Decimal("2.79")]
    assert Decimal(0) < long.lots < short.lots < Decimal("2.79")


# the record


def lines(folder: Path) -> Iterator[bytes]:
    yield from (line for line in Journal(folder / "record").lines() if isinstance(line, bytes))


def test_each_decision_has_its_line_and_is_computed_again_byte_for_byte(
    folder: Path, decisions: dict[Case, Decision]
) -> None:
    for name, decision in zip(IDS, decisions.values(), strict=True):
        (line,) = lines(folder / name)
        checked = check(line, plans(Journal(folder / name / "record")))
        assert (checked.id, checked.status) == (decision.id, LineStatus.SAME)


PROGRAM: Final = """
import sys
from pathlib import Path
from elite_sizer.journal.files import Journal
from elite_sizer.journal.verify import check, plans
for folder in sorted(Path(sys.argv[1]).iterdir()):
    for line in Journal(folder / "record").lines():
        print(check(line, plans(Journal(folder / "record"))).status.value)
from tests.elite_sizer import test_captures as again
print(again.digest(Path(sys.argv[2])))
"""


def digest(folder: Path) -> str:
    """Size every case anew and return the digest of all lines."""
    for case, name in zip(CASES, IDS, strict=True):
        sized(folder / name, case)
    return hashlib.sha256(b"".join(line for name in IDS for line in lines(folder / name))).hexdigest()


@pytest.mark.parametrize(
    "surroundings",
    [
        {"PYTHONHASHSEED": "1", "TZ": "America/New_York", "LC_ALL": "C"},
        {"PYTHONHASHSEED": "4711", "TZ": "Pacific/Chatham", "LC_ALL": "C.UTF-8"},
    ],
    ids=["New York", "Chatham"],
)
def test_another_process_elsewhere_computes_the_same_bytes(
    surroundings: dict[str, str], folder: Path, decisions: dict[Case, Decision], tmp_path: Path
) -> None:
    assert decisions
    known = hashlib.sha256(b"".join(line for name in IDS for line in lines(folder / name))).hexdigest()
    environment = {**os.environ, **surroundings, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", PROGRAM, str(folder), str(tmp_path)]
    done = subprocess.run(  # noqa: S603 - our own program
        command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    *statuses, again = done.stdout.split()
    assert statuses == ["same"] * len(CASES)
    assert again == known
