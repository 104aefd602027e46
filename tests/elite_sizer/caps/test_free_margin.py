"""Margin stays so far from a stop-out that the broker never has to close anything."""

from __future__ import annotations

import pytest

from elite_sizer.caps.broker.free_margin import FreeMargin
from tests.builders import account, alone, charge, context, d, lot

LEVEL_OFF = FreeMargin(level=d(0))


def test_a_margin_level_of_two_binds() -> None:
    # 100,000 / 2 = 50,000; less 20,000 in use = 30,000; 30,000 / 1,000 = 30.00
    # then (20,000 + 30,000) of margin under 100,000 of equity is a level of exactly 200 %
    used = account(100_000, margin="20000", free_margin="80000")
    answer = alone(FreeMargin(), context(who=used, money=lot(margin=1000)))
    assert (answer.lots, answer.binding) == (d("30.00"), "per_trade")


def test_a_proposal_within_the_level_stands() -> None:
    used = account(100_000, margin="20000", free_margin="80000")
    answer = alone(FreeMargin(), context(who=used, money=lot(margin=1000)), lots=30)
    assert answer.binding == "proposal"


@pytest.mark.parametrize("where", ["book", "held"])
def test_pending_orders_and_reservations_will_need_margin_too(where: str) -> None:
    # 50,000 - 12,500 = 37,500; / 1,000 = 37.50
    pending = (charge("GBPUSD buy 1.00 risks 1", kind="order", margin="12500"),)
    made = (
        context(money=lot(margin=1000), book=pending)
        if where == "book"
        else context(money=lot(margin=1000), held=pending)
    )
    assert alone(FreeMargin(), made).lots == d("37.50")


def test_a_loss_of_the_book_lowers_the_level() -> None:
    # 60,000 / 2 = 30,000; / 1,000 = 30.00
    assert alone(FreeMargin(), context(balance=100_000, equity=60_000, money=lot(margin=1000))).lots == d("30.00")


def test_where_the_level_is_off_a_share_of_the_free_margin_binds() -> None:
    # 95 % of 80,000 = 76,000; / 1,000 = 76.00
    used = account(100_000, margin="20000", free_margin="80000")
    assert alone(LEVEL_OFF, context(who=used, money=lot(margin=1000))).lots == d("76.00")


def test_pending_orders_count_against_the_share_too() -> None:
    # 95,000 - 12,500 = 82,500; / 1,000 = 82.50
    pending = (charge("GBPUSD buy 1.00 risks 1", kind="order", margin="12500"),)
    assert alone(LEVEL_OFF, context(money=lot(margin=1000), book=pending)).lots == d("82.50")


def test_a_level_that_is_already_below_two_denies() -> None:
    used = account(100_000, margin="50000", free_margin="50000")
    answer = alone(FreeMargin(), context(who=used, money=lot(margin=1000)))
    assert answer.refusal is not None
    assert answer.refusal.detail == "50,000.00 USD at a margin level of 2.0, 50,000.00 in use or pending"


def test_a_level_that_does_not_divide_evenly_is_rounded_down() -> None:
    # 100,000 / 3 = 33,333.33...; / 1,000 = 33.33
    assert alone(FreeMargin(level=d(3)), context(money=lot(margin=1000))).lots == d("33.33")


@pytest.mark.parametrize("cap", [FreeMargin(), LEVEL_OFF])
def test_margin_that_nobody_knows_denies(cap: FreeMargin) -> None:
    answer = alone(cap, context(money=lot(margin=None)))
    assert answer.refusal is not None
    assert answer.refusal.detail == "the margin of a lot of EURUSD is unknown"
