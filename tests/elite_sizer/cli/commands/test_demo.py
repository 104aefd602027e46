"""The demonstration shows the same day every time, on any console, and keeps out of the user's files."""

from __future__ import annotations

import json
from pathlib import Path

from tests.elite_sizer.cli.running import Run


def test_the_day_has_a_size_a_cut_refusals_an_exit_a_halt_and_its_proof(run: Run) -> None:
    ran = run("demo")
    assert ran.code == 0
    for word in ("SIMULATED", "BINDING", "REFUSED no_edge", "EXIT close BTCUSD", "HALTED", "elite would say"):
        assert word in ran.out
    assert "the same again" in ran.out.splitlines()[-2]
    assert max(len(line) for line in ran.out.splitlines()) <= 80
    assert run("demo") == ran


def test_the_plainest_console_and_a_broken_configuration_do_not_stop_it(run: Run, home: Path) -> None:
    (home / "elite-sizer.toml").write_text("sizer = 'broken'\n", encoding="utf-8")
    ran = run("demo", encoding="ascii")
    assert ran.code == 0
    assert "?" not in ran.out
    assert not (home / "store").exists()


def test_the_day_as_json_is_one_decision_a_line(run: Run) -> None:
    decisions = [json.loads(line) for line in run("demo --json").out.splitlines()]
    assert len(decisions) > 5
    assert all("lots" in decision for decision in decisions)
