"""Looks up the figures of bars and deals, and measures them only when a bar has closed.

A decision on figures that are still current reads them from memory or the store and imports no numpy; two processes
that share a store decide on the same numbers. An entry is current while its last closed bar (or deal) is the last
one there is, and it was made from at least as many.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import sha256
from importlib import import_module
from types import ModuleType
from typing import Final

from elite_sizer.statistics.cache import StatisticsCache, StatisticStore
from elite_sizer.statistics.figures import (
    BarFigures,
    BookFigures,
    Figure,
    PerformanceFigures,
    RegimeFigure,
    Statistics,
)
from portfolio.instruments.asset_class import asset_class
from portfolio.model import Bars, Side, Snapshot
from portfolio.statistics.correlation_prior import Instrument, Prior, instrument

__all__ = [
    "BarFigures",
    "BookFigures",
    "Figure",
    "PerformanceFigures",
    "RegimeFigure",
    "StatisticStore",
    "Statistics",
    "StatisticsCache",
    "StatisticsSettings",
    "atr_for",
    "refresh",
    "statistics_for",
]

DAILY: Final = "D1"
"""Timeframe of the bars for correlations and the daily ATR."""

FOUR_HOURS: Final = "H4"
"""Timeframe of the bars for weekend gaps and their floor."""

GAP_ATRS: Final = 3.0
"""A weekend gap counts as at least so many four-hour ATRs: the worst of ten years reached 1.9 to 4.6."""

_VERSION: Final = 1
"""Version of the arithmetic; entries of another version are measured again."""

_BLAS_THREADS: Final = ("OPENBLAS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


@dataclass(frozen=True)
class StatisticsSettings:
    """Settings of the figures; `digest` changes with each of them."""

    prior: Prior
    """`elite_sizer.statistics.prior_file.load_prior`, the user's pairs over it."""
    classes: tuple[tuple[str, str], ...] = ()
    """Configured asset classes by symbol name."""
    alpha: float = 0.05
    """Share of the worst bars in the tail."""
    window: int = 1_000
    """Closed bars in the tail."""

    @cached_property
    def digest(self) -> str:
        """Digest that differs for different settings."""
        made_with = (_VERSION, self.prior.digest, self.classes, self.alpha, self.window)
        return sha256(repr(made_with).encode()).hexdigest()[:16]


def statistics_for(
    snapshot: Snapshot,
    symbol: str,
    side: Side,
    timeframe: str,
    price: float,
    *,
    settings: StatisticsSettings,
    cache: StatisticsCache,
    others: Iterable[str] = (),
) -> Statistics:
    """Return every statistic for a trade of `symbol` at `price` (its entry), from the cache where it is current.

    The snapshot should hold bars of the symbol in `timeframe` (1,000), H4 (as many weekends as there are) and D1
    (250), and D1 bars (250) of every symbol in the book; on a current cache the last bar of each is enough. `others`
    are the symbols of reservations, which the snapshot's positions and orders do not show.
    """
    figures = _bar_figures(snapshot, symbol, timeframe, settings, cache)
    four_hours = figures if timeframe == FOUR_HOURS else _bar_figures(snapshot, symbol, FOUR_HOURS, settings, cache)
    daily = figures if timeframe == DAILY else _bar_figures(snapshot, symbol, DAILY, settings, cache)
    book = _book_figures(snapshot, symbol, others, settings, cache)
    return Statistics(
        tail_distance=_times(figures.tail_buy if side is Side.BUY else figures.tail_sell, price),
        gap_distance=_gap(four_hours, price),
        atr=figures.atr,
        atr_h4=four_hours.atr,
        atr_d1=daily.atr,
        median_spread=_spread(snapshot, symbol, figures),
        regime=figures.regime,
        correlations=cache.row(symbol, book),
        book=book,
        performance=_performance(snapshot, cache),
    )


def atr_for(
    snapshot: Snapshot, symbol: str, timeframe: str, *, settings: StatisticsSettings, cache: StatisticsCache
) -> Figure:
    """Return Wilder's ATR of one symbol in price units, without anything about the book."""
    return _bar_figures(snapshot, symbol, timeframe, settings, cache).atr


def refresh(
    snapshot: Snapshot,
    pairs: Iterable[tuple[str, str]],
    *,
    settings: StatisticsSettings,
    cache: StatisticsCache,
) -> None:
    """Measure those of the (symbol, timeframe) pairs that are not current, so that the next decision only looks up."""
    for symbol, timeframe in pairs:
        statistics_for(snapshot, symbol, Side.BUY, timeframe, 1.0, settings=settings, cache=cache)


