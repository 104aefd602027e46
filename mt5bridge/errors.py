"""Errors between a terminal and one consistent moment; every error says why in `reason`.

BridgeError                    anything below; `reason.code` is registered in portfolio.reasons
├── TerminalError              no answer, or none in time     terminal_no_data, deadline
│   ├── DisconnectedError      no connection to the broker    terminal_disconnected
│   └── UnstableError          restarted too often            terminal_unstable
├── MomentError                answers that do not fit        snapshot_torn, tick_stale, tick_future, tick_invalid,
│   │                          together or are too old        bars_stale, clock_suspect, server_offset_unknown
│   ├── AccountChangedError    another account is logged in   account_changed; `latch` from the second time on
│   └── SpecChangedError       a contract jumped              spec_changed; `symbol` says which to acknowledge
├── UnusableValueError         a field that can't be used     value_not_finite, symbol_spec_invalid,
│                                                             equity_nonpositive, book_unpriceable
├── SymbolError                no such symbol, or no quotes   symbol_unknown, symbol_unavailable
└── RecordingError             a capture that can't be used   recording_invalid
"""

from __future__ import annotations

from portfolio.errors import EliteSizerError
from portfolio.model import masked_login
from portfolio.reasons import Refusal, refuse


class BridgeError(EliteSizerError):
    """The terminal's fault as an exception; `reason` is the refusal that a decision returns."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(f"{reason.code}: {reason.detail}")
        self.reason = reason


class TerminalError(BridgeError):
    """The terminal gave no answer, or none in time."""


class DisconnectedError(TerminalError):
    """The terminal answers from its memory: it has no connection to the broker."""

    def __init__(self) -> None:
        super().__init__(refuse("terminal_disconnected", "terminal_info says connected = False"))


class UnstableError(TerminalError):
    """The terminal's process had to be killed so often that only a human should start it again."""


class MomentError(BridgeError):
    """The numbers of one moment contradict each other, or are too old to size from."""


class AccountChangedError(MomentError):
    """Another account than the pinned one answered; `latch` is True from the second consecutive moment on."""

    def __init__(self, expected_account: tuple[str, int], answering: tuple[str, int], *, latch: bool) -> None:
        detail = (
            f"pinned is login {masked_login(expected_account[1])} at {expected_account[0]}, "
            f"logged in is {masked_login(answering[1])} at {answering[0]}"
        )
        super().__init__(refuse("account_changed", detail))
        self.latch = latch


class SpecChangedError(MomentError):
    """A contract specification jumped since the last moment and nobody has acknowledged it."""

    def __init__(self, symbol: str, detail: str) -> None:
        super().__init__(refuse("spec_changed", f"{symbol}: {detail}"))
        self.symbol = symbol


class UnusableValueError(BridgeError):
    """A field's value can't be sized from; the detail names the field."""


class SymbolError(BridgeError):
    """The terminal does not know the symbol, or gives no quotes for it."""


class RecordingError(BridgeError):
    """A capture that is damaged, foreign, or lacks a field that a size depends on."""

    def __init__(self, detail: str) -> None:
        super().__init__(refuse("recording_invalid", detail))
