"""Child process that loads MetaTrader5 and answers requests, one at a time, over a pipe or a socket.

    python host_script.py                                     over standard input and output
    python host_script.py --listen 18900 --token-file FILE    over a socket of this machine, for clients with the token

It needs Python and MetaTrader5, nothing else; `gather.py` must lie beside it. The package holds Python's global lock
while it waits for the terminal, so a program that must not freeze talks to this process and kills it when it hangs.

A frame is four bytes of length, big-endian, and JSON in UTF-8. The first frame says hello; then requests
`{"id", "call", "arguments", "keywords"}` are answered `{"id", "result", "last_error"}` or `{"id", "error"}`. A request
with the call `ping` is answered at once, between others, by another thread: no answer means a hung package.
"""

from __future__ import annotations

import argparse
import hashlib
import hmac
import importlib
import importlib.util
import json
import os
import queue
import secrets
import socket
import struct
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, Protocol, cast

PROTOCOL = 1
LARGEST_FRAME = 64 * 1024 * 1024
TOKEN_BYTES = 32
HANDSHAKE_SECONDS = 5.0
CALLS = frozenset(
    {
        *("initialize", "shutdown", "last_error", "version", "terminal_info", "account_info", "positions_total"),
        *("positions_get", "orders_total", "orders_get", "symbols_get", "symbol_info", "symbol_info_tick"),
        *("symbol_select", "order_calc_profit", "order_calc_margin", "history_deals_total", "history_deals_get"),
        *("history_orders_total", "history_orders_get", "copy_rates_from_pos", "order_check", "order_send"),
    }
)
"""The functions that may be called from outside."""


class Package(Protocol):
    """The MetaTrader5 module, or a module with its functions; all but this one are called by their names."""

    def last_error(self) -> tuple[int, str]:
        """Return code and text of the call before."""
        ...


class WireError(Exception):
    """Bytes on the wire that are no frame of ours."""


# frames and the handshake, used at both ends


def read_frame(stream: BinaryIO) -> dict[str, Any] | None:
    """Return the next frame, or None where the other side has closed; `WireError` for anything else."""
    head = _read_exactly(stream, 4)
    if head is None:
        return None
    (length,) = struct.unpack(">I", head)
    if length > LARGEST_FRAME:
        message = f"a frame of {length} bytes"
        raise WireError(message)
    body = _read_exactly(stream, length)
    if body is None:
        return None
    try:
        frame = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        message = f"a frame that is no JSON: {error}"
        raise WireError(message) from error
    if not isinstance(frame, dict):
        message = f"a frame that is no object: {frame!r:.40}"
        raise WireError(message)
    return frame


def _read_exactly(stream: BinaryIO, count: int) -> bytes | None:
    parts = bytearray()
    while len(parts) < count:
        part = stream.read(count - len(parts))
        if not part:
            return None
        parts += part
    return bytes(parts)


def write_frame(stream: BinaryIO, frame: dict[str, Any]) -> None:
    """Write one frame and flush it."""
    body = json.dumps(frame).encode("utf-8")
    if len(body) > LARGEST_FRAME:
        message = f"a frame of {len(body)} bytes"
        raise WireError(message)
    stream.write(struct.pack(">I", len(body)) + body)
    stream.flush()


def proof(token: bytes, role: str, nonce: str) -> str:
    """Return the proof of knowing the token, which does not reveal it; `role` keeps a proof from being sent back."""
    return hmac.new(token, f"{role}:{nonce}".encode(), hashlib.sha256).hexdigest()


def greet_client(source: BinaryIO, sink: BinaryIO, token: bytes) -> bool:
    """Let a client prove that it knows the token, and prove the same to it; False where the client does not."""
    nonce = secrets.token_hex(TOKEN_BYTES)
    write_frame(sink, {"challenge": nonce})
    answer = read_frame(source) or {}
    if not hmac.compare_digest(str(answer.get("proof")), proof(token, "client", nonce)):
        return False
    write_frame(sink, {"proof": proof(token, "server", str(answer.get("challenge")))})
    return True


def greet_server(source: BinaryIO, sink: BinaryIO, token: bytes) -> bool:
    """Prove to a server that we know the token, and let it prove the same; False where the server does not."""
    challenge = read_frame(source) or {}
    nonce = secrets.token_hex(TOKEN_BYTES)
    write_frame(sink, {"proof": proof(token, "client", str(challenge.get("challenge"))), "challenge": nonce})
    answer = read_frame(source) or {}
    return hmac.compare_digest(str(answer.get("proof")), proof(token, "server", nonce))


def make_token(path: str | Path) -> None:
    """Write a new token into a file that only its owner can read, unless the file exists."""
    place = Path(path)
    if not place.exists():
        handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(TOKEN_BYTES))


def read_token(path: str | Path) -> bytes:
    """Return the token in a file; `OSError` or `WireError` where there is none."""
    token = Path(path).read_text(encoding="ascii").strip()
    if len(token) < TOKEN_BYTES:
        message = f"{path} holds no token"
        raise WireError(message)
    return token.encode("ascii")


# the terminal's side


