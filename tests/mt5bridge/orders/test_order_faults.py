"""Every fault at every call of a sent order: the report is never kinder than what the broker's own book shows."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from functools import cache
from typing import NamedTuple

import pytest

from mt5bridge.metatrader.retcodes import RETCODES
from mt5bridge.orders.bracket import Bracket
from mt5bridge.orders.send import Report, Result, send
from mt5bridge.reading import convert
from mt5bridge.simulated.faults import faults
from mt5bridge.simulated.faults.faults import Fault
from mt5bridge.simulated.module import SimulatedTerminal
from portfolio.model import OrderType, Side, SymbolSpec
from portfolio.reasons import REASONS

NAN = float("nan")
BUY = Bracket(
    "EURUSD",
    Side.BUY,
    volume=Decimal("0.50"),
    price=Decimal("1.0851"),
    stop=Decimal("1.0801"),
    target=Decimal("1.0951"),
    magic=77,
    comment="es:01JD3M7K",
)
LIMIT = replace(BUY, type=OrderType.LIMIT, price=Decimal("1.0800"), stop=Decimal("1.0750"))

FAULTS: list[Fault] = [
    *(faults.Nothing(code, "fails") for code in (-1, -2, -4, -8, -10001, -10002, -10004, -10005)),
    *(faults.Raises(kind) for kind in faults.Raises.KINDS),
    *(faults.Retcode(code) for code in RETCODES if code),
    *(faults.PartialFill(share) for share in (0.1, 0.5, 0.9)),
    faults.NotANumber(),
    faults.Empty(),
    faults.Duplicate(),
    faults.Reorder(),
    faults.Stale(3600),
    faults.Disconnect(),
    faults.Disconnect(pipe=True),
    faults.AcceptThenDrop(),
    faults.LoseStops(),
    faults.Slippage(30),
    faults.SwitchAccount(),
    *(faults.PriceGap("EURUSD", points) for points in (-600, -200, 200)),
    *(faults.Delay(seconds) for seconds in (1.0, 60.0)),
    *(faults.ClockJump(seconds) for seconds in (-3600, 3600)),
    *(faults.Sets(column, value) for column in ("retcode", "order", "ticket", "sl") for value in (0, 99, None, "x")),
]
PAIRS: list[tuple[Fault, Fault]] = [
    (faults.LoseStops(), fault)
    for fault in (faults.AcceptThenDrop(), faults.Nothing(-10002, "lost"), faults.Raises("OSError", "gone"))
]


class Ended(NamedTuple):
    """A report, and the broker's own book after it."""

    report: Report
    terminal: SimulatedTerminal
    held: float
    """Lots of ours that stand open."""
    unprotected: float
    """Those of them without a stop."""
    waiting: int


@cache
def _stage(*, netting: bool) -> tuple[SimulatedTerminal, SymbolSpec]:
    terminal = SimulatedTerminal.fresh(netting=netting)
    terminal.quote("EURUSD", 1.0850, 1.0851)
    info = terminal.symbol_info("EURUSD")
    assert info is not None
    spec = convert.spec(info._asdict())
    terminal.faults = faults.FaultPlan()
    return terminal, spec


def ended(plan: list[tuple[str, int, Fault]], bracket: Bracket, *, netting: bool = False) -> Ended:
    terminal, spec = copy.deepcopy(_stage(netting=netting))
    for call, nth, fault in plan:
        terminal.faults.add(call, nth, fault)
    own = terminal.broker.book

    def pause(seconds: float) -> None:
        terminal.advance(seconds)

    report = send(terminal, bracket, spec, claim=lambda: None, resize=lambda old: old, pause=pause)
    positions = [position for position in own.positions.values() if position.symbol == "EURUSD"]
    bare = [position for position in positions if position.sl <= 0]
    return Ended(
        report,
        terminal,
        sum(position.volume for position in positions),
        sum(position.volume for position in bare),
        len(own.orders),
    )


def check(outcome: Ended, bracket: Bracket, case: object) -> None:
    """Compare a report with the broker's own book."""
    report = outcome.report
    if report.refusal is not None:
        assert report.refusal.code in REASONS, case
    if report.releases:
        assert (outcome.held, outcome.waiting) == (0, 0), case
    if outcome.unprotected:
        assert report.result in {Result.UNPROTECTED, Result.UNKNOWN}, case
    assert outcome.held <= float(bracket.volume) + 1e-9, case
    if report.result is Result.FILLED:
        assert outcome.held or outcome.terminal.broker.book.deals, case


def plans(bracket: Bracket, *, netting: bool) -> Iterator[list[tuple[str, int, Fault]]]:
    count = len(ended([], bracket, netting=netting).terminal.faults.calls)
    for index in range(1, count + 1):
        for fault in FAULTS:
            yield [(faults.EVERY, index, fault)]
        for lost, other in PAIRS:
            yield [("order_send", 1, lost), (faults.EVERY, index, other)]


SETTINGS = [(BUY, False), (BUY, True), (LIMIT, False)]


@pytest.mark.generated
def test_no_fault_at_any_call_makes_a_report_kinder_than_the_book() -> None:
    outcomes: Counter[str] = Counter()
    for bracket, netting in SETTINGS:
        for plan in plans(bracket, netting=netting):
            outcome = ended(plan, bracket, netting=netting)
            check(outcome, bracket, (plan, bracket.type, netting, outcome.report))
            outcomes[outcome.report.result] += 1
    print(f"{outcomes.total()} faults of orders: {outcomes.most_common()}")  # noqa: T201 - the figure to report
    assert outcomes.total() >= 2000


@pytest.mark.parametrize(("bracket", "netting"), SETTINGS)
@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_a_fault_of_the_sending_itself_is_never_reported_too_kindly(
    bracket: Bracket,
    netting: bool,  # noqa: FBT001
    fault: Fault,
) -> None:
    outcome = ended([("order_send", 1, fault)], bracket, netting=netting)
    check(outcome, bracket, (fault, outcome.report))
