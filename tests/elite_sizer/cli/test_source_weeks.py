"""Each source system through the command line, over weeks on the paper terminal; every command is a new process's.

The terminal alone lives on; configuration, database and journal are opened anew for each command.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mt5bridge.simulated import SimulatedTerminal
from tests.elite_sizer.cli.running import Run

MONDAY = datetime(2026, 6, 8, 14, 31, tzinfo=UTC)
"""A minute after the first scan of the day, 10:30 in New York."""
SYMBOLS = ("EURUSD", "GBPUSD", "USDJPY", "US500", "AAPL", "XAUUSD", "NAS100", "BTCUSD")


@pytest.fixture
def paper(home: Path, monkeypatch: pytest.MonkeyPatch) -> SimulatedTerminal:  # noqa: ARG001 - patched after it
    """Return an account of 100,000 with nothing done, which every command meets as it left it."""
    terminal = SimulatedTerminal.fresh(100_000, at=MONDAY)
    for symbol in SYMBOLS:
        terminal.symbol_select(symbol, True)  # noqa: FBT003 - positional in the package

    def attach(*_: object, **__: object) -> SimulatedTerminal:
        terminal.initialize()
        return terminal

    monkeypatch.setattr(SimulatedTerminal, "demo", attach)
    return terminal


class Trader:
    """Asks by the command line under one profile, and trades what it is told."""

    def __init__(self, run: Run, terminal: SimulatedTerminal, profile: str) -> None:
        self.run = run
        self.terminal = terminal
        self.profile = profile

    def ask(self, symbol: str, words: str = "", *, stop: float | None = 0.97) -> dict[str, Any]:
        """Return the decision on a buy with its stop 3 % away."""
        self.terminal.initialize()
        tick = self.terminal.symbol_info_tick(symbol)
        assert tick is not None
        where = (
            ""
            if stop is None
            else f"--stop {tick.ask * stop:.2f}"
            if tick.ask > 10
            else f"--stop {tick.ask * stop:.4f}"
        )
        ran = self.run(f"size {symbol} buy {where} --profile {self.profile} {words} --json")
        return ran.json

    def trade(self, symbol: str, words: str = "", *, stop: float | None = 0.97) -> dict[str, Any]:
        """Ask, and place what is answered."""
        decision = self.ask(symbol, words, stop=stop)
        if decision["lots"] > 0:
            plan = decision["order"]
            self.terminal.initialize()
            self.terminal.buy(symbol, plan["volume"], stop=plan["stop"] or 0.0, target=plan["target"] or 0.0)
        return decision

    def close(self, *symbols: str) -> None:
        """Close what is open in these symbols, or everything."""
        self.terminal.initialize()
        for position in self.terminal.positions_get() or ():
            if not symbols or position.symbol in symbols:
                self.terminal.close(position.ticket)

    def until(self, text: str) -> None:
        self.terminal.advance(datetime.fromisoformat(text).replace(tzinfo=UTC))

    def positions(self) -> tuple[Any, ...]:
        self.terminal.initialize()
        return self.terminal.positions_get() or ()


def cap(decision: dict[str, Any], name: str) -> dict[str, Any]:
    """Return one cap of a decision."""
    (applied,) = [entry for entry in decision["caps"] if entry["name"] == name]
    assert isinstance(applied, dict)
    return applied


def spent(decision: dict[str, Any], name: str) -> float:
    """Return what a budget's sentence says is spent."""
    words = cap(decision, name)["because"].split(" spent")[0].split()
    return float(words[-1].replace(",", ""))


def test_source_000_a_month_of_its_weekly_budget(run: Run, paper: SimulatedTerminal) -> None:
    trader = Trader(run, paper, "dual_cap")

    # Monday: two positions of 10 % at most, and no third
    for symbol in ("EURUSD", "GBPUSD"):
        decision = trader.trade(symbol)
        assert 0 < decision["risk"]["exposure"] <= 10_000
    third = trader.ask("USDJPY")
    assert third["lots"] == 0
    assert third["reason"]["code"] == "positions_per_day"

    # Tuesday: another two; on Wednesday the week is nearly full
    trader.until("2026-06-09T14:31")
    tuesday = trader.trade("AAPL")
    assert spent(tuesday, "daily_exposure") == 0
    assert spent(tuesday, "weekly_exposure") > 15_000
    trader.trade("US500")
    trader.until("2026-06-10T14:31")
    full = trader.ask("USDJPY")
    used = spent(full, "weekly_exposure")
    assert used > 36_000
    assert cap(full, "weekly_exposure")["lots"] * 108_000 <= 40_200 - used

    # what is closed is free at the next scan, 15:55 in New York, and not at once
    trader.until("2026-06-10T16:00")
    trader.close("AAPL", "US500")
    waiting = trader.ask("USDJPY")
    assert spent(waiting, "weekly_exposure") == used
    assert cap(waiting, "weekly_exposure")["because"].endswith("the scan at 2026-06-10 19:55 UTC frees what is closed")
    trader.until("2026-06-10T19:56")
    freed = trader.ask("USDJPY")
    assert spent(freed, "weekly_exposure") < used - 15_000
    # no day is larger for what the days before left
    assert cap(freed, "daily_exposure")["because"].startswith("19,9") or cap(freed, "daily_exposure")[
        "because"
    ].startswith("20,0")

    # Friday: two positions stay open over the weekend, so the week goes on
    trader.until("2026-06-15T14:31")
    assert cap(trader.ask("USDJPY"), "positions_per_week")["because"] == "4 positions this week"
    trader.trade("USDJPY")
    trader.trade("XAUUSD")

    # the next Friday is Juneteenth: all closed before Thursday's close, so the week begins anew
    trader.until("2026-06-18T15:00")
    trader.close()
    trader.until("2026-06-18T19:30")
    assert cap(trader.ask("USDJPY"), "positions_per_week")["because"].split()[0] in {"5", "6"}
    trader.until("2026-06-22T14:31")
    fresh = trader.ask("EURUSD")
    assert cap(fresh, "positions_per_week")["because"] == "0 positions this week"
    assert spent(fresh, "weekly_exposure") == 0

    # four weeks on nothing has been forgotten or freed twice
    trader.until("2026-07-06T14:31")
    assert spent(trader.ask("EURUSD"), "weekly_exposure") == 0


