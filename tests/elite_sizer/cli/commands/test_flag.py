"""`flag` switches which sizer answers; the next decision reads it and records it."""

from __future__ import annotations

import pytest

from tests.elite_sizer.cli.running import Run

SIZE = "size EURUSD buy --stop 1.0800 --confidence 75% --json"


@pytest.mark.parametrize("value", ["legacy", "shadow", "elite"])
def test_a_switched_flag_stands_in_the_next_decision_and_its_record(value: str, run: Run) -> None:
    assert run(f"flag {value}").code == 0
    decision = run(SIZE).json
    assert decision["flag"] == {"value": value, "source": "flag file"}
    assert decision["sizer"] == ("elite" if value == "elite" else "fixed_risk")
    assert (decision["elite"] is None) == (value == "legacy")
    assert value in run("journal --last 1").out


def test_the_environment_goes_before_the_flag_file_and_the_switch_says_so(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ELITE_SIZER_SIZER", "legacy")
    ran = run("flag elite")
    assert "flag   legacy (environment)" in ran.out
    assert "goes before the flag file" in ran.err
    assert run(SIZE).json["flag"] == {"value": "legacy", "source": "environment"}


def test_an_unreadable_flag_is_shown_as_an_error_and_refuses(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ELITE_SIZER_SIZER", "elit")
    assert run("flag show").code == 2
    ran = run(SIZE)
    assert (ran.code, ran.json["reason"]["code"]) == (3, "flag_unreadable")
