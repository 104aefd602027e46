"""Whatever stands in the account and was not decided here is found, with what it should have been."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from elite_sizer import Sizer, TradeIdea
from elite_sizer.configuration.stop_file import write_stop
from elite_sizer.reports.audit import Audit, audit
from elite_sizer.reports.audit_findings import Finding, Kind
from portfolio.ledger.halts import halt, resume
from portfolio.reasons import refuse
from portfolio.store.rows import account_key
from tests.captures import DEPOSIT, HOUR, NOON, SERVER_NOON, Document, capture, open_trade, show, sizer, symbol, waiting

ACCOUNT = account_key("Test-Server", 1234)


def share(bid: float) -> Document:
    """Return one share of a company: a lot is a share."""
    return symbol(
        bid,
        bid,
        trade_contract_size=1.0,
        trade_tick_size=0.01,
        trade_tick_value=0.01,
        point=0.01,
        digits=2,
        volume_min=1.0,
        volume_step=1.0,
        volume_max=100_000.0,
        trade_calc_mode=2,
        currency_base="USD",
        path="Stocks",
    )


def findings(made: Sizer) -> tuple[Finding, ...]:
    found = audit(made)
    assert isinstance(found, Audit), found
    return found.findings


def kinds(made: Sizer) -> set[str]:
    return {one.kind.value for one in findings(made)}


def position(words: str, ticket: int, **changes: Any) -> Document:  # noqa: ANN401 - fields of a position
    return open_trade(words, ticket, **changes)


def incident(**changes: Any) -> Document:  # noqa: ANN401 - fields of its positions
    """Return the account of source 000 on 2 January 2026: 291 PLTR and 76 TSLA on 105,000, typed in by hand."""
    made = capture(
        account={"balance": 105_000.0, "equity": 105_000.0, "margin": 20_000.0, "margin_free": 85_000.0},
        symbols={"PLTR": share(170.77), "TSLA": share(443.18)},
        positions=[
            position("PLTR buy 291 @ 170.77", 11, time=SERVER_NOON - 2 * HOUR, **changes),
            position("TSLA buy 76 @ 443.18", 12, **changes),
        ],
    )
    made["deals"] = [{**DEPOSIT, "profit": 105_000.0}]
    return made


@pytest.mark.parametrize("stops", [{}, {"sl": 150.0}], ids=["bare", "with stops"])
def test_source_000_the_79_per_cent_incident_is_found_with_what_it_should_have_been(
    tmp_path: Path, stops: dict[str, float]
) -> None:
    # 291 x 170.77 = 49,694.07 and 76 x 443.18 = 33,681.68: 79 % of 105,000;
    # 10,500 / 170.77 = 61.48 and 10,500 / 443.18 = 23.69
    document = incident()
    if stops:
        document["positions"][0]["sl"], document["positions"][1]["sl"] = 160.77, 423.18
    with sizer(tmp_path, document, profile="dual_cap", account__initial=105_000) as made:
        found = findings(made)
    by_hand = {(one.symbol, str(one.lots), str(one.should)) for one in found if one.kind is Kind.NOT_SIZED}
    assert by_hand == {("PLTR", "291", "61"), ("TSLA", "76", "23")}
    over = [one for one in found if one.kind is Kind.OVER_CAP and one.what == "position"]
    assert {(one.symbol, str(one.should)) for one in over} == {("PLTR", "61"), ("TSLA", "23")}
    book = " ".join(one.because for one in found if one.what == "book")
    for cap in ("trade_exposure", "daily_exposure", "weekly_exposure", "cash_reserve"):
        assert cap in book
    assert {one.symbol for one in found if one.kind is Kind.NO_STOP} == (set() if stops else {"PLTR", "TSLA"})


@pytest.fixture
def bot(tmp_path: Path) -> Iterator[Sizer]:
    with sizer(tmp_path) as made:
        yield made


def traded(bot: Sizer, *, lots: float | None = None, stop: float = 1.08, tagged: bool = True) -> Document:
    """Let the bot decide on a buy of EURUSD, and return the position that came of it."""
    decision = bot.size(TradeIdea("EURUSD", "buy", stop="1.0800"))
    assert decision.order is not None
    volume = decision.order.volume if lots is None else lots
    comment = decision.order.comment if tagged else ""
    return position(f"EURUSD buy {volume} @ 1.08500 sl {stop}", 7, comment=comment, time=SERVER_NOON)


def test_a_trade_as_decided_is_nothing_to_find(bot: Sizer) -> None:
    show(bot, capture(positions=[traded(bot)], account={"margin": 100.0}))
    assert findings(bot) == ()


def test_a_trade_that_nobody_decided_is_found(bot: Sizer) -> None:
    show(bot, capture(positions=[traded(bot, tagged=False)], account={"margin": 100.0}))
    assert kinds(bot) == {"not_sized"}


def test_a_ticket_that_was_reported_is_as_good_as_a_tag(bot: Sizer) -> None:
    decision = bot.size(TradeIdea("EURUSD", "buy", stop="1.0800"))
    bot.claim(decision)
    bot.placed(decision, 7)
    assert decision.order is not None
    held = position(f"EURUSD buy {decision.order.volume} @ 1.08500 sl 1.0800", 7, time=SERVER_NOON)
    show(bot, capture(positions=[held], account={"margin": 100.0}))
    assert findings(bot) == ()


def test_a_trade_larger_than_decided_is_found_with_the_lots_that_were(bot: Sizer) -> None:
    document = traded(bot)
    wanted = document["volume"]
    document["volume"] = wanted + 0.01
    show(bot, capture(positions=[document], account={"margin": 100.0}))
    (one,) = findings(bot)
    assert (one.kind, float(one.should or 0)) == (Kind.LARGER, wanted)


@pytest.mark.parametrize(("stop", "found"), [(1.0799, {"stop_widened"}), (1.0801, set()), (1.0800, set())])
def test_a_stop_that_was_moved_away_is_found_and_one_moved_closer_is_not(
    bot: Sizer, stop: float, found: set[str]
) -> None:
    show(bot, capture(positions=[traded(bot, stop=stop)], account={"margin": 100.0}))
    assert kinds(bot) == found


def test_a_trade_without_its_stop_is_found(bot: Sizer) -> None:
    document = traded(bot)
    del document["sl"]
    show(bot, capture(positions=[document], account={"margin": 100.0}))
    assert "no_stop" in kinds(bot)


def test_a_pending_order_is_looked_at_too(bot: Sizer) -> None:
    show(bot, capture(orders=[waiting("EURUSD buy 0.50 @ 1.0800", 8)]))
    assert {(one.kind.value, one.what) for one in findings(bot)} == {("not_sized", "order"), ("no_stop", "order")}


def test_a_trade_that_is_closed_again_is_looked_at_for_some_days(bot: Sizer) -> None:
    deal = {"symbol": "EURUSD", "volume": 1.0, "price": 1.08, "position_id": 3, "order": 3}
    opened = {**deal, "type": 0, "entry": 0, "time": SERVER_NOON - 3 * 24 * HOUR, "ticket": 101}
    closed = {**deal, "type": 1, "entry": 1, "time": SERVER_NOON - 2 * 24 * HOUR, "ticket": 102, "order": 4}
    show(bot, capture(deals=[dict(DEPOSIT), opened, closed]))
    assert {(one.kind.value, one.what, one.ticket) for one in findings(bot)} == {("not_sized", "closed", 3)}
    recent = audit(bot, timedelta(days=2))
    assert isinstance(recent, Audit)
    assert recent.findings == ()


def test_a_trade_opened_after_a_halt_is_found(bot: Sizer) -> None:
    held = traded(bot)
    halt(bot.recorder.store, ACCOUNT, refuse("late_use", "a bot"), NOON - timedelta(minutes=5))
    show(bot, capture(positions=[held], account={"margin": 100.0}))
    (one,) = findings(bot)
    assert one.kind is Kind.AFTER_HALT
    assert one.because == "opened 2026-06-10 12:00 UTC, halted since 2026-06-10 11:55: late_use: a bot"


def test_a_trade_opened_before_it_is_not(bot: Sizer) -> None:
    held = traded(bot)
    halt(bot.recorder.store, ACCOUNT, refuse("late_use", "a bot"), NOON + timedelta(minutes=5))
    show(bot, capture(positions=[held], account={"margin": 100.0}))
    assert findings(bot) == ()


def by_hand(minutes: int) -> Document:
    """Return the account with a trade that was typed in so many minutes after noon."""
    held = position("EURUSD buy 0.10 @ 1.08500 sl 1.0800", 9, time=SERVER_NOON + 60 * minutes)
    later = capture(positions=[held], account={"margin": 100.0}, captured_at="2026-06-10T13:00:00Z")
    for each in later["symbols"].values():
        each["tick"]["time"] = SERVER_NOON + HOUR
    return later


@pytest.mark.parametrize(("minutes", "found"), [(20, True), (40, False)])
def test_a_halt_that_was_lifted_still_covers_what_was_opened_before(bot: Sizer, minutes: int, *, found: bool) -> None:
    # halted at 11:55, run into at noon, resumed at 12:30
    halt(bot.recorder.store, ACCOUNT, refuse("late_use", "a bot"), NOON - timedelta(minutes=5))
    assert bot.size(TradeIdea("EURUSD", "buy", stop="1.0800")).outcome == "halt"
    resume(bot.recorder.store, ACCOUNT, "looked at it", NOON + timedelta(minutes=30))
    show(bot, by_hand(minutes))
    assert ("after_halt" in kinds(bot)) is found


def test_the_stop_file_is_a_halt_since_it_was_written(bot: Sizer) -> None:
    held = traded(bot)
    write_stop(bot.reloader.settings.folder, "enough")
    late = {**held, "time": 4_000_000_000, "time_msc": 4_000_000_000_000}
    show(bot, capture(positions=[late], account={"margin": 100.0}))
    assert "after_halt" in kinds(bot)


def test_on_netting_the_orders_behind_a_position_are_looked_at(tmp_path: Path) -> None:
    deal = {"symbol": "EURUSD", "type": 0, "entry": 0, "volume": 9.0, "price": 1.085, "position_id": 7}
    document = capture(
        account={"margin_mode": 0, "margin": 100.0},
        positions=[position("EURUSD buy 9 @ 1.08500 sl 1.0800", 7)],
        deals=[dict(DEPOSIT), {**deal, "order": 5, "ticket": 101, "time": SERVER_NOON - HOUR}],
    )
    with sizer(tmp_path, document, profile="dual_cap") as made:
        by_order = {one.kind: one for one in findings(made) if one.what == "position"}
    assert by_order[Kind.NOT_SIZED].ticket == 5
    # 10 % of 100,000 over 108,500 a lot
    assert str(by_order[Kind.OVER_CAP].should) == "0.09"


def test_on_netting_a_position_without_deals_is_found_all_the_same(tmp_path: Path) -> None:
    document = capture(
        account={"margin_mode": 0, "margin": 100.0}, positions=[position("EURUSD buy 1 @ 1.08500 sl 1.0800", 7)]
    )
    with sizer(tmp_path, document) as made:
        assert "not_sized" in kinds(made)


def test_where_the_account_s_size_is_unknown_what_is_not_as_decided_is_still_found(tmp_path: Path) -> None:
    document = capture(positions=[position("EURUSD buy 1 @ 1.08500 sl 1.0800", 7)], account={"margin": 100.0}, deals=[])
    with sizer(tmp_path, document) as made:
        assert kinds(made) == {"not_sized"}


def test_pending_orders_count_towards_the_caps_of_the_book(tmp_path: Path) -> None:
    held = position("EURUSD buy 0.05 @ 1.08500 sl 1.0800", 7)
    calm = capture(positions=[held], account={"margin": 100.0})
    full = capture(
        positions=[held], orders=[waiting("EURUSD buy 0.90 @ 1.0800 sl 1.0750", 8)], account={"margin": 100.0}
    )
    with sizer(tmp_path, calm, profile="dual_cap") as made:
        assert "book" not in {one.what for one in findings(made)}
        show(made, full)
        assert "book" in {one.what for one in findings(made)}
