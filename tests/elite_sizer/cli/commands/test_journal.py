"""What was decided can be listed, and is computed again to the same bytes or named as different."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.elite_sizer.cli.running import Run

SIZE = "size EURUSD buy --stop 1.0800 --confidence 75%"


@pytest.fixture
def journal(run: Run, home: Path) -> Path:
    """Return the journal of three decisions, one of them a refusal before anything could be computed."""
    for words in (SIZE, f"{SIZE} --rr 3", "size EURUSD buy --stop nan"):
        run(words)
    (path,) = (home / "store").glob("decisions-*.jsonl")
    return path


def test_decisions_are_listed_the_newest_last(run: Run, journal: Path) -> None:
    rows = run("journal").out.splitlines()
    assert len(rows) == 3
    assert "value_not_finite" in rows[-1]
    assert len(run("journal --last 1").out.splitlines()) == 1
    assert run("journal --symbol GBPUSD").out == "No decisions yet.\n"
    assert run("journal --since 2026-06-11").out == "No decisions yet.\n"
    assert run("journal --since june").code == 2
    assert journal.exists()


def test_the_list_as_json_is_the_journal_itself(run: Run, journal: Path) -> None:
    assert run("journal --json").out.encode() == journal.read_bytes()


def test_an_empty_journal_still_answers(run: Run) -> None:
    assert run("journal --json").json["lots"] == 0
    assert run("verify").out == "No decisions yet.\n"


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
