"""The broker's largest order and its limit for one direction of a symbol."""

from __future__ import annotations

import pytest

from elite_sizer.caps.broker.broker_volume import broker_volume
from tests.builders import alone, charge, context, d, spec


def test_the_largest_order_binds() -> None:
    answer = alone(broker_volume, context(contract=spec(volume_max="20")))
    assert (answer.lots, answer.binding) == (d(20), "per_trade")


def test_a_proposal_of_the_largest_order_stands() -> None:
    answer = alone(broker_volume, context(contract=spec(volume_max="20")), lots=20)
    assert (answer.lots, answer.binding) == (d(20), "proposal")


def test_the_limit_of_a_side_binds_where_it_is_smaller() -> None:
    assert alone(broker_volume, context(contract=spec(volume_max="20", volume_limit="15"))).lots == d(15)


def test_the_largest_order_binds_where_the_limit_is_larger() -> None:
    assert alone(broker_volume, context(contract=spec(volume_max="20", volume_limit="50"))).lots == d(20)


@pytest.mark.parametrize("kind", ["position", "order", "reservation"])
def test_open_pending_and_reserved_lots_of_the_side_count_against_its_limit(kind: str) -> None:
    # 15 - 6.5 = 8.5
    made = context(contract=spec(volume_limit="15"), book=(charge("EURUSD buy 6.50 risks 1", kind=kind),))
    assert alone(broker_volume, made).lots == d("8.50")


@pytest.mark.parametrize("other", ["EURUSD sell 6.50 risks 1", "GBPUSD buy 6.50 risks 1"])
def test_the_other_side_and_other_symbols_do_not(other: str) -> None:
    assert alone(broker_volume, context(contract=spec(volume_limit="15"), book=(charge(other),))).lots == d(15)


def test_a_full_side_is_denied() -> None:
    full = context(contract=spec(volume_limit="15"), book=(charge("EURUSD buy 15.00 risks 1"),))
    answer = alone(broker_volume, full)
    assert answer.refusal is not None
    assert answer.refusal.detail == "at most 500 lots an order and 15 a side, 15.00 of them taken"


def test_no_limit_of_a_side_leaves_the_order_alone() -> None:
    made = context(contract=spec(volume_max="20"), book=(charge("EURUSD buy 19.00 risks 1"),))
    assert alone(broker_volume, made).lots == d(20)
    assert broker_volume(made).because == "at most 20 lots an order"


def test_what_a_reversal_closes_goes_in_the_same_order() -> None:
    # 50 lots an order, 20 of them close: 30 are left to open
    assert broker_volume(context(contract=spec(volume_max="50"), closing=d(20))).room == d("30")
    assert broker_volume(context(contract=spec(volume_max="50"))).room == d("50")
