"""The elite chain of source 003: its published breakdown figure by figure, its gates and its bounds."""

from __future__ import annotations

from dataclasses import replace

import pytest

from elite_sizer.model.context import SizingContext
from elite_sizer.model.outcome import RolloutResult
from elite_sizer.model.plugin import Proposal, Step
from elite_sizer.model.policy import Policy
from elite_sizer.sizers.fixed_risk import FixedRisk
from elite_sizer.sizing.pipeline import NamedSizer
from elite_sizer.sizing.rollout import decide
from tests.builders import (
    account,
    charge,
    context,
    d,
    elite,
    lot,
    plan,
    profile,
    record,
    request,
    room,
    spec,
)

# 11/15 of the room is the source's daily budget; it has no decimal, so its last digit is rounded up
ELEVEN_FIFTEENTHS = d("0.7333333333333333333333333334")


def source_003() -> SizingContext:
    """Return the acceptance scenario: an oil trade on 180,791 with one correlated position open."""
    return context(
        "USOIL buy",
        who=account(180_791),
        initial=180_791,
        money=lot(10, tail=15, gain=30, margin="1004.39", exposure=57_000),
        book=(charge("XAUUSD buy 1.00 risks 270.98"),),
        correlations={"XAUUSD": 0.35},
        net=room(daily=1800, after=2500, overall=9000),
        policy=Policy(budget_fraction=ELEVEN_FIFTEENTHS),
        contract=spec("USOIL", volume_max="50", contract_size="1000", tick_size="0.01"),
        confidence="0.75",
        score=68,
        regime="trending",
        history=record("1.3000"),
    )


def verdict() -> RolloutResult:
    choice = plan(
        NamedSizer("elite", elite()),
        legacy=NamedSizer("fixed_risk", FixedRisk(), "legacy_error"),
        caps=profile(),
    )
    return decide(source_003(), choice)


def steps() -> dict[str, Step]:
    return {step.name: step for step in verdict().answer.proposal.steps}


def allowed(name: str) -> str:
    return str(next(check.lots for check in verdict().answer.checks if check.name == name))


# ---- acceptance, figure by figure


def test_the_base_is_396_the_concentration_limit_and_not_1988() -> None:
    # 1,800 x 11/15 = 1,320; x 0.30 = 396; 1.1 % of 180,791 would be 1,988.70
    base = steps()["base_risk"]
    assert base.after == d(396)
    assert base.because == "30% of the daily risk budget, below 1,988.70"


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("confidence", "396", "297"),  # x 0.75
        ("market_score", "297", "297"),  # x 1.00
        ("regime", "297", "356.4"),  # x 1.20
        ("performance", "356.4", "463.32"),  # x 1.30
    ],
)
def test_each_factor_moves_the_money_as_published(name: str, before: str, after: str) -> None:
    assert (steps()[name].before, steps()[name].after) == (d(before), d(after))


def test_diversification_is_816_and_leaves_378() -> None:
    # beta = 0.35 x 270.98 / 463.32 = 0.2047...; sqrt(1 + beta^2) - beta = 0.8160...
    step = steps()["diversification"]
    assert step.before is not None
    assert step.after is not None
    assert round(step.after / step.before, 3) == d("0.816")
    assert round(step.after) == 378


def test_there_is_no_other_step() -> None:
    assert [*steps()] == ["base_risk", "confidence", "market_score", "regime", "performance", "diversification"]


def test_the_base_size_is_25_lots_at_15_a_lot() -> None:
    answer = verdict().answer
    assert answer.proposal.loss_per_lot == 15
    assert answer.raw_lots is not None
    assert round(answer.raw_lots, 1) == d("25.2")


@pytest.mark.parametrize(
    ("name", "lots"),
    [
        ("symbol_lots", "10.00"),
        ("margin_per_trade", "18.00"),  # 10 % of 180,791 = 18,079.10; / 1,004.39 = 18.00008
        ("daily_loss", "120.00"),  # 1,800 / 15
        ("concentration", "26.40"),  # 396 / 15; the source prints the base size here
    ],
)
def test_each_cap_allows_what_is_published(name: str, lots: str) -> None:
    assert allowed(name) == lots


def test_the_result_is_10_lots_at_a_risk_of_150_cut_by_the_symbol() -> None:
    answer = verdict().answer
    assert (str(answer.lots), answer.binding) == ("10.00", "symbol_lots")
    assert answer.lots * 15 == 150


def test_the_legacy_sizer_would_have_traded_50() -> None:
    # 1.1 % of 180,791 = 1,988.70; / 10 = 198.87, cut by the broker's 50
    legacy = verdict().legacy
    assert (str(legacy.lots), legacy.binding) == ("50.00", "broker_volume")


# ---- the base


def propose(situation: SizingContext, *names: str, **settings: object) -> Proposal:
    return elite(*(names or ("confidence",)), **settings)(situation)


def money(situation: SizingContext, *names: str, **settings: object) -> str:
    proposal = propose(situation, *names, **settings)
    assert proposal.refusal is None
    return f"{proposal.money:f}"


def test_the_base_is_a_share_of_the_basis_where_the_budget_allows_it() -> None:
    # 1.1 % of 100,000 = 1,100; 30 % x 0.7 x 10,000 = 2,100
    situation = context(net=room(daily=10_000))
    assert money(situation) == "1100.000"
    assert propose(situation).steps[0].because == "1.10% of 100,000.00 USD"


