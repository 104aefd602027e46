from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.model import ZERO, Deal, DealEntry, DealKind, Side, SymbolSpec
from portfolio.reasons import Refusal
from portfolio.valuation.costs import Commissions, Costs, commissions, costs
from portfolio.valuation.money_per_lot import Worth, worth
from tests.portfolio.books import NOW, contract, market

EURUSD = contract("EURUSD")
GBPUSD = contract("GBPUSD")
US30 = contract("US30", mode=4, size="1", tick="0.01", currency_base="USD", currency_profit="USD")
LINES = ((EURUSD, "1.0850", "1.0851"), (GBPUSD, "1.2500", "1.2501"), (US30, "40000", "40002"))
MARKET = market("USD", *LINES)
NONE = Commissions({}, apart=False)


def deal(words: str, minutes: int = 0, **more: Any) -> Deal:  # noqa: ANN401 (any field of the deal)
    """Read "EURUSD in 0.50 @ 1.0850 -1.25": symbol, entry, lots, price, commission."""
    symbol, entry, lots, _, price, paid = words.split()
    fields: dict[str, Any] = {"kind": DealKind.TRADE, "fee": ZERO, "profit": ZERO, "ticket": minutes} | more
    return Deal(
        order=0,
        position_id=0,
        symbol=symbol,
        side=Side.BUY,
        entry=DealEntry(entry),
        volume=Decimal(lots),
        price=Decimal(price),
        commission=Decimal(paid),
        swap=ZERO,
        at=NOW + timedelta(minutes=minutes),
        **fields,
    )


def cost(spec: SymbolSpec = EURUSD, price: str = "1.0850", history: Commissions = NONE, **more: Any) -> Costs:  # noqa: ANN401 (any option of costs)
    found = costs(MARKET, spec, Side.BUY, value(spec), price=Decimal(price), history=history, spread=ZERO, **more)
    assert isinstance(found, Costs), found
    return found


def value(spec: SymbolSpec) -> Worth:
    found = worth(MARKET, spec.name, ())
    assert isinstance(found, Worth), found
    return found


# commission


def test_round_turn_is_what_entries_and_exits_paid_per_lot() -> None:
    history = commissions([deal("EURUSD in 0.50 @ 1.0850 -1.25"), deal("EURUSD out 0.50 @ 1.0850 -1.50")])
    found = cost(history=history)
    assert found.commission == Decimal("5.5")  # 2.50 + 3.00
    assert found.exit_commission == Decimal(3)
    assert "from 2 deals of EURUSD" in found.because


def test_fees_count_as_commission() -> None:
    history = commissions([deal("EURUSD in 1 @ 1.0850 -2", fee=Decimal(-1)), deal("EURUSD out 1 @ 1.0850 -2")])
    assert cost(history=history).commission == 5


def test_a_broker_that_books_at_the_entry_alone_is_not_charged_twice() -> None:
    history = commissions([deal("EURUSD in 1 @ 1.0850 -5"), deal("EURUSD out 1 @ 1.0850 0")])
    found = cost(history=history)
    assert found.commission == 5
    assert found.exit_commission == 0


def test_an_exit_that_was_never_seen_is_taken_to_pay_like_the_entry() -> None:
    found = cost(history=commissions([deal("EURUSD in 1 @ 1.0850 -2.5")]))
    assert found.commission == 5
    assert found.exit_commission == Decimal("2.5")
    assert "unseen direction" in found.because


def test_an_entry_that_was_never_seen_is_taken_to_pay_like_the_exit() -> None:
    found = cost(history=commissions([deal("EURUSD out 1 @ 1.0850 -2.5")]))
    assert found.commission == 5
    assert found.exit_commission == Decimal("2.5")


def test_commission_weighs_deals_by_their_lots() -> None:
    # 0.01 lots round 0.025 to 0.03; with a full lot beside it the noise is gone: 2.53 / 1.01
    history = commissions([deal("EURUSD in 0.01 @ 1.0850 -0.03"), deal("EURUSD in 1 @ 1.0850 -2.50", 1)])
    assert cost(history=history).exit_commission == Decimal("2.50495050")


def test_commission_grows_with_the_price_but_never_shrinks() -> None:
    history = commissions([deal("US30 in 1 @ 20000 -4"), deal("US30 out 1 @ 20000 -4")])
    assert cost(US30, "40000", history).commission == 16
    assert cost(US30, "10000", history).commission == 8


