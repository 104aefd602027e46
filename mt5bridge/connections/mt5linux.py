"""A terminal behind mt5linux 1.0.11, for users who already run its server beside a terminal under Wine.

    terminal = connect("127.0.0.1", 18812)
    snapshot = take(terminal, request, now=now, memory=memory)

mt5linux hands out references, and each field of each row is a call over the wire (one `_asdict()` took 44 ms). So our
own reader is defined at the other side once, and each request is one evaluation there whose answer is one JSON text.
Its server runs any text that it is sent, and so must listen on this machine only; the values of a request go there as
a quoted JSON text, and a symbol that is no plain name is refused before.
"""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, Protocol

from mt5bridge.connections.calls import Calls, to_plain, to_records
from mt5bridge.connections.host import LOST
from mt5bridge.errors import SymbolError, TerminalError
from mt5bridge.metatrader.constants import NAME_CHARACTERS
from mt5bridge.terminal_side import gather, host_script
from portfolio.reasons import refuse

PLAIN_NAME: Final = re.compile(rf"[A-Za-z0-9._#+&@!$^/ -]{{1,{NAME_CHARACTERS}}}", re.ASCII)
"""A symbol's letters, digits and the signs brokers use; no quote, bracket or backslash."""
DEFINED: Final = "_elite_sizer"
"""The name of our functions at the other side."""


class Client(Protocol):
    """The one method of `mt5linux.MetaTrader5` that we use: evaluate over there, where `mt5` is the package."""

    def eval(self, command: str) -> object:
        """Return the value of an expression; a text comes back as a text."""
        ...


class Mt5LinuxTerminal(Calls):
    """The terminal behind a client: a `Source` of moments, and all the functions by `call`."""

    name = "mt5linux"

    def __init__(self, connect: Callable[[], Client], *, path: str | None = None) -> None:
        self.epoch = 0
        self._connect = connect
        self._paths = [] if path is None else [path]
        self._client: Client | None = None

    def gather(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Return one moment as plain values, in one evaluation; after a lost connection the next is a new epoch."""
        for name in (request.get("symbol"), *(request.get("extra") or ())):
            if name is not None:
                check_name(name)
        moment: dict[str, Any] = self._request("gather", [dict(request)], {})["result"]
        if moment.get("failed", {}).get("code") in LOST:
            self._client = None
        return moment

    def call(self, name: str, *arguments: object, **keywords: object) -> object:
        """Call one function of the package in one evaluation."""
        plain = [to_plain(argument) for argument in arguments]
        return to_records(name, self._request(name, plain, keywords)["result"])

    def _request(self, name: str, arguments: list[object], keywords: Mapping[str, Any]) -> dict[str, Any]:
        client = self._client or self._start()
        request = {"call": name, "arguments": arguments, "keywords": dict(keywords)}
        answer = self._evaluate(client, _request_expression(request))
        if "error" in answer:
            error = answer["error"]
            raise TerminalError(refuse("terminal_no_data", f"{name}: {error['type']}: {error['text']}"))
        return answer

    def _evaluate(self, client: Client, expression: str) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = json.loads(str(client.eval(expression)))
        except Exception as error:
            # the wire raises EOFError, TimeoutError and errors of the other side by any name
            self._client = None
            raise TerminalError(refuse("terminal_no_data", f"mt5linux: {type(error).__name__}: {error}")) from error
        return answer

    def _start(self) -> Client:
        try:
            client = self._connect()
            for module in (gather, host_script):
                client.eval(_define_expression(Path(str(module.__file__)).read_text(encoding="utf-8")))
        except Exception as error:
            detail = f"mt5linux can't be reached: {type(error).__name__}: {error}"
            raise TerminalError(refuse("terminal_no_data", detail)) from error
        outcome = self._evaluate(client, _request_expression({"call": "initialize", "arguments": self._paths}))
        if not outcome.get("result"):
            detail = f"initialize: {outcome.get('last_error') or outcome.get('error')}"
            raise TerminalError(refuse("terminal_no_data", detail))
        self._client = client
        self.epoch += 1
        return client


def connect(
    host: str = "127.0.0.1", port: int = 18812, *, timeout: int = 10, path: str | None = None
) -> Mt5LinuxTerminal:
    """Return the terminal behind the mt5linux server at an address; it is reached at the first request."""

    def open_client() -> Client:
        remote: Client = importlib.import_module("mt5linux").MetaTrader5(host, port, timeout)
        return remote

    return Mt5LinuxTerminal(open_client, path=path)


def check_name(symbol: object) -> None:
    """Refuse a symbol that is no plain name."""
    if not isinstance(symbol, str) or PLAIN_NAME.fullmatch(symbol) is None:
        raise SymbolError(refuse("symbol_unknown", f"{symbol!r} is no name of a symbol"))


def _define_expression(source: str) -> str:
    return f"exec({source!r}, globals().setdefault({DEFINED!r}, {{'__name__': {DEFINED!r}, '__file__': ''}}))"


def _request_expression(request: Mapping[str, Any]) -> str:
    """Return the expression that answers a request; it contains the request as a quoted text."""
    text = json.dumps(request)
    json_module, helpers = "__import__('json')", DEFINED
    answer = f"{helpers}['answer'](mt5, {helpers}['gather'], {json_module}.loads({text!r}))"
    return f"{json_module}.dumps({answer})"
