"""Every name in the registries loads, and what it loads keeps the contract of its kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

import pytest

from elite_sizer.caps import CAPS, HARD, SOFT
from elite_sizer.caps.reasons import REASONS
from elite_sizer.factors import BLEND, FACTORS, REDUCE
from elite_sizer.model.context import Cap, Factor, Proposer, SizingContext
from elite_sizer.model.plugin import Limit
from elite_sizer.model.request import Intent
from elite_sizer.model.trade_figures import MarketFigures
from elite_sizer.sizers import SIZERS
from elite_sizer.sizing.pipeline import NamedCap, size
from elite_sizer.sizing.registry import find, load_object
from portfolio.errors import ConfigError
from portfolio.nearest_name import unknown_name
from portfolio.rules.rule_set import Amount, DailyRule, OverallRule, Rules
from tests.builders import charge, context, d, lot, plugin, record
from tests.builders import room as rooms_of
from tests.builders import sizer as sizer_of

BOOK = (
    charge("EURUSD buy 0.50 risks 250 gains 500", exposure=d(54_000)),
    charge("GBPUSD sell 1.20 risks 333.33", kind="order", exposure=d(150_000), margin=d(1500)),
)
TRAILING = Rules(
    "trailing", DailyRule(Amount(pct=d(5)), ref="max", of="reference"), OverallRule(Amount(pct=d(6)), peak="equity")
)
FULL = lot("512.34", cost="7.5", tail="700.12", gain="1024.68", margin="1085", exposure="108500")

SITUATIONS: Mapping[str, SizingContext] = {
    "fresh": context(),
    "nothing known": context(money=lot(500, margin=None, exposure=None), net=rooms_of()),
    "all known": context(
        confidence="0.75",
        score=68,
        regime="trending",
        history=record("1.3"),
        book=BOOK,
        correlations={"GBPUSD": 0.7},
        money=FULL,
        peak_equity=d(104_000),
    ),
    "under water": context(balance=99_000, equity=95_100, peak_equity=d(110_000), day_loss=d(4900), book=BOOK),
    "no room": context(balance=90_000, net=rooms_of(daily=-1, after=0, overall=-4500)),
    "no stop in the book": context(book=(charge("GBPUSD buy 1.00 unbounded", exposure=d(130_000)),)),
    "trailing": context(rules=TRAILING, money=FULL, book=BOOK),
    "index": context("US30 sell", money=FULL),
    "unheard of": context("TULIPS buy", asset_class="tulips"),
    "adding": context(intent=Intent.ADD, book=BOOK),
    "crisis": replace(context(), market=MarketFigures({}, regime="crisis", regime_because="97th percentile")),
    "hopeless": context(confidence="0.1", money=FULL),
    "window": context(window="news until 12:45 UTC"),
}


@pytest.fixture(params=SITUATIONS)
def situation(request: pytest.FixtureRequest) -> SizingContext:
    return SITUATIONS[str(request.param)]


@pytest.fixture(params=FACTORS)
def factor(request: pytest.FixtureRequest) -> Factor:
    factor: Factor = plugin(FACTORS[str(request.param)])
    return factor


@pytest.fixture(params=CAPS)
def cap(request: pytest.FixtureRequest) -> Cap:
    cap: Cap = plugin(CAPS[str(request.param)])
    return cap


@pytest.fixture(params=SIZERS)
def sizer(request: pytest.FixtureRequest) -> Proposer:
    sizer: Proposer = plugin(SIZERS[str(request.param)])
    return sizer


def test_a_factor_is_a_finite_number_of_zero_or_more_with_a_reason(factor: Factor, situation: SizingContext) -> None:
    scaling = factor(situation, d("123.45"))
    figure: object = scaling.value
    assert isinstance(figure, Decimal)
    assert figure.is_finite()
    assert figure >= 0
    assert scaling.because


def test_a_factor_without_data_is_at_most_one(factor: Factor) -> None:
    assert factor(SITUATIONS["nothing known"], d("123.45")).value <= 1


def test_a_factor_that_reduces_is_at_most_one_anywhere(situation: SizingContext) -> None:
    for name in REDUCE:
        reducing: Factor = plugin(FACTORS[name])
        assert reducing(situation, d("123.45")).value <= 1


def test_a_factor_says_the_same_of_the_same_context(factor: Factor, situation: SizingContext) -> None:
    assert factor(situation, d("123.45")) == factor(situation, d("123.45"))


def test_a_cap_is_a_finite_room_of_a_known_kind_with_a_reason(cap: Cap, situation: SizingContext) -> None:
    limit = cap(situation)
    assert isinstance(limit, Limit)
    room: object = limit.room
    assert room is None or (isinstance(room, Decimal) and room.is_finite())
    assert limit.per in {"loss", "swing", "margin", "exposure", "lot"}
    assert limit.because


def test_a_cap_says_the_same_of_the_same_context(cap: Cap, situation: SizingContext) -> None:
    assert cap(situation) == cap(situation)


def test_a_cap_answers_the_same_whatever_the_size_or_the_signal_would_be(cap: Cap, situation: SizingContext) -> None:
    louder = replace(situation, request=replace(situation.request, confidence=d("0.99"), legacy_lots=d(40)))
    assert cap(louder) == cap(situation)


def test_a_sizer_proposes_money_or_lots_or_refuses_with_its_steps(sizer: Proposer, situation: SizingContext) -> None:
    proposal = sizer(situation)
    given = [figure for figure in (proposal.money, proposal.lots) if figure is not None]
    assert len(given) == (0 if proposal.refusal else 1)
    assert all(figure.is_finite() and figure >= 0 for figure in given)
    assert proposal.refusal is None or proposal.refusal.code in REASONS
    assert all(step.because for step in proposal.steps)
    assert proposal.steps or proposal.refusal


def test_a_sizer_says_the_same_of_the_same_context(sizer: Proposer, situation: SizingContext) -> None:
    assert sizer(situation) == sizer(situation)


@pytest.mark.parametrize("name", CAPS)
def test_a_cap_s_name_is_a_reason(name: str) -> None:
    assert REASONS[name].sentence


@pytest.mark.parametrize("name", CAPS)
def test_a_cap_that_has_no_room_refuses_under_its_name(name: str) -> None:
    full = NamedCap(name, name in HARD, lambda _: Limit(d(0), "lot", "no room"))
    answer = size(context(), sizer_of(1000), (full,))
    assert (answer.lots, answer.binding, answer.refusal) == (d(0), name, (name, "no room"))


def test_a_cap_is_hard_or_soft_and_a_factor_blends_or_reduces() -> None:
    assert not HARD.keys() & SOFT.keys()
    assert [*CAPS] == [*HARD, *SOFT]
    assert not BLEND.keys() & REDUCE.keys()
    assert [*FACTORS] == [*BLEND, *REDUCE]


def test_diversification_is_the_last_factor_since_it_needs_the_money() -> None:
    assert [*FACTORS][-1] == "diversification"


def test_the_hard_caps_are_those_that_protect_the_account() -> None:
    assert [*HARD] == [
        "open_stop",
        "per_trade",
        "idea_risk",
        "broker_volume",
        "free_margin",
        "daily_loss",
        "maximum_loss",
        "following_peak",
        "firm_trade_risk",
        "firm_idea_risk",
        "firm_floating_loss",
        "firm_lots",
        "firm_orders",
        "blackout",
        "daily_halt",
        "drawdown_halt",
    ]


@pytest.mark.parametrize("registry", [CAPS, FACTORS, SIZERS])
def test_a_registry_can_t_be_changed(registry: dict[str, str]) -> None:
    with pytest.raises(TypeError, match="does not support item assignment"):
        registry["mine"] = "my.module:Mine"


def test_an_unknown_name_is_refused_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match=r"There is no cap 'daily_los'; did you mean daily_loss\?"):
        find(CAPS, "daily_los", "cap")


def test_a_name_like_no_other_is_refused_with_all_of_them() -> None:
    assert unknown_name("zzz", {"elite": "", "fixed_risk": ""}, "sizer") == (
        "There is no sizer 'zzz'; known are elite, fixed_risk"
    )


@pytest.mark.parametrize("path", ["elite_sizer.caps.risk.per_trade", "per_trade", ":PerTrade", "elite_sizer.caps:"])
def test_what_is_no_dotted_path_is_refused(path: str) -> None:
    with pytest.raises(ConfigError, match="is no dotted path"):
        load_object(path)


@pytest.mark.parametrize("path", ["no.such.module:Name", "elite_sizer.caps.risk.per_trade:Nothing"])
def test_a_path_that_leads_nowhere_is_refused(path: str) -> None:
    with pytest.raises(ConfigError, match="can't be loaded"):
        load_object(path)
