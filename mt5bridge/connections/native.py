"""The MetaTrader5 package in this process: faster than `host`, but if the terminal hangs, so does this program.

    native = NativeTerminal()
    snapshot = take(native, request, now=now, memory=memory)

The package holds Python's global lock for each call, so no thread and no timer can end a call that hangs; `Host` is
the default for that reason. A lost connection to the terminal is restored once per reading, as a new `epoch`.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any, cast

from mt5bridge.connections.calls import Calls
from mt5bridge.connections.host import LOST
from mt5bridge.errors import TerminalError
from mt5bridge.metatrader.protocol import Terminal
from mt5bridge.terminal_side.gather import gather
from portfolio.reasons import refuse


class NativeTerminal(Calls):
    """The package, attached to the terminal that is running; `TerminalError` where there is none."""

    name = "native"

    def __init__(self, module: Terminal | None = None, *, terminal: str | None = None) -> None:
        self.module = module or _package()
        self.epoch = 0
        self._paths = () if terminal is None else (terminal,)
        self._attach()

    def _attach(self) -> None:
        if not self.module.initialize(*self._paths):
            code, text = self.module.last_error()
            raise TerminalError(refuse("terminal_no_data", f"initialize: ({code}) {text}"))
        self.epoch += 1

    def gather(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Return one moment as plain values; after a lost connection the next one is a new epoch."""
        moment = gather(self.module, request)
        if moment.get("failed", {}).get("code") in LOST:
            self.module.shutdown()
            self._attach()
        return moment

    def call(self, name: str, *arguments: object, **keywords: object) -> object:
        """Call one function of the package."""
        try:
            answer: object = getattr(self.module, name)(*arguments, **keywords)
        except (SystemError, TypeError, ValueError) as error:
            detail = f"{name}: {type(error).__name__}: {error}"
            raise TerminalError(refuse("terminal_no_data", detail)) from error
        return answer

    def close(self) -> None:
        """Let go of the terminal."""
        self.module.shutdown()


def attach(path: str | None = None) -> NativeTerminal:
    """Return the terminal that is running, or the one at `path`."""
    return NativeTerminal(terminal=path)


def _package() -> Terminal:
    try:
        return cast("Terminal", importlib.import_module("MetaTrader5"))
    except ImportError as error:
        detail = (
            f"the MetaTrader5 package is not here ({error}); it needs Windows: use the host or the simulated terminal"
        )
        raise TerminalError(refuse("terminal_no_data", detail)) from error
