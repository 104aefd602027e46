"""What a firm limits besides losses: each of its published limits binds alone, and its twin is let through."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from elite_sizer.caps.firm.firm_floating_loss import firm_floating_loss
from elite_sizer.caps.firm.firm_idea_risk import firm_idea_risk
from elite_sizer.caps.firm.firm_lots import firm_lots
from elite_sizer.caps.firm.firm_orders import firm_orders
from elite_sizer.caps.firm.firm_trade_risk import firm_trade_risk
from elite_sizer.configuration.firm_rules import rules_of
from elite_sizer.model.context import Cap, SizingContext
from elite_sizer.model.request import Intent
from portfolio.book.day_count import DayCount
from portfolio.model import MarginMode, OrderType
from portfolio.rules.rule_set import Rules, SizeLimits
from tests.builders import FTMO, alone, charge, context, d, lot

NONE: Rules = replace(FTMO, limits=SizeLimits())


def under(rules: str, words: str = "EURUSD buy", **changes: Any) -> SizingContext:  # noqa: ANN401
    """Return a context under the shipped limits of a firm; 500 a lot at the stop."""
    limits = rules_of(rules).limits
    return replace(context(words, money=lot(500), **changes), rules=replace(FTMO, id=rules, limits=limits))


def netting(made: SizingContext) -> SizingContext:
    return replace(made, account=replace(made.account, margin_mode=MarginMode.NETTING))


def code(cap: Cap, made: SizingContext) -> str:
    refusal = alone(cap, made).refusal
    return "" if refusal is None else refusal.code


@pytest.mark.parametrize("cap", [firm_trade_risk, firm_idea_risk, firm_floating_loss, firm_lots, firm_orders])
def test_a_firm_that_states_none_limits_nothing(cap: Cap) -> None:
    assert cap(replace(context(), rules=NONE)).room is None


# one position


@pytest.mark.parametrize("rules", ["the5ers_bootcamp_eval", "the5ers_bootcamp_funded"])
def test_bootcamp_takes_two_per_cent_of_the_balance_and_reaching_it_is_allowed(rules: str) -> None:
    # 2 % of 90,000 = 1,800; 1,800 / 500 = 3.60
    assert alone(firm_trade_risk, under(rules, balance=90_000)).lots == d("3.60")


def test_goat_takes_two_per_cent_of_the_smaller_and_less_a_cent() -> None:
    # 2 % of min(100,000, 110,000) = 2,000.00, reaching it is a violation: 1,999.99 / 500 = 3.99
    assert alone(firm_trade_risk, under("goat_pay_later", balance=110_000)).lots == d("3.99")


def test_on_hedging_another_position_of_the_symbol_is_another_position() -> None:
    beside = charge("EURUSD buy 1.00 risks 1500")
    assert alone(firm_trade_risk, under("the5ers_bootcamp_eval", book=(beside,))).lots == d("4.00")


@pytest.mark.parametrize("kind", ["position", "order", "reservation"])
def test_on_netting_it_joins_what_is_there(kind: str) -> None:
    # (2,000 - 1,500) / 500 = 1.00
    beside = charge("EURUSD buy 1.00 risks 1500", kind=kind)
    assert alone(firm_trade_risk, netting(under("the5ers_bootcamp_eval", book=(beside,)))).lots == d("1.00")


@pytest.mark.parametrize("other", ["EURUSD sell 1.00 risks 1500", "GBPUSD buy 1.00 unbounded"])
def test_on_netting_nothing_else_joins_it(other: str) -> None:
    made = netting(under("the5ers_bootcamp_eval", book=(charge(other),)))
    assert alone(firm_trade_risk, made).lots == d("4.00")


def test_a_netting_position_without_a_stop_leaves_nothing() -> None:
    made = netting(under("the5ers_bootcamp_eval", book=(charge("EURUSD buy 1.00 unbounded"),)))
    assert code(firm_trade_risk, made) == "per_trade"


# one idea


@pytest.mark.parametrize(
    ("initial", "left"),
    [
        # 3 % of 25,000 = 750, less a cent: 749.99 / 500 = 1.49; just below it there is no such rule
        (24_999, None),
        (25_000, "1.49"),
        # 3 % of 49,000 = 1,470.00: 1,469.99 / 500 = 2.93
        (49_000, "2.93"),
        # 2 % of 50,000 = 1,000.00: 999.99 / 500 = 1.99
        (50_000, "1.99"),
        # 2 % of 200,000 = 4,000.00: 3,999.99 / 500 = 7.99
        (200_000, "7.99"),
    ],
)
def test_a_fundingpips_master_risks_three_per_cent_and_from_50k_two(initial: int, left: str | None) -> None:
    made = under("fundingpips_2step_std", balance=initial, initial=initial)
    if left is None:
        assert firm_idea_risk(made).room is None
    else:
        assert alone(firm_idea_risk, made).lots == d(left)


def test_an_idea_counts_what_it_risks_from_its_entry_and_what_it_has_realised() -> None:
    # a position that floats 600 under water risks 400 from here, 1,000 from its entry; 300 are lost:
    # (1,999.99 - 1,000 - 300) / 500 = 1.39
    beside = charge("EURUSD buy 1.00 risks 400", entry_loss=d(1000))
    made = under("fundingpips_2step_std", book=(beside,), idea_loss=d(300))
    assert alone(firm_idea_risk, made).lots == d("1.39")
    assert firm_idea_risk(made).because == (
        "1,999.99 USD for one trade idea by fundingpips_2step_std, of initial, reaching it counts; 1,300.00 used"
    )


@pytest.mark.parametrize("other", ["EURUSD sell 1.00 risks 900", "GBPUSD buy 1.00 unbounded"])
def test_another_side_or_symbol_is_another_idea(other: str) -> None:
    assert alone(firm_idea_risk, under("fundingpips_2step_std", book=(charge(other),))).lots == d("3.99")


def test_alpha_never_risks_two_per_cent_of_the_smaller_of_initial_and_balance() -> None:
    # 2 % of 95,000 = 1,900.00, which may not be reached: 1,899.99 / 500 = 3.79
    assert alone(firm_idea_risk, under("alpha_pro_10", balance=95_000)).lots == d("3.79")


def test_an_idea_without_a_stop_leaves_nothing() -> None:
    made = under("alpha_pro_10", book=(charge("EURUSD buy 1.00 unbounded"),))
    assert firm_idea_risk(made).because == "one trade idea: something of it in the book has no stop"
    assert code(firm_idea_risk, made) == "per_trade"


# everything that floats


def test_fundingpips_zero_floats_less_than_one_per_cent_of_the_size() -> None:
    # 1 % of 100,000 less a cent: 999.99 / 500 = 1.99
    assert alone(firm_floating_loss, under("fundingpips_zero")).lots == d("1.99")


@pytest.mark.parametrize("kind", ["position", "order", "reservation"])
def test_all_symbols_and_sides_float_together_from_their_entries(kind: str) -> None:
    # (999.99 - 400) / 500 = 1.19
    beside = charge("GBPUSD sell 1.00 risks 100", entry_loss=d(400), kind=kind)
    assert alone(firm_floating_loss, under("fundingpips_zero", book=(beside,))).lots == d("1.19")


def test_a_winner_with_a_locked_profit_floats_nothing_and_is_no_credit() -> None:
    winner = charge("GBPUSD sell 1.00 risks 800", entry_loss=d(0))
    assert alone(firm_floating_loss, under("fundingpips_zero", book=(winner,))).lots == d("1.99")


def test_anything_without_a_stop_may_float_without_bound() -> None:
    made = under("fundingpips_zero", book=(charge("GBPUSD buy 1.00 unbounded"),))
    assert code(firm_floating_loss, made) == "per_trade"


# lots


@pytest.mark.parametrize(
    ("rules", "initial", "most"),
    [
        ("alpha_pro_10", 100_000, 20),
        ("alpha_one", 100_000, 40),
        ("alpha_one", 150_000, 40),
        ("alpha_pro_10", 200_000, 40),
        ("alpha_pro_10", 5_000, "1.25"),
    ],
)
def test_alpha_holds_so_many_lots_together(rules: str, initial: int, most: str | int) -> None:
    assert alone(firm_lots, under(rules, balance=initial, initial=initial)).lots == d(most)


@pytest.mark.parametrize("kind", ["position", "order", "reservation"])
def test_lots_of_every_symbol_and_side_are_open_together(kind: str) -> None:
    beside = charge("GBPUSD sell 15.50 risks 0", kind=kind)
    assert alone(firm_lots, under("alpha_pro_10", book=(beside,))).lots == d("4.50")
    assert code(firm_lots, under("alpha_pro_10", book=(charge("GBPUSD sell 20 risks 0"),))) == "per_trade"


@pytest.mark.parametrize(("symbol", "most"), [("EURUSD", 50), ("XAUUSD", 20)])
def test_e8_sends_fifty_lots_in_one_ticket_and_twenty_of_gold(symbol: str, most: int) -> None:
    beside = charge("GBPUSD buy 49 risks 0")
    assert alone(firm_lots, under("e8_one", f"{symbol} buy", book=(beside,))).lots == most


def test_the_closing_part_of_a_reversal_is_in_the_same_ticket() -> None:
    assert alone(firm_lots, replace(under("e8_one"), closing=d(30))).lots == 20


# counts


def counted(rules: str, **changes: Any) -> SizingContext:  # noqa: ANN401
    today = changes.pop("today", DayCount(0, 0))
    return replace(under(rules, **changes), today=today)


def trades(count: int, kind: str = "position") -> tuple[Any, ...]:
    return tuple(charge("GBPUSD buy 0.01 risks 0", kind=kind, id=f"id {one}") for one in range(count))


@pytest.mark.parametrize(("rules", "most"), [("e8_one", 100), ("ftmo_2step", 200)])
@pytest.mark.parametrize("kind", ["position", "order", "reservation"])
def test_so_many_trades_may_stand_at_once(rules: str, most: int, kind: str) -> None:
    assert code(firm_orders, counted(rules, book=trades(most - 1, kind))) == ""
    assert code(firm_orders, counted(rules, book=trades(most, kind))) == "per_trade"


def test_an_addition_on_netting_makes_no_new_trade_but_a_pending_one_does() -> None:
    adds = replace(counted("ftmo_2step", book=trades(200)), intent=Intent.ADD)
    assert code(firm_orders, adds) == ""
    assert code(firm_orders, replace(adds, order_type=OrderType.LIMIT)) == "per_trade"


def test_ftmo_opens_2000_positions_a_day() -> None:
    assert code(firm_orders, counted("ftmo_2step", today=DayCount(1999, 0))) == ""
    assert code(firm_orders, counted("ftmo_2step", today=DayCount(2000, 0))) == "per_trade"


@pytest.mark.parametrize("kind", ["order", "reservation"])
def test_what_waits_may_still_open_today(kind: str) -> None:
    where = "held" if kind == "reservation" else "book"
    assert code(firm_orders, counted("ftmo_2step", today=DayCount(1998, 0), **{where: trades(1, kind)})) == ""
    assert code(firm_orders, counted("ftmo_2step", today=DayCount(1999, 0), **{where: trades(1, kind)})) == "per_trade"


def test_e8_takes_2000_messages_a_day_and_a_reservation_is_one() -> None:
    assert code(firm_orders, counted("e8_one", today=DayCount(0, 1999))) == ""
    assert code(firm_orders, counted("e8_one", today=DayCount(0, 2000))) == "per_trade"
    assert code(firm_orders, counted("e8_one", today=DayCount(0, 1999), held=trades(1, "reservation"))) == "per_trade"


def test_a_day_that_nobody_counted_denies() -> None:
    assert firm_orders(counted("ftmo_2step", today=None)).because == (
        "0 of 200 trades open or waiting, unknown of 2000 positions today, "
        "unknown of 2000 messages today (changes not counted) by ftmo_2step"
    )
    assert code(firm_orders, counted("ftmo_2step", today=None)) == "per_trade"
