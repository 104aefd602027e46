"""The integration guide's call: its own breakdown, its twenty arguments, and never an exception."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from elite_sizer import dropin
from elite_sizer.dropin.position_sizer import ElitePositionSizer
from elite_sizer.model.trade_figures import TradingRecord

NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)
RECORD = TradingRecord(50, Decimal("1.3"), 0.6, 150.0, 0.85, 4.576, "50 trades with stops")

# source 003's own case, written out for the call: 0.50 from entry to stop at 0.20 a tick of 0.01 is 10.00 a lot; the
# gross distances are its net rooms (1,800 and 9,000) plus 270.98 at risk and the buffer, 0.25 % of 180,791 = 451.98
GUIDE: Mapping[str, Any] = {
    "account_balance": 180_791,
    "ml_confidence": 75,
    "market_score": 68,
    "entry_price": 57.0,
    "stop_loss": 56.5,
    "target_price": 58.5,
    "tick_value": 0.2,
    "tick_size": 0.01,
    "contract_size": 20,
    "symbol": "USOILF26",
    "direction": "BUY",
    "regime": "TRENDING",
    "volatility": 1.2,
    "current_atr": 0.0,
    "open_positions": [{"symbol": "XAUUSD", "side": "buy", "risk": 270.98}],
    "ftmo_distance_to_daily": 1_800 + 270.98 + 451.98,
    "ftmo_distance_to_dd": 9_000 + 270.98 + 451.98,
    "max_lot_broker": 50,
    "min_lot": 0.01,
    "lot_step": 0.01,
}


def sizer(tmp_path: Path, record: TradingRecord | None = RECORD, **options: object) -> ElitePositionSizer:
    """Return the drop-in with the guide's budget fraction and its one correlation."""
    said = {
        "store.path": str(tmp_path),
        "policy.budget_fraction": Decimal(11) / 15,
        "correlation.pairs": {"USOIL XAUUSD": Decimal("0.35")},
        **options,
    }
    return ElitePositionSizer(said, record=record, clock=lambda: NOW, noise=bytes)


def asked(tmp_path: Path, **changes: object) -> dict[str, Any]:
    return sizer(tmp_path).calculate_position_size(**{**GUIDE, **changes})


def test_the_guides_case_ends_at_ten_lots_and_150_at_risk(tmp_path: Path) -> None:
    result = asked(tmp_path)
    assert (result["lot_size"], result["should_trade"], result["risk_dollars"]) == (10.0, True, 150.0)
    assert result["breakdown"]["binding"] == "symbol_lots"
    assert result["breakdown"]["legacy"]["lots"] == 50


def test_the_guides_factors_are_reported(tmp_path: Path) -> None:
    result = asked(tmp_path)
    # 396 x 0.75 x 1.00 x 1.20 x 1.30 = 463.32; beta = 0.35 x 270.98 / 463.32 = 0.2047; sqrt(1 + b^2) - b = 0.816
    assert result["diversification_factor"] == pytest.approx(0.816, abs=5e-4)
    assert result["performance_multiplier"] == 1.3
    assert result["avg_correlation"] == pytest.approx(0.35)
    # p RR - (1 - p) = 0.75 x 3 - 0.25
    assert result["expected_return"] == 2.0
    # 1.5 stops of 0.50 without an ATR: the guide's 15 against 10
    assert result["cvar_95"] == 0.75
    assert float(result["breakdown"]["risk"]["adjusted"]) == pytest.approx(378.08, abs=0.01)


def test_it_keeps_every_key_of_the_guide(tmp_path: Path) -> None:
    wanted = {
        "lot_size",
        "should_trade",
        "risk_dollars",
        "expected_return",
        "diversification_factor",
        "performance_multiplier",
        "cvar_95",
        "avg_correlation",
        "reasoning",
        "breakdown",
    }
    assert wanted <= set(asked(tmp_path))
    assert wanted <= set(asked(tmp_path, account_balance=math.nan))


def test_an_atr_makes_the_tail(tmp_path: Path) -> None:
    # 1.8 x 0.40 = 0.72, below twice the stop of 0.50
    assert asked(tmp_path, current_atr=0.4)["cvar_95"] == pytest.approx(0.72)


def test_the_tail_is_at_most_twice_the_stop(tmp_path: Path) -> None:
    assert asked(tmp_path, current_atr=5.0)["cvar_95"] == pytest.approx(1.0)


def test_a_terminal_record_of_the_same_symbol_is_charged_to_its_stop(tmp_path: Path) -> None:
    # 0.30 to the stop at 0.20 a tick of 0.01 is 6.00 a lot, two lots 12.00
    position = SimpleNamespace(symbol="USOILF26", type=0, sl=56.6, price_current=56.9, volume=2.0)
    result = asked(tmp_path, open_positions=[position])
    assert float(result["breakdown"]["headroom"]["open_risk"]) == pytest.approx(12.0)
    assert "is charged" not in result["reasoning"]