def _bar_figures(
    snapshot: Snapshot, symbol: str, timeframe: str, settings: StatisticsSettings, cache: StatisticsCache
) -> BarFigures:
    bars = snapshot.bars.get((symbol, timeframe))
    depth = 0 if bars is None else len(bars.time)
    if bars is None or not depth:
        return _without_bars(timeframe)
    return cache.current(
        f"bars|{snapshot.account.server}|{symbol}|{timeframe}",
        lambda: _measurement().bar_figures(bars, settings.alpha, settings.window),
        BarFigures,
        stamp=(settings.digest, int(bars.time[-1]), float(bars.close[-1])),
        depth=depth,
        at=snapshot.taken_at,
    )


@lru_cache(maxsize=64)
def _without_bars(timeframe: str) -> BarFigures:
    unknown_figure = Figure(None, f"no data: no closed {timeframe} bars")
    return BarFigures(
        0,
        unknown_figure,
        unknown_figure,
        unknown_figure,
        unknown_figure,
        unknown_figure,
        RegimeFigure(None, unknown_figure.because),
    )


def _book_figures(
    snapshot: Snapshot, symbol: str, beside: Iterable[str], settings: StatisticsSettings, cache: StatisticsCache
) -> BookFigures | None:
    in_book = {position.symbol for position in snapshot.positions}
    in_book.update(order.symbol for order in snapshot.orders)
    in_book.update(beside)
    in_book.discard(symbol)
    if not in_book:
        return None
    symbols = (symbol, *sorted(in_book))
    last: list[object] = [settings.digest]
    depth = 0
    for name in symbols:
        bars = snapshot.bars.get((name, DAILY))
        if bars is not None and (count := len(bars.time)):
            depth += count
            last.append((int(bars.time[-1]), float(bars.close[-1])))
        else:
            last.append(None)
    return cache.current(
        f"book|{snapshot.account.server}|{'|'.join(symbols)}",
        lambda: _measurement().book_figures(
            {name: snapshot.bars.get((name, DAILY)) or _no_bars(name) for name in symbols},
            _instruments(snapshot, symbols, settings),
            settings.prior,
        ),
        BookFigures,
        stamp=tuple(last),
        depth=depth,
        at=snapshot.taken_at,
    )


def _no_bars(symbol: str) -> Bars:
    return Bars(symbol, DAILY, (), (), (), (), ())


def _instruments(snapshot: Snapshot, symbols: Iterable[str], settings: StatisticsSettings) -> tuple[Instrument, ...]:
    classes, specs = dict(settings.classes), snapshot.specs
    return tuple(instrument(name, asset_class(specs[name], classes)[0] if name in specs else None) for name in symbols)


def _performance(snapshot: Snapshot, cache: StatisticsCache) -> PerformanceFigures:
    account, deals = snapshot.account, snapshot.deals
    if snapshot.deals_since is None or not deals:
        return PerformanceFigures(because="no data: no deals were read")
    return cache.current(
        f"performance|{account.server}|{account.login}",
        lambda: _measurement().performance_figures(snapshot),
        PerformanceFigures,
        stamp=(_VERSION, deals[0].ticket, deals[-1].ticket, len(snapshot.stops)),
        depth=len(deals),
        at=snapshot.taken_at,
    )


def _times(figure: Figure, factor: float) -> Figure:
    return figure if figure.value is None else Figure(figure.value * factor, figure.because)


def _gap(four_hours: BarFigures, price: float) -> Figure:
    """Return the measured gap or three ATRs, whichever is farther, in price units."""
    gap, atr = four_hours.gap, four_hours.atr
    distance = None if gap.value is None else gap.value * price
    if atr.value is None:
        return Figure(distance, f"{gap.because}; {atr.because}")
    floor = GAP_ATRS * atr.value
    if distance is None or distance < floor:
        return Figure(floor, f"{GAP_ATRS:g} x ATR(H4); {gap.because}")
    return Figure(distance, gap.because)


def _spread(snapshot: Snapshot, symbol: str, figures: BarFigures) -> Figure:
    spec = snapshot.specs.get(symbol)
    if spec is None:
        return Figure(None, f"no data: no specification of {symbol}")
    return _times(figures.spread, float(spec.point))


def _measurement() -> ModuleType:
    """Return `elite_sizer.statistics.measurement`, which loads numpy: a decision on current figures never needs it.

    BLAS gets one thread, unless it is loaded or the user has chosen: beside a busy program, such as the terminal, two
    threads take 25 times as long in the worst case.
    """
    if "numpy" not in sys.modules:
        for name in _BLAS_THREADS:
            os.environ.setdefault(name, "1")
    return import_module("elite_sizer.statistics.measurement")
