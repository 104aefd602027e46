"""Bars of any timeframe, put together from the tape as the server would chart them.

A tape's bars are merged into longer ones, or cut into shorter ones along the way the price took through them. The last
bar is always the one still forming. Only asking for bars imports numpy.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mt5bridge.metatrader.constants import TIMEFRAMES, Constants, timeframe_seconds
from mt5bridge.simulated.market.bars import Bar
from mt5bridge.simulated.market.clock import DAY
from mt5bridge.simulated.market.market import PaperMarket
from mt5bridge.simulated.market.path import price_at

SUNDAY = 3 * DAY
"""1970 began on a Thursday; its first Sunday was the fourth."""
PERIODS = {code: timeframe_seconds(name) for name, code in TIMEFRAMES.items()}
"""Seconds of each timeframe by its number."""
DTYPE = np.dtype([
    ("time", "<i8"), ("open", "<f8"), ("high", "<f8"), ("low", "<f8"), ("close", "<f8"),
    ("tick_volume", "<u8"), ("spread", "<i4"), ("real_volume", "<u8"),
])  # fmt: skip
"""The package's columns: 60 bytes a row, times on the server's clock."""
TIME, OPEN, HIGH, LOW, CLOSE, VOLUME = range(6)
Rows = NDArray[np.int64]
"""Shape (n, 6): the fields of `Bar`, prices in points."""


def rates(market: PaperMarket, symbol: str, timeframe: int, since: int = 0) -> NDArray[np.void]:
    """Return the bars of a timeframe, oldest first; `since` (a UTC second) spares work that is not needed.

    A bar that opened before `since` may lack its beginning; the later ones are whole.
    """
    contract = market.contracts[symbol]
    rows = _pieces(market, symbol, PERIODS[timeframe], since)
    bars: NDArray[np.void] = np.zeros(0, DTYPE)
    if len(rows):
        offsets = [market.clock.to_server(at * 1000) // 1000 for at in rows[:, TIME].tolist()]
        opens = _bucket(timeframe, np.array(offsets, dtype=np.int64))
        starts = np.flatnonzero(np.diff(opens, prepend=opens[0] - 1))
        ends = np.append(starts[1:], len(rows)) - 1
        scale = float(10**contract.digits)
        bars = np.zeros(len(starts), DTYPE)
        bars["time"] = opens[starts]
        bars["open"] = rows[starts, OPEN] / scale
        bars["high"] = np.maximum.reduceat(rows[:, HIGH], starts) / scale
        bars["low"] = np.minimum.reduceat(rows[:, LOW], starts) / scale
        bars["close"] = rows[ends, CLOSE] / scale
        bars["tick_volume"] = np.add.reduceat(rows[:, VOLUME], starts)
        bars["spread"] = contract.spread
    return bars


def first_second(market: PaperMarket, symbol: str, timeframe: int, count: int) -> int:
    """Return a UTC second since which at least `count` bars of the timeframe have traded, the forming one included."""
    tape = market.tape(symbol)
    pieces = (count + 1) * PERIODS[timeframe] // tape.period + 2
    last = tape.index_at(market.clock.utc_ms / 1000)
    return tape.bars[last - pieces].time if last >= pieces else 0


def _bucket(timeframe: int, server: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the open of the bar that holds each server second."""
    if timeframe == Constants.TIMEFRAME_MN1:
        return server.astype("M8[s]").astype("M8[M]").astype("M8[s]").astype(np.int64)
    start = SUNDAY if timeframe == Constants.TIMEFRAME_W1 else 0
    return server - (server - start) % PERIODS[timeframe]


def _pieces(market: PaperMarket, symbol: str, period: int, since: int) -> Rows:
    """Return the bars since a UTC second in pieces no longer than `period`."""
    tape, now = market.tape(symbol), market.clock.utc_ms
    first, last = max(tape.index_at(since), 0), tape.index_at(now / 1000)
    if last < 0:
        return np.zeros((0, 6), np.int64)
    key, step, forming = f"{market.seed}:{symbol}", market.tick_seconds, tape.bars[last]
    tick, ticks = market.tick_of(tape, forming, now)
    is_whole = (forming.time + tape.period) * 1000 <= now
    whole_bars = tape.bars[first : last + is_whole]
    parts = [cut(bar, period, step, ticks, key) for bar in whole_bars] if period < tape.period else [_table(whole_bars)]
    if not is_whole:
        parts.append(_cut(walk(forming, ticks, key)[: tick + 1], forming, period, step, ticks))
    rows = np.concatenate(parts)
    for moment, points in market.shifts.get(symbol, ()):
        rows[rows[:, TIME] * 1000 >= moment, OPEN : CLOSE + 1] += points
    return rows


def _table(bars: list[Bar]) -> Rows:
    return np.array(bars, dtype=np.int64).reshape(-1, 6)


@lru_cache(maxsize=256)
def walk(bar: Bar, ticks: int, key: str) -> NDArray[np.int64]:
    """Return the bid at every tick of a bar, in points."""
    return np.array([price_at(bar, tick, ticks, key) for tick in range(ticks)], dtype=np.int64)


@lru_cache(maxsize=8192)
def cut(bar: Bar, period: int, step: int, ticks: int, key: str) -> Rows:
    """Return a whole bar cut into pieces of `period` seconds."""
    return _cut(walk(bar, ticks, key), bar, period, step, ticks)


def _cut(path: NDArray[np.int64], bar: Bar, period: int, step: int, ticks: int) -> Rows:
    """Return the pieces of the ticks so far, `step` seconds apart; the bar's volume is spread over all `ticks`."""
    ticks_each = max(period // step, 1)
    starts = np.arange(0, len(path), ticks_each)
    ends = np.append(starts[1:], len(path)) - 1
    rows = np.empty((len(starts), 6), np.int64)
    rows[:, TIME] = bar.time + starts * step
    rows[:, OPEN], rows[:, CLOSE] = path[starts], path[ends]
    rows[:, HIGH], rows[:, LOW] = np.maximum.reduceat(path, starts), np.minimum.reduceat(path, starts)
    rows[:, VOLUME] = np.maximum(bar.volume * (ends - starts + 1) // ticks, 1)
    return rows