def test_a_position_that_tells_no_risk_is_charged_and_said(tmp_path: Path) -> None:
    result = asked(tmp_path, open_positions=[{"symbol": "EURUSD", "type": 1}])
    # 1.1 % of 180,791
    assert float(result["breakdown"]["headroom"]["open_risk"]) == pytest.approx(1_988.701)
    assert "EURUSD is charged 1.1% of the balance" in result["reasoning"]


def test_a_stop_already_crossed_is_charged_as_unknown(tmp_path: Path) -> None:
    position = {"symbol": "USOILF26", "type": 0, "sl": 57.5, "price_current": 57.0, "volume": 1}
    result = asked(tmp_path, open_positions=[position])
    assert float(result["breakdown"]["headroom"]["open_risk"]) == pytest.approx(1_988.701)


def test_without_a_record_the_performance_is_one(tmp_path: Path) -> None:
    result = sizer(tmp_path, record=None).calculate_position_size(**GUIDE)
    assert result["performance_multiplier"] == 1.0


def test_an_unknown_regime_is_one_and_not_a_trend(tmp_path: Path) -> None:
    steps = {step["name"]: step for step in asked(tmp_path, regime="SIDEWAYS")["breakdown"]["steps"]}
    assert steps["regime"]["before"] == steps["regime"]["after"]


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, "many", None, True])
@pytest.mark.parametrize("name", [name for name, value in GUIDE.items() if isinstance(value, (int, float))])
def test_what_is_no_number_is_a_result_of_no_lots(name: str, bad: object, tmp_path: Path) -> None:
    result = asked(tmp_path, **{name: bad})
    if bad is None and name in {"target_price", "ml_confidence", "market_score", "current_atr", "volatility"}:
        assert result["lot_size"] <= asked(tmp_path)["lot_size"]
    else:
        assert (result["lot_size"], result["should_trade"]) == (0.0, False)
        assert result["reasoning"].startswith("value_not_finite: " + name)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"account_balance": -1}, "input_range"),
        ({"tick_value": 0}, "input_range"),
        ({"lot_step": 0}, "input_range"),
        ({"ml_confidence": 101}, "confidence_range"),
        ({"market_score": -1}, "input_range"),
        ({"stop_loss": 57.5}, "stop_wrong_side"),
        ({"stop_loss": 57.0}, "stop_zero"),
        ({"target_price": 56.0}, "target_wrong_side"),
        ({"direction": "UP"}, "input_range"),
        ({"symbol": ""}, "symbol_unknown"),
        ({"open_positions": [{"symbol": "EURUSD"}]}, "book_unpriceable"),
        ({"open_positions": [{"symbol": "EURUSD", "side": "buy", "risk": math.nan}]}, "book_unpriceable"),
        ({"ftmo_distance_to_daily": 0}, "daily_loss"),
        ({"ftmo_distance_to_dd": -1}, "maximum_loss"),
    ],
)
def test_bad_input_is_refused_with_its_code(changes: dict[str, object], code: str, tmp_path: Path) -> None:
    result = asked(tmp_path, **changes)
    assert (result["lot_size"], result["reasoning"].split(":")[0]) == (0.0, code)


def test_a_sell_mirrors_a_buy(tmp_path: Path) -> None:
    sold = asked(tmp_path, direction="sell", stop_loss=57.5, target_price=55.5, open_positions=[])
    bought = asked(tmp_path, open_positions=[])
    assert sold["lot_size"] == bought["lot_size"] == 10.0


def test_the_stop_file_allows_nothing(tmp_path: Path) -> None:
    (tmp_path / "STOP").write_text("news", encoding="utf-8")
    result = asked(tmp_path)
    assert (result["lot_size"], result["reasoning"].split(":")[0]) == (0.0, "halted")


def test_every_call_is_journaled(tmp_path: Path) -> None:
    asked(tmp_path)
    asked(tmp_path, account_balance=-1)
    (journal,) = tmp_path.glob("decisions-*.jsonl")
    assert len(journal.read_text(encoding="utf-8").splitlines()) == 2


@pytest.mark.parametrize(("said", "elite"), [("true", True), ("false", False)])
def test_the_guides_switch_is_the_flag(said: str, *, elite: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("USE_ELITE_SIZER", said)
    assert dropin.USE_ELITE_SIZER is elite


def test_with_the_switch_off_the_legacy_size_is_returned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("USE_ELITE_SIZER", "false")
    # 1.1 % of 180,791 over 10.00 a lot is 198.87; the broker takes 50
    assert asked(tmp_path)["lot_size"] == 50.0


def test_a_name_that_the_module_lacks_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="USE_ELITE"):
        _ = dropin.USE_ELITE
