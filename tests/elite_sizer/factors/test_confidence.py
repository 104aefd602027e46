"""The less certain the signal, the smaller the trade."""

from __future__ import annotations

import pytest

from elite_sizer.factors.confidence import Confidence
from tests.builders import context, d, lot


def scale(confidence: str | None, cap: Confidence, gain: int | None = None) -> str:
    return str(cap(context(confidence=confidence, money=lot(500, gain=gain)), d(100)).value)


@pytest.mark.parametrize("confidence", ["0", "0.51", "0.75", "1"])
def test_the_probability_itself_scales(confidence: str) -> None:
    assert scale(confidence, Confidence()) == confidence


def test_without_a_confidence_nothing_is_scaled_and_it_says_so() -> None:
    scaling = Confidence()(context(), d(100))
    assert (scaling.value, scaling.because) == (d(1), "no data")


@pytest.mark.parametrize(
    ("confidence", "value"),
    [
        ("0.40", "0.25"),  # below the first knot
        ("0.50", "0.25"),
        ("0.60", "0.625"),  # half way: 0.25 + 0.5 x 0.75
        ("0.70", "1"),
        ("0.99", "1"),  # beyond the last knot
    ],
)
def test_a_curve_may_stand_for_it(confidence: str, value: str) -> None:
    curve = Confidence(curve=((d("0.50"), d("0.25")), (d("0.70"), d(1))))
    assert d(scale(confidence, curve)) == d(value)


@pytest.mark.parametrize(
    ("confidence", "value"),
    [
        # break-even at 2 R is 1/3; (0.50 - 1/3) / (0.60 - 1/3) = 0.625, rounded down
        ("0.50", "0.625"),
        ("0.60", "1"),
        ("0.90", "1.25"),  # 2.125, held at the ceiling
        ("0.40", "0.5"),  # 0.25, held at the floor
    ],
)
def test_kelly_scales_linearly_above_break_even(confidence: str, value: str) -> None:
    kelly = Confidence(kelly_linear=True)
    assert d(scale(confidence, kelly, gain=1000)) == pytest.approx(d(value), abs=d("1E-7"))
    assert d(scale(confidence, kelly, gain=1000)) <= d(value)


def test_kelly_without_a_target_falls_back_to_the_probability() -> None:
    assert scale("0.75", Confidence(kelly_linear=True)) == "0.75"


def test_kelly_where_break_even_is_beyond_its_reference_gives_the_floor() -> None:
    # at 0.5 R break-even is 2/3, above the reference of 0.60
    assert scale("0.90", Confidence(kelly_linear=True), gain=250) == "0.5"


def test_kelly_where_break_even_is_its_reference_gives_the_floor() -> None:
    # at 1 R break-even is one half
    assert scale("0.90", Confidence(kelly_linear=True, reference=d("0.5")), gain=500) == "0.5"


def test_it_says_the_probability() -> None:
    assert Confidence()(context(confidence="0.755"), d(100)).because == "win probability 75.5%"
