"""What the whole book may risk, how many trades it may hold, and which way it may lean."""

from __future__ import annotations

import pytest

from elite_sizer.caps.activity.max_positions import MaxPositions
from elite_sizer.caps.exposure.net_delta import NetDelta
from elite_sizer.caps.risk.open_risk import OpenRisk
from elite_sizer.model.request import Intent
from tests.builders import alone, charge, context, d, lot


def test_the_book_may_risk_three_per_cent_with_the_new_trade() -> None:
    # 3,000 - 1,250 - 250 = 1,500; / 500 = 3.00
    book = (charge("GBPUSD buy 1.00 risks 1250"), charge("GBPUSD sell 1.00 risks 250"))
    answer = alone(OpenRisk(), context(book=book, money=lot(500)))
    assert (answer.lots, answer.binding) == (d("3.00"), "per_trade")


def test_a_proposal_within_the_book_s_risk_stands() -> None:
    book = (charge("GBPUSD buy 1.00 risks 1500"),)
    assert alone(OpenRisk(), context(book=book, money=lot(500)), lots=3).binding == "proposal"


def test_it_counts_from_the_worse_of_entry_and_price_not_what_the_floors_are_charged() -> None:
    # a winner with its stop in profit risks nothing of what was brought, though the floors are charged 900
    winner = charge("GBPUSD buy 1.00 risks 900", open_risk=d(0))
    assert alone(OpenRisk(), context(book=(winner,), money=lot(500))).lots == d("6.00")


def test_reservations_count_as_open_risk() -> None:
    held = (charge("GBPUSD buy 1.00 risks 1500", kind="reservation"),)
    assert alone(OpenRisk(), context(held=held, money=lot(500))).lots == d("3.00")


def test_what_is_reserved_is_told_apart_from_what_is_open() -> None:
    book = (charge("GBPUSD buy 1.00 risks 300"),)
    held = (charge("GBPUSD buy 1.00 risks 200", kind="reservation"),)
    totals = context(book=book, held=held).totals
    assert (totals.reserved, totals.floor_loss) == (d(200), d(500))


def test_a_book_at_its_risk_is_denied() -> None:
    answer = alone(OpenRisk(), context(book=(charge("GBPUSD buy 1.00 risks 3000"),), money=lot(500)))
    assert answer.refusal is not None
    assert answer.refusal.detail == "3,000.00 USD for the book, 3,000.00 at risk"


def test_a_trade_without_a_stop_leaves_the_book_no_risk() -> None:
    answer = alone(OpenRisk(), context(book=(charge("GBPUSD buy 1.00 unbounded"),), money=lot(500)))
    assert answer.refusal is not None
    assert answer.refusal.detail == "something open or pending has no stop"


@pytest.mark.parametrize(("held", "full"), [(3, False), (4, True), (5, True)])
def test_four_trades_are_enough(held: int, *, full: bool) -> None:
    book = tuple(charge("GBPUSD buy 0.01 risks 1", id=str(number)) for number in range(held))
    assert (MaxPositions()(context(book=book)).room is not None) is full


def test_pending_orders_and_reservations_are_trades() -> None:
    book = (charge("GBPUSD buy 0.01 risks 1"), charge("GBPUSD buy 0.01 risks 1", kind="order"))
    held = (charge("GBPUSD buy 0.01 risks 1", kind="reservation"),)
    answer = alone(MaxPositions(3), context(book=book, held=held))
    assert answer.refusal is not None
    assert answer.refusal.detail == "3 of at most 3 trades open or pending"


def test_adding_to_a_netting_position_makes_no_new_trade() -> None:
    book = (charge("EURUSD buy 0.01 risks 1"),)
    assert MaxPositions(1)(context(book=book)).room == 0
    assert MaxPositions(1)(context(book=book, intent=Intent.ADD)).room is None


def leaning(exposure: str, side: str, words: str) -> bool:
    """Return whether a book of one trade stops a new one."""
    made = context(words, book=(charge(f"GBPUSD {side} 1.00 risks 1", exposure=d(exposure)),))
    return NetDelta()(made).room is not None


def test_a_book_that_is_long_by_more_than_seventy_per_cent_takes_no_buy() -> None:
    assert leaning("70000.01", "buy", "EURUSD buy")
    assert not leaning("70000.00", "buy", "EURUSD buy")


def test_but_it_takes_a_sell() -> None:
    assert not leaning("70000.01", "buy", "EURUSD sell")


def test_a_book_that_is_short_by_more_than_seventy_per_cent_takes_no_sell() -> None:
    assert leaning("70000.01", "sell", "EURUSD sell")
    assert not leaning("70000.00", "sell", "EURUSD sell")
    assert not leaning("70000.01", "sell", "EURUSD buy")


def test_longs_and_shorts_offset_each_other_here() -> None:
    book = (
        charge("GBPUSD buy 1.00 risks 1", exposure=d(100_000)),
        charge("USDJPY sell 1.00 risks 1", exposure=d(50_000)),
    )
    assert NetDelta()(context(book=book)).room is None
