"""What one lot can lose, cost, win and bind, each from the dearest of the ways to reckon it."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Context, Decimal, localcontext
from typing import Any, Final

import pytest

from elite_sizer.assembly.lot_risk import Candidate, Distances, lot_risk, substitute_stop
from elite_sizer.assembly.tariff import Tariff
from elite_sizer.model.request import HoldingPeriod, Request
from elite_sizer.model.trade_figures import LotRisk
from elite_sizer.request.levels import Levels
from portfolio.model import MarginQuestion, OrderType, ProfitQuestion, Quote, Side, Snapshot, SymbolSpec, TerminalState
from portfolio.reasons import Refusal
from portfolio.valuation.costs import commissions
from tests.builders import NOW, account, d, request, spec

RESET: Final = NOW + timedelta(hours=10)
"""Midnight in Prague."""
NO_SPREAD: Final = Distances(spread=d(0))
FREE: Final = Tariff(commissions(()), commission=d(0))
LEVELS: Final = Levels(OrderType.MARKET, d("1.08500"), d("1.08000"), None)
"""A buy at the ask with its stop 500 points below: 500 dollars a lot."""
BUY: Final = request("EURUSD buy sl 1.0800")


def shown(contract: SymbolSpec | None = None, **changes: Any) -> Snapshot:  # noqa: ANN401 - parts of a snapshot
    """EURUSD at 1.08490 to 1.08500 on a dollar account, the broker's clock three hours ahead of UTC."""
    fields = {
        "taken_at": NOW,
        "account": account(),
        "terminal": TerminalState("recording"),
        "specs": {"EURUSD": contract or spec()},
        "quotes": {"EURUSD": Quote("EURUSD", d("1.08490"), d("1.08500"), NOW)},
        "server_offset": 10_800,
    }
    return Snapshot(**{**fields, **changes})


def of(
    snapshot: Snapshot | None = None,
    *,
    levels: Levels = LEVELS,
    distances: Distances = NO_SPREAD,
    tariff: Tariff = FREE,
    asked: Request = BUY,
    next_reset: datetime = RESET,
) -> LotRisk:
    risk = lot_risk(snapshot or shown(), Candidate(asked, levels, distances, tariff, next_reset))
    assert isinstance(risk, LotRisk), risk
    return risk


def figures(risk: LotRisk, *names: str) -> list[Any]:
    return [getattr(risk, name) for name in names]


def why(snapshot: Snapshot | None = None, levels: Levels = LEVELS, distances: Distances = NO_SPREAD) -> str:
    risk = lot_risk(snapshot or shown(), Candidate(BUY, levels, distances, FREE, RESET))
    assert isinstance(risk, Refusal)
    return risk.code


def answers(stop: str, **more: str) -> dict[ProfitQuestion, Decimal]:
    """Return what the terminal says a lot makes at the stop, and at other closing prices."""
    closes = {"1.08000": stop, **{close.replace("_", "."): money for close, money in more.items()}}
    return {ProfitQuestion("EURUSD", Side.BUY, d("1.08500"), d(close)): d(money) for close, money in closes.items()}


# the stop


def test_the_loss_to_the_stop_is_reckoned_three_ways() -> None:
    risk = of(shown(profits=answers("-500.5")))
    assert figures(risk, "terminal", "tick_value", "contract") == [d("500.5"), 500, 500]
    assert figures(risk, "stop", "risk", "at_stop") == [d("500.5")] * 3


def test_two_ways_are_enough() -> None:
    risk = of()
    assert figures(risk, "terminal", "stop") == [None, 500]


def test_ways_that_disagree_by_more_than_a_hundredth_are_refused() -> None:
    assert why(shown(profits=answers("-505.01"))) == "tick_value_mismatch"
    assert of(shown(profits=answers("-505"))).stop == 505


def test_a_stop_that_would_win_is_refused() -> None:
    assert why(shown(profits=answers("500"))) == "tick_value_mismatch"


# what stands for a stop


def test_without_a_stop_the_distance_that_stands_for_it_is_charged() -> None:
    bare = LEVELS._replace(stop=None)
    risk = of(levels=bare, distances=Distances(spread=d(0), stopless=d("0.0060")))
    assert figures(risk, "stop", "risk") == [600, 600]


def test_without_a_stop_or_a_distance_for_it_a_trade_is_refused() -> None:
    bare = LEVELS._replace(stop=None)
    assert why(levels=bare) == "stop_required"
    assert why(levels=bare, distances=Distances(stopless=d("1.085"))) == "stop_required"


def test_what_stands_for_a_stop_lies_on_the_tick_away_from_the_entry() -> None:
    entry, tick = d("1.08500"), d("0.00001")
    assert substitute_stop(Side.BUY, entry, d("0.000015"), tick) == d("1.08498")
    assert substitute_stop(Side.SELL, entry, d("0.000015"), tick) == d("1.08502")
    assert substitute_stop(Side.BUY, entry, None, tick) is None


# costs


def test_commission_is_assumed_where_nothing_is_known_of_it() -> None:
    # 10 per 100,000 of 108,500
    assert of(tariff=Tariff(commissions(()))).cost == d("10.85")


def test_slippage_is_the_median_spread_or_else_the_quote_s() -> None:
    assert of(distances=Distances(spread=d("0.00003"))).cost == 3
    assert of(distances=Distances()).cost == 10


