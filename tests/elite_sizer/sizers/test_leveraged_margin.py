"""Margin, leverage and exposure as source 002 learnt to tell them apart, figure by figure."""

from __future__ import annotations

import pytest

from elite_sizer.caps.activity.max_positions import MaxPositions
from elite_sizer.caps.exposure.gross_exposure import GrossExposure
from elite_sizer.caps.exposure.symbol_exposure import SymbolExposure
from elite_sizer.model.context import SizingContext
from elite_sizer.model.outcome import SizerResult
from elite_sizer.sizers.leveraged_margin import LeveragedMargin
from elite_sizer.sizing.pipeline import NamedSizer, size
from tests.builders import Number, account, charge, context, d, lot, named, request, spec

COINS = spec("BTCUSD", volume_min="0.0001", volume_step="0.0001", volume_max="1000000", contract_size="1")
CAPS = (
    named("symbol_exposure", SymbolExposure(money=d(40_000))),
    named("gross_exposure", GrossExposure(times_equity=None, money=d(150_000))),
    named("max_positions", MaxPositions(4)),
)


def coin(cash: Number, **changes: object) -> SizingContext:
    """Return an account with so much free cash, and a coin at 90,000 that loses 900 at its stop."""
    who = account(cash)
    return context("BTCUSD buy", who=who, initial=cash, money=lot(900, exposure=90_000), contract=COINS, **changes)  # type: ignore[arg-type]


def figures(situation: SizingContext, **settings: object) -> tuple[str, str]:
    """Return margin and exposure as the sizer shows them."""
    steps = {step.name: step for step in LeveragedMargin(**settings)(situation).steps}  # type: ignore[arg-type]
    return f"{steps['exposure'].before:f}", f"{steps['exposure'].after:f}"


def answer(situation: SizingContext, **settings: object) -> SizerResult:
    return size(situation, NamedSizer("leveraged_margin", LeveragedMargin(**settings)), ())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("cash", "margin", "exposure"),
    [
        (10_000, "2500.00", "75000.00"),  # 25 % of 10,000; x 30
        (1_500, "375.00", "11250.00"),  # 25 % of 1,500; x 30
        (20_000, "5000.00", "150000.00"),
        (40_000, "5000", "150000"),  # 25 % would be 10,000, above the 5,000 a trade
    ],
)
def test_source_002_margin_and_exposure_of_its_accounts(cash: int, margin: str, exposure: str) -> None:
    assert tuple(map(d, figures(coin(cash)))) == (d(margin), d(exposure))


def test_source_002_11_250_at_90_000_a_coin_is_an_eighth_of_it() -> None:
    assert answer(coin(1_500)).lots == d("0.125")


def test_source_002_the_second_trade_takes_a_quarter_of_what_is_left() -> None:
    # 10,000 - 2,500 = 7,500 free; 25 % = 1,875; x 30 = 56,250
    who = account(10_000, margin="2500", free_margin="7500")
    situation = context("BTCUSD buy", who=who, initial=10_000, money=lot(900, exposure=90_000), contract=COINS)
    assert tuple(map(d, figures(situation))) == (d(1_875), d(56_250))


def test_what_is_reserved_is_not_free_cash() -> None:
    # 10,000 - 2,500 reserved = 7,500
    reserved = (charge("ETHUSD buy 1 risks 1", kind="reservation", margin=d(2_500)),)
    assert d(figures(coin(10_000, held=reserved))[0]) == 1_875


def test_source_002_margin_leverage_and_exposure_are_three_numbers() -> None:
    proposal = LeveragedMargin()(coin(10_000))
    assert proposal.steps[0].because == "25% of 10,000.00 USD free, at most 5,000.00"
    assert proposal.steps[1].because == "margin 2,500.00 x leverage 30"
    assert proposal.steps[2].because == "75,000.00 over 90,000.00 a lot"


@pytest.mark.parametrize(
    ("already", "money"),
    [
        (0, 40_000),  # 75,000 wanted, 40,000 a symbol
        (1, 40_000),
        (2, 40_000),
        (3, 30_000),  # 150,000 - 3 x 40,000
    ],
)
def test_source_002_with_its_exposure_caps_the_trades_are_40_40_40_and_30_thousand(already: int, money: int) -> None:
    book = tuple(charge(f"COIN{n} buy 1 risks 1", id=str(n), exposure=d(40_000)) for n in range(already))
    situation = context(
        "BTCUSD buy", who=account(10_000), initial=10_000, money=lot(1, exposure=1), contract=COINS, book=book
    )
    assert size(situation, NamedSizer("leveraged_margin", LeveragedMargin()), CAPS).lots == money


def test_source_002_a_fifth_position_is_denied() -> None:
    book = tuple(charge(f"COIN{n} buy 1 risks 1", id=str(n), exposure=d(1)) for n in range(4))
    result = size(coin(10_000, book=book), NamedSizer("leveraged_margin", LeveragedMargin()), CAPS)
    assert result.lots == 0
    assert result.refusal is not None
    assert result.refusal.code == "max_positions"


def test_source_002_the_confidence_multiplier_scales_the_margin() -> None:
    # 2,500 x 0.75 = 1,875; x 30 = 56,250
    situation = coin(10_000, request=request("BTCUSD buy sl 89100", confidence=d("0.75")))
    assert tuple(map(d, figures(situation, by_confidence=True))) == (d(1_875), d(56_250))
    assert tuple(map(d, figures(situation))) == (d(2_500), d(75_000))


def test_without_free_cash_there_is_no_room() -> None:
    who = account(10_000, margin="10000", free_margin="0")
    result = answer(context("BTCUSD buy", who=who, money=lot(900, exposure=90_000), contract=COINS))
    assert result.refusal is not None
    assert result.refusal.code == "no_room"


def test_a_notional_that_nobody_knows_is_refused() -> None:
    result = answer(context("BTCUSD buy", money=lot(900, exposure=None), contract=COINS))
    assert result.refusal is not None
    assert result.refusal.code == "value_unavailable"
