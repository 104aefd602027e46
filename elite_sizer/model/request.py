"""A trade idea after validation, and whether it opens, adds to, reduces, closes or reverses a position."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from portfolio.model import OrderType, Side


class Intent(StrEnum):
    """Effect of a request on the book."""

    OPEN = "open"
    ADD = "add"
    REDUCE = "reduce"
    CLOSE = "close"
    REVERSE = "reverse"


class HoldingPeriod(StrEnum):
    """Longest time the trade is meant to stay open."""

    INTRADAY = "intraday"
    OVERNIGHT = "overnight"
    WEEKEND = "weekend"


@dataclass(frozen=True, slots=True)
class Request:
    """A trade idea after validation: numbers exact and finite, fractions as fractions (0.75, not 75), times in UTC.

    At most one of `stop`, `stop_points` and `atr_stop` is given, and one of `target`, `rr` and `atr_target`; only
    `rr` and `atr_target` may come together, and then the farther target counts.
    """

    symbol: str
    side: Side
    stop: Decimal | None = None
    stop_points: Decimal | None = None
    atr_stop: Decimal | None = None
    """Stop distance in ATRs of the request's timeframe."""
    entry: Decimal | None = None
    """The price of a pending order; None trades at the market."""
    type: OrderType | None = None
    """None: market without an entry, else limit or stop by the side of the market it lies on."""
    target: Decimal | None = None
    rr: Decimal | None = None
    """Target distance in stop distances."""
    atr_target: Decimal | None = None
    confidence: Decimal | None = None
    """Win probability, 0 to 1."""
    score: Decimal | None = None
    """Market score, 0 to 100."""
    conviction: Decimal | None = None
    """Source 001's own score, 0 to 5."""
    regime: str | None = None
    timeframe: str = "H1"
    hold: HoldingPeriod = HoldingPeriod.OVERNIGHT
    flat_by: datetime | None = None
    multiplier: Decimal | None = None
    """A caller's own factor, at most 1."""
    signal_modifier: Decimal | None = None
    slippage_modifier: Decimal | None = None
    legacy_lots: Decimal | None = None
    signal_id: str | None = None
    oco_group: str | None = None
    reduce: int | None = None
    """The ticket to reduce or close; on netting any position of the symbol."""
    volume: Decimal | None = None
    """Lots to close, where the request reduces; None closes the whole position."""
