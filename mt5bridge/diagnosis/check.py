"""One check of a terminal: its topic, its result, and the fix."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from mt5bridge.metatrader.constants import Constants
from portfolio.reasons import REASONS, Refusal


class CheckState(StrEnum):
    """The result of a check."""

    GOOD = "good"
    WARNING = "warning"
    """A size is still possible, a smaller one or on an assumption."""
    BAD = "bad"
    """No size is possible."""


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the doctor."""

    topic: str
    state: CheckState
    finding: str
    fix: str = ""


ADVICE: Final[Mapping[int, str]] = {
    Constants.RES_E_FAIL: "Select the symbol in Market Watch; if it stays, restart the terminal.",
    Constants.RES_E_INVALID_PARAMS: "This is our bug: report it with a recording.",
    Constants.RES_E_NO_MEMORY: "Close other programs: the terminal is out of memory.",
    Constants.RES_E_NOT_FOUND: "Check the name in Market Watch: brokers add suffixes.",
    Constants.RES_E_INVALID_VERSION: "Update the terminal and the package: pip install --upgrade MetaTrader5.",
    Constants.RES_E_AUTH_FAILED: "Log in to the account in the terminal, with the master password.",
    Constants.RES_E_UNSUPPORTED: "This terminal does not know the function: update it.",
    Constants.RES_E_AUTO_TRADING_DISABLED: (
        'Clear Tools > Options > Expert Advisors > "Disable automatic trading via external Python API".'
    ),
    Constants.RES_E_INTERNAL_FAIL: "Restart the terminal.",
    Constants.RES_E_INTERNAL_FAIL_SEND: "Restart the terminal.",
    Constants.RES_E_INTERNAL_FAIL_RECEIVE: "Restart the terminal.",
    Constants.RES_E_INTERNAL_FAIL_INIT: "Start the terminal and log in; where there are several, set terminal.path.",
    Constants.RES_E_INTERNAL_FAIL_CONNECT: "Start the terminal and log in; run it as the same user as this program.",
    Constants.RES_E_INTERNAL_FAIL_TIMEOUT: (
        "The terminal is busy or shows a dialogue: look at its window, then restart it."
    ),
}
"""The fix for each code of `last_error`."""


def advice(code: int) -> str:
    """Return the fix for a code of `last_error`."""
    return ADVICE.get(code, "Restart the terminal.")


def good(topic: str, finding: str) -> Check:
    """Return a check without a fault."""
    return Check(topic, CheckState.GOOD, finding)


FIXES: Final[Mapping[str, str]] = {
    "tick_value_mismatch": "Compare the contract with the broker's page; nothing is sized until they agree.",
    "value_unavailable": "Add the symbol and the pairs of its currencies to Market Watch.",
    "symbol_spec_invalid": "Reload the symbols (restart the terminal); if it stays, ask the broker.",
    "terminal_no_data": "Restart the terminal.",
    "deadline": "Look at the terminal's window for a dialogue, then restart it.",
    "terminal_unstable": "Restart the terminal and this computer, then: elite-sizer resume --reason TEXT",
}
"""Fixes for codes whose ordinary fix is to run the doctor."""


def refused(topic: str, reason: Refusal) -> Check:
    """Return a check whose fault would refuse a size."""
    entry = REASONS[reason.code]
    return Check(topic, CheckState.BAD, f"{entry.sentence} {reason.detail}", FIXES.get(reason.code, entry.fix))
