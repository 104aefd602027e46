"""Trades that were not sized here are charged, named, and where the trader wants it a halt."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from elite_sizer import Decision, TradeIdea
from elite_sizer.model.outcome import Outcome
from elite_sizer.service.resume import lift
from tests.captures import NETTING, NOON, SERVER_NOON, Document, capture, open_trade, show, sizer, waiting

IDEA = TradeIdea("EURUSD", "buy", stop="1.0800")
HALT: dict[str, Any] = {"account__foreign_trades": "halt"}
SAID = "not sized here: buy 0.5 EURUSD (ticket 7)"


def holding(*trades: Document, **changes: Any) -> Document:  # noqa: ANN401 - parts of a capture
    return capture(positions=[*trades], **changes)


def hand_made(ticket: int = 7, **changes: Any) -> Document:  # noqa: ANN401 - fields of a position
    return open_trade("EURUSD buy 0.50 @ 1.0850 sl 1.0800", ticket, **changes)


def code(decision: Decision) -> str:
    return "" if decision.reason is None else decision.reason.code


def remarks(decision: Decision) -> tuple[str, ...]:
    assert decision.context is not None
    return decision.context.estimated


def test_a_trade_from_elsewhere_is_charged_and_named(tmp_path: Path) -> None:
    with sizer(tmp_path, holding(hand_made())) as made:
        decision = made.size(IDEA)
    assert decision.context is not None
    # 0.50 lots x 500
    assert decision.context.totals.floor_loss == 250
    assert (code(decision), remarks(decision)) == ("", (SAID,))


def test_without_one_nothing_is_said(tmp_path: Path) -> None:
    with sizer(tmp_path) as made:
        assert remarks(made.size(IDEA)) == ()


def test_where_it_is_wanted_it_halts_and_stays_halted(tmp_path: Path) -> None:
    with sizer(tmp_path, holding(hand_made()), **HALT) as made:
        first = made.size(IDEA)
        assert (code(first), first.outcome) == ("foreign_trade", Outcome.HALT)
        assert first.reason is not None
        assert first.reason.detail == SAID
        show(made, capture())
        assert code(made.size(IDEA)) == "halted"


def test_an_exit_is_free(tmp_path: Path) -> None:
    with sizer(tmp_path, holding(hand_made()), **HALT) as made:
        assert code(made.size(IDEA)) == "foreign_trade"
        assert made.size(TradeIdea("EURUSD", "sell", reduce=7)).outcome is Outcome.EXIT


def test_a_human_accepts_what_is_there_and_not_what_comes_later(tmp_path: Path) -> None:
    with sizer(tmp_path, holding(hand_made()), durable=True, **HALT) as made:
        made.size(IDEA)
        assert lift(made.reloader.settings, "mine", NOON) == [f"foreign_trade ({SAID})"]
        assert code(made.size(IDEA, reserve=False)) == ""
        later = hand_made(8, time=SERVER_NOON + 60)
        show(made, holding(hand_made(), later, captured_at="2026-06-10T12:02:00Z", symbols=_fresh(120)))
        again = made.size(IDEA, reserve=False)
    assert again.reason is not None
    assert again.reason.detail == "not sized here: buy 0.5 EURUSD (ticket 8)"


def test_a_pending_order_from_elsewhere_counts(tmp_path: Path) -> None:
    document = capture(orders=[waiting("EURUSD buy 0.50 @ 1.0800 sl 1.0750", 9)])
    with sizer(tmp_path, document) as made:
        assert remarks(made.size(IDEA)) == ("not sized here: buy 0.5 EURUSD (ticket 9)",)


def test_a_trade_of_our_own_is_known_by_its_ticket(tmp_path: Path) -> None:
    with sizer(tmp_path, **HALT) as made:
        decision = made.size(IDEA)
        made.claim(decision)
        made.placed(decision, 55)
        show(made, _filled(decision, comment=""))
        again = made.size(IDEA)
    assert (code(again), remarks(again)) == ("", ())


def test_a_trade_of_our_own_is_known_by_its_tag(tmp_path: Path) -> None:
    with sizer(tmp_path, **HALT) as made:
        decision = made.size(IDEA, reserve=False)
        show(made, _filled(decision, comment=f"es:{decision.id[:8]}"))
        assert remarks(made.size(IDEA)) == ()


@pytest.mark.parametrize("comment", ["es:", "es:01ZZZZZZ", "by hand"])
def test_a_tag_of_no_decision_is_a_stranger_s(comment: str, tmp_path: Path) -> None:
    with sizer(tmp_path, holding(hand_made(comment=comment))) as made:
        assert remarks(made.size(IDEA)) == (SAID,)


def test_an_order_that_was_sent_just_now_is_not_taken_for_a_stranger_s(tmp_path: Path) -> None:
    with sizer(tmp_path, **HALT) as made:
        decision = made.size(IDEA, ttl=timedelta(minutes=5))
        made.claim(decision)
        show(made, _filled(decision, comment=""))
        assert "foreign_trade" not in code(made.size(IDEA, reserve=False))


def test_on_netting_every_order_of_a_position_must_be_ours(tmp_path: Path) -> None:
    with sizer(tmp_path, capture(account=NETTING), **HALT) as made:
        decision = made.size(IDEA)
        made.claim(decision)
        made.placed(decision, 55)
        document = _filled(decision, comment="", account=NETTING)
        show(made, document)
        assert code(made.size(IDEA, reserve=False)) == ""
        document["deals"].append({**document["deals"][-1], "order": 56, "ticket": 3, "volume": 0.5})
        document["positions"][0]["volume"] += 0.5
        show(made, document)
        assert code(made.size(IDEA, reserve=False)) == "foreign_trade"


def test_many_are_counted(tmp_path: Path) -> None:
    with sizer(tmp_path, holding(*(hand_made(ticket, volume=0.01) for ticket in range(1, 6)))) as made:
        [said] = remarks(made.size(IDEA))
    assert said.endswith("buy 0.01 EURUSD (ticket 3) and 2 more")


def _filled(decision: Decision, comment: str, **changes: Any) -> Document:  # noqa: ANN401 - parts of a capture
    """Return the account a second later, with the decision's lots open under ticket 55."""
    lots, at = float(decision.lots), SERVER_NOON + 1
    words = f"EURUSD buy {lots} @ 1.0850 sl 1.0800"
    opened = open_trade(words, 55, time=at, price_current=1.0850, comment=comment)
    deal = {"symbol": "EURUSD", "type": 0, "entry": 0, "volume": lots, "price": 1.0850, "time": at}
    document = holding(opened, captured_at="2026-06-10T12:00:02Z", **changes)
    document["deals"].append({**deal, "order": 55, "position_id": 55, "ticket": 2, "comment": comment})
    return document


def _fresh(seconds: int) -> Document:
    symbols = capture()["symbols"]
    symbols["EURUSD"]["tick"]["time"] += seconds
    return dict(symbols)
