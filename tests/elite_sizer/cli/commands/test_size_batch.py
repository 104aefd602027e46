"""`size-batch`: the day's exposure shared among signals, on the paper terminal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mt5bridge.simulated import SimulatedTerminal
from portfolio.store.database import Store
from tests.elite_sizer.cli.running import Run


def signal(symbol: str, score: int) -> dict[str, Any]:
    return {"symbol": symbol, "side": "buy", "score": score, "stop_points": 3000}


def sized(run: Run, home: Path, *signals: dict[str, Any], words: str = "--profile dual_cap") -> dict[str, Any]:
    (home / "signals.json").write_text(json.dumps(signals), encoding="utf-8")
    return run(f"size-batch signals.json {words} --json").json


@pytest.mark.usefixtures("paper")
def test_two_of_three_are_taken_at_a_third_of_the_day_each(run: Run, home: Path) -> None:
    batch = sized(run, home, signal("EURUSD", 75), signal("GBPUSD", 90), signal("USDJPY", 80))
    first, second, third = batch["signals"]
    assert [entry["symbol"] for entry in batch["signals"]] == ["GBPUSD", "USDJPY", "EURUSD"]
    for entry in (first, second):
        assert 0 < entry["decision"]["risk"]["exposure"] <= 6_667
    assert third["lots"] == 0
    assert third["decision"]["reason"]["code"] == "positions_per_day"
    assert batch["lots"] == pytest.approx(first["lots"] + second["lots"])


@pytest.mark.usefixtures("paper")
def test_what_was_held_while_sizing_is_given_back(run: Run, home: Path) -> None:
    before = sized(run, home, signal("EURUSD", 75), signal("GBPUSD", 90))
    again = sized(run, home, signal("EURUSD", 75), signal("GBPUSD", 90))
    assert [entry["lots"] for entry in again["signals"]] == [entry["lots"] for entry in before["signals"]]
    assert states(home) == {"CANCELLED"}


@pytest.mark.usefixtures("paper")
def test_with_reserve_it_stays_held(run: Run, home: Path) -> None:
    sized(run, home, signal("EURUSD", 75), words="--profile dual_cap --reserve")
    assert states(home) == {"HELD"}


def states(home: Path) -> set[str]:
    with Store.open(home / "store" / "elite-sizer.db") as store, store.read() as database:
        return {state for (state,) in database.execute("SELECT state FROM reservation")}


@pytest.mark.usefixtures("paper")
def test_a_table_shows_who_gets_what(run: Run, home: Path) -> None:
    (home / "signals.csv").write_text(
        "symbol,side,score,stop_points\nEURUSD,buy,75,3000\nGBPUSD,buy,60,3000\n", "utf-8"
    )
    ran = run("size-batch signals.csv --profile dual_cap")
    assert ran.code == 0
    assert ran.out.splitlines()[1].split()[:5] == ["1", "EURUSD", "buy", "75", "10.00%"]
    assert ran.last.endswith("score 60 is below 70")


@pytest.mark.usefixtures("paper")
def test_none_that_qualifies_is_a_refusal_that_may_change(run: Run, home: Path) -> None:
    (home / "signals.json").write_text(json.dumps([signal("EURUSD", 60)]), encoding="utf-8")
    assert run("size-batch signals.json --profile dual_cap").code == 3


@pytest.mark.parametrize(
    ("text", "message"),
    [('[{"symbol": "EURUSD", "side": "buy"}]', "score is missing"), (None, "signals.json can't be read")],
)
def test_a_batch_that_can_t_be_read_is_a_usage_error(run: Run, home: Path, text: str | None, message: str) -> None:
    if text is not None:
        (home / "signals.json").write_text(text, encoding="utf-8")
    ran = run("size-batch signals.json")
    assert ran.code == 2
    assert message in ran.err


def test_signals_may_come_from_a_pipe(run: Run, paper: SimulatedTerminal) -> None:  # noqa: ARG001 - its account is used
    ran = run("size-batch - --profile dual_cap --json", stdin=json.dumps([signal("EURUSD", 75)]))
    assert ran.json["signals"][0]["lots"] > 0
