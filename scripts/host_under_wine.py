"""Let our host own the genuine MetaTrader5 package under Wine, and see that both ends understand each other.

    python scripts/conformance_under_wine.py --cache DIR        prepares a Windows Python with the package, once
    python scripts/host_under_wine.py --cache DIR

There is no terminal behind the package here, so what can be seen is that the host starts under Wine, says which package
it owns, reports the package's own error for a missing terminal, answers requests and pings, survives being killed, and
is reached through its socket with the token and not without. Not part of CI; exit code 1 where something is otherwise.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from mt5bridge.connections.host import Host, HostSettings, script_path
from mt5bridge.connections.transport import ProcessWire, SocketWire, Transport
from mt5bridge.errors import TerminalError
from mt5bridge.terminal_side.host_script import make_token

CALLS: tuple[tuple[str, list[object], object, int], ...] = (
    ("version", [], [0, 0, ""], -10004),
    ("terminal_info", [], None, -10004),
    ("account_info", [], None, -10004),
    ("positions_get", [], None, -10004),
    ("symbol_info", ["EURUSD"], None, -10004),
    ("symbol_select", ["EURUSD", True], False, -10004),
    ("order_calc_profit", [0, "EURUSD", 1.0, 1.1, 1.2], None, -10004),
    ("symbols_get", [], None, -5),
    ("history_deals_get", [], None, -2),
)
"""A call, its arguments, what the package answers without a terminal, and its last_error."""


def expect(name: str, actual: object, expected: object) -> bool:
    """Print one line and return whether it is as expected."""
    good = actual == expected
    print(f"{'ok  ' if good else 'FAIL'} {name}: {actual!r}" + ("" if good else f", expected {expected!r}"))
    return good


def ask(wire: Transport, number: int, name: str, arguments: list[object]) -> dict[str, object]:
    """Return the answer to one request."""
    wire.send({"id": number, "call": name, "arguments": arguments})
    frame = wire.frames.get(timeout=30)
    return frame or {}


def answers(wire: Transport) -> bool:
    """Compare every call's answer."""
    good = True
    for number, (name, arguments, result, code) in enumerate(CALLS, start=1):
        frame = ask(wire, number, name, arguments)
        error = frame.get("last_error")
        actual = (frame.get("result"), error[0] if isinstance(error, list) else None)
        good &= expect(name, actual, (result, code))
    moment = ask(wire, 98, "gather", [{}]).get("result")
    good &= expect("gather", moment, {"failed": {"call": "terminal_info", "code": -10004, "text": "No IPC connection"}})
    return good & expect("ping", ask(wire, 99, "ping", []).get("result"), "pong")


def over_pipes(settings: HostSettings) -> bool:
    """Talk over standard streams."""
    script = ["-u", script_path(settings.command), "--module", "MetaTrader5", "--packages", str(settings.packages)]
    begun = time.perf_counter()
    wire = ProcessWire([*settings.command, *script])
    hello = (wire.frames.get(timeout=60) or {}).get("hello", {})
    print(f"     started in {time.perf_counter() - begun:.1f} s: {hello}")
    good = expect("package", bool(re.match(r"MetaTrader5 5\.", str(hello.get("module")))), True)  # noqa: FBT003
    good &= answers(wire)
    wire.cut()
    return good


def through_the_class(settings: HostSettings) -> bool:
    """See that a terminal that is not there is named by the package's own error."""
    with Host(settings=settings) as host:
        try:
            host.gather({})
        except TerminalError as error:
            return expect("a missing terminal", "IPC initialize failed" in error.reason.detail, True)  # noqa: FBT003
    return expect("a missing terminal", "an answer", "a refusal")


def over_a_socket(settings: HostSettings) -> bool:
    """Talk over a socket, with the token."""
    with tempfile.TemporaryDirectory() as folder:
        token = Path(folder) / "token"
        make_token(token)
        arguments = ["--packages", str(settings.packages), "--listen", "0", "--token-file", f"Z:{token}"]
        command = [*settings.command, "-u", script_path(settings.command), *arguments]
        with subprocess.Popen(  # noqa: S603 - our own command
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
        ) as process:
            port_line = re.search(r"127\.0\.0\.1:(\d+)", process.stderr.readline() if process.stderr else "")
            address = ("127.0.0.1", int(port_line[1]) if port_line else 0)
            good = True
            try:
                SocketWire(address, b"0" * 64)
                good = expect("without the token", "let in", "refused")
            except TerminalError as error:
                print(f"ok   without the token: {error.reason.detail}")
            wire = SocketWire(address, token.read_bytes())
            good &= expect("socket", "hello" in (wire.frames.get(timeout=30) or {}), True)  # noqa: FBT003
            good &= answers(wire)
            wire.cut()
            process.kill()
    return good


def main() -> int:
    """Run every part; 1 where something is otherwise."""
    parser = argparse.ArgumentParser(description="Let our host own the genuine package under Wine.")
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "elite-sizer-wine")
    cache = parser.parse_args().cache.resolve()
    python = cache / "python" / "cp311" / "python.exe"
    if not python.exists():
        print(f"{python} is missing: run scripts/conformance_under_wine.py first.")
        return 2
    os.environ.update(WINEPREFIX=str(cache / "prefix"), WINEARCH="win64", WINEDEBUG="-all", DISPLAY="")
    packages = "Z:" + str(python.parent / "packages").replace("/", "\\")
    settings = HostSettings(command=("wine", str(python)), packages=packages)
    parts: list[Callable[[HostSettings], bool]] = [over_pipes, through_the_class, over_a_socket]
    results = [part(settings) for part in parts]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
