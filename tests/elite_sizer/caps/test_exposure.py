"""Notional of one trade, of one symbol and of the whole book; and the cash that is kept back."""

from __future__ import annotations

import pytest

from elite_sizer.caps.exposure.cash_reserve import CashReserve
from elite_sizer.caps.exposure.exposure_per_trade import ExposurePerTrade
from elite_sizer.caps.exposure.gross_exposure import GrossExposure
from elite_sizer.caps.exposure.symbol_exposure import SymbolExposure
from elite_sizer.model.context import Cap
from tests.builders import alone, charge, context, d, lot

LOT = lot(exposure=100_000)


@pytest.mark.parametrize(
    ("asset_class", "lots"),
    [
        ("forex", "20.00"),  # 20 x 100,000 / 100,000
        ("gold", "5.00"),
        ("indices", "8.00"),
        ("oil", "5.00"),
        ("metals", "3.00"),
        ("crypto", "3.00"),
        ("stocks", "3.00"),
        ("others", "3.00"),
    ],
)
def test_one_trade_may_reach_a_multiple_of_equity_by_class(asset_class: str, lots: str) -> None:
    answer = alone(ExposurePerTrade(), context(asset_class=asset_class, money=LOT))
    assert (answer.lots, answer.binding) == (d(lots), "per_trade")


def test_a_trade_within_it_stands() -> None:
    assert alone(ExposurePerTrade(), context(money=LOT), lots=20).binding == "proposal"


def test_one_trade_may_be_bounded_in_money() -> None:
    # source 000: at most 11,000 a position; 11,000 / 170 a share = 64.7
    cap = ExposurePerTrade(money=d(11_000))
    assert alone(cap, context(asset_class="stocks", money=lot(7, exposure=170))).lots == d("64.70")


def test_the_smaller_of_money_and_multiple_holds() -> None:
    assert alone(ExposurePerTrade(money=d(3_000_000)), context(money=LOT)).lots == 20
    assert alone(ExposurePerTrade(money=d(1_000_000)), context(money=LOT)).lots == 10


def test_a_symbol_s_own_multiple_comes_before_its_class_s() -> None:
    cap = ExposurePerTrade(by_symbol={"EURUSD": d(2)})
    assert alone(cap, context(money=LOT)).lots == 2
    assert alone(cap, context("GBPUSD buy", money=LOT)).lots == 20


def test_what_the_others_are_given_holds_for_every_class_without_a_number_of_its_own() -> None:
    cap = ExposurePerTrade(by_class={"others": d(1)})
    assert alone(cap, context("BTCUSD buy", money=LOT)).lots == 1
    assert alone(cap, context("XAUUSD buy", money=LOT)).lots == 5


def test_one_symbol_may_be_bounded_in_money_with_what_it_holds() -> None:
    # source 002: 40,000 a symbol, 15,000 of it held: 25,000 / 90,000 a coin = 0.2777
    book = (charge("BTCUSD buy 0.10 risks 1", exposure=d(9_000)), charge("BTCUSD sell 0.10 risks 1", exposure=d(6_000)))
    made = context("BTCUSD buy", book=book, money=lot(exposure=90_000))
    assert alone(SymbolExposure(money=d(40_000)), made).lots == d("0.27")


def test_what_other_symbols_hold_does_not_count_against_one() -> None:
    made = context(book=(charge("GBPUSD buy 1.00 risks 1", exposure=d(39_000)),), money=LOT)
    assert alone(SymbolExposure(money=d(40_000)), made).lots == d("0.40")


def test_one_symbol_may_be_bounded_by_equity() -> None:
    assert alone(SymbolExposure(times_equity=d(4)), context(money=LOT)).lots == 4


