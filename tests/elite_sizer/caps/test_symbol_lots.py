"""Lots by asset class, by the index's own contract size, and by name."""

from __future__ import annotations

import pytest

from elite_sizer.caps.broker.symbol_lots import SymbolLots
from tests.builders import alone, charge, context, d, spec


@pytest.mark.parametrize(
    ("asset_class", "lots"),
    [
        ("forex", 10),
        ("gold", 25),
        ("metals", 10),
        ("oil", 10),
        ("crypto", 5),
        ("stocks", 10_000),
        ("others", 10),
    ],
)
def test_each_class_has_its_lots(asset_class: str, lots: int) -> None:
    made = context(asset_class=asset_class, contract=spec(volume_max="50000"))
    answer = alone(SymbolLots(), made, lots=20_000)
    assert (answer.lots, answer.binding) == (d(lots), "per_trade")


def test_a_proposal_within_them_stands() -> None:
    assert alone(SymbolLots(), context(), lots=10).binding == "proposal"


@pytest.mark.parametrize(
    ("contract", "lots"),
    [
        ("10", "10.00"),
        ("1", "100.00"),  # 10 x 10 / 1: the same money a point
        ("20", "5.00"),  # E8's SP500
        ("5", "20.00"),  # E8's US30
        ("3", "33.33"),  # 100 / 3, floored
    ],
)
def test_index_lots_are_stated_for_a_contract_of_ten(contract: str, lots: str) -> None:
    made = context("US30 buy", contract=spec("US30", contract_size=contract))
    assert alone(SymbolLots(), made).lots == d(lots)


@pytest.mark.parametrize("where", ["book", "held"])
def test_lots_of_the_symbol_that_are_there_count_on_both_sides(where: str) -> None:
    # 10 - 2.5 - 3 = 4.5
    there = (charge("EURUSD buy 2.50 risks 1"), charge("EURUSD sell 3.00 risks 1"))
    made = context(book=there) if where == "book" else context(held=there)
    assert alone(SymbolLots(), made).lots == d("4.50")


def test_lots_of_another_symbol_do_not() -> None:
    assert alone(SymbolLots(), context(book=(charge("GBPUSD buy 9.00 risks 1"),))).lots == 10


def test_lots_that_are_there_count_against_an_index_and_a_symbol_s_own_lots_too() -> None:
    there = (charge("US30 buy 2.50 risks 1"),)
    made = context("US30 buy", contract=spec("US30", contract_size="10"), book=there)
    assert alone(SymbolLots(), made).lots == d("7.50")
    assert alone(SymbolLots(by_symbol={"US30": d(4)}), made).lots == d("1.50")


def test_a_full_symbol_is_denied() -> None:
    answer = alone(SymbolLots(), context(book=(charge("EURUSD buy 10.00 risks 1"),)))
    assert answer.refusal is not None
    assert answer.refusal.detail == "10 lots of forex, 10.00 taken"


def test_a_symbol_s_own_lots_come_before_its_class_s() -> None:
    cap = SymbolLots(by_symbol={"EURUSD": d(3)})
    assert alone(cap, context()).lots == 3
    assert alone(cap, context("GBPUSD buy")).lots == 10


def test_a_symbol_s_own_lots_are_taken_as_they_are_whatever_the_contract() -> None:
    cap = SymbolLots(by_symbol={"US30": d(3)})
    assert alone(cap, context("US30 buy", contract=spec("US30", contract_size="1"))).lots == 3


def test_a_symbol_may_be_closed_to_trading_with_zero() -> None:
    answer = alone(SymbolLots(by_symbol={"EURUSD": d(0)}), context())
    assert answer.refusal is not None
    assert answer.refusal.code == "per_trade"


def test_what_one_class_is_given_leaves_the_others_as_they_were() -> None:
    cap = SymbolLots(by_class={"forex": d(2)})
    assert alone(cap, context()).lots == 2
    assert alone(cap, context("BTCUSD buy")).lots == 5


def test_a_class_that_nothing_recognises_is_among_the_others() -> None:
    assert alone(SymbolLots(by_class={"others": d(1)}), context(asset_class="tulips")).lots == 1


def test_a_class_that_there_is_not_is_refused_with_the_nearest() -> None:
    with pytest.raises(ValueError, match="'indicies'; did you mean indices"):
        SymbolLots(by_class={"indicies": d(1)})
