"""Each source's printed figures, end to end under its own profile; and what a wrong configuration is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from elite_sizer import Decision, TradeIdea
from elite_sizer.configuration.settings import load
from portfolio.errors import ConfigError
from tests.captures import DEPOSIT, Document, capture, sizer, symbol

SOURCES = (
    "dual_cap",
    "conviction",
    "leveraged_margin",
    "kelly_atr",
    "kelly_atr_aggressive",
    "kelly_atr_conservative",
)


def unit(price: float, *, step: float = 0.001, name: str = "Crypto") -> Document:
    """Return something whose lot is one unit, as a share or a coin is, without a spread."""
    return symbol(
        price,
        price,
        trade_contract_size=1.0,
        trade_tick_size=0.01,
        trade_tick_value=0.01,
        point=0.01,
        digits=2,
        volume_min=step,
        volume_step=step,
        volume_max=1_000_000.0,
        trade_calc_mode=4,  # a contract for difference with leverage
        currency_base="USD",
        path=name,
    )


def account(money: float, **symbols: Document) -> Document:
    """Return an account with so much money and nothing else done."""
    made = capture(account={"balance": money, "equity": money, "margin_free": money, "leverage": 500}, symbols=symbols)
    made["deals"] = [{**DEPOSIT, "profit": money}]
    return made


def decided(folder: Path, document: Document, idea: TradeIdea, profile: str, **options: Any) -> Decision:  # noqa: ANN401
    with sizer(folder, document, profile=profile, **options) as made:
        return made.size(idea, reserve=False)


@pytest.mark.parametrize(("price", "stop", "lots"), [(170.00, 163, 61), (170.77, 163, 61), (443.18, 420, 23)])
def test_source_000_orders_on_105_000(tmp_path: Path, price: float, stop: float, lots: int) -> None:
    document = account(105_000, PLTR=unit(price, step=1.0))
    assert decided(tmp_path, document, TradeIdea("PLTR", "buy", stop=stop), "dual_cap").lots == lots


@pytest.mark.parametrize(("score", "money"), [("5", 825), ("4", 825), ("3", 550)])
def test_source_001_conviction_on_55_000(tmp_path: Path, score: str, money: int) -> None:
    document = account(55_000, X=unit(1.00))
    made = decided(tmp_path, document, TradeIdea("X", "buy", stop=0.9, conviction=score), "conviction")
    assert made.lots == money


@pytest.mark.parametrize(("score", "money"), [("5", 200), ("4", 150), ("3", 100)])
def test_source_001_conviction_on_10_000(tmp_path: Path, score: str, money: int) -> None:
    document, idea = account(10_000, X=unit(1.00)), TradeIdea("X", "buy", stop=0.9, conviction=score)
    assert decided(tmp_path, document, idea, "conviction").lots == money
    capped = decided(tmp_path, document, idea, "conviction", sizers__conviction__max_position_dollar=300)
    assert capped.lots == money


def test_source_001_a_position_below_50_is_none(tmp_path: Path) -> None:
    # 1 % of 4,900 is 49
    made = decided(tmp_path, account(4_900, X=unit(1.00)), TradeIdea("X", "buy", stop=0.9, conviction=3), "conviction")
    assert made.reason is not None
    assert made.reason.code == "min_position"


def test_source_002_1_500_of_cash_buys_an_eighth_of_a_coin_at_90_000(tmp_path: Path) -> None:
    document = account(1_500, BTCUSD=unit(90_000.0))
    made = decided(tmp_path, document, TradeIdea("BTCUSD", "buy", stop=89_900), "leveraged_margin")
    assert str(made.lots) == "0.125"
    assert "margin 375.00 x leverage 30" in made.explain()


def test_source_002_10_000_of_cash_is_75_000_of_exposure_cut_to_40_000_a_symbol(tmp_path: Path) -> None:
    # 40,000 / 90,000 = 0.4444; 75,000 would be 0.8333
    document = account(10_000, BTCUSD=unit(90_000.0))
    made = decided(tmp_path, document, TradeIdea("BTCUSD", "buy", stop=89_900), "leveraged_margin")
    assert (str(made.lots), made.binding) == ("0.444", "symbol_exposure")
    text = made.explain()
    assert "margin 2,500.00 x leverage 30" in text
    assert "75,000" in text


def test_source_002_without_a_stop_the_emergency_one_is_taken_where_it_is_switched_on(tmp_path: Path) -> None:
    document = account(1_500, BTCUSD=unit(90_000.0))
    made = decided(tmp_path, document, TradeIdea("BTCUSD", "buy"), "leveraged_margin", levels__stop_pct="0.1%")
    assert made.order is not None
    assert str(made.order.stop) == "89910.00"
    assert str(made.lots) == "0.125"


@pytest.mark.parametrize(
    ("profile", "money"),
    [
        ("kelly_atr", "31.250"),
        ("kelly_atr_aggressive", "62.500"),  # half of 25 %, within 15 %
        ("kelly_atr_conservative", "28.571"),  # 0.5 % of 500 over 8.75 %
    ],
)
def test_source_004_500_of_equity_and_a_stop_8_75_per_cent_away(tmp_path: Path, profile: str, money: str) -> None:
    # a unit of 100 is a hundredth of a lot's thousand steps: lots x 100 is money
    document = account(500, X=unit(100.0, step=0.00001))
    made = decided(tmp_path, document, TradeIdea("X", "buy", stop=91.25, target=117.5), profile)
    assert f"{made.lots * 100:.3f}" == money


def test_source_004_without_bars_there_is_no_atr_and_no_trade(tmp_path: Path) -> None:
    made = decided(tmp_path, account(500, X=unit(100.0)), TradeIdea("X", "buy"), "kelly_atr")
    assert made.reason is not None
    assert (made.reason.code, "no ATR" in made.reason.detail) == ("value_unavailable", True)


def test_source_004_less_than_two_to_one_is_denied(tmp_path: Path) -> None:
    document = account(500, X=unit(100.0, step=0.00001))
    made = decided(tmp_path, document, TradeIdea("X", "buy", stop=91.25, target=117.49), "kelly_atr")
    assert made.reason is not None
    assert made.reason.code == "min_rr"


@pytest.mark.parametrize("profile", SOURCES)
def test_lots_by_class_and_margin_by_class_are_off_in_every_source_s_profile(profile: str) -> None:
    settings = load(environment={}, options={"profile": profile})
    assert not {"symbol_lots", "margin_per_trade"} & {*settings.caps_on}
    assert {"open_stop", "broker_volume", "free_margin", "daily_loss", "maximum_loss"} <= {*settings.caps_on}


@pytest.mark.parametrize("profile", SOURCES)
def test_every_source_s_sizer_may_be_the_legacy_one_and_stand_beside_others(tmp_path: Path, profile: str) -> None:
    name = load(environment={}, options={"profile": profile}).elite
    others = ("dual_cap", "conviction", "leveraged_margin", "kelly_atr")
    with sizer(tmp_path, text=f"legacy = '{name}'\nsizer = 'legacy'\n") as made:
        decision = made.size(TradeIdea("EURUSD", "buy", stop="1.0800"), reserve=False, also=others)
    assert decision.sizer == name
    assert decision.verdict is not None
    assert [one.sizer for one in decision.verdict.also] == [*others]
    assert all(one.lots > 0 and one.binding for one in decision.verdict.also)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"profile": "dual_cpa"}, "dual_cap"),
        ({"profile": "kelly"}, "kelly_atr"),
        ({"elite": "convction"}, "did you mean conviction?"),
        ({"legacy": "leverage_margin"}, "did you mean leveraged_margin?"),
        ({"caps.on": ("weekly_exposre",)}, "did you mean weekly_exposure?"),
        ({"budget.scan_time": ["10:30"]}, "scan_times"),
    ],
)
def test_a_name_that_is_unknown_is_told_the_nearest(options: dict[str, object], said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(environment={}, options=options)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"caps__daily_exposure__equity_pct": "50%"}, "50.00% is above [caps.weekly_exposure] equity_pct, 40.00%"),
        ({"caps__trade_exposure__equity_pct": "25%"}, "25.00% is above [caps.daily_exposure] equity_pct, 20.00%"),
        ({"budget__scan_times": ["15:55", "10:30"]}, "scan times must rise through the day, not 15:55, 10:30"),
        ({"budget__scan_times": ["half past ten"]}, "Invalid isoformat string"),
    ],
)
def test_limits_and_scans_that_contradict_each_other_size_nothing(
    tmp_path: Path, options: dict[str, Any], said: str
) -> None:
    made = decided(tmp_path, capture(), TradeIdea("EURUSD", "buy", stop="1.0800"), "dual_cap", **options)
    assert made.reason is not None
    assert made.reason.code == "config_invalid"
    assert said in made.reason.detail


def test_sizers_shown_beside_say_what_bound_each(tmp_path: Path) -> None:
    with sizer(tmp_path) as made:
        text = made.size(
            TradeIdea("EURUSD", "buy", stop="1.0800"), reserve=False, also=("dual_cap", "leveraged_margin")
        ).explain()
    # 10 % of 100,000 over 108,500 a lot; 25 % of the cash is held to 5,000 of margin, times 30 is 150,000
    assert "also dual_cap would say 0.09 lots, bound by exposure" in text
    assert "also leveraged_margin would say 1.38 lots, bound by exposure" in text
