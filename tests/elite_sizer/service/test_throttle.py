"""A bot that runs away is halted until a human resumes; quotes, exits and other bots go on."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from elite_sizer import Decision, Sizer, TradeIdea
from elite_sizer.model.outcome import Outcome
from elite_sizer.service.resume import lift
from portfolio.ledger.halts import halts
from portfolio.ledger.throttle import Throttle, runaway
from portfolio.reasons import Refusal
from portfolio.store.database import Store
from tests.captures import NOON, Document, capture, open_trade, show, sizer, symbol

KEY = "1234@Test-Server"
SMALL: dict[str, Any] = {"sizer": "legacy", "sizers__fixed_risk__risk_pct": 0.0001}
"""Ten dollars a trade, so that many fit into the room."""
PER_MINUTE: dict[str, Any] = {**SMALL, "throttle__per_minute": 3}
PER_DAY: dict[str, Any] = {**SMALL, "throttle__per_day": 3}


def idea(number: int = 0) -> TradeIdea:
    return TradeIdea(("EURUSD", "GBPUSD")[number % 2], "buy", stop="1.0800", signal_id=f"signal {number}")


def later(seconds: float) -> Document:
    document = shown()
    document["captured_at"] = f"{NOON + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%SZ}"
    for one in document["symbols"].values():
        one["tick"]["time"] += int(seconds)
    return document


def shown(**changes: Any) -> Document:  # noqa: ANN401 - parts of a capture
    return capture(symbols={"GBPUSD": symbol(currency_base="GBP", path="Forex\\GBPUSD")}, **changes)


def code(decision: Decision) -> str:
    return "" if decision.reason is None else decision.reason.code


def ask(made: Sizer, times: int, **terms: Any) -> list[str]:  # noqa: ANN401 - of `size`
    """Return how so many questions were answered; an unnamed caller replaces nothing of its own."""
    return [code(made.size(idea(number), **terms)) for number in range(times)]


def test_one_more_than_the_limit_in_a_minute_halts_and_it_stays_halted(tmp_path: Path) -> None:
    with sizer(tmp_path, shown(), **PER_MINUTE) as made:
        assert ask(made, 4) == ["", "", "", "throttle"]
        show(made, later(120))
        again = made.size(idea())
        assert code(again) == "halted"
        assert again.outcome is Outcome.HALT
        assert again.reason is not None
        assert again.reason.detail == ("throttle: 3 reservations of callers without a name in a minute, at most 3")


def test_as_many_as_the_limit_in_every_minute_do_not(tmp_path: Path) -> None:
    with sizer(tmp_path, shown(), **PER_MINUTE) as made:
        assert ask(made, 3) == ["", "", ""]
        show(made, later(60))
        assert ask(made, 3) == ["", "", ""]


@pytest.mark.parametrize(("hours", "halted"), [(1, True), (23.9, True), (24, False)])
def test_a_day_has_a_limit_of_its_own(hours: float, tmp_path: Path, *, halted: bool) -> None:
    with sizer(tmp_path, shown(), **PER_DAY) as made:
        assert ask(made, 3) == ["", "", ""]
        with made.recorder.store.write() as database:
            found = runaway(database, KEY, "", Throttle(3, 3), NOON + timedelta(hours=hours))
    assert (found is not None) is halted
    if found is not None:
        assert found.detail == "3 reservations of callers without a name in a day, at most 3"


def test_a_limit_of_nought_is_none(tmp_path: Path) -> None:
    with sizer(tmp_path, shown(), **SMALL, throttle__per_minute=0, throttle__per_day=0) as made:
        assert set(ask(made, 40)) == {""}


def test_quotes_are_never_counted(tmp_path: Path) -> None:
    with sizer(tmp_path, shown(), **PER_MINUTE) as made:
        assert set(ask(made, 8, reserve=False)) == {""}
        assert ask(made, 1) == [""]


def test_what_was_given_back_unsent_is_not_counted(tmp_path: Path) -> None:
    with sizer(tmp_path, shown(), **PER_MINUTE) as made:
        for number in range(8):
            decision = made.size(idea(number))
            assert code(decision) == ""
            assert not isinstance(made.cancel(decision), Refusal)


def test_a_bot_that_asks_again_and_again_about_one_trade_replaces_its_own_hold(tmp_path: Path) -> None:
    with sizer(tmp_path, shown(), caller="bot", **PER_MINUTE) as made:
        assert {code(made.size(idea(), fenced=True)) for _ in range(8)} == {""}


def test_exits_go_on(tmp_path: Path) -> None:
    document = shown(positions=[open_trade("EURUSD buy 0.50 @ 1.0850 sl 1.0800")])
    with sizer(tmp_path, document, **PER_MINUTE) as made:
        assert ask(made, 4)[-1] == "throttle"
        assert made.size(TradeIdea("EURUSD", "sell", reduce=7)).outcome is Outcome.EXIT


def test_another_bot_goes_on_and_a_restart_does_not_help(tmp_path: Path) -> None:
    with sizer(tmp_path, shown(), caller="one", durable=True, **PER_MINUTE) as made:
        for number in range(3):
            decision = made.size(idea(number))
            made.claim(decision)
        assert code(made.size(idea(3))) == "throttle"
        assert [(halt.scope, halt.code) for halt in halts(made.recorder.store)] == [
            ("1234@Test-Server/one", "throttle")
        ]
    with sizer(tmp_path, shown(), caller="one", durable=True, **PER_MINUTE) as made:
        assert code(made.size(idea())) == "halted"
    with sizer(tmp_path, shown(), caller="two", durable=True, **PER_MINUTE) as made:
        assert code(made.size(idea())) == ""


def test_a_human_lets_it_go_on(tmp_path: Path) -> None:
    with sizer(tmp_path, shown(), durable=True, **PER_MINUTE) as made:
        assert ask(made, 4)[-1] == "throttle"
        told = lift(made.reloader.settings, "the loop is mended", NOON)
        assert told == ["throttle (3 reservations of callers without a name in a minute, at most 3)"]
        show(made, later(60))
        assert ask(made, 1) == [""]


@pytest.mark.parametrize(("giving_way", "halted"), [(0, True), (1, False)])
def test_a_hold_that_gives_way_makes_room_for_its_successor(giving_way: int, tmp_path: Path, *, halted: bool) -> None:
    with sizer(tmp_path, shown(), **SMALL) as made:
        ask(made, 3)
        store: Store = made.recorder.store
        with store.write() as database:
            found = runaway(database, KEY, "", Throttle(per_day=3), NOON, giving_way=giving_way)
    assert (found is not None) is halted
