from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.book.charges import (
    Charge,
    gross_exposure,
    lots,
    measure,
    moved,
    total,
    within,
)
from portfolio.model import ZERO, MarginQuestion, Order, Position, ProfitQuestion, Side
from portfolio.reasons import Refusal
from portfolio.valuation.conversion import Prices
from portfolio.valuation.costs import Costs
from tests.portfolio.books import FREE, contract, market, order, position, snapshot

MARKET = market(
    "USD",
    (contract("EURUSD"), "1.0850", "1.0851"),
    (contract("GBPUSD"), "1.2500", "1.2502"),
    (contract("USDJPY", tick="0.001", value="0.8"), "125", "125.01"),
    (contract("FUT", mode=33, tick="0.25", value="5"), "100", "100.25"),
)
NOTHING = dict.fromkeys(MARKET.specs, FREE)
COSTS = Costs(Decimal(7), Decimal(3), Decimal(1), Decimal(2), "test", swap_buy=Decimal(2), swap_sell=ZERO)
PAYING = dict.fromkeys(MARKET.specs, COSTS)


def book(
    *entries: Position | Order,
    costs: dict[str, Costs] | None = None,
    priced: Prices = MARKET,
    profits: Mapping[ProfitQuestion, Decimal] | None = None,
    margins: Mapping[MarginQuestion, Decimal] | None = None,
) -> tuple[Charge, ...]:
    given_out = NOTHING if costs is None else costs
    found = measure(snapshot(priced, *entries, profits=profits, margins=margins), given_out)
    assert isinstance(found, tuple), found
    assert not isinstance(found, Refusal), found
    return found


def charge(words: str, costs: dict[str, Costs] | None = None) -> Charge:
    """Return the charge of one position."""
    return book(position(words), costs=costs)[0]


def pending(words: str, costs: dict[str, Costs] | None = None) -> Charge:
    """Return the charge of one pending order."""
    return book(order(words), costs=costs)[0]


def refusal(*entries: Position | Order, costs: dict[str, Costs] | None = None, **answered: Any) -> Refusal:  # noqa: ANN401 (profits, margins)
    found = measure(snapshot(MARKET, *entries, **answered), NOTHING if costs is None else costs)
    assert isinstance(found, Refusal), found
    return found


# the three losses


def test_a_position_at_its_entry_loses_the_distance_to_its_stop() -> None:
    found = charge("7 EURUSD buy 0.50 @ 1.0850 sl 1.0800")
    # 0.0050 x 100,000 x 0.50
    assert found.floor_loss == found.entry_loss == found.open_risk == found.better_loss == 250
    assert (found.kind, found.id, found.symbol, found.side) == ("position", "7", "EURUSD", Side.BUY)
    assert found.lots == Decimal("0.50")
    assert found.margin == 0


def test_a_winner_gives_back_from_here_but_risks_from_its_entry() -> None:
    found = charge("7 EURUSD buy 1 @ 1.0800 now 1.0850 sl 1.0780")
    assert found.floor_loss == 700  # 1.0850 to 1.0780
    assert found.entry_loss == 200  # 1.0800 to 1.0780
    assert found.open_risk == 200  # the entry is the worse price
    assert found.better_loss == 700


def test_a_loser_loses_the_rest_from_here_and_all_of_it_from_its_entry() -> None:
    found = charge("7 EURUSD sell 1 @ 1.0800 now 1.0851 sl 1.0900")
    assert found.floor_loss == 490
    assert found.entry_loss == 1000
    assert found.open_risk == 490
    assert found.better_loss == 1000


def test_a_locked_profit_is_no_credit_but_giving_it_back_costs_room() -> None:
    found = charge("7 EURUSD buy 1 @ 1.0800 now 1.0850 sl 1.0828")
    assert found.floor_loss == 220
    assert found.entry_loss == 0
    assert found.open_risk == 0


def test_the_worked_case_of_the_next_reset() -> None:
    # A +3,000 with its stop at +2,800, B -3,000 with its stop at -3,200
    found = book(
        position("1 EURUSD buy 10 @ 1.0800 now 1.0830 sl 1.0828"),
        position("2 GBPUSD buy 10 @ 1.2530 now 1.2500 sl 1.2498"),
    )
    assert total(entry.floor_loss for entry in found) == 400
    assert total(entry.entry_loss for entry in found) == 3200


def test_exit_costs_and_the_nights_to_come_are_charged_on_every_lot() -> None:
    found = charge("7 EURUSD buy 0.50 @ 1.0850 sl 1.0800 swap -1.20", PAYING)
    assert found.floor_loss == 253  # 250 + 0.50 x (3 exit + 1 slippage + 2 swap)
    assert found.entry_loss == Decimal("254.20")  # and the 1.20 accrued
    assert found.open_risk == 252  # 250 + 0.50 x (3 + 1)


