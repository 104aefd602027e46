"""What nobody saw is bounded by the best prices of the bars, each position for itself."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from portfolio.account.unseen_equity import best_floating, was_open
from portfolio.model import Bars, DealEntry, Side
from tests.portfolio.looks import EURUSD, bars, deal, look, position, round_turn, utc

D = Decimal
SINCE, UNTIL = utc("06-10 09:00"), utc("06-10 10:00")
HOUR = [bars("06-10 08:58", [1.1000] * 30 + [1.1040] + [1.1000] * 40, low=1.0990)]


def test_a_long_is_worth_most_at_the_highest_high() -> None:
    held = [position("06-10 08:00")]
    assert best_floating(look("06-10 10:05", positions=held, market=HOUR), SINCE, UNTIL) == 400


def test_a_short_is_worth_most_at_the_lowest_low() -> None:
    held = [position("06-10 08:00", side=Side.SELL)]
    assert best_floating(look("06-10 10:05", positions=held, market=HOUR), SINCE, UNTIL) == 100


def test_hedged_positions_are_each_taken_at_their_own_best() -> None:
    held = [position("06-10 08:00"), position("06-10 08:00", side=Side.SELL, ticket=2)]
    assert best_floating(look("06-10 10:05", positions=held, market=HOUR), SINCE, UNTIL) == 500


def test_a_swap_counts_where_it_was_earned_only() -> None:
    earned, paid = (position("06-10 08:00", swap=D(swap)) for swap in ("7.5", "-7.5"))
    assert best_floating(look("06-10 10:05", positions=[earned], market=HOUR), SINCE, UNTIL) == D("407.5")
    assert best_floating(look("06-10 10:05", positions=[paid], market=HOUR), SINCE, UNTIL) == 400


def test_the_tick_value_is_the_one_that_makes_equity_larger() -> None:
    uneven = replace(EURUSD, tick_value=D(1), tick_value_loss=D("1.1"))
    up, down = position("06-10 08:00", price="1.1000"), position("06-10 08:00", price="1.1100", profit="1000")
    for held, expected in ((up, D(440)), (down, D(400))):
        seen = replace(look("06-10 10:05", positions=[held], market=HOUR), specs={"EURUSD": uneven})
        assert best_floating(seen, SINCE, UNTIL) == expected


def test_a_loss_counts_at_one_instant_and_not_over_a_stretch() -> None:
    held = [position("06-10 08:00", price="1.0900", profit="-2000", open_price=D("1.1100"))]
    seen = look("06-10 10:05", positions=held, market=HOUR)
    assert best_floating(seen, SINCE, SINCE) == -1000  # 1.1000 at its best
    assert best_floating(seen, SINCE, UNTIL) == 0


def test_the_finest_bars_that_cover_the_stretch_are_taken() -> None:
    coarse = bars("06-10 08:00", [1.1500] * 3, timeframe="H1", step=3600)
    held = [position("06-10 08:00")]
    assert best_floating(look("06-10 10:05", positions=held, market=[*HOUR, coarse]), SINCE, UNTIL) == 400
    assert best_floating(look("06-10 10:05", positions=held, market=[coarse]), SINCE, UNTIL) == 5000
    short = bars("06-10 09:10", [1.1000] * 60)
    assert best_floating(look("06-10 10:05", positions=held, market=[short, coarse]), SINCE, UNTIL) == 5000


def test_without_bars_or_specification_there_is_no_bound() -> None:
    held = [position("06-10 08:00")]
    assert best_floating(look("06-10 10:05", positions=held), SINCE, UNTIL) is None
    bare = replace(look("06-10 10:05", positions=held, market=HOUR), specs={})
    assert best_floating(bare, SINCE, UNTIL) is None
    empty = Bars("EURUSD", "M1", [], [], [], [], [])
    assert best_floating(look("06-10 10:05", positions=held, market=[empty]), SINCE, UNTIL) is None


def test_what_was_closed_before_or_opened_after_was_not_open() -> None:
    early, late = round_turn("06-10 08:30", 50, ticket=1), round_turn("06-10 10:01", 50, ticket=3)
    assert not was_open(look("06-10 10:05", deals=[*early, *late]), SINCE, UNTIL)
    assert not was_open(look("06-10 10:05", positions=[position("06-10 10:02")]), SINCE, UNTIL)
    assert was_open(look("06-10 10:05", deals=round_turn("06-10 09:30", 50, ticket=1)), SINCE, UNTIL)


def test_a_part_that_was_closed_counts_beside_what_is_still_open() -> None:
    # half a lot closed at 1.1010 for 50, half still open at 1.1000: at 1.1040 each was worth 200
    half = deal("06-10 09:50", 50, position=1, volume=D("0.5"), price=D("1.1010"))
    held = [position("06-10 08:00", volume=D("0.5"))]
    assert best_floating(look("06-10 10:05", positions=held, deals=[half], market=HOUR), SINCE, UNTIL) == 400


def test_a_position_that_was_reversed_can_not_be_bounded() -> None:
    turned = deal("06-10 09:30", 50, entry=DealEntry.INOUT)
    assert best_floating(look("06-10 10:05", deals=[turned], market=HOUR), SINCE, UNTIL) is None
