"""The two caps of source 000: every order it prints, with the shares it should have been."""

from __future__ import annotations

import pytest

from elite_sizer.caps.exposure.cash_reserve import CashReserve
from elite_sizer.model.context import SizingContext
from elite_sizer.model.outcome import SizerResult
from elite_sizer.sizers.dual_cap import DualCap
from elite_sizer.sizing.pipeline import NamedSizer, size
from tests.builders import alone, charge, context, d, lot, request, spec

SHARES = spec("PLTR", volume_min="1", volume_step="1", volume_max="100000", contract_size="1", tick_size="0.01")


def shares(entry: str, stop: str, **changes: object) -> SizingContext:
    """Return the source's account of 105,000 and one share, worth its entry and losing the way to its stop."""
    money = lot(d(entry) - d(stop), exposure=entry)
    return context("PLTR buy", balance=105_000, initial=105_000, money=money, contract=SHARES, **changes)  # type: ignore[arg-type]


def answer(situation: SizingContext) -> SizerResult:
    return size(situation, NamedSizer("dual_cap", DualCap()), ())


def step(situation: SizingContext, name: str) -> str:
    """Return what one step of the proposal came to, as a number without idle zeros."""
    (row,) = [entry for entry in DualCap()(situation).steps if entry.name == name]
    assert row.after is not None
    return f"{row.after:.4f}"


def test_source_000_two_per_cent_of_105_000_over_7_a_share_is_300_shares() -> None:
    # 2,100 / 7 = 300
    assert step(shares("170", "163"), "by_risk") == "300.0000"


def test_source_000_ten_per_cent_of_105_000_at_170_is_61_shares_and_not_its_printed_62() -> None:
    # 10,500 / 170 = 61.76...; 62 x 170 = 10,540 is above the cap of 10,500
    result = answer(shares("170", "163"))
    assert result.lots == 61
    assert result.lots * 170 <= d(10_500) < 62 * d(170)


@pytest.mark.parametrize(
    ("entry", "lots", "printed"),
    [
        ("170.77", 61, 62),  # PLTR: 10,500 / 170.77 = 61.48; printed 62 costs 10,587.74
        ("443.18", 23, 24),  # TSLA: 10,500 / 443.18 = 23.69; printed 24 costs 10,636.32
    ],
)
def test_source_000_the_corrected_orders_of_its_incident_keep_their_own_cap(
    entry: str, lots: int, printed: int
) -> None:
    situation = shares(entry, str(d(entry) - 7))
    assert answer(situation).lots == lots
    assert printed * d(entry) > 10_500


def test_source_000_a_wide_stop_makes_the_risk_bind_instead() -> None:
    # 2,100 / 40 = 52.5 shares, below the 61 of the exposure
    assert answer(shares("170", "130")).lots == 52


@pytest.mark.parametrize(("multiplier", "lots"), [("1", 61), ("0.5", 30), ("0", 0)])
def test_source_000_the_cognitive_multiplier_scales_both_caps(multiplier: str, lots: int) -> None:
    # 10,500 x 0.5 / 170 = 30.88
    situation = shares("170", "163", request=request("PLTR buy sl 163", multiplier=d(multiplier)))
    assert answer(situation).lots == lots


def test_source_000_a_multiplier_never_raises_the_size() -> None:
    situation = shares("170", "163", request=request("PLTR buy sl 163", multiplier=d(2)))
    assert answer(situation).lots == 61


def test_equity_is_the_basis_and_not_the_balance() -> None:
    # 10 % of 84,000 = 8,400 / 170 = 49.4
    situation = context("PLTR buy", balance=105_000, equity=84_000, money=lot(7, exposure=170), contract=SHARES)
    assert answer(situation).lots == 49


def test_a_notional_that_nobody_knows_is_refused() -> None:
    result = answer(context("PLTR buy", money=lot(7, exposure=None), contract=SHARES))
    assert result.refusal is not None
    assert result.refusal.code == "value_unavailable"


def test_source_000_sixty_per_cent_stay_in_cash() -> None:
    # 40 % of 105,000 = 42,000, of which 33,682 is invested: 8,318 / 170 = 48.9
    book = (charge("TSLA buy 76 risks 1", exposure=d(33_682)),)
    assert alone(CashReserve(), shares("170", "163", book=book)).lots == 48


def test_source_000_its_older_rule_of_eighty_per_cent_is_the_strict_choice() -> None:
    # 20 % of 105,000 = 21,000 / 170 = 123.5
    assert alone(CashReserve(d("0.80")), shares("170", "163")).lots == 123
