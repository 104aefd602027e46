"""Give a trade idea without a stop or a target the ones that the configuration describes."""

from __future__ import annotations

from dataclasses import replace

from elite_sizer.configuration.tables import LevelsTable
from elite_sizer.model.context import Request
from portfolio.model import Quote, Side
from portfolio.rounding import EXACT, under


def filled(request: Request, table: LevelsTable) -> Request:
    """Return the request with what it leaves out; what a caller gives, in whatever form, stands.

    The target is the farther of the ATR multiple and the reward to risk, where both are set (source 004).
    """
    bare = request.stop is None and request.stop_points is None and request.atr_stop is None
    if bare and table.atr_stop is not None:
        request = replace(request, atr_stop=table.atr_stop)
    aimless = request.target is None and request.rr is None and request.atr_target is None
    if aimless and (table.atr_target is not None or table.rr is not None):
        request = replace(request, atr_target=table.atr_target, rr=table.rr)
    return request


def emergency(request: Request, table: LevelsTable, quote: Quote) -> Request:
    """Return the request with a stop at a share of the price, where it has none of any kind and one is configured.

    Source 002 closes at a loss of 3 % of the margin: at 30 times leverage that is 0.1 % of the price.
    """
    bare = request.stop is None and request.stop_points is None and request.atr_stop is None
    if not bare or table.stop_pct is None:
        return request
    entry = request.entry or (quote.ask if request.side is Side.BUY else quote.bid)
    with under(EXACT):
        return replace(request, stop=entry - request.side.sign * table.stop_pct * entry)
