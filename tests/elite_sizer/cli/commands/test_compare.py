"""`compare` and the journal's table, over decisions made in shadow mode on the paper terminal."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from tests.elite_sizer.cli.running import Run


@pytest.fixture
def journal(run: Run) -> list[dict[str, object]]:
    """Return three decisions of both sizers."""
    assert run("flag shadow").code == 0
    ideas = (
        "EURUSD buy --stop-points 250",
        "GBPUSD sell --stop-points 300",
        "EURUSD buy --stop-points 250 --confidence 10%",
    )
    return [run(f"size {idea} --json").json for idea in ideas]


def test_both_are_compared_over_the_journal(run: Run, journal: list[dict[str, object]]) -> None:
    made = run("compare --json").json
    assert made["decisions"] == 3
    assert made["agree"] + made["smaller"] + made["larger"] == 3
    assert made["bound"]["no_edge"] == 1
    risk = made["at_risk"]["USD"]
    assert risk["saved"] == pytest.approx(risk["legacy"] - risk["elite"])
    assert made["lots"] == 0
    assert len(journal) == 3


@pytest.mark.usefixtures("journal")
def test_people_get_a_table(run: Run) -> None:
    out = run("compare --symbol EURUSD --worst 1").out.splitlines()
    assert out[0] == "2 decisions with both sizers"
    assert any(row.startswith("at risk: legacy ") for row in out)
    assert sum(row.startswith(" 2026-06-10") for row in out) == 1


def test_an_empty_journal_says_how_to_begin(run: Run) -> None:
    ran = run("compare")
    assert (ran.code, ran.last) == (0, "No decision with both sizers yet. Switch on with: elite-sizer flag shadow")


@pytest.mark.usefixtures("home")
def test_a_day_that_is_none_is_refused(run: Run) -> None:
    assert run("compare --since yesterday").code == 2


def test_the_journal_becomes_a_file_for_a_spreadsheet(run: Run, home: Path, journal: list[dict[str, object]]) -> None:
    ran = run("journal --csv decisions.csv")
    assert (ran.code, ran.last) == (0, "3 decisions written to decisions.csv")
    raw = (home / "decisions.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    assert raw.count(b"\r\n") == 4
    rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline="")))
    assert [row["id"] for row in rows] == [made["id"] for made in journal]
    assert [float(row["lots"]) for row in rows] == [made["lots"] for made in journal]


@pytest.mark.usefixtures("journal")
def test_a_file_that_can_t_be_written_is_a_usage_error(run: Run) -> None:
    ran = run("journal --csv nowhere/decisions.csv")
    assert ran.code == 2
    assert "can't be written" in ran.err
