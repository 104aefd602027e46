"""Age limits of quotes and bars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

from mt5bridge.errors import MomentError, SymbolError, UnusableValueError
from mt5bridge.metatrader.constants import FOREX_MODES, timeframe_seconds
from portfolio.model import Quote, SymbolSpec
from portfolio.reasons import refuse

METALS: Final = frozenset({"XAU", "XAG", "XPT", "XPD"})
SUSPECT: Final = 60.0
"""Seconds: a quote further ahead of our clock than this means that a clock is wrong, not that the wire was quick."""
HIGHEST: Final = 1e15
BAR_GRACE: Final = 60
"""Seconds within which the bar of a new quote must have appeared."""


@dataclass(frozen=True, slots=True)
class Freshness:
    """The oldest allowed age of a quote, in seconds."""

    forex: float = 5.0
    """Currency pairs and metals."""
    other: float = 15.0
    conversion: float = 60.0
    """For a quote that only converts money; an older quote is left out, so that the rate counts as missing."""
    by_symbol: Mapping[str, float] = field(default_factory=dict)
    future: float = 2.0
    """By so much a quote may seem to be ahead of our clock."""

    def limit(self, spec: SymbolSpec) -> float:
        """Return the oldest age allowed for a symbol's quote, in seconds."""
        quick = spec.calc_mode in FOREX_MODES or spec.currency_base in METALS or "metal" in spec.path.casefold()
        return self.by_symbol.get(spec.name, self.forex if quick else self.other)


def usable(quote: Quote) -> bool:
    """Whether a quote has two prices that are not crossed."""
    return 0 < quote.bid <= quote.ask


def check_quote(quote: Quote, age: float, limit: float, ahead: float) -> None:
    """Refuse a quote that is zero, crossed, too old, or from the future; `age` in seconds by the broker's clock."""
    name = quote.symbol
    if quote.bid == 0 and quote.ask == 0:
        raise SymbolError(refuse("symbol_unavailable", f"{name} has no quote yet"))
    if not usable(quote):
        raise MomentError(refuse("tick_invalid", f"{name}: bid {quote.bid}, ask {quote.ask}"))
    if age > limit:
        raise MomentError(refuse("tick_stale", f"{name}: the quote is {age:.1f} s old, allowed are {limit:g} s"))
    if age < -SUSPECT:
        raise MomentError(refuse("clock_suspect", f"{name}: the quote is {-age:.1f} s ahead of this computer's clock"))
    if age < -ahead:
        detail = f"{name}: the quote is {-age:.1f} s ahead of this computer's clock, allowed are {ahead:g} s"
        raise MomentError(refuse("tick_future", detail))


def check_bars(name: str, timeframe: str, columns: Mapping[str, Sequence[Any]], tick: float | None) -> None:
    """Refuse bars that are missing, out of order, not positive, or that end before the quote (a server epoch)."""
    where = f"{name} {timeframe}"
    times = columns["time"]
    if not times:
        raise MomentError(refuse("terminal_no_data", f"copy_rates_from_pos gave no bars for {where}"))
    if any(later <= earlier for earlier, later in pairwise(times)):
        raise MomentError(refuse("snapshot_torn", f"bars of {where} are out of order"))
    for column in ("open", "high", "low", "close"):
        for at, price in zip(times, columns[column], strict=True):
            # NaN fails the comparison and is refused with the rest
            if not isinstance(price, int | float) or not 0 < price < HIGHEST:
                raise UnusableValueError(refuse("value_not_finite", f"bars of {where}: {column} is {price!r} at {at}"))
    if tick is not None and tick >= times[-1] + timeframe_seconds(timeframe) + BAR_GRACE:
        detail = f"the newest bar of {where} opened {tick - times[-1]:.0f} s before the quote"
        raise MomentError(refuse("bars_stale", detail))
