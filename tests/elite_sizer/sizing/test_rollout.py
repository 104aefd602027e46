"""The flag chooses who answers, the guard whether hard caps cut legacy, and a halt stops them all."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any, cast

import pytest

from elite_sizer.model.context import SizingContext
from elite_sizer.model.outcome import Flag, FlagValue, RolloutResult
from elite_sizer.model.plugin import Limit, Proposal
from elite_sizer.sizing.pipeline import NamedSizer
from elite_sizer.sizing.rollout import Plan, cut_and_choose, decide, propose_all
from portfolio.reasons import refuse
from tests.builders import charge, context, d, elite, lot, named, plan, profile, sizer

ELITE = sizer(lots="0.40", name="elite")
LEGACY = sizer(lots="3.00", name="mine")
FEW = named("symbol_lots", lambda _: Limit(d("0.25"), "lot", "a quarter of a lot"))
TWO = named("daily_loss", lambda _: Limit(d("2.00"), "lot", "two lots"), hard=True)
HALT = refuse("halted", "STOP file")


def verdict(flag: str, *, guard: bool = True, situation: SizingContext | None = None) -> RolloutResult:
    return decide(situation or context(), plan(ELITE, flag=flag, guard=guard, legacy=LEGACY, caps=(TWO, FEW)))


def test_elite_answers_under_every_cap() -> None:
    answer = verdict("elite").answer
    assert (answer.sizer, answer.lots, answer.binding) == ("elite", d("0.25"), "symbol_lots")


def test_elite_s_answer_stands_beside_legacy_s() -> None:
    assert verdict("elite").legacy.lots == d("2.00")


def test_shadow_returns_legacy_and_records_elite() -> None:
    result = verdict("shadow")
    assert (result.answer.sizer, result.answer.lots) == ("mine", d("2.00"))
    assert result.elite is not None
    assert (result.elite.sizer, result.elite.lots) == ("elite", d("0.25"))


def test_legacy_returns_legacy_and_knows_no_elite() -> None:
    result = verdict("legacy")
    assert (result.answer.sizer, result.answer.lots, result.elite) == ("mine", d("2.00"), None)


def test_the_guard_cuts_legacy_to_the_hard_caps_alone() -> None:
    answer = verdict("legacy").answer
    assert (answer.lots, answer.binding) == (d("2.00"), "daily_loss")
    assert [check.name for check in answer.checks] == ["daily_loss"]


def test_without_the_guard_nothing_cuts_legacy() -> None:
    answer = verdict("legacy", guard=False).answer
    assert (answer.lots, answer.binding, answer.checks) == (d("3.00"), "proposal", ())


def test_without_the_guard_elite_is_still_cut() -> None:
    assert verdict("elite", guard=False).answer.lots == d("0.25")


@pytest.mark.parametrize("lots", ["0.123456789", "77", "0.30000000000000004", "1E+3"])
def test_without_the_guard_the_result_is_the_legacy_function_s_bit_for_bit(lots: str) -> None:
    for flag in ("legacy", "shadow"):
        choice = plan(ELITE, flag=flag, guard=False, legacy=sizer(lots=lots), caps=(TWO, FEW))
        assert str(decide(context(), choice).answer.lots) == lots


def test_the_guard_never_enlarges_legacy() -> None:
    small = plan(flag="legacy", legacy=sizer(lots="0.50"), caps=(TWO, FEW))
    assert decide(context(), small).answer.lots == d("0.50")


def test_legacy_mode_asks_no_soft_cap_and_no_cap_at_all_without_the_guard() -> None:
    asked: list[str] = []

    def ask(name: str, *, hard: bool) -> Any:  # noqa: ANN401 - a cap
        def cap(_: SizingContext) -> Limit:
            asked.append(name)
            return Limit(None, "lot", "none")

        return named(name, cap, hard=hard)

    caps = (ask("daily_loss", hard=True), ask("symbol_lots", hard=False))
    decide(context(), plan(flag="legacy", legacy=LEGACY, caps=caps))
    assert asked == ["daily_loss"]
    decide(context(), plan(flag="legacy", guard=False, legacy=LEGACY, caps=caps))
    assert asked == ["daily_loss"]


def test_each_cap_is_asked_once_for_all_sizers() -> None:
    asked: list[str] = []

    def cap(_: SizingContext) -> Limit:
        asked.append("daily_loss")
        return Limit(None, "lot", "none")

    decide(context(), plan(ELITE, legacy=LEGACY, caps=(named("daily_loss", cap, hard=True),), also=(ELITE, ELITE)))
    assert asked == ["daily_loss"]


def test_sizers_beside_the_answer_are_cut_like_elite_and_change_nothing() -> None:
    choice = plan(ELITE, legacy=LEGACY, caps=(TWO, FEW), also=(sizer(lots=9, name="conviction"),))
    result = decide(context(), choice)
    assert [(beside.sizer, beside.lots) for beside in result.also] == [("conviction", d("0.25"))]
    assert result.answer == verdict("elite").answer


def test_a_flag_that_needs_elite_is_no_plan_without_it() -> None:
    for value in (FlagValue.ELITE, FlagValue.SHADOW):
        with pytest.raises(ValueError, match="no elite sizer was loaded"):
            Plan(Flag(value, "test"), guard=True, caps=(), legacy=LEGACY, elite=None)
    assert Plan(Flag(FlagValue.LEGACY, "test"), guard=True, caps=(), legacy=LEGACY, elite=None).elite is None


# ---- a legacy sizer that proposes money, or nothing


def test_money_is_floored_to_the_grid_even_without_the_guard() -> None:
    # 1,100 / 500 = 2.20
    choice = plan(flag="legacy", guard=False, legacy=sizer(1100), caps=(TWO, FEW))
    assert decide(context(money=lot(500)), choice).answer.lots == d("2.20")


def test_no_lots_from_legacy_have_a_reason_even_without_the_guard() -> None:
    answer = decide(context(), plan(flag="legacy", guard=False, legacy=sizer(lots=0, name="mine"))).answer
    assert answer.lots == 0
    assert answer.refusal == refuse("below_min_lot", "mine gives 0 lots")


# ---- elite fails


def fails(_: SizingContext) -> Proposal:
    message = "no such model"
    raise RuntimeError(message)


BAD: dict[str, Any] = {
    "raises": fails,
    "NaN": lambda _: Proposal(money=d("NaN")),
    "negative": lambda _: Proposal(money=d(-5)),
    "infinite": lambda _: Proposal(lots=d("Infinity")),
    "nothing": lambda _: None,
    "a float": lambda _: Proposal(lots=cast("Decimal", 0.4)),
}


@pytest.mark.parametrize("how", BAD)
def test_elite_that_fails_is_denied(how: str) -> None:
    answer = decide(context(), plan(BAD[how], legacy=LEGACY, caps=(TWO,))).answer
    assert answer.lots == 0
    assert answer.refusal is not None
    assert answer.refusal.code == "elite_error"


@pytest.mark.parametrize("how", BAD)
def test_elite_that_fails_in_shadow_leaves_legacy_alone(how: str) -> None:
    result = decide(context(), plan(BAD[how], flag="shadow", legacy=LEGACY, caps=(TWO,)))
    assert result.answer == decide(context(), plan(ELITE, flag="shadow", legacy=LEGACY, caps=(TWO,))).answer
    assert result.elite is not None
    assert result.elite.lots == 0


@pytest.mark.parametrize("how", BAD)
@pytest.mark.parametrize("guard", [True, False])
def test_legacy_that_fails_is_denied_by_its_own_name(how: str, *, guard: bool) -> None:
    legacy = NamedSizer("mine", BAD[how], "legacy_error")
    answer = decide(context(), plan(flag="legacy", guard=guard, legacy=legacy, caps=(TWO,))).answer
    assert answer.lots == 0
    assert answer.refusal is not None
    assert answer.refusal.code == "legacy_error"


def test_legacy_that_fails_does_not_touch_elite() -> None:
    broken = NamedSizer("mine", fails, "legacy_error")
    result = decide(context(), plan(ELITE, legacy=broken, caps=(TWO, FEW)))
    assert result.answer.lots == d("0.25")
    assert result.legacy.lots == 0


# ---- a halt


@pytest.mark.parametrize("flag", ["legacy", "shadow", "elite"])
@pytest.mark.parametrize("guard", [True, False])
def test_a_halt_blocks_whatever_the_sizer_and_the_guard(flag: str, *, guard: bool) -> None:
    halted = verdict(flag, guard=guard, situation=context(halt=HALT))
    for answer in (halted.answer, halted.legacy, halted.elite):
        assert answer is None or (answer.lots, answer.refusal) == (d(0), HALT)
    assert verdict(flag, guard=guard).answer.lots > 0


def test_a_halt_blocks_the_sizers_beside_the_answer_too() -> None:
    choice = plan(ELITE, legacy=LEGACY, also=(ELITE,))
    assert decide(context(halt=HALT), choice).also[0].lots == 0


def test_a_halt_comes_before_a_sizer_s_own_refusal() -> None:
    answer = decide(context(halt=HALT), plan(fails, legacy=LEGACY)).answer
    assert answer.refusal == HALT


# ---- fresh reservations


def test_reservations_found_at_commit_only_cut_again() -> None:
    # the book may risk 3,000, another bot holds 2,950: 50 / 500 = 0.10
    reserved = (charge("GBPUSD buy 9.00 risks 2950", kind="reservation"),)
    choice = plan(sizer(lots=9, name="elite"), legacy=LEGACY, caps=profile())
    market = context(money=lot(500))
    assert decide(market, choice).answer.lots == d("1.99")
    assert decide(market, choice, fresh=reserved).answer.lots == d("0.10")


def test_the_proposal_stands_when_reservations_change() -> None:
    reserved = (charge("EURUSD buy 1.00 risks 100", kind="reservation"),)
    choice = plan(NamedSizer("elite", elite()), legacy=LEGACY, caps=profile())
    market = context(money=lot(500))
    assert decide(market, choice, fresh=reserved).answer.proposal == decide(market, choice).answer.proposal


def test_a_reservation_that_is_gone_gives_its_room_back_up_to_the_proposal() -> None:
    reserved = (charge("GBPUSD buy 9.00 risks 2950", kind="reservation"),)
    choice = plan(sizer(lots="0.30", name="elite"), legacy=LEGACY, caps=profile())
    market = context(money=lot(500), held=reserved)
    assert decide(market, choice).answer.lots == d("0.10")
    assert decide(market, choice, fresh=()).answer.lots == d("0.30")


def test_the_same_context_and_proposals_conclude_alike() -> None:
    choice = plan(NamedSizer("elite", elite()), legacy=LEGACY, caps=profile())
    market = context(money=lot(500), confidence="0.75")
    proposals = propose_all(market, choice)
    assert (
        cut_and_choose(market, choice, proposals)
        == cut_and_choose(replace(market), choice, proposals)
        == decide(market, choice)
    )