def test_swap_is_the_sides_own_and_accrued_swap_earned_is_no_credit() -> None:
    found = charge("7 EURUSD sell 1 @ 1.0851 sl 1.0900 swap 5", PAYING)
    assert found.floor_loss == found.entry_loss == 494  # 490 + 3 + 1


def test_a_locked_profit_pays_its_own_costs_alone() -> None:
    assert charge("7 EURUSD buy 1 @ 1.0800 now 1.0850 sl 1.0801", PAYING).entry_loss == 0  # 10 locked, 6 to pay
    # 2 locked, of which 1.96 count, against 6 and 4
    found = charge("7 EURUSD buy 1 @ 1.0800 now 1.0850 sl 1.08002", PAYING)
    assert found.entry_loss == Decimal("4.04")
    assert found.open_risk == Decimal("2.04")


def test_accrued_swap_can_use_up_a_locked_profit() -> None:
    # 9.80 counts, 6 to pay and 5 accrued
    assert charge("7 EURUSD buy 1 @ 1.0800 now 1.0850 sl 1.0801 swap -5", PAYING).entry_loss == Decimal("1.20")


# no stop


@pytest.mark.parametrize("stop", ["", "sl 1.0850", "sl 1.0900"])
def test_without_a_stop_short_of_the_closing_price_the_loss_is_unbounded(stop: str) -> None:
    found = charge(f"7 EURUSD buy 1 @ 1.0850 {stop}")
    assert found.floor_loss is found.entry_loss is found.open_risk is found.better_loss is None
    assert charge("7 EURUSD buy 1 @ 1.0850 sl 1.0849").floor_loss == 10


def test_a_stop_that_the_price_has_run_through_is_no_stop() -> None:
    assert charge("7 EURUSD buy 1 @ 1.0950 now 1.0850 sl 1.0900").floor_loss is None
    assert charge("7 EURUSD sell 1 @ 1.0750 now 1.0850 sl 1.0800").floor_loss is None


def gapped(words: str, average: str, symbol: str = "EURUSD") -> Charge:
    found = measure(snapshot(MARKET, position(words)), NOTHING, gap={symbol: Decimal(average)})
    assert isinstance(found, tuple)
    assert isinstance(found[0], Charge)
    return found[0]


def test_gap_charges_three_daily_ranges_instead() -> None:
    found = gapped("7 EURUSD buy 1 @ 1.0850", "0.0050")
    assert found.floor_loss == found.entry_loss == found.open_risk == 1500


def test_gap_counts_from_the_entry_where_that_is_more_and_locks_nothing() -> None:
    loser = gapped("7 EURUSD buy 1 @ 1.0950 now 1.0850", "0.0050")
    assert (loser.floor_loss, loser.entry_loss, loser.open_risk) == (Decimal(1500), Decimal(2500), Decimal(1500))
    winner = gapped("7 EURUSD buy 1 @ 1.0000 now 1.0850", "0.0050")
    assert (winner.floor_loss, winner.entry_loss, winner.open_risk) == (Decimal(1500), Decimal(1500), Decimal(1500))


def test_gap_leaves_a_resting_stop_alone() -> None:
    assert gapped("7 EURUSD buy 1 @ 1.0850 sl 1.0800", "0.0050").floor_loss == 500


def test_gap_without_a_range_for_the_symbol_stays_unbounded() -> None:
    assert gapped("7 EURUSD buy 1 @ 1.0850", "0.0050", symbol="GBPUSD").floor_loss is None


def test_gap_below_a_price_of_zero_cannot_be_converted_and_stays_unbounded() -> None:
    assert gapped("7 USDJPY buy 1 @ 125", "50", symbol="USDJPY").floor_loss is None


# pending orders


def test_a_pending_order_counts_as_filled_at_its_price_with_all_its_costs() -> None:
    found = pending("8 EURUSD buy 0.50 @ 1.0800 sl 1.0780", PAYING)
    assert found.floor_loss == found.entry_loss == 105  # 0.50 x (200 + 7 round turn + 1 + 2)
    assert found.open_risk == 104
    assert found.exposure == 54000
    assert found.kind == "order"


def test_a_pending_order_without_a_stop_is_unbounded() -> None:
    assert pending("8 EURUSD buy 1 @ 1.0800").floor_loss is None
    assert pending("8 EURUSD buy 1 @ 1.0800 sl 1.0810").floor_loss is None


