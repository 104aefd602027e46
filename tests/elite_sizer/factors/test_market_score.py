"""A market that scores badly makes trades smaller, and none larger."""

from __future__ import annotations

import pytest

from elite_sizer.factors.market_score import MarketScore
from tests.builders import context, d


@pytest.mark.parametrize(
    ("score", "value"),
    [
        (0, "0.5"),
        (30, "0.75"),  # half way to 60
        (45, "0.875"),
        (60, "1.0"),
        (68, "1.0"),  # source 003
        (100, "1.0"),
    ],
)
def test_the_curve_rises_to_one_at_sixty(score: int, value: str) -> None:
    assert MarketScore()(context(score=score), d(100)).value == d(value)


def test_a_third_of_the_way_is_rounded_down() -> None:
    # 0.5 + 0.5 x 20/60 = 0.6666...
    assert MarketScore()(context(score=20), d(100)).value == d("0.66666666")


def test_without_a_score_nothing_is_scaled_and_it_says_so() -> None:
    scaling = MarketScore()(context(), d(100))
    assert (scaling.value, scaling.because) == (d(1), "no data")
