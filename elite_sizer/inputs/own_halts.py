"""The halts of a trader's own that stand by what was seen of the account: a bad day, a deep drawdown."""

from __future__ import annotations

from typing import Final

from elite_sizer.configuration.parts import load_plugin
from elite_sizer.configuration.settings import Settings
from portfolio.account.account_state import AccountState
from portfolio.reasons import Refusal, refuse

DAILY: Final = "daily_halt"
DRAWDOWN: Final = "drawdown_halt"


def own_halt(settings: Settings, state: AccountState) -> Refusal | None:
    """Return the halt that a decision on this state meets, first the one that a human must lift; None without one."""
    return drawdown(settings, state) or daily(settings, state)


def drawdown(settings: Settings, state: AccountState) -> Refusal | None:
    """Return the drawdown that halts under this configuration; None where none was seen, or the cap is off."""
    if DRAWDOWN not in settings.caps_on or state.watch is None:
        return None
    most, seen = load_plugin(settings.sources, "caps", DRAWDOWN).drawdown_pct, state.watch.drawdown
    return refuse(DRAWDOWN, f"{seen:.2%} below the peak, halted from {most:.2%} on") if seen >= most else None


def daily(settings: Settings, state: AccountState) -> Refusal | None:
    """Return the day's loss that halts until the reset; None where none was seen, or the cap is off."""
    if DAILY not in settings.caps_on or state.watch is None:
        return None
    most, seen = load_plugin(settings.sources, "caps", DAILY).loss_pct, state.watch.day_loss
    return refuse(DAILY, f"{seen:.2%} lost today, halted from {most:.2%} on") if seen >= most else None