def test_margin_of_a_pending_order_is_the_terminals_answer() -> None:
    resting = order("8 EURUSD buy 0.50 @ 1.0800 sl 1.0780")
    asked = MarginQuestion("EURUSD", Side.BUY, Decimal("0.50"), Decimal("1.0800"))
    dearer = MarginQuestion("EURUSD", Side.BUY, Decimal(100), Decimal("1.0851"))
    other = MarginQuestion("EURUSD", Side.SELL, Decimal(1), Decimal("1.0851"))
    assert book(resting, margins={asked: Decimal(540), dearer: Decimal(999999)})[0].margin == 540
    # 200,000 for 100 lots is 2,000 a lot, dearer than 1,500
    one = MarginQuestion("EURUSD", Side.BUY, Decimal(1), Decimal("1.0851"))
    assert book(resting, margins={one: Decimal(1500), dearer: Decimal(200000), other: Decimal(9999)})[0].margin == 1000
    assert book(resting)[0].margin == Decimal("542.55")  # the formula: 100,000 / 100 EUR at the ask of 1.0851


def test_margin_that_nobody_knows_is_refused() -> None:
    resting = order("8 FUT buy 1 @ 100 sl 99")
    assert refusal(resting).code == "margin_unavailable"


# the book as a whole


def test_both_legs_of_a_hedge_count() -> None:
    found = book(
        position("1 EURUSD buy 1 @ 1.0850 sl 1.0800"), position("2 EURUSD sell 1 @ 1.0850 now 1.0851 sl 1.0900")
    )
    assert total(entry.floor_loss for entry in found) == 990
    assert lots(found, "EURUSD", Side.BUY) == lots(found, "EURUSD", Side.SELL) == 1
    assert gross_exposure(found) == 217010  # 108,500 + 108,510


def test_sums_by_symbol_and_side() -> None:
    found = book(
        position("1 EURUSD buy 1 @ 1.0850 sl 1.0800"),
        position("2 GBPUSD buy 2 @ 1.2500"),
        order("3 EURUSD buy 0.5 @ 1.0800 sl 1.0780"),
    )
    assert [entry.id for entry in found] == ["1", "2", "3"]
    assert [entry.id for entry in within(found, "EURUSD")] == ["1", "3"]
    assert within(found, "EURUSD", Side.SELL) == ()
    assert lots(found, "EURUSD", Side.BUY) == Decimal("1.5")
    assert lots(found, "GBPUSD", Side.SELL) == 0
    assert total(entry.open_risk for entry in within(found, "EURUSD")) == 600
    assert total(entry.open_risk for entry in found) is None


def test_an_empty_book_costs_nothing() -> None:
    assert book() == ()
    assert gross_exposure(()) == total(()) == 0


def test_gain_runs_from_here_to_the_target() -> None:
    assert charge("7 EURUSD buy 1 @ 1.0800 now 1.0850 sl 1.0780 tp 1.0900").gain == 500
    assert charge("7 EURUSD sell 1 @ 1.0900 now 1.0851 sl 1.0950 tp 1.0801").gain == 500
    assert charge("7 EURUSD buy 1 @ 1.0800 now 1.0850 sl 1.0780").gain is None
    assert charge("7 EURUSD buy 1 @ 1.0800 now 1.0850 sl 1.0780 tp 1.0840").gain == 0


def test_losses_of_a_position_on_its_own_base_are_exact() -> None:
    # opened at 150, now 125, stop 120; equity holds 100,000 x (1 - 150/125) = -20,000, at the stop -25,000
    found = charge("7 USDJPY buy 1 @ 150 now 125 sl 120")
    assert found.floor_loss == 5000
    assert found.entry_loss == 25000
    assert found.exposure == 100000


# what can't be priced


def test_a_position_in_an_unknown_symbol_is_refused() -> None:
    found = refusal(position("7 NZDCHF buy 1 @ 0.5 sl 0.4"), costs=NOTHING | {"NZDCHF": FREE})
    assert found.code == "book_unpriceable"
    assert "position 7" in found.detail


@pytest.mark.parametrize("entry", [position("7 EURUSD buy 1 @ 1.08 sl 1.07"), order("7 EURUSD buy 1 @ 1.08 sl 1.07")])
def test_a_symbol_whose_costs_are_unknown_is_refused(entry: Position | Order) -> None:
    found = refusal(entry, costs={"GBPUSD": FREE})
    assert found.code == "book_unpriceable"
    assert "7" in found.detail
    assert "EURUSD" in found.detail


def test_a_price_of_zero_is_refused_where_it_would_convert() -> None:
    assert refusal(position("7 USDJPY buy 1 @ 125 now 0 sl 120")).code == "book_unpriceable"


