"""Figures about the trade asked for: its market's statistics, the account's record, and what one lot can lose."""

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


class LotRisk(NamedTuple):
    """Figures of one lot of this trade in deposit currency, losses rounded up to 1e-8; None is unknown."""

    stop: Decimal
    """From entry to the rounded stop."""
    cost: Decimal
    """Round-turn commission, slippage, and swap if held over a rollover."""
    risk: Decimal
    """The larger of stop, tail and gap, plus cost: the elite sizer's divisor."""
    tail: Decimal | None
    gap: Decimal | None
    gain: Decimal | None
    """From entry to the target; None without one."""
    margin: Decimal | None
    exposure: Decimal | None
    terminal: Decimal | None
    """The loss to the stop as the terminal computes it."""
    tick_value: Decimal | None
    """The same from the symbol's tick value."""
    contract: Decimal | None
    """The same from the contract's size and the conversion rate."""
    because: str = ""
    """Sources of costs and tail, in words."""

    @property
    def at_stop(self) -> Decimal:
        """Loss at the stop with costs; the elite sizer divides by `risk` instead."""
        return self.stop + self.cost
