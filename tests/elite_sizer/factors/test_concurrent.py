"""Source 004's share for each of the trades that are open at once, for any sizer that blends factors."""

from __future__ import annotations

import pytest

from elite_sizer.factors.concurrent import concurrent
from elite_sizer.model.request import Intent
from tests.builders import charge, context, d


@pytest.mark.parametrize(("others", "share"), [(0, "1.0000"), (1, "0.5000"), (2, "0.3333"), (3, "0.2500")])
def test_source_004_each_trade_gets_an_equal_part(others: int, share: str) -> None:
    book = tuple(charge("GBPUSD buy 1 risks 1", id=str(number)) for number in range(others))
    assert f"{concurrent(context(book=book), d(100)).value:.4f}" == share


def test_pending_orders_and_reservations_count() -> None:
    book, reserved = (
        (charge("GBPUSD buy 1 risks 1", kind="order"),),
        (charge("USDJPY buy 1 risks 1", kind="reservation"),),
    )
    scaling = concurrent(context(book=book, held=reserved), d(100))
    assert scaling.because == "1 / (2 open or pending + 1)"


def test_adding_to_a_position_shares_with_the_others_alone() -> None:
    book = (charge("EURUSD buy 1 risks 1"), charge("GBPUSD buy 1 risks 1", id="2"))
    assert concurrent(context(book=book, intent=Intent.ADD), d(100)).value == d("0.5")
