"""Stops and targets in average true ranges, as source 004 works them out; and who gives none gets the profile's."""

from __future__ import annotations

import pytest

from elite_sizer.configuration.settings import load
from elite_sizer.model.request import Request
from elite_sizer.request.default_levels import DefaultLevels, with_default_levels, with_emergency_stop
from elite_sizer.request.idea import TradeIdea, validate
from elite_sizer.request.levels import Levels, levels
from portfolio.model import Quote
from portfolio.reasons import Refusal
from tests.builders import NOW, d, request, spec

COIN = spec("BTCUSD", tick_size="0.01", point="0.01", digits=2, contract_size="1")


def placed(price: str, atr: str | None, asked: Request) -> Levels | Refusal:
    return levels(asked, COIN, Quote("BTCUSD", d(price), d(price), NOW), None if atr is None else d(atr))


def source_004(side: str = "buy", **changes: str) -> Request:
    """Return its bracket: ATR x 2.5, and the farther of ATR x 5.0 and 2 R."""
    asked = {"atr_stop": "2.5", "atr_target": "5", "rr": "2"} | changes
    return request(f"BTCUSD {side}", **{name: d(value) for name, value in asked.items()})


@pytest.mark.parametrize(
    ("price", "atr", "side", "stop", "target"),
    [
        ("100", "3.50", "buy", "91.25", "117.50"),  # 100 - 8.75; both ways 17.50
        ("623.45", "18.20", "buy", "577.95", "714.45"),  # 623.45 - 45.50, + 91.00
        ("100", "3.50", "sell", "108.75", "82.50"),
        ("623.45", "18.20", "sell", "668.95", "532.45"),
    ],
)
def test_source_004_stop_and_target_of_its_two_examples_long_and_short(
    price: str, atr: str, side: str, stop: str, target: str
) -> None:
    made = placed(price, atr, source_004(side))
    assert isinstance(made, Levels)
    assert (made.stop, made.target) == (d(stop), d(target))


def test_source_004_the_farther_target_is_taken() -> None:
    # ATR 3.50: a stop of 3 ATR is 10.50 away, 2 R 21.00, ATR x 5.0 only 17.50
    made = placed("100", "3.50", source_004(atr_stop="3"))
    assert isinstance(made, Levels)
    assert made.target == d("121.00")
    # a stop of 2 ATR is 7.00 away, 2 R 14.00, ATR x 5.0 is 17.50
    made = placed("100", "3.50", source_004(atr_stop="2"))
    assert isinstance(made, Levels)
    assert made.target == d("117.50")


def test_off_the_tick_the_target_is_still_two_to_one_after_the_stop_was_rounded_away() -> None:
    # 2.5 x 3.333 = 8.3325: 91.6675, away to 91.66; 2 x 8.34 = 16.68 beats 16.665
    made = placed("100", "3.333", source_004())
    assert isinstance(made, Levels)
    assert (made.stop, made.target) == (d("91.66"), d("116.68"))


def test_without_an_atr_there_is_neither() -> None:
    made = placed("100", None, source_004())
    assert isinstance(made, Refusal)
    assert (made.code, made.detail) == ("value_unavailable", "BTCUSD has no ATR on H1: too few bars")


def test_a_target_by_atr_and_by_reward_may_be_asked_for_together_but_no_others() -> None:
    both = validate(TradeIdea("BTCUSD", "buy", atr_stop=2.5, atr_target=5, rr=2), NOW)
    assert isinstance(both, Request)
    other = validate(TradeIdea("BTCUSD", "buy", atr_stop=2.5, target=120, rr=2), NOW)
    assert isinstance(other, Refusal)
    assert other.detail == "target and rr are both given; give one of them"


TABLE = DefaultLevels(atr_stop=d("2.5"), atr_target=d(5), rr=d(2))


def test_who_gives_neither_gets_both() -> None:
    made = with_default_levels(request("BTCUSD buy"), TABLE)
    assert (made.atr_stop, made.atr_target, made.rr) == (d("2.5"), d(5), d(2))


@pytest.mark.parametrize("given", [{"stop": d(90)}, {"stop_points": d(500)}, {"atr_stop": d(1)}], ids=str)
def test_a_stop_of_one_s_own_stands(given: dict[str, object]) -> None:
    made = with_default_levels(request("BTCUSD buy", **given), TABLE)
    assert {name: getattr(made, name) for name in given} == given
    assert sum(value is not None for value in (made.stop, made.stop_points, made.atr_stop)) == 1


@pytest.mark.parametrize("given", [{"target": d(120)}, {"rr": d(3)}, {"atr_target": d(4)}], ids=str)
def test_a_target_of_one_s_own_stands(given: dict[str, object]) -> None:
    made = with_default_levels(request("BTCUSD buy", **given), TABLE)
    assert sum(value is not None for value in (made.target, made.rr, made.atr_target)) == 1


def test_by_default_nothing_is_filled_in() -> None:
    asked = request("BTCUSD buy")
    assert with_default_levels(asked, DefaultLevels()) == asked


@pytest.mark.parametrize(
    ("profile", "stop"), [("kelly_atr", "2.5"), ("kelly_atr_aggressive", "2.0"), ("kelly_atr_conservative", "3.0")]
)
def test_source_004_each_preset_has_its_own_stop_and_inherits_the_target(profile: str, stop: str) -> None:
    table = load(options={"profile": profile}, environment={}).levels
    assert (table.atr_stop, table.atr_target, table.rr) == (d(stop), d(5), d(2))


@pytest.mark.parametrize(("side", "stop"), [("buy", "89910.00"), ("sell", "90090.00")])
def test_source_002_an_emergency_stop_at_three_per_cent_of_the_margin_is_an_option(side: str, stop: str) -> None:
    # 3 % of 375 is 11.25, which is 0.1 % of 11,250: 90 of 90,000
    table = DefaultLevels(stop_pct=d("0.001"))
    quote = Quote("BTCUSD", d(90_000), d(90_000), NOW)
    assert with_emergency_stop(request(f"BTCUSD {side}"), table, quote).stop == d(stop)
    own = request(f"BTCUSD {side}", atr_stop=d(2))
    assert with_emergency_stop(own, table, quote) == own
    assert with_emergency_stop(request(f"BTCUSD {side}"), DefaultLevels(), quote).stop is None
