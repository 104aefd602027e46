"""One suite for every terminal: the same rows, the same manners, the same moment.

The genuine package is compared with the simulated terminal by scripts/conformance_under_wine.py, and put behind the
host by scripts/host_under_wine.py.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any, NamedTuple

import pytest

from mt5bridge.captures.document import parse
from mt5bridge.captures.record import record
from mt5bridge.captures.replay import RecordingTerminal
from mt5bridge.connections.calls import ROWS
from mt5bridge.connections.host import Host, HostSettings
from mt5bridge.connections.mt5linux import Mt5LinuxTerminal
from mt5bridge.connections.native import NativeTerminal
from mt5bridge.errors import TerminalError
from mt5bridge.metatrader.constants import TIMEFRAMES
from mt5bridge.metatrader.protocol import Terminal
from mt5bridge.metatrader.rows import RATES, STRUCTS
from mt5bridge.reading.request import SnapshotRequest
from mt5bridge.reading.snapshot import take
from portfolio.model import Side, Snapshot
from tests.mt5bridge.terminals import booked
from tests.paths import ROOT, TESTS

FAKE = TESTS / "mt5bridge" / "fake"
NOW = booked().now
ASK = SnapshotRequest(
    "EURJPY", Side.BUY, stop=Decimal("162.2"), bars=(("H1", 30),), deals_since=NOW - timedelta(days=1)
)
H1 = TIMEFRAMES["H1"]
LATEST = 2**31 - 1
"""The last second the package takes."""


class Kind(NamedTuple):
    """A terminal's functions, and what a moment is taken from."""

    functions: Terminal
    source: Any


class Package:
    """The other side of mt5linux."""

    def __init__(self) -> None:
        self._names: dict[str, Any] = {"mt5": booked()}

    def eval(self, command: str) -> object:
        return eval(command, self._names)  # noqa: S307 - just what its server does


@pytest.fixture(scope="module", params=["simulated", "recording", "native", "host", "mt5linux"])
def kind(request: pytest.FixtureRequest) -> Iterator[Kind]:
    """Return each terminal in turn, all with the same account and book."""
    terminal = booked()
    if request.param == "simulated":
        yield Kind(terminal, terminal)
    elif request.param == "recording":
        captured = RecordingTerminal(parse(json.dumps(record(terminal, ASK, now=NOW)), "the suite's capture"))
        yield Kind(captured, captured)
    elif request.param == "native":
        native = NativeTerminal(terminal)
        yield Kind(native.functions, native)
    elif request.param == "mt5linux":
        behind = Mt5LinuxTerminal(Package)
        yield Kind(behind.functions, behind)
    else:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PYTHONPATH", f"{FAKE}{os.pathsep}{ROOT}")
            with Host(settings=HostSettings(deadline=30.0)) as host:
                yield Kind(host.functions, host)


def moment(source: Any) -> Snapshot:  # noqa: ANN401 - any terminal
    return take(source, ASK, now=NOW)


def test_the_moment_is_the_same(kind: Kind) -> None:
    expected, actual = moment(booked()), moment(kind.source)
    for part in ("account", "specs", "quotes", "positions", "orders", "deals", "profits", "margins", "bars", "stops"):
        assert getattr(actual, part) == getattr(expected, part), part


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("terminal_info", ()),
        ("account_info", ()),
        ("positions_get", ()),
        ("orders_get", ()),
        ("symbol_info", ("EURUSD",)),
        ("symbol_info_tick", ("EURUSD",)),
        ("history_deals_get", (0, LATEST)),
        ("history_orders_get", (0, LATEST)),
    ],
)
def test_rows_have_the_packages_columns_in_its_order(kind: Kind, name: str, arguments: tuple[Any, ...]) -> None:
    answer = getattr(kind.functions, name)(*arguments)
    rows = answer if name.endswith("_get") else (answer,)
    assert rows
    for row in rows:
        assert tuple(row._asdict()) == STRUCTS[ROWS[name]]
        assert isinstance(row, tuple)
        assert not hasattr(row, "_replace")


def test_bars_have_the_packages_columns(kind: Kind) -> None:
    rates = kind.functions.copy_rates_from_pos("EURUSD", H1, 0, 5)
    assert rates is not None
    assert [len(row) for row in rates.tolist()] == [len(RATES)] * 5


@pytest.mark.parametrize(
    ("name", "keywords"),
    [
        ("symbol_info", {"symbol": "EURUSD"}),
        ("symbol_info_tick", {"symbol": "EURUSD"}),
        ("order_calc_margin", {"action": 0, "symbol": "EURUSD", "volume": 1.0, "price": 1.1}),
        ("copy_rates_from_pos", {"symbol": "EURUSD", "timeframe": H1, "start_pos": 0, "count": 1}),
    ],
)
def test_functions_that_take_no_keywords_refuse_them(kind: Kind, name: str, keywords: dict[str, Any]) -> None:
    with pytest.raises((TypeError, TerminalError)):
        getattr(kind.functions, name)(**keywords)


def test_a_mistyped_keyword_finds_all_positions(kind: Kind) -> None:
    assert len(kind.functions.positions_get(simbol="EURUSD") or ()) == 2  # type: ignore[call-arg]


def test_nothing_found_is_an_answer_and_no_error(kind: Kind) -> None:
    assert kind.functions.positions_get(symbol="AUDUSD") == ()
    assert kind.functions.last_error()[0] == 1


def test_an_unknown_symbol_is_no_answer_and_an_error_that_the_next_call_clears(kind: Kind) -> None:
    assert kind.functions.symbol_info("NOSUCH") is None
    assert kind.functions.last_error()[0] == -4
    kind.functions.account_info()
    assert kind.functions.last_error() == (1, "Success")


def test_money_is_rounded_to_cents(kind: Kind) -> None:
    # 0.01 lot over seven tenths of a pip: 0.07 dollars
    assert kind.functions.order_calc_profit(0, "EURUSD", 0.01, 1.08500, 1.08507) == 0.07


def test_the_terminal_says_how_many(kind: Kind) -> None:
    functions = kind.functions
    assert (functions.positions_total(), functions.orders_total()) == (2, 1)
    assert functions.history_deals_total(0, LATEST) == len(functions.history_deals_get(0, LATEST) or ())
