"""`record` writes a capture of the account, and nobody's name where that is asked."""

from __future__ import annotations

from pathlib import Path

from tests.elite_sizer.cli.running import Run


def test_a_capture_names_what_is_in_it_and_never_overwrites(run: Run, home: Path) -> None:
    capture = run("record case.json EURUSD --json").json
    assert "EURUSD" in capture["symbols"]
    assert (home / "case.json").exists()
    assert run("record case.json").code == 2
    assert run("record case.json --force").code == 0
    assert run("record nowhere/case.json").code == 2


def test_a_masked_capture_says_nobodys_name(run: Run, home: Path) -> None:
    assert run("record open.json").code == 0
    assert run("record masked.json --mask").code == 0
    login = "12345"
    assert login in (home / "open.json").read_text(encoding="utf-8")
    assert login not in (home / "masked.json").read_text(encoding="utf-8")
