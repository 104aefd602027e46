"""`compare` over decisions made in shadow mode on the paper terminal."""

from __future__ import annotations

import pytest

from tests.elite_sizer.cli.running import Run


def test_both_are_compared_over_the_journal(run: Run, shadowed: list[dict[str, object]]) -> None:
    report = run("compare --json").json
    assert report["decisions"] == 3
    assert report["agree"] + report["smaller"] + report["larger"] == 3
    assert report["bound"]["no_edge"] == 1
    risk = report["at_risk"]["USD"]
    assert risk["saved"] == pytest.approx(risk["legacy"] - risk["elite"])
    assert report["lots"] == 0
    assert len(shadowed) == 3


@pytest.mark.usefixtures("shadowed")
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