def test_source_000_a_crash_after_the_trade_was_placed_loses_no_spending(
    run: Run, paper: SimulatedTerminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    trader = Trader(run, paper, "dual_cap")
    trader.trade("EURUSD")

    def crash(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("portfolio.ledger.seen_positions.write_spending", crash)
        assert run("size GBPUSD buy --stop-points 3000 --profile dual_cap --json").code == 130
    assert 8_000 < spent(trader.ask("GBPUSD"), "daily_exposure") <= 10_000


def test_source_001_three_weeks_of_conviction(run: Run, paper: SimulatedTerminal) -> None:
    trader = Trader(run, paper, "conviction")
    scores = ("5", "4", "3", "0")
    largest = dict.fromkeys(scores, 0.0)
    for day in range(15):
        score = scores[day % 4]
        # no stop: charged three daily ATRs
        decision = trader.trade("AAPL", f"--conviction {score}", stop=None)
        if decision["lots"] > 0:
            largest[score] = max(largest[score], decision["risk"]["exposure"])
            assert 50 <= decision["risk"]["exposure"] <= 825
            assert decision["attribution"]["account_equity_at_entry"] == round(decision["account"]["equity"], 2)
            assert decision["attribution"]["position_size_usd"] == round(decision["risk"]["exposure"], 2)
        else:
            assert (score, decision["reason"]["code"]) == ("0", "no_edge")
        trader.terminal.advance(timedelta(days=3 if (MONDAY + timedelta(days=day % 5)).weekday() == 4 else 1))
    assert min(largest["5"], largest["4"], largest["3"]) > 600
    assert largest["0"] == 0


def test_source_002_three_weeks_of_margin(run: Run, paper: SimulatedTerminal) -> None:
    trader = Trader(run, paper, "leveraged_margin")
    denied = set()
    for day in range(15):
        decision = trader.trade(SYMBOLS[day % 7])
        if decision["lots"] > 0:
            assert decision["risk"]["exposure"] <= 40_000
            names = [step["name"] for step in decision["steps"]]
            assert names == ["margin", "exposure", "by_exposure"]
        else:
            denied.add(decision["reason"]["code"])
        assert len(trader.positions()) <= 4
        if day % 5 == 4:
            trader.close(SYMBOLS[day % 7], SYMBOLS[(day - 4) % 7])
        trader.terminal.advance(timedelta(days=3 if day % 5 == 4 else 1))
    assert denied <= {"max_positions", "gross_exposure", "symbol_exposure", "below_min_lot"}
    assert denied


@pytest.mark.parametrize(
    ("profile", "stop", "most"),
    [("kelly_atr", 2.5, 3), ("kelly_atr_aggressive", 2.0, 5), ("kelly_atr_conservative", 3.0, 2)],
)
def test_source_004_three_weeks_of_kelly(
    run: Run, paper: SimulatedTerminal, profile: str, stop: float, most: int
) -> None:
    trader = Trader(run, paper, profile)
    for day in range(15):
        decision = trader.trade(SYMBOLS[day % 3], stop=None)
        assert decision["request"]["atr_stop"] == stop
        if decision["lots"] > 0:
            plan, share = decision["order"], decision["risk"]["exposure"] / decision["account"]["equity"]
            assert share <= (0.15 if profile.endswith("aggressive") else 0.10)
            risk, reward = plan["price"] - plan["stop"], plan["target"] - plan["price"]
            assert reward >= 2 * risk - plan["tick_size"]
        assert len(trader.positions()) <= most
        if day % 5 == 4:
            trader.close()
        trader.terminal.advance(timedelta(days=3 if day % 5 == 4 else 1))
