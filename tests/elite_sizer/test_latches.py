"""A bad day halts until the reset and a drawdown until a human resumes, through recoveries and restarts."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec

from elite_sizer import Decision, Sizer, TradeIdea
from elite_sizer.inputs.account_standing import halt_of_own
from elite_sizer.journal.verify import LineStatus, check, plans
from elite_sizer.model.outcome import Outcome
from elite_sizer.service.resume import lift
from portfolio.account.account_state import AccountState
from portfolio.ledger.halts import acts
from tests.captures import HOUR, NOON, SERVER_NOON, Document, capture, journal, open_trade, show, sizer

IDEA = TradeIdea("EURUSD", "buy", stop="1.0800")
KEY = "1234@Test-Server"
DAILY: dict[str, Any] = {"caps__on": ("daily_halt", "per_trade"), "caps__daily_halt__loss_pct": 0.02}
DRAWDOWN: dict[str, Any] = {"caps__on": ("drawdown_halt", "per_trade"), "caps__drawdown_halt__drawdown_pct": 0.02}


def at(equity: float, hours: float = 0) -> Document:
    """Return the account so many hours after noon, with a buy that floats."""
    when = NOON + timedelta(hours=hours)
    held = open_trade("EURUSD buy 0.50 @ 1.0850 sl 1.0800", profit=equity - 100_000)
    document = capture(account={"equity": equity}, positions=[held], captured_at=f"{when:%Y-%m-%dT%H:%M:%SZ}")
    document["symbols"]["EURUSD"]["tick"]["time"] = SERVER_NOON + int(hours * HOUR)
    return document


def code(decision: Decision) -> str:
    return "" if decision.reason is None else decision.reason.code


def asked(made: Sizer, equity: float, hours: float) -> Decision:
    show(made, at(equity, hours))
    return made.size(IDEA, reserve=False)


def state(made: Sizer) -> AccountState:
    row = made.recorder.account(KEY)
    assert row is not None
    return msgspec.json.decode(row.state, type=AccountState)


def test_a_daily_loss_halts_after_the_market_has_come_back(tmp_path: Path) -> None:
    with sizer(tmp_path, at(98_000), **DAILY) as made:
        first, later = made.size(IDEA), asked(made, 99_500, 1)
        assert (code(first), code(later)) == ("daily_halt", "daily_halt")
        assert first.outcome is Outcome.HALT
        found = halt_of_own(made.reloader.settings, state(made).watch)
    assert later.reason is not None
    assert later.reason.detail == ("today's loss of 500.00 USD against 2.00% of 100,000.00; it was 2.00%")
    assert found is not None
    assert found == ("daily_halt", "2.00% lost today, halted from 2.00% on")


def test_a_cent_before_it_nothing_halts(tmp_path: Path) -> None:
    with sizer(tmp_path, at(98_000.01), **DAILY) as made:
        assert code(made.size(IDEA)) == ""
        assert halt_of_own(made.reloader.settings, state(made).watch) is None


def test_the_reset_clears_the_day_and_a_resume_does_not(tmp_path: Path) -> None:
    with sizer(tmp_path, at(98_000), durable=True, **DAILY) as made:
        assert code(made.size(IDEA)) == "daily_halt"
        assert lift(made.reloader.settings, "on", NOON) == []
        assert code(asked(made, 99_500, 1)) == "daily_halt"
        # midnight in Prague is 22:00 UTC; the day begins with a balance of 100,000
        assert code(asked(made, 99_500, 10.1)) == ""


def test_a_daily_halt_survives_a_restart(tmp_path: Path) -> None:
    with sizer(tmp_path, at(98_000), durable=True, **DAILY) as made:
        assert code(made.size(IDEA)) == "daily_halt"
    with sizer(tmp_path, at(99_500, 1), durable=True, **DAILY) as made:
        assert code(made.size(IDEA)) == "daily_halt"


def test_a_drawdown_halts_on_the_next_day_and_after_a_restart(tmp_path: Path) -> None:
    with sizer(tmp_path, at(98_000), durable=True, **DRAWDOWN) as made:
        assert code(made.size(IDEA)) == "drawdown_halt"
    with sizer(tmp_path, at(99_900, 30), durable=True, **DRAWDOWN) as made:
        assert code(made.size(IDEA)) == "drawdown_halt"


def test_a_human_lifts_a_drawdown_and_it_counts_from_there_on(tmp_path: Path) -> None:
    with sizer(tmp_path, at(98_000), durable=True, **DRAWDOWN) as made:
        made.size(IDEA)
        told = lift(made.reloader.settings, "the news are over", NOON)
        assert told == ["drawdown_halt (2.00% below the peak, halted from 2.00% on)"]
        assert [(act.kind, act.subject, act.reason) for act in acts(made.recorder.store, KEY)] == [
            ("resume", "drawdown_halt", "the news are over")
        ]
        assert code(asked(made, 98_000, 1)) == ""
        # 2 % below 98,000 = 96,040; the room of the day is small by then
        assert code(asked(made, 96_040.01, 2)) != "drawdown_halt"
        assert code(asked(made, 96_040, 3)) == "drawdown_halt"


def test_a_resume_that_meets_no_drawdown_moves_no_peak(tmp_path: Path) -> None:
    with sizer(tmp_path, at(98_500), durable=True, **DRAWDOWN) as made:
        made.size(IDEA)
        assert lift(made.reloader.settings, "nothing", NOON) == []
        assert code(asked(made, 98_000, 1)) == "drawdown_halt"


def test_an_exit_is_free_of_both(tmp_path: Path) -> None:
    both: dict[str, Any] = {**DAILY, **DRAWDOWN, "caps__on": ("daily_halt", "drawdown_halt")}
    with sizer(tmp_path, at(97_000), **both) as made:
        assert code(made.size(IDEA)) == "daily_halt"
        assert made.size(TradeIdea("EURUSD", "sell", reduce=7)).outcome is Outcome.EXIT


def test_a_halted_decision_is_computed_again_from_its_line(tmp_path: Path) -> None:
    with sizer(tmp_path, at(98_000), **DAILY) as made:
        made.size(IDEA)
        asked(made, 99_500, 1)
        plan_for = plans(made.recorder.journal)
        assert {check(line, plan_for).status for line in journal(tmp_path)} == {LineStatus.SAME}


def test_a_state_from_before_there_was_a_watch_can_be_read(tmp_path: Path) -> None:
    with sizer(tmp_path, at(98_500), durable=True, **DRAWDOWN) as made:
        made.size(IDEA)
        row = made.recorder.account(KEY)
        assert row is not None
        old = {key: value for key, value in msgspec.json.decode(row.state).items() if key != "watch"}
        assert msgspec.json.decode(msgspec.json.encode(old), type=AccountState).watch is None
        made.recorder.store.put_account_state(row._replace(state=msgspec.json.encode(old)))
        assert code(asked(made, 98_000, 1)) == "drawdown_halt"
