"""The flag, the halt and the way back: seen by the next decision, kept on record."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.elite_sizer.cli.running import Run

SIZE = "size EURUSD buy --stop 1.0800 --confidence 75% --json"


@pytest.mark.parametrize("value", ["legacy", "shadow", "elite"])
def test_a_switched_flag_stands_in_the_next_decision_and_its_record(value: str, run: Run) -> None:
    assert run(f"flag {value}").code == 0
    made = run(SIZE).json
    assert made["flag"] == {"value": value, "source": "flag file"}
    assert made["sizer"] == ("elite" if value == "elite" else "fixed_risk")
    assert (made["elite"] is None) == (value == "legacy")
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


def test_a_halt_refuses_until_it_is_lifted_for_a_reason(run: Run) -> None:
    assert run("halt --reason 'news day'").code == 0
    halted = run(SIZE)
    assert (halted.code, halted.json["outcome"], halted.json["lots"]) == (7, "halt", 0)
    assert "news day" in halted.json["reason"]["detail"]
    assert "news day" in run("flag show").out
    assert run("resume").code == 2
    assert run("resume --reason ' '").code == 2
    lifted = run("resume --reason 'it is over' --json")
    assert (lifted.code, lifted.json["lifted"]) == (0, ["the STOP file"])
    assert run(SIZE).code == 0


def test_resuming_where_nothing_is_halted_says_so(run: Run) -> None:
    assert run("resume --reason x").out == "Nothing was halted.\n"


def test_a_stop_that_cant_be_removed_stays_a_halt(run: Run, home: Path) -> None:
    (home / "store" / "STOP").mkdir(parents=True)
    ran = run("resume --reason x")
    assert ran.code != 0


def test_status_says_what_blocks_new_entries(run: Run) -> None:
    assert run("status").code == 0
    run("halt --reason lunch")
    ran = run("status")
    assert ran.code == 7
    assert "New entries are blocked" in ran.out
    assert "lunch" in ran.out
