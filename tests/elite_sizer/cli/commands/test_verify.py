"""`verify` computes decisions again to the same bytes, or names them as different."""

from __future__ import annotations

from pathlib import Path

from tests.elite_sizer.cli.running import Run


def test_decisions_are_the_same_when_computed_again(run: Run, journal: Path) -> None:
    ran = run(f"verify {journal}")
    assert (ran.code, ran.out) == (0, "3 decisions: 1 with nothing to compute, 2 the same again\n")
    assert run("verify --json").json["counts"] == {"same": 2, "no_context": 1}


def test_an_altered_line_is_named(run: Run, journal: Path) -> None:
    text = journal.read_bytes()
    journal.write_bytes(text.replace(b'"binding":"proposal"', b'"binding":"proposed"', 1))
    ran = run("verify")
    assert ran.code == 6
    assert "line 1  different" in ran.out


def test_a_line_that_breaks_off_is_named(run: Run, journal: Path) -> None:
    journal.write_bytes(journal.read_bytes()[:-200])
    ran = run("verify --json")
    assert ran.code == 6
    assert ran.json["problems"][-1]["status"] == "torn"


def test_a_configuration_that_is_gone_is_named(run: Run, journal: Path) -> None:
    for path in journal.parent.glob("config-*.json"):
        path.unlink()
    ran = run("verify")
    assert ran.code == 6
    assert "is not beside the journal" in ran.out


def test_a_journal_that_does_not_exist_is_refused(run: Run) -> None:
    assert run("verify nowhere.jsonl").code == 2
