"""What `doctor` says of a healthy terminal and of each broken one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import cast

import pytest

from mt5bridge.diagnosis.check import ADVICE, Check, CheckState, advice
from mt5bridge.diagnosis.examine import examine
from mt5bridge.errors import DisconnectedError, TerminalError
from mt5bridge.metatrader.constants import LAST_ERRORS
from mt5bridge.metatrader.protocol import Source
from mt5bridge.reading.server_time import ServerClock
from mt5bridge.reading.terminal_memory import Memory
from mt5bridge.simulated.faults import faults
from mt5bridge.simulated.faults.faults import Fault
from mt5bridge.simulated.module import SimulatedTerminal
from portfolio.reasons import refuse
from tests.mt5bridge.terminals import Value, demo, recording

BARS = {"H1": 50}


def checks(terminal: SimulatedTerminal, *symbols: str, **keywords: Value) -> dict[str, Check]:
    results = examine(terminal, symbols or ("EURUSD",), now=lambda: terminal.now, bars=BARS, **keywords)
    return {check.topic: check for check in results}


def broken(call: str, fault: Fault, *symbols: str) -> dict[str, Check]:
    terminal = demo()
    terminal.faults.add(call, 0, fault)
    return checks(terminal, *symbols)


def test_a_healthy_terminal_has_nothing_wrong() -> None:
    results = checks(demo(), "EURUSD", "US30", "EURJPY")
    assert {check.state for check in results.values()} == {CheckState.GOOD}
    assert [topic for topic in results if topic.startswith("EURJPY")] == [
        "EURJPY quote",
        "EURJPY contract",
        "EURJPY money per lot",
        "EURJPY bars H1",
    ]


def test_the_three_ways_of_money_per_lot_are_shown() -> None:
    # one per cent of 1.0852 below it, in ticks of 1.00
    finding = checks(demo())["EURUSD money per lot"].finding
    assert finding == "1086.00 USD from 1.0852 to 1.07434 (terminal 1086.00, tick value 1086.00, contract 1086.00)"


@pytest.mark.parametrize(
    ("call", "fault", "topic", "state", "words"),
    [
        ("terminal_info", faults.Disconnect(), "connection", CheckState.BAD, "no connection"),
        ("terminal_info", faults.Sets("build", 1500), "terminal", CheckState.WARNING, "build 1500"),
        ("terminal_info", faults.Sets("trade_allowed", False), "permissions", CheckState.WARNING, "Algo Trading"),  # noqa: FBT003
        ("terminal_info", faults.Sets("tradeapi_disabled", True), "permissions", CheckState.WARNING, "Python"),  # noqa: FBT003
        ("account_info", faults.Sets("trade_expert", False), "permissions", CheckState.WARNING, "programs"),  # noqa: FBT003
        ("account_info", faults.Sets("equity", 0.0), "account", CheckState.BAD, "account_info.equity is 0"),
        ("account_info", faults.Sets("equity", 5000.0), "book", CheckState.BAD, "equity is 5000"),
        ("positions_get", faults.Empty(), "book", CheckState.BAD, "but balance, credit and positions make"),
        ("symbol_info_tick", faults.Stale(40), "EURUSD quote", CheckState.BAD, "40.0 s old, allowed are 5 s"),
        ("symbol_info_tick", faults.Sets("bid", 0.0), "EURUSD quote", CheckState.BAD, "zero or crossed"),
        ("symbol_info_tick", faults.Nothing(-1, "x"), "EURUSD quote", CheckState.BAD, "no quote"),
        ("symbol_info", faults.Sets("volume_step", 0.0), "EURUSD contract", CheckState.BAD, "volume_step is 0"),
        ("symbol_info", faults.Sets("trade_mode", 3), "EURUSD contract", CheckState.WARNING, "only closing"),
        (
            "symbol_info",
            faults.Sets("trade_tick_value_loss", 10.0),
            "EURUSD money per lot",
            CheckState.BAD,
            "terminal 1086, tick value 10860, contract 1086",
        ),
        (
            "copy_rates_from_pos",
            faults.Nothing(-1, "Call failed"),
            "EURUSD bars H1",
            CheckState.BAD,
            "(-1) Call failed",
        ),
        ("copy_rates_from_pos", faults.Reorder(), "EURUSD bars H1", CheckState.BAD, "out of order"),
        ("history_deals_get", faults.Sets("commission", 0.0), "commission", CheckState.GOOD, "paid none"),
        ("history_deals_get", faults.Empty(), "commission", CheckState.WARNING, "no trade"),
        ("history_deals_get", faults.NotANumber(), "commission", CheckState.BAD, "is nan"),
    ],
)
def test_each_trouble_is_named_where_it_is(call: str, fault: Fault, topic: str, state: CheckState, words: str) -> None:
    check = broken(call, fault)[topic]
    assert (check.state, words in check.finding) == (state, True)
    assert check.fix or state is CheckState.GOOD


def test_a_symbol_the_terminal_does_not_know_hides_no_other() -> None:
    results = checks(demo(), "EURUSDD", "US30")
    assert results["EURUSDD"].finding.startswith("the terminal does not know EURUSDD; nearest: EURUSD")
    assert results["US30 money per lot"].state is CheckState.GOOD
    assert results["account"].state is CheckState.GOOD


def test_few_bars_are_a_warning() -> None:
    terminal = demo()
    results = examine(terminal, ["EURUSD"], now=terminal.now, bars={"D1": 2000})
    assert results[-1].state is CheckState.WARNING
    assert "of 2000 closed bars" in results[-1].finding


@pytest.mark.parametrize("seconds", [3, 100])
def test_a_slow_clock_of_this_computer_is_named(seconds: int) -> None:
    terminal = demo()
    results = {check.topic: check for check in examine(terminal, (), now=terminal.now - timedelta(seconds=seconds))}
    assert results["clock"].finding == f"this computer's clock is at least {seconds}.0 s slow"


def test_without_a_fresh_quote_the_brokers_clock_is_assumed() -> None:
    check = broken("symbol_info_tick", faults.Stale(300))["server clock"]
    assert (check.state, "assumed" in check.finding) == (CheckState.WARNING, True)


def test_a_configured_clock_is_said_to_be() -> None:
    check = checks(demo(), memory=Memory(override=ServerClock("Europe/Berlin", 0)))["server clock"]
    assert check.finding == "the broker's clock is +2 h from UTC, as configured"


def test_a_clock_configured_as_utc_is_said_to_be() -> None:
    check = checks(demo(), memory=Memory(override=0))["server clock"]
    assert check.finding == "the broker's clock is +0 h from UTC, as configured"


def test_a_terminal_that_is_not_there_is_one_line_with_its_fix() -> None:
    terminal = demo()
    terminal.shutdown()
    (check,) = examine(terminal, ["EURUSD"], now=terminal.now)
    assert (check.topic, check.state) == ("terminal", CheckState.BAD)
    assert check.finding == "terminal_info: (-10004) No IPC connection"
    assert check.fix.startswith("Start the terminal")


class Wire:
    """A source that never answers."""

    name, epoch = "host", 1

    def __init__(self, error: Callable[[], TerminalError]) -> None:
        self._error = error

    def gather(self, _: object) -> dict[str, Value]:
        raise self._error()


@pytest.mark.parametrize(
    "error", [DisconnectedError, lambda: TerminalError(refuse("deadline", "gather: no answer in 2 s; the host hung"))]
)
def test_a_host_that_does_not_answer_is_one_line(error: Callable[[], TerminalError]) -> None:
    (check,) = examine(cast("Source", Wire(error)), ["EURUSD"], now=recording().now)
    assert (check.topic, check.state) == ("terminal", CheckState.BAD)
    assert check.fix


def test_a_recording_can_be_examined() -> None:
    terminal = recording()
    results = {
        check.topic: check for check in examine(terminal, ["EURUSD"], now=terminal.now, bars={"H1": 3, "M5": 10})
    }
    assert results["EURUSD money per lot"].state is CheckState.GOOD
    assert results["EURUSD bars H1"].state is CheckState.GOOD
    assert results["EURUSD bars M5"].state is CheckState.WARNING


@pytest.mark.parametrize("call", ["account_info", "symbol_info", "symbol_info_tick", "positions_get", "terminal_info"])
@pytest.mark.parametrize(
    "fault", [faults.Empty(), faults.NotANumber(), faults.Raises(), faults.Sets("time", "x")], ids=str
)
def test_no_answer_makes_the_doctor_fall_ill(call: str, fault: Fault) -> None:
    assert all(isinstance(check.state, CheckState) for check in broken(call, fault).values())


def test_every_error_of_the_package_has_its_advice() -> None:
    assert set(ADVICE) == {code for code in LAST_ERRORS if code < 0}
    assert advice(-99) == "Restart the terminal."