def test_a_rebate_is_no_negative_cost() -> None:
    history = commissions([deal("EURUSD in 1 @ 1.0850 2"), deal("EURUSD out 1 @ 1.0850 2")])
    assert cost(history=history).commission == 0


def test_only_the_newest_fifty_deals_of_a_direction_count() -> None:
    old = [deal("EURUSD in 1 @ 1.0850 -9", minute) for minute in range(10)]
    new = [deal("EURUSD in 1 @ 1.0850 -2", minute) for minute in range(10, 60)]
    assert cost(history=commissions([*old, *new])).exit_commission == 2


def test_the_order_of_the_deals_does_not_matter() -> None:
    deals = [deal(f"EURUSD in 0.3 @ 1.08 -{minute}", minute) for minute in range(60)]
    assert commissions(deals) == commissions(reversed(deals))


@pytest.mark.parametrize("entry", ["inout", "out_by"])
def test_reversals_and_closes_by_tell_nothing(entry: str) -> None:
    assert commissions([deal(f"EURUSD {entry} 1 @ 1.0850 -9")]) == NONE


def test_balance_operations_tell_nothing() -> None:
    row = deal("EURUSD in 0 @ 0 0", kind=DealKind.BALANCE, profit=Decimal(100000))
    assert commissions([row]) == NONE


def test_an_account_that_pays_nothing_is_charged_nothing() -> None:
    found = cost(history=commissions([deal("EURUSD in 1 @ 1.0850 0"), deal("EURUSD out 1 @ 1.0850 0")]))
    assert found.commission == 0


def test_a_zero_proves_nothing_where_charges_are_booked_apart() -> None:
    trades = [deal("EURUSD in 1 @ 1.0850 0"), deal("EURUSD out 1 @ 1.0850 0")]
    daily = deal("EURUSD in 0 @ 0 0", 5, kind=DealKind.OTHER, profit=Decimal(-7))
    assert "assumed" in cost(history=commissions([*trades, daily])).because
    assert "2 deals" in cost(history=commissions(trades)).because


def test_without_own_deals_those_of_the_class_stand_in() -> None:
    # 2.50 a side on 125,000 of notional: 2.17 on 108,500; but Forex of one size pays by the lot at least
    history = commissions([deal("GBPUSD in 1 @ 1.2500 -2.5"), deal("GBPUSD out 1 @ 1.2500 -2.5")])
    found = cost(history=history, kin=["GBPUSD"])
    assert found.commission == 5
    assert "its class (GBPUSD)" in found.because


def test_a_class_of_other_contracts_carries_over_by_notional() -> None:
    # 4 a side on 1 x 40,000; an index of contract size 5 at 8,000 has the same notional
    other = contract("US500", mode=4, size="5", tick="0.01", currency_base="USD", currency_profit="USD")
    priced = market("USD", *LINES, (other, "8000", "8001"))
    history = commissions([deal("US30 in 2 @ 40000 -8"), deal("US30 out 2 @ 40000 -8")])
    found = costs(
        priced,
        other,
        Side.BUY,
        Worth(Decimal(5), at_close=False),
        price=Decimal(8000),
        history=history,
        spread=ZERO,
        kin=["US30"],
    )
    assert isinstance(found, Costs)
    assert found.commission == 8
    assert found.exit_commission == 4


def test_the_dearest_of_the_class_counts_and_strangers_do_not() -> None:
    deals = [deal("US30 in 1 @ 40000 -4"), deal("US30 out 1 @ 40000 -4"), deal("GBPUSD in 1 @ 1.25 -1")]
    history = commissions(deals)
    assert cost(history=history, kin=["GBPUSD", "EURUSD", "NOTHERE"]).commission == 2
    # 8 on 40,000 is 21.70 on 108,500
    assert cost(history=history, kin=["GBPUSD", "US30"]).commission == Decimal("21.7")


def test_kin_that_cannot_be_valued_is_passed_over() -> None:
    stranded = contract("SEKNOK")
    priced = market("USD", *LINES, (stranded, "11", "11"))
    found = costs(
        priced,
        EURUSD,
        Side.BUY,
        value(EURUSD),
        price=Decimal("1.085"),
        history=commissions([deal("SEKNOK in 1 @ 11 -3"), deal("GBPUSD in 1 @ 0 -3")]),
        spread=ZERO,
        kin=["SEKNOK", "GBPUSD"],
    )
    assert isinstance(found, Costs)
    assert "assumed" in found.because


