"""A package that hangs again and again: the host is killed and started anew every time."""

from __future__ import annotations

import statistics
import time
from dataclasses import replace
from pathlib import Path

import pytest

from mt5bridge.connections.host import Host, HostSettings
from mt5bridge.errors import TerminalError
from tests.paths import TESTS

FAKE = TESTS / "mt5bridge" / "fake"
TIMES = 200
PATIENT = HostSettings(module="HangingTerminal", deadline=20.0, start_deadline=60.0, probe=5.0, kills=TIMES + 1)
SHORT = replace(PATIENT, deadline=0.05, probe=0.05)


@pytest.mark.generated
def test_two_hundred_hangs_are_all_recovered_from(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    marker = tmp_path / "hang"
    monkeypatch.setenv("PYTHONPATH", str(FAKE))
    monkeypatch.setenv("FAKE_WHEN", str(marker))
    seconds = []
    with Host(settings=PATIENT) as host:
        host.gather({})
        for epoch in range(1, TIMES + 1):
            marker.touch()
            host.settings = SHORT
            with pytest.raises(TerminalError, match="hung and was ended"):
                host.gather({})
            marker.unlink()
            host.settings = PATIENT
            begun = time.perf_counter()
            assert host.gather({})["account_info"]["currency"] == "USD"
            seconds.append(time.perf_counter() - begun)
            assert host.epoch == epoch + 1
    middle, worst = statistics.median(seconds), max(seconds)
    print(f"{TIMES} hangs, all recovered; from kill to the next moment {middle:.2f} s, at most {worst:.2f} s")  # noqa: T201
