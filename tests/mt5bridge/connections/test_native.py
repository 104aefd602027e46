"""The package in this process: attached, attached anew, and named when it is not there."""

from __future__ import annotations

import sys

import pytest

from mt5bridge.connections.native import NativeTerminal, attach
from mt5bridge.errors import TerminalError
from mt5bridge.reading.request import SnapshotRequest
from mt5bridge.reading.snapshot import take
from mt5bridge.reading.terminal_memory import Memory
from mt5bridge.simulated.faults import faults
from tests.mt5bridge.terminals import booked


def test_a_lost_terminal_is_attached_anew_as_a_new_epoch() -> None:
    package = booked()
    native, memory = NativeTerminal(package), Memory()
    take(native, SnapshotRequest(), now=package.now, memory=memory)
    package.shutdown()
    snapshot = take(native, SnapshotRequest(), now=package.now, memory=memory)
    assert (snapshot.terminal.name, snapshot.terminal.epoch) == ("native", 2)


def test_a_terminal_that_is_not_there_is_named_by_the_packages_own_error() -> None:
    package = booked()
    package.faults.add("initialize", 1, faults.Nothing(-10003, "IPC initialize failed, MetaTrader 5 x64 not found"))
    with pytest.raises(TerminalError, match=r"-10003.*not found"):
        NativeTerminal(package)


def test_a_terminal_is_chosen_by_its_path() -> None:
    package = booked()
    NativeTerminal(package, terminal="C:\\FTMO\\terminal64.exe")
    assert package.faults.calls[-1] == "initialize"


def test_what_the_package_raises_is_no_answer() -> None:
    native = NativeTerminal(booked())
    with pytest.raises(TerminalError, match="symbol_info: TypeError"):
        native.functions.symbol_info(symbol="EURUSD")  # type: ignore[call-arg]


def test_closing_lets_go_of_the_terminal() -> None:
    package = booked()
    NativeTerminal(package).close()
    assert package.account_info() is None


def test_without_the_package_the_way_out_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "MetaTrader5", None)
    with pytest.raises(TerminalError, match="use the host or the simulated terminal"):
        attach()
