"""An account under water trades smaller."""

from __future__ import annotations

import pytest

from elite_sizer.factors.drawdown import DrawdownThrottle
from tests.builders import context, d


@pytest.mark.parametrize(
    ("equity", "value"),
    [
        (100_000, "1"),
        (98_000, "1"),  # 2 %: where it starts
        (96_000, "0.625"),  # 4 %, half way: 1 - 0.5 x 0.75
        (94_000, "0.25"),  # 6 %: in full
        (80_000, "0.25"),
        (101_000, "1"),  # a new high
    ],
)
def test_it_falls_linearly_between_two_drawdowns(equity: int, value: str) -> None:
    situation = context(balance=100_000, equity=equity, peak_equity=d(100_000))
    assert DrawdownThrottle()(situation, d(100)).value == d(value)


def test_a_peak_of_nothing_is_no_peak() -> None:
    scaling = DrawdownThrottle()(context(peak_equity=d(0)), d(100))
    assert (scaling.value, scaling.because) == (d(1), "no data")


def test_without_a_peak_nothing_is_scaled_and_it_says_so() -> None:
    scaling = DrawdownThrottle()(context(), d(100))
    assert (scaling.value, scaling.because) == (d(1), "no data")