def answers(money: str) -> dict[ProfitQuestion, Decimal]:
    return {ProfitQuestion("EURUSD", Side.BUY, Decimal("1.0850"), Decimal("1.0800")): Decimal(money)}


def test_a_terminal_that_disagrees_about_an_open_position_is_refused_with_the_figures() -> None:
    found = refusal(position("7 EURUSD buy 1 @ 1.0850 sl 1.0800"), profits=answers("-5000"))
    assert found.code == "book_unpriceable"
    assert "terminal 1000000, tick value 100000, contract 100000" in found.detail


def test_a_terminal_that_agrees_is_charged_where_it_says_more() -> None:
    held = position("7 EURUSD buy 1 @ 1.0850 sl 1.0800")
    assert book(held, profits=answers("-504"))[0].floor_loss == 504
    assert book(held, profits=answers("-498"))[0].floor_loss == 500


def test_a_future_needs_the_terminals_word() -> None:
    held = position("7 FUT buy 1 @ 100 sl 98")
    assert refusal(held).code == "book_unpriceable"
    asked = {ProfitQuestion("FUT", Side.BUY, Decimal(100), Decimal(98)): Decimal(-40)}
    assert book(held, profits=asked)[0].floor_loss == 40


# netting


def test_an_add_on_netting_moves_the_stop_of_all_that_is_open() -> None:
    held = snapshot(
        MARKET, position("1 EURUSD buy 2 @ 1.0850 sl 1.0800 tp 1.0900"), position("2 GBPUSD buy 1 @ 1.2500 sl 1.2400")
    )
    before, after = measure(held, NOTHING), moved(held, NOTHING, "EURUSD", Decimal("1.0780"))
    assert isinstance(before, tuple)
    assert isinstance(after, tuple)
    first = after[0]
    assert isinstance(first, Charge)
    assert first.floor_loss == 1400  # 2 lots x 700, before 1,000: an add costs a room 400 and its own loss
    assert first.gain == 1000
    assert after[1] == before[1]


def test_an_add_may_bring_its_own_target_and_a_nearer_stop_frees_room() -> None:
    held = snapshot(MARKET, position("1 EURUSD buy 2 @ 1.0850 sl 1.0800 tp 1.0900"))
    after = moved(held, NOTHING, "EURUSD", Decimal("1.0840"), target=Decimal("1.0860"))
    assert isinstance(after, tuple)
    assert isinstance(after[0], Charge)
    assert after[0].floor_loss == 200
    assert after[0].gain == 200


def test_moving_a_stop_through_the_price_leaves_no_bound() -> None:
    held = snapshot(MARKET, position("1 EURUSD buy 2 @ 1.0850 sl 1.0800"))
    after = moved(held, NOTHING, "EURUSD", Decimal("1.0860"))
    assert isinstance(after, tuple)
    assert isinstance(after[0], Charge)
    assert after[0].floor_loss is None
    charged = moved(held, NOTHING, "EURUSD", Decimal("1.0860"), gap={"EURUSD": Decimal("0.001")})
    assert isinstance(charged, tuple)
    assert isinstance(charged[0], Charge)
    assert charged[0].floor_loss == 600


# properties

TICKS = st.integers(-300, 300)
AWAY = st.integers(1, 400)
LOTS = st.integers(1, 500)
TICK = Decimal("0.00001")


class Trade:
    """A generated position in ticks around 1.08500."""

    def __init__(self, side: Side, size: int, entry: int, stop: int, target: int, swap: int) -> None:  # noqa: PLR0917 (one per draw)
        self.side, self.size, self.entry, self.stop, self.target, self.swap = side, size, entry, stop, target, swap

    def at(
        self, ticket: int, *, mirrored: bool = False, unit: Decimal = Decimal(1), size: Decimal | None = None
    ) -> Position:
        """Return the position; mirrored about 1.08500, or quoted in other units."""
        sign = -self.side.sign if mirrored else self.side.sign
        volume = Decimal(self.size) / 100 if size is None else size
        return Position(
            ticket,
            "EURUSD",
            Side.BUY if sign > 0 else Side.SELL,
            volume,
            (Decimal("1.085") + sign * self.entry * TICK) * unit,
            Decimal("1.085") * unit,
            (Decimal("1.085") - sign * self.stop * TICK) * unit,
            (Decimal("1.085") + sign * self.target * TICK) * unit,
            ZERO,
            Decimal(self.swap) * volume,
            snapshot(MARKET).taken_at,
        )


