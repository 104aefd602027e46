"""What is known of a market before a decision on it: which bars to bring, and what they and the deals say."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final, NamedTuple

from elite_sizer.assembly.lot_risk import Distances
from elite_sizer.assembly.terms import Terms
from elite_sizer.configuration.settings import Settings
from elite_sizer.configuration.shipped import config_dir
from elite_sizer.model.market import MarketFigures, TradingRecord
from elite_sizer.model.request import HoldingPeriod, Request
from elite_sizer.statistics.figures import Figure, Statistics
from elite_sizer.statistics.lookup import StatisticsCache, StatisticsSettings, atr_for, statistics_for
from elite_sizer.statistics.prior_file import load_prior
from mt5bridge.reading.request import SnapshotRequest
from portfolio.model import Bars, Side, Snapshot
from portfolio.rounding import UP, loss_up, room_down

HISTORY: Final = timedelta(days=400)
"""Deals that are asked for: what past trades are judged by."""
DAILY_BARS: Final = 250
GAP_BARS: Final = 1_500
"""Four-hour bars: about a year of weekends."""
_STAND_IN: Final = Decimal(3)
"""Daily ATRs that stand for the stop of a trade without one."""
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
        said = f"{self.distances.because}; levels by {self.atr_because}: {self.atr}"
        return self.distances._replace(because=said)


def terms(settings: Settings) -> Terms:
    """Return what the configuration says about valuing trades."""
    paid = settings.costs
    return Terms(
        policy=settings.policy,
        classes=settings.classes,
        commission=None if paid.commission == "auto" else paid.commission,
        slippage=None if paid.slippage == "auto" else paid.slippage,
        assumed=UP.divide(paid.assumed_per_100k, _PER),
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

    def ask(self, request: Request, now: datetime) -> SnapshotRequest:
        """Return what one moment must bring for this request."""
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
        )

    def study(self, snapshot: Snapshot, request: Request, others: tuple[str, ...] = ()) -> Study:
        """Return the statistics of the candidate; `others` are the symbols of what is reserved."""
        quote = snapshot.quotes[request.symbol]
        entry = request.entry or (quote.ask if request.side is Side.BUY else quote.bid)
        found = statistics_for(
            snapshot,
            request.symbol,
            request.side,
            request.timeframe,
            float(entry),
            settings=self._settings,
            cache=self._cache,
            others=others,
        )
        range_ = found.atr if self._wilder else _terminal_atr(snapshot.bars.get((request.symbol, request.timeframe)))
        return Study(
            market=_market(found, entry),
            distances=_distances(found, stopless=self.terms.gap_charged),
            atr=_up(range_),
            atr_because=range_.because,
            daily_atr=self._daily(snapshot) if self.terms.gap_charged else {},
        )

    def _daily(self, snapshot: Snapshot) -> Mapping[str, Decimal]:
        """Return the daily ATR of every symbol whose daily bars are there."""
        known = {}
        for symbol, timeframe in snapshot.bars:
            if timeframe == "D1":
                atr = atr_for(snapshot, symbol, "D1", settings=self._settings, cache=self._cache)
                if (distance := _up(atr)) is not None:
                    known[symbol] = distance
        return known


def _terminal_atr(bars: Bars | None) -> Figure:
    """Return the average true range as the terminal draws it: a simple mean, at times 10 to 20 % from Wilder's."""
    from portfolio.statistics.volatility import PERIOD, terminal_atr  # noqa: PLC0415 - numpy, and only where it is asked for

    if bars is None or len(bars) <= PERIOD:
        return Figure(None, "no data: too few bars")
    value = float(terminal_atr(bars.high, bars.low, bars.close)[-1])
    return Figure(value, f"the terminal's ATR({PERIOD}), a simple mean, of closed {bars.timeframe} bars")


def _market(found: Statistics, entry: Decimal) -> MarketFigures:
    trades = found.performance
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
        correlations={symbol: known.value for symbol, known in found.correlations.items()},
        assumed=tuple(sorted(symbol for symbol, known in found.correlations.items() if known.assumed)),
        tail_because=found.tail_distance.because,
        regime=found.regime.name,
        regime_because=found.regime.because,
        volatility=None if found.atr.value is None else found.atr.value / float(entry),
        record=record,
    )


def _distances(found: Statistics, *, stopless: bool) -> Distances:
    """Return the distances; only where the configuration lets a trade go without a stop does one stand for it."""
    daily = _up(found.atr_d1) if stopless else None
    return Distances(
        tail=_up(found.tail_distance),
        gap=_up(found.gap_distance),
        stopless=None if daily is None else UP.multiply(_STAND_IN, daily),
        spread=_up(found.median_spread),
        because=found.tail_distance.because,
    )


def _up(figure: Figure) -> Decimal | None:
    """Return a distance as a decimal, rounded up: a loss."""
    return None if figure.value is None else loss_up(Decimal(repr(float(figure.value))))