def test_configured_slippage_takes_the_spread_s_place() -> None:
    assert of(distances=Distances(), tariff=FREE._replace(slippage=d("2.5"))).cost == d("2.5")


def test_costs_come_on_top_of_stop_tail_and_gap() -> None:
    risk = of(tariff=FREE._replace(slippage=d(3)), distances=Distances(tail=d("0.0069")))
    # the tail of 69 and the spread of 1 tenth of a pip each: 700
    assert figures(risk, "tail", "cost", "risk", "at_stop") == [700, 3, 703, 503]


@pytest.mark.parametrize(
    ("hold", "flat_by", "cost"),
    [
        # five points a night; the night that ends Wednesday books three
        (HoldingPeriod.OVERNIGHT, None, 15),
        (HoldingPeriod.INTRADAY, NOW + timedelta(hours=4), 0),
        (HoldingPeriod.INTRADAY, NOW + timedelta(hours=12), 15),
        # Wednesday's three, Thursday's and Friday's
        (HoldingPeriod.WEEKEND, None, 25),
    ],
)
def test_swap_is_charged_for_the_nights_that_the_hold_spans(
    hold: HoldingPeriod, flat_by: datetime | None, cost: int
) -> None:
    contract = spec(swap_mode=1, swap_long=d(-5), swap_short=d(1))
    asked = request("EURUSD buy sl 1.0800", hold=hold, flat_by=flat_by)
    assert of(shown(contract), asked=asked).cost == cost


def test_swap_that_is_earned_is_no_cost() -> None:
    contract = spec(swap_mode=1, swap_long=d(5))
    assert of(shown(contract)).cost == 0


def test_a_swap_that_nobody_knows_is_refused() -> None:
    assert why(shown(spec(swap_mode=99, swap_long=d(-5)))) == "symbol_spec_invalid"


def test_a_target_that_can_not_be_valued_is_refused() -> None:
    aimed = LEVELS._replace(target=d("1.09500"))
    assert why(shown(profits=answers("-500", **{"1_09500": "900"})), levels=aimed) == "tick_value_mismatch"


# tail and gap


def test_a_tail_within_the_stop_changes_nothing() -> None:
    risk = of(distances=Distances(spread=d(0), tail=d("0.0040")))
    assert figures(risk, "tail", "risk") == [410, 500]


def test_a_tail_beyond_the_stop_is_what_a_lot_risks() -> None:
    risk = of(distances=Distances(spread=d(0), tail=d("0.0079")))
    assert figures(risk, "tail", "risk", "at_stop") == [800, 800, 500]


def test_a_tail_counts_at_most_so_many_stops() -> None:
    far = Distances(spread=d(0), tail=d("0.0300"))
    assert of(distances=far).risk == 1000
    assert of(distances=far, tariff=FREE._replace(tail_multiple=d("1.5"))).risk == 750


def test_a_gap_is_charged_over_a_weekend_only_and_without_a_bound() -> None:
    far = Distances(spread=d(0), gap=d("0.0299"))
    weekend = request("EURUSD buy sl 1.0800", hold=HoldingPeriod.WEEKEND)
    assert figures(of(distances=far), "gap", "risk") == [None, 500]
    assert figures(of(distances=far, asked=weekend), "gap", "risk") == [3000, 3000]


def test_a_run_ends_at_a_hundredth_of_the_price() -> None:
    weekend = request("EURUSD buy sl 1.0800", hold=HoldingPeriod.WEEKEND)
    # 99 % of 1.08500
    assert of(distances=Distances(spread=d(0), gap=d(5)), asked=weekend).gap == d("107415")


# winning and binding


def test_the_gain_is_reckoned_to_the_target_and_rounded_up() -> None:
    aimed = LEVELS._replace(target=d("1.09500"))
    assert of().gain is None
    assert of(levels=aimed).gain == 1000
    assert of(shown(profits=answers("-500", **{"1_09500": "1001"})), levels=aimed).gain == 1001


def test_margin_is_the_dearer_of_the_terminal_s_answers_per_lot() -> None:
    asked = {
        MarginQuestion("EURUSD", Side.BUY, d(1), d("1.085")): d(1085),
        MarginQuestion("EURUSD", Side.BUY, d(50), d("1.085")): d(60000),
        MarginQuestion("EURUSD", Side.SELL, d(1), d("1.085")): d(9999),
        MarginQuestion("GBPUSD", Side.BUY, d(1), d("1.27")): d(9999),
    }
    assert of(shown(margins=asked)).margin == 1200


def test_without_an_answer_margin_follows_from_leverage() -> None:
    # 100,000 euros over 100, each of them 1.08500 dollars
    assert of(shown(spec(currency_margin="EUR"))).margin == 1085


def test_exposure_is_the_contract_s_value() -> None:
    assert of().exposure == 108500


def test_what_can_not_be_valued_is_unknown_and_no_zero() -> None:
    contract = spec(calc_mode=35)
    risk = of(shown(contract, profits=answers("-500")))
    assert risk.margin is None


def test_the_figures_do_not_depend_on_the_precision_of_the_program_around() -> None:
    far = Distances(tail=d("0.0079"))
    with localcontext(Context(prec=2)):
        rough = of(shown(profits=answers("-500.25")), distances=far)
    assert rough == of(shown(profits=answers("-500.25")), distances=far)