def test_the_book_may_be_bounded_by_equity_longs_and_shorts_added_up() -> None:
    # 30 x 100,000 - 600,000 - 400,000 = 2,000,000 / 100,000
    book = (
        charge("GBPUSD buy 6.00 risks 1", exposure=d(600_000)),
        charge("USDJPY sell 4.00 risks 1", exposure=d(400_000)),
    )
    answer = alone(GrossExposure(), context(book=book, money=LOT))
    assert (answer.lots, answer.binding) == (d(20), "per_trade")


def test_reservations_count_as_exposure_too() -> None:
    held = (charge("GBPUSD buy 6.00 risks 1", kind="reservation", exposure=d(600_000)),)
    assert alone(GrossExposure(), context(held=held, money=LOT)).lots == 24


def test_the_book_may_be_bounded_in_money() -> None:
    # source 002: 150,000 gross, three times 40,000 held: 30,000 / 90,000 = 0.3333
    book = tuple(charge(f"{name} buy 0.44 risks 1", exposure=d(40_000)) for name in ("ETHUSD", "XRPUSD", "SOLUSD"))
    made = context("BTCUSD buy", book=book, money=lot(exposure=90_000))
    assert alone(GrossExposure(times_equity=None, money=d(150_000)), made).lots == d("0.33")


def test_the_smaller_of_two_bounds_on_the_book_holds() -> None:
    assert alone(GrossExposure(money=d(200_000)), context(money=LOT)).lots == 2
    assert alone(GrossExposure(times_equity=d(1), money=d(200_000)), context(money=LOT)).lots == 1


def test_no_money_at_all_is_less_than_any_multiple() -> None:
    assert GrossExposure(money=d(0))(context(money=LOT)).room == 0


@pytest.mark.parametrize("cap", [SymbolExposure(), GrossExposure(times_equity=None)])
def test_without_an_amount_there_is_no_limit(cap: Cap) -> None:
    assert cap(context(money=lot(exposure=None))).room is None


@pytest.mark.parametrize(
    "cap", [SymbolExposure(money=d(0)), GrossExposure(times_equity=d(0)), ExposurePerTrade(money=d(0))]
)
def test_a_bound_of_zero_denies(cap: Cap) -> None:
    answer = alone(cap, context(money=LOT))
    assert answer.refusal is not None
    assert answer.refusal.code == "per_trade"


@pytest.mark.parametrize("cap", [ExposurePerTrade(), SymbolExposure(times_equity=d(4)), GrossExposure()])
def test_notional_that_nobody_knows_denies(cap: Cap) -> None:
    answer = alone(cap, context(money=lot(exposure=None)))
    assert answer.refusal is not None
    assert answer.refusal.detail == "the notional of a lot of EURUSD is unknown"


def test_a_full_book_is_denied_with_its_figures() -> None:
    full = charge("GBPUSD buy 30.00 risks 1", exposure=d(3_000_000))
    answer = alone(GrossExposure(), context(book=(full,), money=LOT))
    assert answer.refusal is not None
    assert answer.refusal.detail == "3,000,000.00 USD of exposure in the book, 3,000,000.00 taken"


def test_a_share_of_equity_stays_in_cash() -> None:
    # 40 % of 100,000 may be invested, 15,000 is: 25,000 / 170 a share = 147.05
    made = context(book=(charge("AAPL buy 100.00 risks 1", exposure=d(15_000)),), money=lot(7, exposure=170))
    answer = alone(CashReserve(), made)
    assert (answer.lots, answer.binding) == (d("147.05"), "per_trade")


def test_the_stricter_reserve_leaves_a_fifth() -> None:
    # 20 % of 100,000 = 20,000 / 170 = 117.64
    assert alone(CashReserve(d("0.80")), context(money=lot(7, exposure=170))).lots == d("117.64")


def test_a_reserve_that_is_reached_denies() -> None:
    made = context(book=(charge("AAPL buy 100.00 risks 1", exposure=d(40_000)),), money=lot(7, exposure=170))
    answer = alone(CashReserve(), made)
    assert answer.refusal is not None
    assert answer.refusal.code == "per_trade"
