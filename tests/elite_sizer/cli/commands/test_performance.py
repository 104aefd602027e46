"""The account at a glance: distances to the floors, what is at risk, how it has traded, and a capture of it all."""

from __future__ import annotations

from pathlib import Path

from tests.elite_sizer.cli.running import Run


def test_status_shows_both_floors_and_each_open_trade(run: Run) -> None:
    shown = run("status").out
    for word in ("daily", "overall", "XAUUSD BUY", "USDJPY BUY", "at risk", "New entries are allowed."):
        assert word in shown
    assert max(len(line) for line in shown.splitlines()) <= 80


def test_status_as_json_has_rooms_positions_and_flag(run: Run) -> None:
    made = run("status --json").json
    assert made["lots"] == 0
    assert made["headroom"]["distance_daily"] > made["rooms"]["daily"]
    assert [one["symbol"] for one in made["positions"]] == ["XAUUSD", "US500", "USDJPY"]
    assert made["flag"] == {"value": "elite", "source": "default"}


def test_a_breached_account_exits_with_seven(run: Run) -> None:
    # with 120,000 as its initial size the account of 102,450.97 lies under the overall floor of 108,000
    ran = run("status --initial 120000 --json")
    assert ran.code == 7
    assert ran.json["headroom"]["breached"]


def test_performance_shows_the_statement_and_the_next_size(run: Run) -> None:
    shown = run("performance").out
    assert "win rate       62.5%" in shown
    assert "next size      x 1.0000" in shown
    assert run("performance --json").json["summary"]["trades"] == 16


def test_a_capture_names_what_is_in_it_and_never_overwrites(run: Run, home: Path) -> None:
    made = run("record case.json EURUSD --json").json
    assert "EURUSD" in made["symbols"]
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
