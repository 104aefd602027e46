"""The market's regime scales the trade; the caller's word comes before the classifier's."""

from __future__ import annotations

from dataclasses import replace

import pytest

from elite_sizer.factors.regime import Regime
from elite_sizer.model.trade_figures import MarketFigures
from tests.builders import context, d

CLASSIFIED = MarketFigures({}, regime="crisis", regime_because="volatility at its 97th percentile")


@pytest.mark.parametrize(
    ("regime", "value"),
    [("trending", "1.2"), ("ranging", "0.9"), ("volatile", "0.75"), ("crisis", "0.5"), ("unknown", "1.0")],
)
def test_each_regime_has_its_multiplier(regime: str, value: str) -> None:
    assert Regime()(context(regime=regime), d(100)).value == d(value)


def test_the_classified_regime_serves_where_none_was_requested() -> None:
    scaling = Regime()(replace(context(), market=CLASSIFIED), d(100))
    assert (scaling.value, scaling.because) == (d("0.5"), "crisis, volatility at its 97th percentile")


def test_the_requested_regime_comes_first() -> None:
    scaling = Regime()(replace(context(regime="trending"), market=CLASSIFIED), d(100))
    assert (scaling.value, scaling.because) == (d("1.2"), "trending, as requested")


def test_a_trend_that_was_only_read_off_the_bars_enlarges_nothing() -> None:
    guessed = MarketFigures({}, regime="trending", regime_because="ADX 31")
    assert Regime()(replace(context(), market=guessed), d(100)).value == 1


@pytest.mark.parametrize("regime", [None, "sideways"])
def test_no_regime_that_is_known_scales_nothing(regime: str | None) -> None:
    scaling = Regime()(context(regime=regime), d(100))
    assert (scaling.value, scaling.because) == (d(1), "no data")
