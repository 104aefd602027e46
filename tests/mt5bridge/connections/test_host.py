"""The terminal in its own process: one round trip, deadlines, kills, new starts, and nobody without the token."""

from __future__ import annotations

import io
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from mt5bridge.connections.host import Host, HostSettings, script_path
from mt5bridge.connections.transport import ProcessWire
from mt5bridge.errors import BridgeError, TerminalError, UnstableError
from mt5bridge.reading.request import SnapshotRequest
from mt5bridge.reading.snapshot import take
from mt5bridge.reading.terminal_memory import Memory
from mt5bridge.terminal_side import host_script
from mt5bridge.terminal_side.gather import gather
from portfolio.model import Side, Snapshot
from tests.mt5bridge.terminals import booked
from tests.paths import ROOT, TESTS

FAKE = TESTS / "mt5bridge" / "fake"
NOW = booked().now
ASK = SnapshotRequest("EURUSD", Side.BUY, stop=Decimal("1.0800"), deals_since=NOW - timedelta(days=2))
PATIENT = HostSettings(deadline=20.0, start_deadline=60.0, probe=5.0)

Start = Callable[..., Host]


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Return what starts a host whose MetaTrader5 is the simulated terminal, with faults."""
    monkeypatch.setenv("PYTHONPATH", f"{FAKE}{os.pathsep}{ROOT}")
    started: list[Host] = []

    def begin(settings: HostSettings = PATIENT, **faults: str) -> Host:
        for name, value in faults.items():
            monkeypatch.setenv(f"FAKE_{name.upper()}", value)
        started.append(Host(settings=settings))
        return started[-1]

    yield begin
    for host in started:
        host.close()


def read(host: Host, memory: Memory | None = None) -> Snapshot:
    return take(host, ASK, now=NOW, memory=memory)


def refused(host: Host) -> tuple[str, str]:
    with pytest.raises(BridgeError) as caught:
        read(host)
    return caught.value.reason


def refused_soon(host: Host, probe: float = 0.2) -> tuple[str, str]:
    """Return the refusal of a host that is waited for but shortly."""
    patient, host.settings = host.settings, replace(host.settings, deadline=0.3, probe=probe)
    refusal = refused(host)
    host.settings = patient
    return refusal


def test_a_moment_over_the_wire_is_the_moment_in_process(start: Start) -> None:
    here = booked()
    direct, wired = take(here, ASK, now=NOW), read(start())
    assert (wired.account, wired.positions, wired.deals) == (direct.account, direct.positions, direct.deals)
    assert (wired.profits, wired.margins, wired.quotes) == (direct.profits, direct.margins, direct.quotes)
    assert (wired.terminal.name, wired.terminal.epoch) == ("host", 1)


def test_the_functions_answer_with_the_packages_records(start: Start) -> None:
    functions = start().functions
    here = booked()
    assert functions.account_info() == here.account_info()
    assert functions.positions_get(symbol="EURUSD") == here.positions_get(symbol="EURUSD")
    assert functions.symbol_info("NONE") is None
    assert functions.last_error()[0] == -4
    assert functions.history_deals_total(NOW - timedelta(days=90), NOW) == here.history_deals_total(
        NOW - timedelta(days=90), NOW
    )
    bars, own = functions.copy_rates_from_pos("EURUSD", 16385, 0, 3), here.copy_rates_from_pos("EURUSD", 16385, 0, 3)
    assert bars is not None
    assert own is not None
    assert bars.tolist() == own.tolist()


def test_the_host_says_what_it_is(start: Start) -> None:
    host = start()
    read(host)
    assert host.hello["protocol"] == host_script.PROTOCOL
    assert host.hello["module"].startswith("MetaTrader5")


def test_a_call_that_is_not_a_terminals_is_refused_at_both_ends(start: Start) -> None:
    host = start()
    with pytest.raises(AttributeError):
        host.system("ls")
    with pytest.raises(TerminalError, match="no such call: __class__"):
        host.call("__class__")


def test_what_the_package_prints_does_not_get_between_the_frames(start: Start) -> None:
    assert read(start(call="account_info", fault="print")).account.currency == "USD"


def test_what_the_package_raises_is_no_answer(start: Start) -> None:
    code, detail = refused(start(call="account_info", fault="raise"))
    assert (code, detail) == ("terminal_no_data", "account_info: (0) SystemError: argument 1 must be int")


def test_a_package_that_hangs_is_killed_and_started_anew(start: Start, tmp_path: Path) -> None:
    marker = tmp_path / "now"
    host, memory = start(call="account_info", fault="hang", when=str(marker)), Memory()
    read(host, memory)
    marker.touch()
    code, detail = refused_soon(host)
    assert code == "deadline"
    assert detail.endswith("the host hung and was ended")
    marker.unlink()
    assert read(host, memory).terminal.epoch == 2


def test_a_stopped_process_is_killed_and_started_anew(start: Start) -> None:
    if sys.platform == "win32":
        pytest.skip("no SIGSTOP on Windows")
    host = start()
    read(host)
    assert isinstance(host._wire, ProcessWire)
    os.kill(host._wire.pid, signal.SIGSTOP)
    assert refused_soon(host)[0] == "deadline"
    assert read(host).terminal.epoch == 2


def test_a_slow_terminal_is_not_killed_and_its_late_answer_is_thrown_away(start: Start, tmp_path: Path) -> None:
    marker = tmp_path / "now"
    host = start(call="positions_total", fault="slow", when=str(marker), seconds="0.6")
    read(host)
    marker.touch()
    code, detail = refused_soon(host, probe=10.0)
    marker.unlink()
    assert (code, detail.endswith("the host is slow")) == ("deadline", True)
    assert read(host).terminal.epoch == 1


def test_a_terminal_that_stays_slow_is_killed(start: Start) -> None:
    host = start(call="positions_total", fault="slow", seconds="60")
    host.functions.account_info()
    assert refused_soon(host, probe=10.0)[1].endswith("the host is slow")
    assert refused_soon(host, probe=10.0)[1].endswith("the host hung and was ended")


def test_a_process_that_crashes_is_reported_with_its_last_words_and_started_anew(start: Start, tmp_path: Path) -> None:
    marker = tmp_path / "now"
    host = start(call="orders_get", fault="crash", when=str(marker))
    read(host)
    marker.touch()
    with pytest.raises(TerminalError, match="the host is gone") as caught:
        host.gather({})
    assert caught.value.reason.code == "terminal_no_data"
    marker.unlink()
    assert read(host).terminal.epoch == 2


def test_three_kills_in_five_minutes_are_too_many_until_a_human_looks(start: Start, tmp_path: Path) -> None:
    marker = tmp_path / "now"
    marker.touch()
    host = start(call="orders_get", fault="crash", when=str(marker))
    for _ in range(3):
        with pytest.raises(TerminalError):
            host.gather({})
    marker.unlink()
    with pytest.raises(UnstableError) as caught:
        host.gather({})
    assert caught.value.reason.code == "terminal_unstable"
    host.reset()
    assert read(host).account.currency == "USD"


def test_kills_long_ago_do_not_count() -> None:
    clock = [1000.0]
    host = Host(settings=PATIENT, monotonic=lambda: clock[0])
    host._kills.extend([650.0, 710.0, 990.0])
    host._refuse_if_unstable()
    assert list(host._kills) == [710.0, 990.0]


def test_a_package_that_lost_its_terminal_is_attached_anew(start: Start, tmp_path: Path) -> None:
    marker = tmp_path / "now"
    host, memory = start(call="orders_get", fault="ipc", when=str(marker)), Memory()
    read(host, memory)
    marker.touch()
    assert host.gather({})["failed"]["code"] == -10_004
    marker.unlink()
    assert (host.epoch, read(host, memory).terminal.epoch) == (2, 2)


def test_a_package_that_hangs_while_it_attaches_is_killed(start: Start) -> None:
    host = start(replace(PATIENT, start_deadline=1.0), call="initialize", fault="hang")
    code, detail = refused(host)
    assert code == "deadline"
    assert detail in {"initialize: no answer in 1 s", "the host did not start in 1 s"}


def test_a_package_without_its_terminal_is_named(start: Start) -> None:
    code, detail = refused(start(call="initialize", fault="deny"))
    assert (code, detail) == ("terminal_no_data", "initialize: [1, 'Success']")


def test_a_host_can_be_told_where_its_terminal_is(start: Start) -> None:
    host = start(replace(PATIENT, terminal="C:\\FTMO\\terminal64.exe"))
    assert read(host).account.currency == "USD"


def test_letting_go_ends_the_process_and_the_next_request_starts_another(start: Start) -> None:
    host = start()
    read(host)
    host.shutdown()
    assert read(host).terminal.epoch == 2


def test_the_command_is_this_python_where_none_is_given() -> None:
    assert Host().settings.command == (sys.executable,)
    assert Host(["py", "-3.11"], path="X", deadline=5).settings == HostSettings(
        ("py", "-3.11"), terminal="X", deadline=5
    )


def test_a_missing_package_is_named(start: Start) -> None:
    host = start(HostSettings(module="NoSuchPackage", start_deadline=30.0))
    code, detail = refused(host)
    assert code == "terminal_no_data"
    assert "ModuleNotFoundError: No module named 'NoSuchPackage'" in detail


def test_a_command_that_is_not_there_is_named(start: Start) -> None:
    code, detail = refused(start(HostSettings(command=("no-such-python",))))
    assert (code, "no-such-python" in detail) == ("terminal_no_data", True)


def test_under_wine_the_script_lies_on_drive_z() -> None:
    assert script_path(("/usr/bin/wine", "python.exe")).startswith("Z:\\")
    assert script_path((sys.executable,)) == host_script.__file__


def test_the_host_needs_nothing_of_ours_but_its_two_files(tmp_path: Path) -> None:
    for name in ("host_script.py", "gather.py"):
        shutil.copy(ROOT / "mt5bridge" / "terminal_side" / name, tmp_path)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    stub = "def initialize(): return True\ndef last_error(): return (1, 'ok')\n"
    (elsewhere / "Stub.py").write_text(stub, encoding="utf-8")
    request = io.BytesIO()
    host_script.write_frame(request, {"id": 1, "call": "initialize"})
    environment = {**os.environ, "PYTHONPATH": str(elsewhere)}
    host_process = subprocess.run(  # noqa: S603 - this very Python
        [sys.executable, "-S", str(tmp_path / "host_script.py"), "--module", "Stub"],
        input=request.getvalue(),
        capture_output=True,
        check=True,
        env=environment,
        cwd=tmp_path,
    )
    answers = io.BytesIO(host_process.stdout)
    hello, answer = host_script.read_frame(answers), host_script.read_frame(answers)
    assert hello is not None
    assert answer == {"id": 1, "result": True, "last_error": [1, "ok"]}


# frames


@pytest.mark.parametrize("size", [0, 1, 1000])
def test_a_frame_that_ends_early_is_the_end(size: int) -> None:
    stream = io.BytesIO()
    host_script.write_frame(stream, {"text": "x" * 2000})
    assert host_script.read_frame(io.BytesIO(stream.getvalue()[:size])) is None


@pytest.mark.parametrize(
    "data", [b"\xff\xff\xff\xff", b"\x00\x00\x00\x02{]", b"\x00\x00\x00\x02[]", b"\x00\x00\x00\x01\xff"]
)
def test_what_is_no_frame_is_refused(data: bytes) -> None:
    with pytest.raises(host_script.WireError):
        host_script.read_frame(io.BytesIO(data))


# the socket


@pytest.fixture
def listening(start: Start, tmp_path: Path) -> Iterator[HostSettings]:
    """Return the settings that attach to a host that listens on a free port."""
    start()
    token = tmp_path / "token"
    command = [sys.executable, "-u", script_path((sys.executable,)), "--listen", "0", "--token-file", str(token)]
    # the command is this very Python
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, encoding="utf-8") as process:  # noqa: S603
        assert process.stderr is not None
        match = re.search(r"127\.0\.0\.1:(\d+)", process.stderr.readline())
        assert match is not None
        drained = threading.Thread(target=process.stderr.read, daemon=True)
        drained.start()
        yield HostSettings(attach=("127.0.0.1", int(match[1])), token_file=str(token), deadline=5.0)
        process.kill()
        drained.join()


def test_a_host_elsewhere_is_reached_with_its_token(listening: HostSettings) -> None:
    with Host(settings=listening) as host:
        assert read(host).account.currency == "USD"
    with Host(settings=listening) as again:
        assert read(again).account.currency == "USD"


def test_without_the_token_nobody_gets_in(listening: HostSettings, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong"
    host_script.make_token(wrong)
    host = Host(settings=HostSettings(attach=listening.attach, token_file=str(wrong)))
    assert refused(host)[0] == "terminal_no_data"
    with Host(settings=listening) as right:
        assert read(right).account.currency == "USD"


def test_a_client_that_does_not_know_the_token_gets_no_word_out_of_it(listening: HostSettings) -> None:
    assert listening.attach is not None
    with (
        socket.create_connection(listening.attach, timeout=5) as raw,
        raw.makefile("rb") as source,
        raw.makefile("wb") as sink,
    ):
        challenge = host_script.read_frame(source)
        assert challenge is not None
        # a server's own challenge sent back to it is no proof
        host_script.write_frame(sink, {"proof": challenge["challenge"], "challenge": challenge["challenge"]})
        assert host_script.read_frame(source) is None


def test_a_server_that_does_not_know_the_token_is_not_trusted(tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    for token in (ours, theirs):
        host_script.make_token(token)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def pretend() -> None:
            connection, _ = server.accept()
            with connection, connection.makefile("rb") as source, connection.makefile("wb") as sink:
                host_script.write_frame(sink, {"challenge": "00"})
                host_script.read_frame(source)
                forged = host_script.proof(host_script.read_token(theirs), "server", "00")
                host_script.write_frame(sink, {"proof": forged})

        thread = threading.Thread(target=pretend)
        thread.start()
        address: Any = server.getsockname()
        host = Host(settings=HostSettings(attach=(address[0], address[1]), token_file=str(ours)))
        with pytest.raises(TerminalError, match="does not know the token"):
            host.gather({})
        thread.join()


def test_without_a_token_file_there_is_no_attaching(tmp_path: Path) -> None:
    settings = HostSettings(attach=("127.0.0.1", 9), token_file=str(tmp_path / "none"))
    assert refused(Host(settings=settings))[0] == "terminal_no_data"


def test_a_token_is_for_its_owner_alone(tmp_path: Path) -> None:
    token = tmp_path / "token"
    host_script.make_token(token)
    first = host_script.read_token(token)
    host_script.make_token(token)
    assert (len(first), host_script.read_token(token)) == (64, first)
    if sys.platform != "win32":
        assert token.stat().st_mode & 0o077 == 0


def test_gather_in_the_host_is_the_same_function() -> None:
    assert host_script._load_gather().__doc__ == gather.__doc__
