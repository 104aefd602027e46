"""The wires to a terminal's host: a process of our own, or a socket of a host that was started elsewhere.

A wire sends frames and brings them into a queue; None in the queue means that the other side is gone. Reading goes on
in a thread, so waiting for an answer can have an end on every platform.
"""

from __future__ import annotations

import contextlib
import queue
import socket
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import IO, Any, BinaryIO, Protocol, TypeVar, cast

from mt5bridge.errors import TerminalError
from mt5bridge.terminal_side.host_script import HANDSHAKE_SECONDS, WireError, greet_server, read_frame, write_frame
from portfolio.reasons import refuse

WAIT_FOR_END = 2.0
LAST_WORDS = 20
"""Last lines of a process's error stream that go into the error message."""

NO_WINDOW: int = getattr(subprocess, "CREATE_NO_WINDOW", 0)
"""On Windows the child of a program without a console would open a window."""

Frame = dict[str, Any]
Sink = TypeVar("Sink")


class Transport(Protocol):
    """One connection to a host."""

    frames: queue.Queue[Frame | None]

    def send(self, frame: Frame) -> None:
        """Send a frame; `OSError` where the other side is gone."""
        ...

    def cut(self) -> None:
        """End the connection now, even in the middle of a call."""
        ...

    def last_words(self) -> str:
        """Return the other side's last complaints."""
        ...


class ProcessWire:
    """A host as a child process, over its standard streams."""

    def __init__(self, command: Sequence[str]) -> None:
        self.frames: queue.Queue[Frame | None] = queue.Queue()
        self._words: deque[str] = deque(maxlen=LAST_WORDS)
        pipe = subprocess.PIPE
        try:
            self._process = subprocess.Popen(  # noqa: S603 - the command is the user's own setting
                list(command), stdin=pipe, stdout=pipe, stderr=pipe, creationflags=NO_WINDOW
            )
        except OSError as error:
            detail = f"the host can't be started: {' '.join(command)}: {error}"
            raise TerminalError(refuse("terminal_no_data", detail)) from error
        _start_thread(_read_into, self._process.stdout, self.frames)
        _start_thread(_note_words, self._process.stderr, self._words)

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._process.pid

    def send(self, frame: Frame) -> None:
        """Send a frame."""
        write_frame(cast("BinaryIO", self._process.stdin), frame)

    def cut(self) -> None:
        """Kill the process; a stopped or blocked process dies too."""
        self._process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(WAIT_FOR_END)
        # the listening threads close what they read from: closing it here could wait for a grandchild that holds it
        with contextlib.suppress(OSError):
            cast("BinaryIO", self._process.stdin).close()

    def last_words(self) -> str:
        """Return the last lines of its error stream."""
        return " / ".join(self._words)


class SocketWire:
    """A host that was started with `--listen`; it serves clients that have its token."""

    def __init__(self, address: tuple[str, int], token: bytes) -> None:
        self.frames: queue.Queue[Frame | None] = queue.Queue()
        where = f"{address[0]}:{address[1]}"
        try:
            self._socket = socket.create_connection(address, timeout=HANDSHAKE_SECONDS)
        except OSError as error:
            raise TerminalError(refuse("terminal_no_data", f"no host at {where}: {error}")) from error
        # one reader for greeting and listening: what it has read ahead must not be lost
        source, self._sink = self._socket.makefile("rb"), self._socket.makefile("wb")
        try:
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            greeting = greet_server(source, self._sink, token)
            self._socket.settimeout(None)
        except (OSError, WireError) as error:
            self._close(source)
            raise TerminalError(refuse("terminal_no_data", f"no host of ours at {where}: {error}")) from error
        if not greeting:
            self._close(source)
            raise TerminalError(refuse("terminal_no_data", f"the host at {where} does not know the token"))
        _start_thread(_read_into, source, self.frames)

    def _close(self, source: BinaryIO) -> None:
        for stream in (source, self._sink, self._socket):
            with contextlib.suppress(OSError):
                stream.close()

    def send(self, frame: Frame) -> None:
        """Send a frame."""
        write_frame(self._sink, frame)

    def cut(self) -> None:
        """Hang up; a host that hangs goes on hanging, which only its owner can end."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        with contextlib.suppress(OSError):
            self._sink.close()
        self._socket.close()

    def last_words(self) -> str:
        """Return nothing: a host elsewhere complains elsewhere."""
        return ""


def _start_thread(target: Callable[[BinaryIO, Sink], None], stream: IO[bytes] | None, sink: Sink) -> None:
    threading.Thread(target=target, args=(stream, sink), daemon=True).start()


def _read_into(stream: BinaryIO, frames: queue.Queue[Frame | None]) -> None:
    # a stream that breaks, or garbage on it: either way nothing more will come
    with contextlib.suppress(OSError, ValueError, WireError), stream:
        while (frame := read_frame(stream)) is not None:
            frames.put(frame)
    frames.put(None)


def _note_words(stream: BinaryIO, words: deque[str]) -> None:
    with contextlib.suppress(OSError, ValueError), stream:
        for line in stream:
            words.append(line.decode("utf-8", "replace").strip())