def test_a_configured_figure_is_a_round_turn_half_due_at_the_exit() -> None:
    found = cost(setting=Decimal(7))
    assert found.commission == 7
    assert found.exit_commission == Decimal("3.5")
    assert "as configured" in found.because


def test_own_deals_go_before_the_configured_figure() -> None:
    history = commissions([deal("EURUSD in 1 @ 1.0850 -1"), deal("EURUSD out 1 @ 1.0850 -1")])
    assert cost(history=history, setting=Decimal(7)).commission == 2


def test_the_last_resort_is_ten_per_hundred_thousand_and_says_assumed() -> None:
    found = cost()
    assert found.commission == Decimal("10.85")  # of 108,500
    assert found.exit_commission == Decimal("5.425")
    assert "assumed: 10 per 100,000 of notional" in found.because


def test_published_commission_case() -> None:
    # EarnForex/PositionSizer #81: 0.03 lots, 8.26 at the stop, 2 a lot one way: 8.38 at risk
    history = commissions([deal("EURUSD in 1 @ 1.0850 -2"), deal("EURUSD out 1 @ 1.0850 -2")])
    assert Decimal("8.26") + cost(history=history).commission * Decimal("0.03") == Decimal("8.38")


# slippage and the sum


def test_slippage_is_one_spread_in_money() -> None:
    found = costs(
        MARKET, EURUSD, Side.BUY, value(EURUSD), price=Decimal("1.085"), history=NONE, spread=Decimal("0.00012")
    )
    assert isinstance(found, Costs)
    assert found.slippage == 12


def test_slippage_on_the_deposit_currency_as_base_divides_by_the_price() -> None:
    # 0.03 JPY x 100,000 / 150
    found = costs(
        MARKET,
        EURUSD,
        Side.BUY,
        Worth(Decimal(100000), at_close=True),
        price=Decimal(150),
        history=NONE,
        spread=Decimal("0.03"),
    )
    assert isinstance(found, Costs)
    assert found.slippage == 20


def test_a_new_trade_pays_round_turn_slippage_and_swap() -> None:
    assert Costs(Decimal(5), Decimal("2.5"), Decimal(1), Decimal(3), "").in_all == 9


# swap in the costs


def charged(spec: SymbolSpec, nights: Sequence[int], price: str = "1.0850", **more: Any) -> Costs:  # noqa: ANN401 (any option of costs)
    return cost(spec, price, nights=nights, setting=ZERO, **more)


def test_either_side_pays_its_own_swap_and_earns_none() -> None:
    spec = contract("EURUSD", swap_mode=1, swap_long="-5.2", swap_short="1.1")
    found = charged(spec, (1,))
    assert found.swap == found.swap_of(Side.BUY) == Decimal("5.2")
    assert found.swap_of(Side.SELL) == 0
    assert "swap 5.20 for 1 night" in found.because


def test_costs_known_for_one_side_hold_for_both() -> None:
    found = Costs(ZERO, ZERO, ZERO, Decimal(3), "")
    assert found.swap_of(Side.BUY) == found.swap_of(Side.SELL) == 3


def test_an_unknown_swap_mode_is_refused_only_when_it_would_be_paid() -> None:
    spec = contract("EURUSD", swap_mode=11, swap_long="-5.2")
    arguments: dict[str, Any] = {"price": Decimal("1.085"), "history": NONE, "spread": ZERO}
    found = costs(MARKET, spec, Side.BUY, value(EURUSD), nights=(1,), **arguments)
    assert isinstance(found, Refusal)
    assert found.code == "symbol_spec_invalid"
    assert isinstance(costs(MARKET, spec, Side.BUY, value(EURUSD), nights=(), **arguments), Costs)


# properties

FEES = st.decimals("-20", "5", places=2)


@given(st.lists(st.tuples(st.sampled_from(["in", "out"]), st.decimals("0.01", "9", places=2), FEES), max_size=8))
def test_costs_are_never_negative_and_the_exit_is_part_of_the_round_turn(
    rows: list[tuple[str, Decimal, Decimal]],
) -> None:
    deals = [deal(f"EURUSD {entry} {lots} @ 1.08 {fee}", minute) for minute, (entry, lots, fee) in enumerate(rows)]
    found = cost(history=commissions(deals))
    assert found.commission >= found.exit_commission >= 0
    assert found.in_all >= 0
