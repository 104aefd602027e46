"""A curve is read on straight lines between its knots, and rounded down."""

from __future__ import annotations

import pytest

from elite_sizer.factors.curve import interpolate
from tests.builders import d

KNOTS = ((d(0), d("0.5")), (d(60), d(1)), (d(100), d(1)))


@pytest.mark.parametrize(
    ("at", "value"), [("-5", "0.5"), ("0", "0.5"), ("30", "0.75"), ("60", "1"), ("80", "1"), ("100", "1"), ("120", "1")]
)
def test_it_is_flat_beyond_both_ends_and_straight_between(at: str, value: str) -> None:
    assert interpolate(KNOTS, d(at)) == d(value)


def test_what_does_not_end_is_rounded_down() -> None:
    # 0.5 + 0.5 x 1/60 = 0.508333...
    assert interpolate(KNOTS, d(1)) == d("0.50833333")


def test_a_falling_line_is_rounded_down_too() -> None:
    # 1 - 1/3 = 0.6666...
    assert interpolate(((d(0), d(1)), (d(3), d(0))), d(1)) == d("0.66666666")


def test_a_single_knot_is_a_constant() -> None:
    assert interpolate(((d(50), d("0.8")),), d(0)) == d("0.8")
    assert interpolate(((d(50), d("0.8")),), d(99)) == d("0.8")