def to_plain(value: object) -> object:
    """Return a result as JSON values: rows as objects, arrays and tuples as lists."""
    if hasattr(value, "_asdict"):
        return {name: to_plain(cell) for name, cell in value._asdict().items()}
    if hasattr(value, "tolist"):
        return value.tolist()
    if isinstance(value, (list, tuple)):
        return [to_plain(item) for item in value]
    return value


def answer(mt5: Package, gather: Callable[..., dict[str, Any]], request: dict[str, Any]) -> dict[str, Any]:
    """Return the answer to one request; an exception of the package is an answer too."""
    name, arguments, keywords = request.get("call"), request.get("arguments") or [], request.get("keywords") or {}
    try:
        if name == "gather":
            result: object = gather(mt5, arguments[0])
        elif name in CALLS:
            result = to_plain(getattr(mt5, str(name))(*arguments, **keywords))
        else:
            return {"id": request.get("id"), "error": {"type": "LookupError", "text": f"no such call: {name}"}}
        last_error = list(mt5.last_error())
    except Exception as error:  # noqa: BLE001 - the package raises any kind, and the other side must hear of it
        return {"id": request.get("id"), "error": {"type": type(error).__name__, "text": str(error)}}
    return {"id": request.get("id"), "result": result, "last_error": last_error}


def serve(source: BinaryIO, sink: BinaryIO, mt5: Package, gather: Callable[..., dict[str, Any]]) -> None:
    """Answer requests until the other side closes; pings by the reading thread, all else in order by this one."""
    requests: queue.Queue[dict[str, Any] | None] = queue.Queue()
    lock = threading.Lock()

    def send(frame: dict[str, Any]) -> None:
        with lock:
            write_frame(sink, frame)

    def listen() -> None:
        try:
            while (request := read_frame(source)) is not None:
                if request.get("call") == "ping":
                    send({"id": request.get("id"), "result": "pong"})
                else:
                    requests.put(request)
        except (OSError, WireError) as error:
            _report(f"closing: {error}")
        requests.put(None)

    threading.Thread(target=listen, daemon=True).start()
    send({"hello": {"protocol": PROTOCOL, "python": sys.version.split()[0], "module": _version(mt5)}})
    while (request := requests.get()) is not None:
        send(answer(mt5, gather, request))


def _report(text: str) -> None:
    """Write a line to the error stream, the only one that is not full of frames."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def _version(mt5: object) -> str:
    return f"{getattr(mt5, '__name__', type(mt5).__name__)} {getattr(mt5, '__version__', '?')}"


def listen(port: int, token: bytes, mt5: Package, gather: Callable[..., dict[str, Any]]) -> None:
    """Serve one client after another on a port of this machine, each only after it has proven the token."""
    with socket.create_server(("127.0.0.1", port)) as server:
        _report(f"listening on 127.0.0.1:{server.getsockname()[1]}")
        while True:
            connection, _ = server.accept()
            try:
                _serve_client(connection, token, mt5, gather)
            except (OSError, WireError) as error:
                _report(f"closing: {error}")


def _serve_client(connection: socket.socket, token: bytes, mt5: Package, gather: Callable[..., dict[str, Any]]) -> None:
    # one reader for greeting and serving: what it has read ahead must not be lost
    with connection, connection.makefile("rb") as source, connection.makefile("wb") as sink:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.settimeout(HANDSHAKE_SECONDS)
        if greet_client(source, sink, token):
            connection.settimeout(None)
            serve(source, sink, mt5, gather)


def _load_gather() -> Callable[..., dict[str, Any]]:
    """Return `gather` from the file beside this script; copied to a folder, the two are no package."""
    place = Path(__file__).resolve().with_name("gather.py")
    spec = importlib.util.spec_from_file_location("elite_sizer_gather", place)
    if spec is None or spec.loader is None:
        message = f"{place} is missing"
        raise WireError(message)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    function: Callable[..., dict[str, Any]] = module.gather
    return function


def main() -> None:
    """Import the package and serve."""
    parser = argparse.ArgumentParser(description="Own the MetaTrader5 package for another process.")
    parser.add_argument("--module", default="MetaTrader5", help="the module to own")
    parser.add_argument("--packages", metavar="FOLDER", help="import it from here, as an embedded Python must")
    parser.add_argument("--listen", type=int, metavar="PORT", help="serve on this port of 127.0.0.1 (0: any free one)")
    parser.add_argument("--token-file", help="file with the token that clients must know")
    options = parser.parse_args()
    if options.listen is not None and options.token_file is None:
        parser.error("--listen needs --token-file")
    # MetaTrader5 and numpy may print; their text must not get between the frames
    sink = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    # this folder is ours, not the package's to import from
    sys.path[:] = [place for place in sys.path if Path(place or ".").resolve() != Path(__file__).resolve().parent]
    if options.packages is not None:
        sys.path.insert(0, options.packages)
    try:
        mt5, gather = cast("Package", importlib.import_module(options.module)), _load_gather()
    except Exception as error:  # noqa: BLE001 - an import raises any kind, and the other side must hear of it
        write_frame(sink, {"failed": f"{type(error).__name__}: {error}"})
        return
    if options.listen is None:
        serve(sys.stdin.buffer, sink, mt5, gather)
    else:
        make_token(options.token_file)
        listen(options.listen, read_token(options.token_file), mt5, gather)


if __name__ == "__main__":
    main()
