"""Correlations, tail, regime and the account's own recent trading, as the factors see them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple


class TradingRecord(NamedTuple):
    """The account's own recent trading, as the performance factor sees it."""

    trades: int
    multiplier: Decimal
    win_rate: float
    average: float
    """Mean net result in deposit currency."""
    sharpe: float
    payoff: float
    because: str


@dataclass(frozen=True, slots=True)
class MarketFigures:
    """Statistics about the candidate, looked up before the decision and never computed in it; None is no data."""

    correlations: Mapping[str, float]
    """With each symbol in the book, both long; the candidate's own symbol is 1."""
    assumed: tuple[str, ...] = ()
    """Symbols with a correlation that was never measured: they add to the risk, but never hedge it."""
    tail_because: str = "no data"
    regime: str | None = None
    regime_because: str = "no data"
    volatility: float | None = None
    """ATR over price on the request's timeframe, for display."""
    record: TradingRecord | None = None
