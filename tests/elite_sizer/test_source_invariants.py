"""What must hold for each source's sizer under any combination of caps, the exposure budgets among them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elite_sizer.caps.reasons import REASONS
from elite_sizer.journal import decision_json as wire
from elite_sizer.journal import line as journal_line
from elite_sizer.model.breakdown import Envelope
from elite_sizer.model.context import Proposer, SizingContext
from elite_sizer.model.outcome import SizerResult
from elite_sizer.model.request import Intent
from elite_sizer.sizers.conviction import Conviction
from elite_sizer.sizers.dual_cap import DualCap
from elite_sizer.sizers.kelly_atr import KellyAtr
from elite_sizer.sizers.leveraged_margin import LeveragedMargin
from elite_sizer.sizing.decision import make_decision
from elite_sizer.sizing.pipeline import NamedCap, NamedSizer, size
from elite_sizer.sizing.rollout import Plan, decide
from portfolio.book.exposure_budget import Spent
from tests.builders import NOW, d, plan, registered
from tests.builders import context as ordinary
from tests.worlds import Draw, Shrinking, World, world

SIZERS: Final[Mapping[str, Proposer]] = {
    "dual_cap": DualCap(),
    "conviction": Conviction(),
    "leveraged_margin": LeveragedMargin(),
    "kelly_atr": KellyAtr(),
}

FEWER: Final = settings(max_examples=max(20, settings().max_examples // 3))
"""A world is a hundred draws."""


def budgets(draw: Draw) -> tuple[NamedCap, ...]:
    """Draw which of the budgets and the leasts are on, each with settings of its own."""
    share = d(draw.integer(1, 30)).scaleb(-2)
    settings: dict[str, Mapping[str, Any]] = {
        "trade_exposure": {"equity_pct": share},
        "daily_exposure": {"equity_pct": share * 2},
        "weekly_exposure": {"equity_pct": share * 4, "money": d(draw.integer(1, 80_000))},
        "positions_per_day": {"most": draw.integer(1, 4)},
        "positions_per_week": {},
        "min_position": {"money": d(draw.integer(0, 500))},
        "min_score": {"least": d(draw.integer(0, 100))},
        "min_rr": {"least": d(draw.integer(1, 30)).scaleb(-1), "after_costs": bool(draw.integer(0, 1))},
    }
    return registered(*(name for name in settings if draw.integer(0, 2)), **settings)


def context(drawn: World, draw: Draw) -> SizingContext:
    made = drawn.context()
    day = draw.integer(0, 30_000)
    money = Spent(
        d(day), d(day + draw.integer(0, 30_000)), draw.integer(0, 3), draw.integer(3, 12), None,
        unknown=("X 1",) if draw.integer(0, 20) == 0 else (),
    )  # fmt: skip
    asked = replace(
        made.request,
        conviction=draw.choice((None, d(0), d("3.2"), d(4), d("4.8"))),
        multiplier=draw.choice((None, d("0.5"), d(1))),
        signal_modifier=draw.choice((None, d("0.7"), d("1.4"))),
    )
    return replace(made, request=asked, budget=None if draw.integer(0, 20) == 0 else money)


def answered(made: SizingContext, name: str, caps: tuple[NamedCap, ...]) -> SizerResult:
    return size(made, NamedSizer(name, SIZERS[name]), caps)


def case(data: st.DataObject) -> tuple[World, SizingContext, tuple[NamedCap, ...]]:
    draw = Shrinking(data)
    drawn = world(draw)
    return drawn, context(drawn, draw), (*drawn.plan().caps, *budgets(draw))


@pytest.mark.parametrize("name", SIZERS)
@FEWER
@given(data=st.data())
def test_lots_are_on_the_grid_and_within_every_room_and_no_more_than_proposed(name: str, data: st.DataObject) -> None:
    drawn, made, caps = case(data)
    answer = answered(made, name, caps)
    lots = Fraction(answer.lots)
    assert lots == 0 or (
        (lots / Fraction(drawn.step)).denominator == 1 and drawn.smallest <= answer.lots <= drawn.largest
    )
    assert (answer.refusal is not None) == (lots == 0)
    assert answer.refusal is None or answer.refusal.code in REASONS
    if lots == 0:
        return
    assert lots <= Fraction(answer.proposal.lots or 0)
    for _, _, limit in answer.limits:
        used = answer.per_lot[limit.per]
        if limit.room is not None:
            assert lots * Fraction(used or 0) <= Fraction(limit.room)
            assert limit.room > 0
        if limit.least is not None:
            assert lots * Fraction(used or 0) >= Fraction(limit.least)


@pytest.mark.parametrize("name", SIZERS)
@FEWER
@given(data=st.data())
def test_another_cap_never_makes_it_larger(name: str, data: st.DataObject) -> None:
    _, made, caps = case(data)
    whole = answered(made, name, caps).lots
    for left in range(len(caps)):
        assert answered(made, name, (*caps[:left], *caps[left + 1 :])).lots >= whole


@pytest.mark.parametrize("name", SIZERS)
@FEWER
@given(data=st.data())
def test_the_order_of_the_caps_does_not_matter(name: str, data: st.DataObject) -> None:
    _, made, caps = case(data)
    assert answered(made, name, caps).lots == answered(made, name, caps[::-1]).lots


@pytest.mark.parametrize("name", SIZERS)
@FEWER
@given(data=st.data(), more=st.integers(1, 50_000))
def test_what_more_was_spent_never_makes_it_larger(name: str, data: st.DataObject, more: int) -> None:
    _, made, caps = case(data)
    if made.budget is None:
        return
    spent = made.budget._replace(
        day=made.budget.day + more, week=made.budget.week + more, positions_day=made.budget.positions_day + 1
    )
    assert answered(replace(made, budget=spent), name, caps).lots <= answered(made, name, caps).lots


@pytest.mark.parametrize("name", SIZERS)
@FEWER
@given(data=st.data())
def test_a_reservation_more_never_makes_it_larger(name: str, data: st.DataObject) -> None:
    _, made, caps = case(data)
    if not made.held or made.intent is not Intent.OPEN:
        return
    fewer = made.with_held(made.held[:-1])
    leaning = any(cap.name == "net_delta" for cap in caps)  # a short reservation makes a long lean less
    assert leaning or answered(made, name, caps).lots <= answered(fewer, name, caps).lots


@pytest.mark.parametrize("name", SIZERS)
@FEWER
@given(data=st.data())
def test_a_journal_line_computes_to_the_same_bytes(name: str, data: st.DataObject) -> None:
    _, made, caps = case(data)
    chosen: Plan = plan(NamedSizer(name, SIZERS[name]), caps=caps)
    line = wire.to_line(make_decision(made, chosen, decide(made, chosen), Envelope("case", NOW)))
    again = journal_line.recomputed(journal_line.read(line), lambda _: chosen)
    assert again is not None
    assert wire.to_line(again) == line


@pytest.mark.parametrize("name", SIZERS)
def test_nonsense_about_the_account_is_never_lots(name: str) -> None:
    made = ordinary()
    for equity in (Decimal(0), Decimal(-1)):
        broke = replace(made, account=replace(made.account, equity=equity, free_margin=equity))
        assert answered(broke, name, ()).lots == 0
