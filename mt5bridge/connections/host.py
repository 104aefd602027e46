r"""A terminal in a process of its own, which may hang, crash or be killed without taking us along.

    host = Host(["wine", "C:\\Python311\\python.exe"])
    snapshot = take(host, request, now=now, memory=memory)          # one round trip

Every answer has a deadline. When it passes, the host is asked for a sign of life, which a thread of its own gives: if
that comes, the terminal is only slow, the late answer will be thrown away, and the process stays; if not, or if the
next deadline passes too, the process is killed and started anew at the next request. Each new connection, to
the process or to the terminal, is a new `epoch`. After three kills in five minutes only `reset` starts it again.

Errors: `TerminalError` with `deadline` or `terminal_no_data`, `UnstableError` with `terminal_unstable`.
"""

from __future__ import annotations

import itertools
import logging
import queue
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, Self

from mt5bridge.connections.calls import Calls, to_plain, to_records
from mt5bridge.connections.transport import Frame, ProcessWire, SocketWire, Transport
from mt5bridge.errors import TerminalError, UnstableError
from mt5bridge.metatrader.constants import Constants
from mt5bridge.terminal_side import host_script
from portfolio.reasons import refuse

logger = logging.getLogger(__name__)

LOST = frozenset(
    {
        Constants.RES_E_INTERNAL_FAIL_SEND,
        Constants.RES_E_INTERNAL_FAIL_RECEIVE,
        Constants.RES_E_INTERNAL_FAIL_INIT,
        Constants.RES_E_INTERNAL_FAIL_CONNECT,
        Constants.RES_E_INTERNAL_FAIL_TIMEOUT,
    }
)
"""Codes of the package when its own pipe to the terminal is gone."""


@dataclass(frozen=True, slots=True)
class HostSettings:
    """The host's command, and the time to wait for it; times in seconds."""

    command: tuple[str, ...] = (sys.executable,)
    """A Python that has MetaTrader5; under Wine `("wine", "C:\\Python311\\python.exe")`."""
    module: str = "MetaTrader5"
    packages: str | None = None
    """Folder that the package lies in, where the command's Python can't find it by itself."""
    terminal: str | None = None
    """Path of the terminal's program where there are several; credentials are never passed."""
    attach: tuple[str, int] | None = None
    """Address of a host that is already running, instead of a command."""
    token_file: str | None = None
    deadline: float = 2.0
    order_deadline: float = 15.0
    """A request that trades gets more time: after a kill nobody knows whether it was carried out."""
    start_deadline: float = 60.0
    """The terminal may have to start first."""
    probe: float = 0.5
    """Time for a sign of life."""
    kills: int = 3
    window: float = 300.0
    """After `kills` kills within `window` seconds only `reset` starts the process again."""


