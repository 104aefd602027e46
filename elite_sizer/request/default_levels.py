"""Stop and target from the configuration, for a trade idea that gives none."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from elite_sizer.model.request import Request
from portfolio.model import Quote, Side
from portfolio.rounding import EXACT, under


@dataclass(frozen=True, slots=True)
class DefaultLevels:
    """Stop and target distances for a trade idea that gives none; None fills nothing in."""

    atr_stop: Decimal | None = None
    """In average true ranges of the request's timeframe, as the next."""
    atr_target: Decimal | None = None
    rr: Decimal | None = None
    """Target distance in stop distances."""
    stop_pct: Decimal | None = None
    """An emergency stop's distance as a share of the price: 0.001 is 0.1 %."""


def with_default_levels(request: Request, default: DefaultLevels) -> Request:
    """Return the request with the configured stop and target where it gives none in any form.

    The target is the farther of the ATR multiple and the reward to risk, where both are set (source 004).
    """
    bare = request.stop is None and request.stop_points is None and request.atr_stop is None
    if bare and default.atr_stop is not None:
        request = replace(request, atr_stop=default.atr_stop)
    aimless = request.target is None and request.rr is None and request.atr_target is None
    if aimless and (default.atr_target is not None or default.rr is not None):
        request = replace(request, atr_target=default.atr_target, rr=default.rr)
    return request


def with_emergency_stop(request: Request, default: DefaultLevels, quote: Quote) -> Request:
    """Return the request with a stop at a share of the price, where it has none of any kind and one is configured.

    Source 002 closes at a loss of 3 % of the margin: at 30 times leverage that is 0.1 % of the price.
    """
    bare = request.stop is None and request.stop_points is None and request.atr_stop is None
    if not bare or default.stop_pct is None:
        return request
    entry = request.entry or (quote.ask if request.side is Side.BUY else quote.bid)
    with under(EXACT):
        return replace(request, stop=entry - request.side.sign * default.stop_pct * entry)
