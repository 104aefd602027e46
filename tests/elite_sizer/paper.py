"""The embedded terminal's demonstration account, lived through once and copied for each test."""

from __future__ import annotations

import copy
from datetime import datetime
from functools import lru_cache

import pytest

from mt5bridge.simulated import SimulatedTerminal
from mt5bridge.simulated.demo.presets import NOON

_lived = SimulatedTerminal.demo


@lru_cache(maxsize=4)
def _demo(at: datetime) -> SimulatedTerminal:
    return _lived(at)


def remember(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every demonstration account of a test be a copy of the first one."""
    monkeypatch.setattr(SimulatedTerminal, "demo", lambda at=NOON: copy.deepcopy(_demo(at)))
