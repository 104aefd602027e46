"""`doctor` has a line for everything a size depends on, and a fix for everything that is wrong."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from tests.elite_sizer.cli.running import Ran, Run


def states(ran: Ran) -> dict[str, str]:
    return {check["topic"]: check["state"] for check in ran.json["checks"]}


def test_a_sound_installation_passes(run: Run) -> None:
    ran = run("doctor EURUSD --json")
    assert ran.code == 0
    checks = states(ran)
    assert {*checks.values()} == {"good"}
    assert checks.keys() >= {"program", "configuration", "flag", "halt", "database", "firm", "terminal", "account"}
    assert "EURUSD money per lot" in checks


def test_without_names_the_symbols_in_use_are_looked_at(run: Run) -> None:
    assert "XAUUSD quote" in states(run("doctor --json"))


def test_an_unknown_symbol_fails_with_the_nearest(run: Run) -> None:
    ran = run("doctor EURUSDD")
    assert ran.code == 6
    (line,) = [line for line in ran.out.splitlines() if line.startswith("FAIL")]
    assert "nearest: EURUSD" in line
    assert ran.last.endswith("1 failed")


def test_a_halt_and_a_mistake_in_what_is_off_are_warnings(run: Run, home: Path) -> None:
    run("halt --reason lunch")
    (home / "elite-sizer.toml").write_text("[caps.max_positions]\nmost = 2.5\n", encoding="utf-8")
    ran = run("doctor EURUSD --json")
    assert ran.code == 0
    assert {topic for topic, state in states(ran).items() if state == "warning"} == {"halt", "configuration"}


@pytest.mark.parametrize(("words", "topic"), [("--rules no_such", "firm"), ("--recording nowhere.json", "terminal")])
def test_what_no_size_can_do_without_fails(words: str, topic: str, run: Run) -> None:
    ran = run(f"doctor EURUSD {words} --json")
    assert ran.code == 6
    assert states(ran)[topic] == "bad"


def test_an_unreadable_flag_fails(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ELITE_SIZER_SIZER", "elit")
    assert states(run("doctor EURUSD --json"))["flag"] == "bad"


def test_a_damaged_database_fails(run: Run, home: Path) -> None:
    (home / "store").mkdir()
    (home / "store" / "elite-sizer.db").write_bytes(b"no database" * 100)
    assert states(run("doctor EURUSD --json"))["database"] == "bad"


def test_a_folder_that_cant_be_used_fails(run: Run, home: Path) -> None:
    (home / "store").write_text("in the way", encoding="utf-8")
    assert states(run("doctor EURUSD --json"))["database"] == "bad"


def test_a_bundle_says_nobodys_name(run: Run, home: Path) -> None:
    (home / "elite-sizer.toml").write_text('[account]\nlogin = 2345\nserver = "MyBroker"\n', encoding="utf-8")
    run("doctor EURUSD --bundle case.zip")
    with zipfile.ZipFile(home / "case.zip") as packed:
        text = "".join(packed.read(name).decode() for name in packed.namelist() if name != "bug.log")
        assert json.loads(packed.read("configuration.json"))["values"]["guard"] == "on"
    assert "2345" not in text
    assert "MyBroker" not in text
    assert str(home) not in text
    assert run("doctor EURUSD --bundle nowhere/case.zip").code == 2
