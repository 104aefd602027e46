"""`performance` shows what the closed trades say, and what they do to the next size."""

from __future__ import annotations

from tests.elite_sizer.cli.running import Run


def test_performance_shows_the_statement_and_the_next_size(run: Run) -> None:
    text = run("performance").out
    assert "win rate       62.5%" in text
    assert "next size      x 1.0000" in text
    assert run("performance --json").json["summary"]["trades"] == 16
