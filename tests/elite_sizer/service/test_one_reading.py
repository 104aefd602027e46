"""One reading of the terminal and one study of the market make a decision, in whatever form stop and target come."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import pytest

from elite_sizer import Sizer, TradeIdea
from elite_sizer.configuration.reload import Reloader
from elite_sizer.configuration.settings import load
from elite_sizer.inputs.market_study import Research
from elite_sizer.inputs.terminals import open_terminal
from elite_sizer.journal.files import Journal
from elite_sizer.journal.recorder import Recorder
from mt5bridge.reading import snapshot
from mt5bridge.reading.fields import Raw
from mt5bridge.reading.placed_exits import Exits, ask_exits
from mt5bridge.simulated import SimulatedTerminal
from portfolio.store.database import Store
from tests.captures import capture, sizer, with_bars
from tests.mt5bridge.terminals import booked
from tests.paths import ROOT, TESTS

FORMS: Final[Mapping[str, Mapping[str, Any]]] = {
    "price": {"stop": "1.0700", "target": "1.0950"},
    "points": {"stop_points": "500"},
    "average ranges": {"atr_stop": "3", "atr_target": "6"},
    "reward to risk": {"stop": "1.0700", "rr": "2"},
    "points and reward to risk": {"stop_points": "500", "rr": "2"},
}
TERMINALS: Final = ("simulated", "recording", "host")

Open = Callable[[str], Sizer]


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Return a function that opens a sizer on a terminal; the host's and the simulated one have the same account."""
    monkeypatch.setenv("PYTHONPATH", f"{TESTS / 'mt5bridge' / 'fake'}{os.pathsep}{ROOT}")
    with ExitStack() as stack:

        def begin(name: str) -> Sizer:
            if name == "recording":
                document = capture(symbols={"EURUSD": with_bars()})
                return stack.enter_context(sizer(tmp_path, document))
            options: dict[str, object] = {
                "terminal.name": name,
                "store.path": str(tmp_path),
                "account.initial": 100_000,
            }
            options |= {"terminal.command": (sys.executable,), "terminal.deadline_seconds": 60}
            settings = load(options=options, environment={}, folder=tmp_path, user_file=tmp_path / "none")
            terminal = open_terminal(settings)._replace(clock=lambda: booked().now)
            if name == "simulated":
                terminal = terminal._replace(mt5=booked())
            recorder = Recorder(Store.memory(), Journal(tmp_path))
            return stack.enter_context(Sizer(Reloader(lambda: settings, settings), terminal, recorder))

        yield begin


def counted(monkeypatch: pytest.MonkeyPatch, owner: object, name: str) -> list[str]:
    """Return a list that grows with every call of this function."""
    calls: list[str] = []
    function = getattr(owner, name)

    def counting(*arguments: object, **keywords: object) -> object:
        calls.append(name)
        return function(*arguments, **keywords)

    monkeypatch.setattr(owner, name, counting)
    return calls


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("terminal", TERMINALS)
def test_a_decision_takes_one_reading_and_one_study(
    terminal: str, form: str, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = opened(terminal)
    readings, studies = counted(monkeypatch, snapshot, "fetch"), counted(monkeypatch, Research, "study")
    decision = made.size(TradeIdea("EURUSD", "buy", **FORMS[form]), reserve=False)
    assert decision.context is not None, decision.reason
    # the terminal itself has answered for the stop, and so for a target
    assert decision.context.lot.terminal is not None
    assert (len(readings), len(studies)) == (1, 1)


@pytest.mark.parametrize("form", FORMS)
def test_a_host_values_a_lot_as_the_terminal_in_this_process_does(form: str, opened: Open) -> None:
    idea = TradeIdea("EURUSD", "buy", **FORMS[form])
    host, here = (opened(name).size(idea, reserve=False) for name in ("host", "simulated"))
    assert host.context is not None, host.reason
    assert here.context is not None, here.reason
    assert (host.context, host.lots) == (here.context, here.lots)


def test_a_distance_sizes_as_its_price_does(opened: Open) -> None:
    made = opened("recording")
    points = made.size(TradeIdea("EURUSD", "buy", stop_points=500, rr=2), reserve=False)
    price = made.size(TradeIdea("EURUSD", "buy", stop="1.08000", target="1.09500"), reserve=False)
    assert points.context is not None
    assert price.context is not None
    assert points.lots == price.lots
    assert (points.context.lot, points.context.stop, points.context.target) == (
        price.context.lot,
        price.context.stop,
        price.context.target,
    )


def test_an_account_that_changes_while_the_exits_are_asked_is_refused(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    def switching(
        terminal: SimulatedTerminal, request: Raw, raw: Raw, exits: Exits
    ) -> tuple[list[dict[str, Any]], Raw]:
        terminal.switch_account(99_887_766, 50_000)
        return ask_exits(terminal, request, raw, exits)

    made = opened("simulated")
    assert made.size(TradeIdea("EURUSD", "buy", stop_points=500), reserve=False).context is not None
    monkeypatch.setattr(snapshot, "ask_exits", switching)
    decision = made.size(TradeIdea("EURUSD", "buy", stop_points=500), reserve=False)
    assert decision.reason is not None
    assert decision.reason.code == "account_changed"
