"""What a trade must reach at least: a score, a position, a reward; without it there is no trade."""

from __future__ import annotations

import pytest

from elite_sizer.caps.exposure.min_position import MinPosition
from elite_sizer.caps.risk.min_rr import MinRewardToRisk
from elite_sizer.caps.risk.min_score import MinScore
from elite_sizer.model.plugin import Limit
from elite_sizer.sizing.pipeline import size
from tests.builders import alone, context, d, lot, named, sizer, spec

CENTS = spec("AAPL", volume_min="0.01", volume_step="0.01", contract_size="1")


@pytest.mark.parametrize(("lots", "traded"), [("0.49", "0"), ("0.50", "0.50"), ("3.00", "3.00")])
def test_source_001_a_position_is_worth_50_at_least(lots: str, traded: str) -> None:
    # 100 a lot: 0.50 lots are 50
    answer = alone(MinPosition(), context("AAPL buy", money=lot(1, exposure=100), contract=CENTS), lots=lots)
    assert answer.lots == d(traded)


def test_what_is_too_small_says_how_small() -> None:
    made = context("AAPL buy", money=lot(1, exposure=100), contract=CENTS)
    answer = size(made, sizer(lots="0.49"), (named("min_position", MinPosition()),))
    assert answer.refusal is not None
    assert answer.refusal.code == answer.binding == "min_position"
    assert answer.refusal.detail == "a position has at least 50.00 USD of exposure; 0.49 lots have 49.00"


def test_a_position_whose_worth_is_unknown_is_too_small() -> None:
    answer = alone(MinPosition(), context("AAPL buy", money=lot(1, exposure=None), contract=CENTS))
    assert answer.lots == 0


@pytest.mark.parametrize(("score", "taken"), [("69.99", False), ("70", True), ("100", True), (None, True)])
def test_source_000_a_signal_scores_70_at_least(score: str | None, *, taken: bool) -> None:
    assert (alone(MinScore(), context(score=score)).lots > 0) is taken


def test_source_004_two_to_one_is_enough_before_costs() -> None:
    # entry 1.0850, stop 1.0800: 0.0050; target 1.0950: 0.0100; costs of 10 make it 990 / 510 = 1.94
    made = context(money=lot(500, cost=10, gain=1_000), target="1.0950")
    assert MinRewardToRisk(after_costs=False)(made).room is None
    assert MinRewardToRisk()(made).room == 0


def test_source_004_less_is_not() -> None:
    made = context(money=lot(500, gain=999), target="1.0949")
    limit = MinRewardToRisk(after_costs=False)(made)
    assert limit == Limit(d(0), "lot", "1.98 R before costs, at least 2.0 R")


def test_without_a_target_there_is_no_reward() -> None:
    assert MinRewardToRisk(after_costs=False)(context()).room == 0
