"""Whole steps are counted exactly; losses go up, room and lots go down, and nothing else is rounded."""

from __future__ import annotations

from decimal import Context, Decimal, FloatOperation, Inexact, getcontext
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.rounding import (
    DOWN,
    EXACT,
    UP,
    loss_up,
    lots_down,
    price_down,
    price_up,
    room_down,
    smallest_lots,
    under,
    whole_steps,
)
from tests.builders import d

MONEY = st.decimals(min_value=-(10**9), max_value=10**9, places=12)
POSITIVE = st.decimals(min_value=d("1E-8"), max_value=10**9, places=8)


@pytest.mark.parametrize(
    ("amount", "step", "steps"),
    [
        ("0.29", "0.01", 29),  # 28 in doubles
        ("0.3", "0.1", 3),  # 2 in doubles
        ("2.9999999995", "1", 2),  # 3 with the usual tolerance
        ("0.9999999", "1", 0),
        ("1", "1", 1),
        ("0.37", "0.05", 7),
        ("150", "100", 1),
        ("0", "0.01", 0),
        ("-0.01", "0.01", 0),
        ("-5", "0.01", 0),
    ],
)
def test_whole_steps_are_counted_exactly(amount: str, step: str, steps: int) -> None:
    assert whole_steps(d(amount), d(step)) == steps


@given(amount=POSITIVE, step=POSITIVE)
def test_so_many_steps_fit_and_not_one_more(amount: Decimal, step: Decimal) -> None:
    steps = whole_steps(amount, step)
    assert EXACT.multiply(step, Decimal(steps)) <= amount < EXACT.multiply(step, Decimal(steps + 1))


@pytest.mark.parametrize(
    ("amount", "step", "lots"),
    [("0.371", "0.01", "0.37"), ("0.7", "0.5", "0.5"), ("3", "0.10", "3.00"), ("-1", "1", "0")],
)
def test_lots_go_down_to_the_step_and_look_like_it(amount: str, step: str, lots: str) -> None:
    assert str(lots_down(d(amount), d(step))) == lots


@pytest.mark.parametrize(
    ("minimum", "step", "smallest"),
    [
        ("0.01", "0.01", "0.01"),
        ("0.1", "0.01", "0.10"),
        ("0.05", "0.02", "0.06"),  # no multiple: the next one
        ("0.001", "0.01", "0.01"),
        ("0", "0.01", "0.01"),
        ("1", "0.3", "1.2"),
    ],
)
def test_the_smallest_volume_is_the_first_step_that_reaches_the_minimum(minimum: str, step: str, smallest: str) -> None:
    assert str(smallest_lots(d(minimum), d(step))) == smallest


@pytest.mark.parametrize(
    ("value", "room", "loss"),
    [
        ("1.000000001", "1.00000000", "1.00000001"),
        ("-1.000000001", "-1.00000001", "-1.00000000"),  # room goes down below zero too
        ("1.00000001", "1.00000001", "1.00000001"),
        ("0", "0", "0"),
    ],
)
def test_room_goes_down_and_losses_go_up(value: str, room: str, loss: str) -> None:
    assert (room_down(d(value)), loss_up(d(value))) == (d(room), d(loss))


@pytest.mark.parametrize("value", ["1", "1.5", "100.00", "1.00000001"])
def test_what_is_no_finer_stays_as_it_is_written(value: str) -> None:
    assert (str(room_down(d(value))), str(loss_up(d(value)))) == (value, value)


@given(value=MONEY)
def test_rounding_moves_less_than_its_resolution_and_only_its_way(value: Decimal) -> None:
    assert room_down(value) <= value < room_down(value) + d("1E-8")
    assert loss_up(value) - d("1E-8") < value <= loss_up(value)


@pytest.mark.parametrize(
    ("price", "tick", "down", "up"),
    [
        ("1.08503", "0.00005", "1.08500", "1.08505"),
        ("1.08505", "0.00005", "1.08505", "1.08505"),
        ("5012.37", "0.25", "5012.25", "5012.50"),
    ],
)
def test_prices_go_to_the_tick_on_either_side(price: str, tick: str, down: str, up: str) -> None:
    assert (price_down(d(price), d(tick)), price_up(d(price), d(tick))) == (d(down), d(up))


@given(price=POSITIVE, tick=POSITIVE)
def test_a_price_is_never_further_than_a_tick_from_its_grid(price: Decimal, tick: Decimal) -> None:
    down, up = price_down(price, tick), price_up(price, tick)
    assert down <= price <= up
    assert up - down in (0, tick)


def test_the_exact_context_raises_rather_than_rounds() -> None:
    assert EXACT.divide(d(1), d(4)) == d("0.25")
    with pytest.raises(Inexact):
        EXACT.divide(d(1), d(3))


@pytest.mark.parametrize("context", [EXACT, DOWN, UP])
def test_no_float_gets_into_money_unseen(context: Context) -> None:
    with under(context), pytest.raises(FloatOperation):
        _ = d(1) < cast("Decimal", 0.5)


def test_what_does_not_end_is_rounded_the_safe_way() -> None:
    assert DOWN.divide(d(1), d(3)) < UP.divide(d(1), d(3))
    assert DOWN.divide(d(-1), d(3)) < UP.divide(d(-1), d(3))


def test_under_puts_the_program_s_own_context_back_even_after_an_error() -> None:
    mine = getcontext()
    with pytest.raises(Inexact), under(EXACT):
        _ = d(1) / 3
    assert getcontext() is mine
