"""Measures bars and deals when a bar has closed: the only part of the sizer that needs numpy.

Nothing here raises for a terminal's data: a figure that can't be measured is None, with the reason in words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from elite_sizer.statistics.figures import BarFigures, BookFigures, Figure, PerformanceFigures, RegimeFigure
from portfolio.model import Bars, Side, Snapshot
from portfolio.statistics.correlation import Estimate, estimate
from portfolio.statistics.correlation_prior import Instrument, Prior, correlation
from portfolio.statistics.gap_risk import gap_fraction
from portfolio.statistics.regime import classify
from portfolio.statistics.samples import SampleError
from portfolio.statistics.spread import median_spread
from portfolio.statistics.tail_risk import tail_fraction
from portfolio.statistics.volatility import PERIOD, wilder_atr
from portfolio.track_record.performance import multiplier, summary
from portfolio.track_record.trades import trades

_SETTLED = 200
"""Bars after which the seed of Wilder's recursion no longer shows."""


def bar_figures(bars: Bars, alpha: float, window: int) -> BarFigures:
    """Return the figures of one symbol's closed bars, for both sides; `alpha` and `window` are the tail's."""
    return BarFigures(
        bars=len(bars),
        tail_buy=_tail(bars, Side.BUY, alpha, window),
        tail_sell=_tail(bars, Side.SELL, alpha, window),
        atr=_atr(bars),
        gap=_or_none(lambda: _gap(bars)),
        spread=_spread(bars),
        regime=_regime(bars),
    )


def book_figures(bars_by_symbol: Mapping[str, Bars], instruments: tuple[Instrument, ...], prior: Prior) -> BookFigures:
    """Return the correlations of the first symbol with the others, and of all with each other."""
    fault = ""
    try:
        correlations = estimate(bars_by_symbol, prior, instruments=instruments)
    except SampleError as error:
        fault = f" ({error})"
        correlations = estimate({symbol: _empty(symbol) for symbol in bars_by_symbol}, prior, instruments=instruments)
    origins = [_origin(correlations, instruments, prior, at, fault) for at in range(len(instruments))]
    return BookFigures(
        returns=correlations.returns,
        symbols=correlations.symbols,
        matrix=tuple(tuple(map(float, row)) for row in correlations.matrix),
        assumed=tuple(assumption for assumption, _ in origins),
        because=tuple(because for _, because in origins),
    )


def performance_figures(snapshot: Snapshot) -> PerformanceFigures:
    """Return the figures of the account's closed trades; the multiplier is 1 where there are none."""
    history = trades(snapshot.deals, snapshot.stops)
    factor, figures = multiplier(history.trades), summary(history.trades)
    missing = f"; {len(history.left_out)} positions could not be read" if history.left_out else ""
    return PerformanceFigures(
        multiplier=factor.value,
        uncapped=factor.uncapped,
        capped=factor.capped,
        independent=factor.trades,
        closed=figures.trades,
        wins=figures.wins,
        losses=figures.losses,
        win_rate=figures.win_rate,
        payoff=figures.payoff,
        average=figures.expectancy,
        average_r=figures.expectancy_r,
        sharpe=figures.sharpe,
        because=factor.because + missing,
    )


def _or_none(measure: Callable[[], Figure]) -> Figure:
    try:
        return measure()
    except SampleError as error:
        return Figure(None, f"no data: {error}")


def _tail(bars: Bars, side: Side, alpha: float, window: int) -> Figure:
    def measure() -> Figure:
        tail = tail_fraction(bars, side, alpha=alpha, window=window)
        return Figure(tail.fraction, tail.because)

    return _or_none(measure)


def _atr(bars: Bars) -> Figure:
    def measure() -> Figure:
        if len(bars) <= PERIOD:
            return Figure(None, f"no data: {len(bars)} closed {bars.timeframe} bars, {PERIOD + 1} are needed")
        value = float(wilder_atr(bars.high, bars.low, bars.close)[-1])
        remark = "" if len(bars) >= _SETTLED else f", {_SETTLED} would be better"
        return Figure(value, f"Wilder's ATR({PERIOD}) of {len(bars)} closed {bars.timeframe} bars{remark}")

    return _or_none(measure)


def _gap(bars: Bars) -> Figure:
    gap = gap_fraction(bars)
    return Figure(gap.fraction, gap.because)


def _spread(bars: Bars) -> Figure:
    spread = median_spread(bars)
    return Figure(spread.points, spread.because)


def _regime(bars: Bars) -> RegimeFigure:
    try:
        regime = classify(bars)
    except SampleError as error:
        return RegimeFigure(None, f"no data: {error}")
    return RegimeFigure(regime.name, regime.because)


def _empty(symbol: str) -> Bars:
    return Bars(symbol, "D1", (), (), (), (), ())


def _origin(
    correlations: Estimate, instruments: tuple[Instrument, ...], prior: Prior, at: int, fault: str
) -> tuple[bool, str]:
    """Return whether the correlation of symbol `at` with the first is assumed, and its sources in words."""
    from_table = correlation(prior, instruments[0], instruments[at])
    left_out = correlations.left_out
    missing = left_out.get(instruments[at].symbol) or left_out.get(instruments[0].symbol)
    if missing is None and correlations.returns:
        return False, f"{correlations.because}: {from_table.because}"
    return from_table.assumed, f"{from_table.because}; not measured: {missing or correlations.because}{fault}"
