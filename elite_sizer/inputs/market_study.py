"""The market figures of one trade: which bars a reading must bring, and what they and the deals come to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final, NamedTuple

from elite_sizer.assembly.lot_risk import Distances, substitute_stop
from elite_sizer.assembly.terms import Terms
from elite_sizer.configuration.settings import Settings
from elite_sizer.configuration.shipped import config_dir
from elite_sizer.model.request import HoldingPeriod, Request
from elite_sizer.model.trade_figures import MarketFigures, TradingRecord
from elite_sizer.request.default_levels import with_emergency_stop
from elite_sizer.request.levels import Levels, are_distances, levels
from elite_sizer.statistics.figures import Figure, Statistics
from elite_sizer.statistics.lookup import StatisticsCache, StatisticsSettings, atr_for, statistics_for
from elite_sizer.statistics.prior_file import load_prior
from mt5bridge.reading.placed_exits import Exits
from mt5bridge.reading.request import SnapshotRequest
from portfolio.model import Bars, Side, Snapshot
from portfolio.reasons import Refusal
from portfolio.rounding import UP, loss_up, room_down

HISTORY: Final = timedelta(days=400)
"""Deals that a reading brings: past trades are judged by them."""
DAILY_BARS: Final = 250
GAP_BARS: Final = 1_500
"""Four-hour bars: about a year of weekends."""
_STAND_IN: Final = Decimal(3)
"""Daily ATRs by which a trade without a stop is charged."""
_PER: Final = Decimal(100_000)


class Study(NamedTuple):
    """The statistics of one candidate in the sizer's words; floats become decimals once, on the safe side."""

    market: MarketFigures
    distances: Distances
    atr: Decimal | None
    """Of the request's timeframe, in price units."""
    daily_atr: Mapping[str, Decimal]
    """Of every symbol whose bars are there."""
    atr_because: str = "no data"

    def shown(self, request: Request) -> Distances:
        """Return the distances with the ATR's name, where the request counts its stop or target in ATRs."""
        if request.atr_stop is None and request.atr_target is None:
            return self.distances
        because = f"{self.distances.because}; levels by {self.atr_because}: {self.atr}"
        return self.distances._replace(because=because)


def terms(settings: Settings) -> Terms:
    """Return the configured terms by which trades are valued."""
    costs = settings.costs
    return Terms(
        policy=settings.policy,
        classes=settings.classes,
        commission=None if costs.commission == "auto" else costs.commission,
        slippage=None if costs.slippage == "auto" else costs.slippage,
        usual_rate=UP.divide(costs.assumed_per_100k, _PER),
        tail_multiple=settings.tail.max_stop_multiple,
        gap_charged=settings.policy.open_stop == "gap",
    )