class Host(Calls):
    """The terminal behind a wire: a `Source` of moments, and all the functions by `call`."""

    name = "host"

    def __init__(
        self,
        command: Sequence[str] | None = None,
        *,
        path: str | None = None,
        deadline: float = 2.0,
        settings: HostSettings | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Start nothing yet; `settings` replaces the three arguments before it."""
        python = tuple(command or (sys.executable,))
        self.settings = settings or HostSettings(command=python, terminal=path, deadline=deadline)
        self.epoch = 0
        self.hello: Mapping[str, Any] = {}
        self._monotonic = monotonic
        self._wire: Transport | None = None
        self._ids = itertools.count(1)
        self._kills: deque[float] = deque()
        self._missed = 0

    def gather(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Return one moment as plain values, in one round trip; after a lost connection the next one is a new epoch."""
        moment: dict[str, Any] = self._request("gather", (dict(request),), {}, self.settings.deadline)["result"]
        if moment.get("failed", {}).get("code") in LOST:
            self._reconnect()
        return moment

    def call(self, name: str, *arguments: object, **keywords: object) -> object:
        """Call one function of the package; a round trip for each."""
        deadline = self.settings.order_deadline if name == "order_send" else self.settings.deadline
        plain = tuple(to_plain(argument) for argument in arguments)
        return to_records(name, self._request(name, plain, keywords, deadline)["result"])

    def close(self) -> None:
        """Let go of the terminal and end the process."""
        if self._wire is not None:
            self._wire.cut()
            self._wire = None

    def shutdown(self) -> bool:
        """Let go of the terminal and end the process, as the package's own function does for its connection."""
        self.close()
        return True

    def reset(self) -> None:
        """Forget the kills: a human has checked the terminal."""
        self._kills.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # one request

    def _request(self, name: str, arguments: tuple[Any, ...], keywords: Mapping[str, Any], deadline: float) -> Frame:
        wire = self._wire or self._start()
        number = next(self._ids)
        self._send(wire, {"id": number, "call": name, "arguments": list(arguments), "keywords": dict(keywords)})
        frame = self._await(wire, number, deadline)
        if frame is None:
            self._raise_late(wire, name, deadline)
        self._missed = 0
        if "error" in frame:
            error = frame["error"]
            raise TerminalError(refuse("terminal_no_data", f"{name}: {error['type']}: {error['text']}"))
        return frame

    def _send(self, wire: Transport, frame: Frame) -> None:
        try:
            wire.send(frame)
        except (OSError, ValueError, host_script.WireError) as error:
            self._raise_gone(wire, str(error))

    def _await(self, wire: Transport, number: int, seconds: float) -> Frame | None:
        """Return the frame with this id, or None when time is up; frames of requests given up on are thrown away."""
        end = self._monotonic() + seconds
        while (remaining := end - self._monotonic()) > 0:
            try:
                frame = wire.frames.get(timeout=remaining)
            except queue.Empty:
                return None
            if frame is None:
                self._raise_gone(wire, "it ended")
            if frame.get("id") == number:
                return frame
        return None

    def _raise_late(self, wire: Transport, name: str, deadline: float) -> NoReturn:
        """Ask for a sign of life after a missed deadline, kill a process that gives none, and raise `deadline`."""
        number = next(self._ids)
        self._send(wire, {"id": number, "call": "ping"})
        alive = self._await(wire, number, self.settings.probe) is not None
        self._missed += 1
        if not alive or self._missed > 1:
            self._kill(wire)
        state = "hung and was ended" if self._wire is None else "is slow"
        raise TerminalError(refuse("deadline", f"{name}: no answer in {deadline:g} s; the host {state}"))

    def _kill(self, wire: Transport) -> None:
        self._drop(wire)
        self._missed = 0
        self._kills.append(self._monotonic())
        logger.warning("the terminal's host hung and was ended (%d times lately)", len(self._kills))

    def _raise_gone(self, wire: Transport, why: str) -> NoReturn:
        """Drop a connection that the other side ended, count it with the kills, and raise."""
        self._drop(wire)
        self._kills.append(self._monotonic())
        words = wire.last_words()
        raise TerminalError(refuse("terminal_no_data", f"the host is gone: {why}" + (f" ({words})" if words else "")))

    def _drop(self, wire: Transport) -> None:
        wire.cut()
        self._wire = None

    # a connection

    def _start(self) -> Transport:
        self._refuse_if_unstable()
        wire = self._connect()
        self._wire = wire
        deadline = self.settings.start_deadline
        try:
            first = wire.frames.get(timeout=deadline)
        except queue.Empty:
            self._kill(wire)
            raise TerminalError(refuse("deadline", f"the host did not start in {deadline:g} s")) from None
        if first is None:
            self._raise_gone(wire, "it did not start")
        if "hello" not in first:
            self._drop(wire)
            raise TerminalError(refuse("terminal_no_data", f"the host did not start: {first.get('failed', first)}"))
        self.hello = first["hello"]
        self._initialize(wire)
        return wire

    def _refuse_if_unstable(self) -> None:
        now = self._monotonic()
        while self._kills and now - self._kills[0] > self.settings.window:
            self._kills.popleft()
        if len(self._kills) >= self.settings.kills:
            detail = f"{len(self._kills)} ends of its process in {self.settings.window:g} s"
            raise UnstableError(refuse("terminal_unstable", detail))

    def _connect(self) -> Transport:
        if self.settings.attach is not None:
            return SocketWire(self.settings.attach, self._token())
        script = ["-u", script_path(self.settings.command), "--module", self.settings.module]
        if self.settings.packages is not None:
            script += ["--packages", self.settings.packages]
        return ProcessWire([*self.settings.command, *script])

    def _token(self) -> bytes:
        try:
            return host_script.read_token(self.settings.token_file or "")
        except (OSError, host_script.WireError) as error:
            raise TerminalError(refuse("terminal_no_data", f"no token for the host: {error}")) from error

    def _initialize(self, wire: Transport) -> None:
        """Attach the package to its terminal; it may have to be started, so this has the long deadline."""
        paths = [] if self.settings.terminal is None else [self.settings.terminal]
        number = next(self._ids)
        self._send(wire, {"id": number, "call": "initialize", "arguments": paths})
        frame = self._await(wire, number, self.settings.start_deadline)
        if frame is None:
            self._kill(wire)
            detail = f"initialize: no answer in {self.settings.start_deadline:g} s"
            raise TerminalError(refuse("deadline", detail))
        if not frame.get("result"):
            self._drop(wire)
            detail = f"initialize: {frame.get('last_error') or frame.get('error')}"
            raise TerminalError(refuse("terminal_no_data", detail))
        self.epoch += 1

    def _reconnect(self) -> None:
        """Attach anew after the package lost its terminal."""
        if self._wire is not None:
            wire, number = self._wire, next(self._ids)
            self._send(wire, {"id": number, "call": "shutdown"})
            self._await(wire, number, self.settings.deadline)
            self._initialize(wire)


def script_path(command: tuple[str, ...]) -> str:
    """Return the host's script as the command's Python sees it; under Wine, our root is its drive Z."""
    path = str(Path(host_script.__file__).resolve())
    return "Z:" + path.replace("/", "\\") if Path(command[0]).name.startswith("wine") else path
