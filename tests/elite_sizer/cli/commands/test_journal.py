"""`journal` lists what was decided, as lines, as the journal itself, or as a table for a spreadsheet."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from tests.elite_sizer.cli.running import Run


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


def test_the_journal_becomes_a_file_for_a_spreadsheet(run: Run, home: Path, shadowed: list[dict[str, object]]) -> None:
    ran = run("journal --csv decisions.csv")
    assert (ran.code, ran.last) == (0, "3 decisions written to decisions.csv")
    raw = (home / "decisions.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    assert raw.count(b"\r\n") == 4
    rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline="")))
    assert [row["id"] for row in rows] == [decision["id"] for decision in shadowed]
    assert [float(row["lots"]) for row in rows] == [decision["lots"] for decision in shadowed]


@pytest.mark.usefixtures("shadowed")
def test_a_file_that_can_t_be_written_is_a_usage_error(run: Run) -> None:
    ran = run("journal --csv nowhere/decisions.csv")
    assert ran.code == 2
    assert "can't be written" in ran.err
