"""A book that already holds the bet makes the next one smaller; a hedge earns at most its own room back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from elite_sizer.factors.diversification import Diversification
from elite_sizer.model.trade_figures import MarketFigures
from portfolio.book.charges import Charge
from tests.builders import charge, context, d


def scale(*book: Charge, words: str = "EURUSD buy", money: int = 100, reserved: tuple[Charge, ...] = ()) -> float:
    situation = context(words, book=book, held=reserved, correlations={"GBPUSD": 0.5, "USDCHF": -0.8, "XAUUSD": 0.0})
    return float(Diversification()(situation, d(money)).value)


def test_an_empty_book_scales_nothing() -> None:
    scaling = Diversification()(context(), d(100))
    assert (scaling.value, scaling.because) == (d(1), "nothing else at risk")


def test_the_same_bet_of_the_same_size_leaves_two_fifths() -> None:
    # beta = 100 x 1 / 100 = 1; sqrt(2) - 1 = 0.41421356
    assert scale(charge("EURUSD buy 1.00 risks 100")) == 0.41421356


def test_half_a_correlation_counts_half() -> None:
    # beta = 100 x 0.5 / 100 = 0.5; sqrt(1.25) - 0.5 = 0.6180339887
    assert scale(charge("GBPUSD buy 1.00 risks 100")) == 0.61803398


def test_the_other_side_of_a_negative_correlation_is_the_same_bet() -> None:
    # -0.8 against a sell: beta = 0.8; sqrt(1.64) - 0.8 = 0.4806248
    assert scale(charge("USDCHF sell 1.00 risks 100")) == 0.48062484


def test_an_uncorrelated_book_scales_nothing() -> None:
    assert scale(charge("XAUUSD buy 1.00 risks 100")) == 1.0


def test_a_hedge_alone_never_enlarges() -> None:
    assert scale(charge("EURUSD sell 1.00 risks 100")) == 1.0


def test_half_of_a_hedge_offsets_what_stacks_up() -> None:
    # (100 - 0.5 x 100) / 100 = 0.5
    assert scale(charge("EURUSD buy 1.00 risks 100"), charge("EURUSD sell 1.00 risks 100")) == 0.61803398


def test_the_credit_for_a_hedge_is_a_setting() -> None:
    book = (charge("EURUSD buy 1.00 risks 100"), charge("EURUSD sell 1.00 risks 100"))
    assert Diversification(hedge_credit=0.0)(context(book=book), d(100)).value == d("0.41421356")
    assert Diversification(hedge_credit=1.0)(context(book=book), d(100)).value == 1


@pytest.mark.parametrize("side", ["buy", "sell"])
def test_a_symbol_without_a_known_correlation_is_taken_as_the_same_bet_on_either_side(side: str) -> None:
    assert scale(charge(f"USDTRY {side} 1.00 risks 100")) == 0.41421356


def test_an_assumed_correlation_stacks_up_but_is_no_hedge() -> None:
    def assumed(side: str) -> float:
        situation = context(book=(charge("EURUSD buy 1.00 risks 100"), charge(f"USDCHF {side} 1.00 risks 100")))
        market = MarketFigures({"USDCHF": -0.8}, assumed=("USDCHF",))
        situation = replace(situation, market=market).with_held(())
        return float(Diversification()(situation, d(100)).value)

    # beta = 1.8 with the same bet; 1.0, not 0.6, with what only seems to hedge
    assert assumed("sell") == 0.25912602
    assert assumed("buy") == 0.41421356


def test_pending_orders_and_reservations_count() -> None:
    order = charge("EURUSD buy 1.00 risks 50", kind="order")
    reserved = charge("EURUSD buy 1.00 risks 50", kind="reservation")
    assert scale(order, reserved=(reserved,)) == 0.41421356


def test_a_larger_trade_is_scaled_less() -> None:
    # beta = 100 / 200 = 0.5
    assert scale(charge("EURUSD buy 1.00 risks 100"), money=200) == 0.61803398


def test_a_trade_without_a_stop_counts_by_its_whole_exposure() -> None:
    bare = charge("EURUSD buy 1.00 unbounded", exposure=d(100_000))
    # beta = 1,000; sqrt(1 + 1e6) - 1000 = 0.00049999987
    assert scale(bare) == 0.00049999


def test_the_order_of_the_book_changes_no_bit() -> None:
    book = [charge(f"EURUSD buy 1.00 risks {risk}") for risk in ("1.0", "14.0", "1.01", "0.07", "33.3")]
    scalings = {Diversification()(context(book=tuple(order)), d("41.7")) for order in (book, book[::-1], sorted(book))}
    assert len(scalings) == 1


def test_one_position_in_two_parts_scales_alike() -> None:
    whole = scale(charge("EURUSD buy 1.00 risks 100"))
    assert scale(charge("EURUSD buy 0.25 risks 25"), charge("EURUSD buy 0.75 risks 75")) == whole


def test_the_smallest_money_is_scaled_too() -> None:
    # a beta of 1 for one dollar
    assert scale(charge("EURUSD buy 1.00 risks 1"), money=1) == 0.41421356


@pytest.mark.parametrize("money", [0, -1])
def test_nothing_at_risk_scales_nothing(money: int) -> None:
    scaling = Diversification()(context(book=(charge("EURUSD buy 1.00 risks 100"),)), d(money))
    assert scaling.value == 1


def test_it_says_what_stacks_up() -> None:
    scaling = Diversification()(context(book=(charge("EURUSD buy 1.00 risks 100"),)), d(100))
    assert scaling.because == "100.00 USD of 1 open or pending stack up with it"
