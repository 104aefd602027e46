"""One thing that was looked at in a terminal, how it ended, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from portfolio.reasons import REASONS, Refusal


class CheckState(StrEnum):
    """How a check ended."""

    GOOD = "good"
    WARNING = "warning"
    """A size may still be had, a smaller one or on an assumption."""
    BAD = "bad"
    """No size can be had."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    topic: str
    state: CheckState
    finding: str
    fix: str = ""


ADVICE: Final[Mapping[int, str]] = {
    -1: "Select the symbol in Market Watch; if it stays, restart the terminal.",
    -2: "This is our bug: report it with a recording.",
    -3: "Close other programs: the terminal is out of memory.",
    -4: "Check the name in Market Watch: brokers add suffixes.",
    -5: "Update the terminal and the package: pip install --upgrade MetaTrader5.",
    -6: "Log in to the account in the terminal, with the master password.",
    -7: "This terminal does not know the function: update it.",
    -8: 'Clear Tools > Options > Expert Advisors > "Disable automatic trading via external Python API".',
    -10000: "Restart the terminal.",
    -10001: "Restart the terminal.",
    -10002: "Restart the terminal.",
    -10003: "Start the terminal and log in; where there are several, set terminal.path.",
    -10004: "Start the terminal and log in; run it as the same user as this program.",
    -10005: "The terminal is busy or shows a dialogue: look at its window, then restart it.",
}
"""What to do about each code of `last_error`."""


def advice(code: int) -> str:
    """Return what to do about a code of `last_error`."""
    return ADVICE.get(code, "Restart the terminal.")


def good(topic: str, finding: str) -> Check:
    """Return a check that found nothing wrong."""
    return Check(topic, CheckState.GOOD, finding)


FIXES: Final[Mapping[str, str]] = {
    "tick_value_mismatch": "Compare the contract with the broker's page; nothing is sized until they agree.",
    "value_unavailable": "Add the symbol and the pairs of its currencies to Market Watch.",
    "symbol_spec_invalid": "Reload the symbols (restart the terminal); if it stays, ask the broker.",
    "terminal_no_data": "Restart the terminal.",
    "deadline": "Look at the terminal's window for a dialogue, then restart it.",
    "terminal_unstable": "Restart the terminal and this computer, then: elite-sizer resume --reason TEXT",
}
"""Better advice than "look with doctor" for somebody who is doing just that."""


def refused(topic: str, reason: Refusal) -> Check:
    """Return a check that found what a size would be refused for."""
    known = REASONS[reason.code]
    return Check(topic, CheckState.BAD, f"{known.sentence} {reason.detail}", FIXES.get(reason.code, known.fix))