class Research:
    """Asks for what the statistics need and turns them into what a decision reads."""

    def __init__(self, settings: Settings, cache: StatisticsCache) -> None:
        tail = settings.tail
        self.terms = terms(settings)
        self._settings = StatisticsSettings(
            prior=load_prior(config_dir(), settings.correlations),
            classes=tuple(sorted(settings.classes.items())),
            alpha=float(tail.alpha),
            window=tail.bars,
        )
        self._cache = cache
        self._wilder = settings.atr == "wilder"
        self._defaults = settings.levels

    def snapshot_request(self, request: Request, now: datetime) -> SnapshotRequest:
        """Return the snapshot that this request needs."""
        bars = {request.timeframe: self._settings.window}
        bars["D1"] = max(DAILY_BARS, bars.get("D1", 0))
        if request.hold is HoldingPeriod.WEEKEND:
            bars["H4"] = max(GAP_BARS, bars.get("H4", 0))
        return SnapshotRequest(
            request.symbol,
            request.side,
            entry=request.entry,
            stop=request.stop,
            target=request.target,
            bars=tuple(bars.items()),
            deals_since=now - HISTORY,
            place=(lambda snapshot: self._exits(snapshot, request)) if needs_placing(request) else None,
        )

    def levels(self, snapshot: Snapshot, request: Request, atr: Decimal | None = None) -> Levels | Refusal:
        """Return entry, stop and target of the request on this reading; the ATR is looked up where it is not given."""
        quote, spec = snapshot.quotes[request.symbol], snapshot.specs[request.symbol]
        with_stop = with_emergency_stop(request, self._defaults, quote)
        return levels(with_stop, spec, quote, _up(self._atr(snapshot, request)) if atr is None else atr)

    def _exits(self, snapshot: Snapshot, request: Request) -> Exits:
        """Return the prices to ask the terminal about; a missing stop has a substitute where gaps are charged."""
        prices = self.levels(snapshot, request)
        if isinstance(prices, Refusal):
            return None, None
        stop = prices.stop
        if stop is None and self.terms.gap_charged:
            daily = atr_for(snapshot, request.symbol, "D1", settings=self._settings, cache=self._cache)
            tick = snapshot.specs[request.symbol].tick_size
            stop = substitute_stop(request.side, prices.entry, _stopless(daily), tick)
        return stop, prices.target

    def _atr(self, snapshot: Snapshot, request: Request) -> Figure:
        """Return the average true range of the request's timeframe, in price units."""
        if self._wilder:
            return atr_for(snapshot, request.symbol, request.timeframe, settings=self._settings, cache=self._cache)
        return _terminal_atr(snapshot.bars.get((request.symbol, request.timeframe)))

    def study(self, snapshot: Snapshot, request: Request, beside: tuple[str, ...] = ()) -> Study:
        """Return the statistics of the candidate; `others` are the symbols of what is reserved."""
        quote = snapshot.quotes[request.symbol]
        entry = request.entry or (quote.ask if request.side is Side.BUY else quote.bid)
        statistics = statistics_for(
            snapshot,
            request.symbol,
            request.side,
            request.timeframe,
            float(entry),
            settings=self._settings,
            cache=self._cache,
            others=beside,
        )
        atr = self._atr(snapshot, request)
        return Study(
            market=_market(statistics, entry),
            distances=_distances(statistics, stopless=self.terms.gap_charged),
            atr=_up(atr),
            atr_because=atr.because,
            daily_atr=self._daily(snapshot) if self.terms.gap_charged else {},
        )

    def _daily(self, snapshot: Snapshot) -> Mapping[str, Decimal]:
        """Return the daily ATR of every symbol whose daily bars are there."""
        distances = {}
        for symbol, timeframe in snapshot.bars:
            if timeframe == "D1":
                atr = atr_for(snapshot, symbol, "D1", settings=self._settings, cache=self._cache)
                if (distance := _up(atr)) is not None:
                    distances[symbol] = distance
        return distances


def needs_placing(request: Request) -> bool:
    """Return whether the stop or the target has no price before the quote and the bars are read."""
    return request.stop is None or are_distances(request)


def _terminal_atr(bars: Bars | None) -> Figure:
    """Return the average true range as the terminal draws it: a simple mean, at times 10 to 20 % from Wilder's."""
    from portfolio.statistics.volatility import PERIOD, terminal_atr  # noqa: PLC0415 - numpy, and only where it is asked for

    if bars is None or len(bars) <= PERIOD:
        return Figure(None, "no data: too few bars")
    value = float(terminal_atr(bars.high, bars.low, bars.close)[-1])
    return Figure(value, f"the terminal's ATR({PERIOD}), a simple mean, of closed {bars.timeframe} bars")


def _market(statistics: Statistics, entry: Decimal) -> MarketFigures:
    trades = statistics.performance
    record = None
    if trades.win_rate is not None:
        record = TradingRecord(
            trades=trades.independent,
            multiplier=room_down(Decimal(repr(trades.multiplier))),
            win_rate=trades.win_rate,
            average=trades.average or 0.0,
            sharpe=trades.sharpe or 0.0,
            payoff=trades.payoff or 0.0,
            because=trades.because,
        )
    return MarketFigures(
        correlations={symbol: figure.value for symbol, figure in statistics.correlations.items()},
        assumed=tuple(sorted(symbol for symbol, figure in statistics.correlations.items() if figure.assumed)),
        tail_because=statistics.tail_distance.because,
        regime=statistics.regime.name,
        regime_because=statistics.regime.because,
        volatility=None if statistics.atr.value is None else statistics.atr.value / float(entry),
        record=record,
    )


def _distances(statistics: Statistics, *, stopless: bool) -> Distances:
    """Return the distances; one for a missing stop only where the configuration lets a trade go without."""
    return Distances(
        tail=_up(statistics.tail_distance),
        gap=_up(statistics.gap_distance),
        stopless=_stopless(statistics.atr_d1) if stopless else None,
        spread=_up(statistics.median_spread),
        because=statistics.tail_distance.because,
    )


def _stopless(daily_atr: Figure) -> Decimal | None:
    """Return the distance by which a trade without a stop is charged."""
    daily = _up(daily_atr)
    return None if daily is None else UP.multiply(_STAND_IN, daily)


def _up(figure: Figure) -> Decimal | None:
    """Return a distance as a decimal, rounded up: a loss."""
    return None if figure.value is None else loss_up(Decimal(repr(float(figure.value))))
