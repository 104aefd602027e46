"""The mt5linux adapter: one evaluation a moment, nothing that could inject code, and its real wire."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from mt5bridge.connections.mt5linux import Mt5LinuxTerminal, check_name
from mt5bridge.errors import SymbolError, TerminalError
from mt5bridge.reading.request import SnapshotRequest
from mt5bridge.reading.snapshot import take
from portfolio.model import Side
from tests.mt5bridge.terminals import booked
from tests.paths import ROOT, TESTS

FAKE = TESTS / "mt5bridge" / "fake"
NOW = booked().now
ASK = SnapshotRequest(
    "EURUSD", Side.BUY, stop=Decimal("1.0800"), bars=(("H1", 20),), deals_since=NOW - timedelta(days=2)
)


class Server:
    """What mt5linux's server does: evaluates any text, with the package under the name `mt5`."""

    def __init__(self) -> None:
        self.package = booked()
        self.texts: list[str] = []
        self.alive = True
        self._names: dict[str, Any] = {"mt5": self.package}

    def eval(self, command: str) -> object:
        if not self.alive:
            raise EOFError
        self.texts.append(command)
        return eval(command, self._names)  # noqa: S307 - just what it does


def behind(server: Server) -> Mt5LinuxTerminal:
    return Mt5LinuxTerminal(lambda: server)


def test_a_moment_over_the_adapter_is_the_moment_in_process() -> None:
    here = booked()
    direct, wired = take(here, ASK, now=NOW), take(behind(Server()), ASK, now=NOW)
    assert (wired.account, wired.positions, wired.deals) == (direct.account, direct.positions, direct.deals)
    assert (wired.profits, wired.quotes, wired.bars) == (direct.profits, direct.quotes, direct.bars)
    assert wired.terminal.name == "mt5linux"


def test_a_moment_is_one_evaluation() -> None:
    server = Server()
    terminal = behind(server)
    take(terminal, ASK, now=NOW)
    before = len(server.texts)
    take(terminal, ASK, now=NOW)
    assert len(server.texts) - before == 1


def test_the_functions_answer_with_the_packages_records() -> None:
    here = booked()
    functions = behind(Server()).functions
    assert functions.account_info() == here.account_info()
    assert functions.symbol_info("EURUSD") == here.symbol_info("EURUSD")


@pytest.mark.parametrize(
    "symbol",
    [
        "EURUSD'",
        'EURUSD"',
        "EURUSD\\",
        "x');__import__('os')",
        "EURUSD\n",
        "EURUSD(",
        "{EURUSD}",
        "",
        "X" * 30,
        "ЕURUSD",
    ],
)
def test_a_symbol_that_could_hold_code_is_refused_before_anything_is_sent(symbol: str) -> None:
    server = Server()
    with pytest.raises(SymbolError):
        behind(server).gather({"symbol": symbol})
    with pytest.raises(SymbolError):
        behind(server).gather({"symbol": "EURUSD", "extra": [symbol]})
    assert server.texts == []


@pytest.mark.parametrize(
    "symbol", ["EURUSD", "US30.cash", "XAUUSD.r", "#AAPL", "EURUSD+", "S&P500", "GER 40", "BTC/USD"]
)
def test_the_names_brokers_use_are_names(symbol: str) -> None:
    check_name(symbol)


def test_what_a_request_holds_stays_a_text_at_the_other_side(tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    code = f"'+str(open({str(marker)!r}, 'w'))+'"
    with pytest.raises(TerminalError):
        behind(Server()).call(code)
    assert behind(Server()).functions.symbol_info(code) is None
    assert not marker.exists()


def test_a_server_that_is_gone_is_no_answer_and_the_next_one_a_new_epoch() -> None:
    server = Server()
    terminal = behind(server)
    take(terminal, ASK, now=NOW)
    server.alive = False
    with pytest.raises(TerminalError, match="EOFError"):
        terminal.gather({})
    server.alive = True
    take(terminal, ASK, now=NOW)
    assert terminal.epoch == 2


def test_a_server_that_is_not_there_is_no_answer() -> None:
    def refuse() -> Server:
        raise ConnectionRefusedError

    with pytest.raises(TerminalError, match="can't be reached"):
        Mt5LinuxTerminal(refuse).gather({})


def test_a_package_without_its_terminal_is_named() -> None:
    server = Server()
    server.package.initialize = lambda *_: False  # type: ignore[method-assign]
    with pytest.raises(TerminalError, match="initialize"):
        behind(server).gather({})


# the real wire, in an environment of its own, since its pins clash with others


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a Python that has mt5linux 1.0.11, or skip."""
    place = tmp_path_factory.mktemp("mt5linux")
    scripts = place / ("Scripts" if os.name == "nt" else "bin")
    own = [str(scripts / "python"), "-m", "pip", "install", "--quiet", "mt5linux==1.0.11"]
    for command in ([sys.executable, "-m", "venv", str(place)], own):
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=180)  # noqa: S603 - our own commands
        except (subprocess.SubprocessError, OSError) as error:
            pytest.skip(f"mt5linux 1.0.11 can't be installed here: {error}")
    return scripts / "python"


@pytest.fixture(scope="module")
def port(python: Path) -> Iterator[int]:
    """Return the port of an mt5linux server whose MetaTrader5 is the simulated terminal."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        free: int = probe.getsockname()[1]
    environment = {**os.environ, "PYTHONPATH": f"{FAKE}{os.pathsep}{ROOT}"}
    command = [str(python), "-m", "mt5linux", "--host", "127.0.0.1", "-p", str(free)]
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as server:  # noqa: S603 - our own command
        for _ in range(200):
            with socket.socket() as attempt:
                if attempt.connect_ex(("127.0.0.1", free)) == 0:
                    break
            time.sleep(0.1)
        yield free
        server.kill()


CLIENT = """
import json, sys, time
from datetime import datetime, timedelta
from decimal import Decimal
from mt5bridge.connections.mt5linux import connect
from mt5bridge.reading.request import SnapshotRequest
from mt5bridge.reading.snapshot import take
from portfolio.model import Side
port, now = int(sys.argv[1]), datetime.fromisoformat(sys.argv[2])
terminal = connect("127.0.0.1", port)
request = SnapshotRequest(
    "EURUSD", Side.BUY, stop=Decimal("1.0800"), bars=(("H1", 20),), deals_since=now - timedelta(days=2)
)
snapshot = take(terminal, request, now=now)
times = []
for _ in range(20):
    begun = time.perf_counter()
    terminal.gather({})
    times.append(time.perf_counter() - begun)
print(json.dumps({
    "account": str(snapshot.account), "positions": str(snapshot.positions), "profits": str(dict(snapshot.profits)),
    "milliseconds": 1000 * sorted(times)[10],
}))
"""


@pytest.mark.generated
def test_a_moment_over_the_real_wire_is_the_moment_in_process(python: Path, port: int) -> None:
    here = booked()
    direct = take(here, ASK, now=NOW)
    client = subprocess.run(  # noqa: S603 - our own command
        [str(python), "-c", CLIENT, str(port), NOW.isoformat()],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=False,
        encoding="utf-8",
        timeout=120,
    )
    assert client.returncode == 0, client.stderr[-2000:]
    report = json.loads(client.stdout)
    print(f"a moment over mt5linux: {report['milliseconds']:.1f} ms")  # noqa: T201 - the figure to report
    assert report["account"] == str(direct.account)
    assert report["positions"] == str(direct.positions)
    assert report["profits"] == str(dict(direct.profits))
    assert re.fullmatch(r"[\d.]+", str(report["milliseconds"]))
