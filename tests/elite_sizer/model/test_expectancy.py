"""What a trade is worth on average, in units of its own risk, after costs."""

from __future__ import annotations

import pytest

from elite_sizer.model.expectancy import break_even, expectancy, reward_to_risk
from tests.builders import context, d, lot


def test_reward_and_risk_are_both_after_costs() -> None:
    # 980 of reward over 490 of risk
    assert reward_to_risk(context(money=lot(470, cost=20, gain=1000))) == 2


def test_without_a_target_there_is_no_reward() -> None:
    assert reward_to_risk(context(money=lot(500))) is None


def test_source_003_expects_two_r_of_three_to_one_at_three_quarters() -> None:
    # 0.75 x 3 - 0.25
    assert expectancy(context(confidence="0.75", money=lot(10, gain=30))) == 2


@pytest.mark.parametrize(("confidence", "gain"), [(None, 30), ("0.75", None), (None, None)])
def test_without_confidence_or_target_nothing_is_expected(confidence: str | None, gain: int | None) -> None:
    assert expectancy(context(confidence=confidence, money=lot(10, gain=gain))) is None


@pytest.mark.parametrize(
    ("ratio", "probability"), [("3", "0.25"), ("1", "0.5"), ("0", "1"), ("-0.5", "1"), ("2", "0.33333334")]
)
def test_break_even_is_one_over_one_plus_the_ratio_rounded_up(ratio: str, probability: str) -> None:
    assert 0 <= d(probability) - break_even(d(ratio)) < d("1E-8")