def test_the_budget_caps_the_base_where_it_is_smaller() -> None:
    # 30 % x 0.7 x 4,000 = 840
    assert d(money(context(net=room(daily=4000)))) == 840


@pytest.mark.parametrize("daily", [0, -250])
def test_no_room_is_refused(daily: int) -> None:
    refusal = propose(context(net=room(daily=daily))).refusal
    assert refusal is not None
    assert refusal.code == "no_room"


def test_a_cent_of_room_is_not_refused_by_the_sizer() -> None:
    assert propose(context(net=room(daily="0.01"))).refusal is None


def test_the_larger_of_stop_and_tail_divides() -> None:
    assert propose(context(money=lot(500, tail=750, cost=5))).loss_per_lot == 755
    assert propose(context(money=lot(500, tail=300, cost=5))).loss_per_lot == 505


# ---- the gates


@pytest.mark.parametrize(
    ("confidence", "refused"),
    [
        ("0.34", False),  # 2 R: break-even is 1/3
        ("0.3333", True),
        ("0.20", True),
    ],
)
def test_with_a_target_the_probability_must_beat_break_even(confidence: str, *, refused: bool) -> None:
    refusal = propose(context(confidence=confidence, money=lot(500, gain=1000))).refusal
    assert (refusal is not None) is refused
    assert refusal is None or refusal.code == "no_edge"


def test_break_even_itself_is_no_edge() -> None:
    # 1 R: p = 0.5 earns exactly nothing
    assert propose(context(confidence="0.5", money=lot(500, gain=500))).refusal is not None
    assert propose(context(confidence="0.5001", money=lot(500, gain=500))).refusal is None


def test_costs_raise_break_even() -> None:
    # 1,000 - 50 earned against 500 + 50 lost: RR = 950 / 550, break-even 0.3666...
    costly = lot(500, cost=50, gain=1000)
    assert propose(context(confidence="0.36", money=costly)).refusal is not None
    assert propose(context(confidence="0.37", money=costly)).refusal is None
    assert propose(context(confidence="0.36", money=lot(500, gain=1000))).refusal is None


def test_a_target_that_costs_eat_is_no_edge_at_any_probability() -> None:
    refusal = propose(context(confidence="1", money=lot(500, cost=50, gain=40))).refusal
    assert refusal is None or refusal.code == "no_edge"
    assert propose(context(confidence="0.99", money=lot(500, cost=50, gain=40))).refusal is not None


@pytest.mark.parametrize(("confidence", "refused"), [("0.4999", True), ("0.50", False)])
def test_without_a_target_it_must_reach_a_half(confidence: str, *, refused: bool) -> None:
    assert (propose(context(confidence=confidence)).refusal is not None) is refused


def test_without_a_confidence_no_gate_applies() -> None:
    assert propose(context(money=lot(500, gain=1))).refusal is None


def test_the_least_confidence_is_a_setting() -> None:
    assert propose(context(confidence="0.55"), minimum_confidence=d("0.60")).refusal is not None


def test_a_refusal_has_the_figures() -> None:
    refusal = propose(context(confidence="0.30", money=lot(500, gain=1000))).refusal
    assert refusal is not None
    assert refusal.detail == "win probability 30.0% is not above break-even 33.3% at 2.00 R after costs"


# ---- factors and their bounds


def test_factors_multiply_in_the_order_of_the_registry() -> None:
    # 840 x 0.75 x 1.0 x 1.2 x 1.3 = 982.8
    situation = context(net=room(daily=4000), confidence="0.75", score=68, regime="trending", history=record("1.3"))
    assert d(money(situation, "performance", "regime", "market_score", "confidence")) == d("982.8")


def test_together_they_are_held_at_the_ceiling() -> None:
    # 840 x 1.2 x 1.3 = 1,310.4 is 1.56 times the base: held at 1.5 x 840 = 1,260
    situation = context(net=room(daily=4000), regime="trending", history=record("1.3"))
    assert d(money(situation, "regime", "performance")) == 1260
    last = propose(situation, "regime", "performance").steps[-1]
    assert (last.name, last.before, last.after) == ("ceiling", d("1310.4"), d(1260))


def test_below_the_ceiling_it_is_not_mentioned() -> None:
    situation = context(net=room(daily=4000), regime="trending", history=record("1.2"))
    assert d(money(situation, "regime", "performance")) == d("1209.6")
    assert "ceiling" not in [step.name for step in propose(situation, "regime", "performance").steps]


def test_what_reduces_comes_after_the_ceiling() -> None:
    # 1,260 x 0.5
    situation = replace(
        context(net=room(daily=4000), regime="trending", history=record("1.3")), request=request(multiplier="0.5")
    )
    situation = replace(situation, request=replace(situation.request, regime="trending"))
    assert d(money(situation, "regime", "performance", "multiplier")) == 630


def test_missing_data_scales_nothing_and_each_step_says_so() -> None:
    situation = context(net=room(daily=4000))
    names = ("confidence", "market_score", "regime", "performance")
    assert d(money(situation, *names)) == 840
    assert [step.because for step in propose(situation, *names).steps[1:]] == ["no data"] * 4


def test_money_is_rounded_down_to_a_hundred_millionth() -> None:
    # 840 x 0.33333333 x 0.66666666
    situation = context(net=room(daily=4000), confidence="0.66666666", score=20)
    after = d(money(situation, "confidence", "market_score"))
    assert after <= d("840") * d("0.66666666") * d("0.66666666")
    assert after >= d("840") * d("0.66666666") * d("0.66666666") - d("2E-8")