TRADES = st.builds(Trade, st.sampled_from(Side), LOTS, TICKS, AWAY, AWAY, st.integers(-3, 3))
EVEN = {"EURUSD": Costs(Decimal(7), Decimal(3), Decimal(1), Decimal(2), "test")}


def figures(entries: tuple[Charge, ...]) -> tuple[Decimal | None, ...]:
    """Return the sums that limits are charged."""
    return (
        total(entry.floor_loss for entry in entries),
        total(entry.entry_loss for entry in entries),
        total(entry.open_risk for entry in entries),
        total(entry.gain for entry in entries),
    )


@given(TRADES)
def test_no_charge_is_negative_and_none_is_below_what_the_stop_gives_back(trade: Trade) -> None:
    found = book(trade.at(1), costs=EVEN)[0]
    assert found.floor_loss is not None
    assert found.entry_loss is not None
    assert found.open_risk is not None
    assert found.floor_loss >= found.lots * trade.stop
    assert found.floor_loss >= found.open_risk >= 0
    assert found.entry_loss >= found.open_risk
    assert found.gain is not None
    assert found.gain >= 0


@given(st.lists(TRADES, min_size=1, max_size=5))
def test_a_mirrored_book_is_charged_the_same(trades: list[Trade]) -> None:
    plain = book(*[trade.at(number) for number, trade in enumerate(trades)], costs=EVEN)
    mirror = book(*[trade.at(number, mirrored=True) for number, trade in enumerate(trades)], costs=EVEN)
    assert figures(plain) == figures(mirror)


@given(st.lists(TRADES, min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_positions_does_not_matter(trades: list[Trade], random: Any) -> None:  # noqa: ANN401 (Hypothesis' own Random)
    entries = [trade.at(number) for number, trade in enumerate(trades)]
    first = book(*entries, costs=EVEN)
    random.shuffle(entries)
    second = book(*entries, costs=EVEN)
    assert figures(first) == figures(second)
    assert set(first) == set(second)


@given(TRADES, st.integers(1, 499))
def test_a_position_split_in_two_is_charged_the_same(trade: Trade, cut: int) -> None:
    """P14."""
    volume = Decimal(trade.size) / 100
    part = volume * cut / 500
    whole = book(trade.at(1), costs=EVEN)
    parts = book(trade.at(1, size=part), trade.at(2, size=volume - part), costs=EVEN)
    assert figures(whole) == figures(parts)
    assert gross_exposure(whole) == gross_exposure(parts)


@given(TRADES, st.integers(-3, 3))
def test_price_units_do_not_matter(trade: Trade, digits: int) -> None:
    """P17."""
    unit = Decimal(10) ** digits
    shifted = contract("EURUSD", mode=4, size=str(100000 / unit), tick=str(TICK * unit), value="1")
    there = market("USD", (shifted, str(Decimal("1.085") * unit), str(Decimal("1.085") * unit)))
    plain, other = book(trade.at(1), costs=EVEN), book(trade.at(1, unit=unit), costs=EVEN, priced=there)
    assert figures(plain) == figures(other)
    assert gross_exposure(plain) == gross_exposure(other)


@given(TRADES, st.integers(2, 50))
def test_money_scales_with_the_contract(trade: Trade, times: int) -> None:
    large = market("USD", (contract("EURUSD", size=str(100000 * times)), "1.085", "1.085"))
    plain = EVEN["EURUSD"]
    dear = {
        "EURUSD": Costs(
            plain.commission * times, plain.exit_commission * times, plain.slippage * times, plain.swap * times, "test"
        )
    }
    small = book(trade.at(1)._replace(swap=ZERO), costs=EVEN)
    assert figures(book(trade.at(1)._replace(swap=ZERO), costs=dear, priced=large)) == tuple(
        None if figure is None else figure * times for figure in figures(small)
    )


@given(TRADES, TRADES)
def test_locking_in_a_profit_never_credits_another_position(winner: Trade, loser: Trade) -> None:
    """Whatever is added to a book, no sum gets smaller."""
    alone, both = figures(book(loser.at(1), costs=EVEN)), figures(book(loser.at(1), winner.at(2), costs=EVEN))
    for less, more in zip(alone, both, strict=True):
        assert less is not None
        assert more is not None
        assert more >= less


@given(TRADES, st.integers(0, 200))
def test_a_nearer_stop_never_costs_more(trade: Trade, nearer: int) -> None:
    tight = Trade(trade.side, trade.size, trade.entry, max(trade.stop - nearer, 1), trade.target, trade.swap)
    for less, more in zip(figures(book(tight.at(1), costs=EVEN)), figures(book(trade.at(1), costs=EVEN)), strict=True):
        assert less is not None
        assert more is not None
        assert less <= more
