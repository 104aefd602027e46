"""`audit`: exit codes, JSON, and looking again."""

from __future__ import annotations

import json

import pytest

from mt5bridge.simulated import SimulatedTerminal
from tests.elite_sizer.cli.running import Run


@pytest.mark.usefixtures("paper")
def test_an_account_without_trades_passes(run: Run) -> None:
    ran = run("audit")
    assert (ran.code, ran.last) == (0, "2026-06-10 12:00 UTC: 0 orders, nothing")


def test_what_was_typed_in_by_hand_exits_six(run: Run, paper: SimulatedTerminal) -> None:
    ticket = paper.buy("EURUSD", 9.0)
    ran = run("audit --json --profile dual_cap")
    assert ran.code == 6
    findings = {finding["code"]: finding for finding in ran.json["findings"] if finding["what"] == "position"}
    assert {*findings} == {"not_sized", "no_stop", "over_cap"}
    # 10 % of 100,000 is 10,000 of exposure: 0.09 lots at 1.085
    assert (findings["over_cap"]["ticket"], findings["over_cap"]["should"]) == (ticket, 0.09)


def test_people_read_what_why_and_what_it_should_have_been(run: Run, paper: SimulatedTerminal) -> None:
    ticket = paper.buy("EURUSD", 9.0, stop=1.05)
    ran = run("audit --profile dual_cap")
    assert f"not_sized            position {ticket}  EURUSD BUY 9, should be 0.09" in ran.out


def test_a_trade_taken_as_decided_passes(run: Run, paper: SimulatedTerminal) -> None:
    decision = run("size EURUSD buy --stop-points 300 --json").json
    plan = decision["order"]
    paper.initialize()
    paper.buy("EURUSD", plan["volume"], stop=plan["stop"], comment=plan["comment"])
    assert run("audit").code == 0


def test_watching_says_again_only_what_has_changed(
    run: Run, paper: SimulatedTerminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = []

    def sleep(seconds: float) -> None:
        looks.append(seconds)
        if len(looks) == 2:
            paper.buy("EURUSD", 0.1, stop=1.08)
        if len(looks) == 4:
            raise KeyboardInterrupt

    monkeypatch.setattr("elite_sizer.cli.commands.audit.time.sleep", sleep)
    ran = run("audit --watch 30 --json")
    first, second = [json.loads(line) for line in ran.out.splitlines()]
    assert looks == [30] * 4
    assert [finding["code"] for finding in first["findings"]] == []
    assert [finding["code"] for finding in second["findings"]] == ["not_sized"]
    assert ran.code == 6
