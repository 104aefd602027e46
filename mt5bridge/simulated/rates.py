"""Bars of any timeframe and ticks, put together from the tape as the server would chart them.

Rows are plain tuples in the order of the package's columns; `rates_array` and `ticks_array` make the numpy arrays
the package returns, and only they import numpy.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from mt5bridge.simulated.bars import Bar, Tape
from mt5bridge.simulated.clock import DAY
from mt5bridge.simulated.constants import Constants
from mt5bridge.simulated.market import Market
from mt5bridge.simulated.path import price_at

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MINUTE = 60
WEEK = 7 * DAY
MONDAY = 4 * DAY
"""1970 began on a Thursday; weeks are counted from the Sunday before a Monday 00:00."""
TICK_FLAGS = Constants.TICK_FLAG_BID | Constants.TICK_FLAG_ASK
PERIODS = {
    getattr(Constants, f"TIMEFRAME_{unit}{count}"): count * seconds
    for unit, seconds, counts in (
        ("M", MINUTE, (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30)),
        ("H", 60 * MINUTE, (1, 2, 3, 4, 6, 8, 12)),
        ("D", DAY, (1,)),
    )
    for count in counts
}
"""Seconds of each timeframe below a week."""
TIMEFRAMES = (*PERIODS, Constants.TIMEFRAME_W1, Constants.TIMEFRAME_MN1)


class Rate(NamedTuple):
    """A bar as charted; `time` is its open on the server's clock, prices are bids."""

    time: int
    open: float
    high: float
    low: float
    close: float
    tick_volume: int
    spread: int
    real_volume: int = 0


class TickRow(NamedTuple):
    """A tick as recorded; times on the server's clock."""

    time: int
    bid: float
    ask: float
    last: float
    volume: int
    time_msc: int
    flags: int
    volume_real: float


def bucket(timeframe: int, server: int) -> int:
    """Return the open of the bar that holds the server second."""
    if timeframe == Constants.TIMEFRAME_W1:
        return (server - (MONDAY - DAY)) // WEEK * WEEK + MONDAY - DAY
    if timeframe == Constants.TIMEFRAME_MN1:
        return _month(server)
    return server - server % PERIODS[timeframe]


def _month(server: int) -> int:
    from mt5bridge.simulated.clock import moment  # noqa: PLC0415 - the one timeframe that needs a calendar

    at = moment(server * 1000)
    return int(at.replace(day=1, hour=0, minute=0, second=0, microsecond=0).timestamp())


def enough(market: Market, symbol: str, timeframe: int, count: int) -> int:
    """Return a UTC second since which at least `count` bars of the timeframe have traded, the forming one included."""
    tape = market.tape(symbol)
    pieces = (count + 1) * PERIODS.get(timeframe, 31 * DAY) // tape.period + 2
    last = tape.index_at(market.clock.utc_ms / 1000)
    return tape.bars[last - pieces].time if last >= pieces else 0


def _pieces(market: Market, symbol: str, period: int, since: int) -> Iterator[Bar]:
    """Yield what has traded since a UTC second in pieces no longer than `period`: whole bars, or the ticks of them."""
    tape, now = market.tape(symbol), market.clock.utc_ms
    key = f"{market.seed}:{symbol}"
    for bar in tape.bars[max(tape.index_at(since), 0) : tape.index_at(now / 1000) + 1]:
        shift = market.shift(symbol, bar.time * 1000)
        is_whole = (bar.time + tape.period) * 1000 <= now
        if is_whole and period >= tape.period:
            yield Bar(bar.time, bar.open + shift, bar.high + shift, bar.low + shift, bar.close + shift, bar.volume)
            continue
        current, ticks = market.tick_of(tape, bar, now)
        volume = max(bar.volume // ticks, 1)
        for tick in range(ticks if is_whole else current + 1):
            price = price_at(bar, tick, ticks, key) + shift
            yield Bar(bar.time + tick * market.tick_seconds, price, price, price, price, volume)


def rates(market: Market, symbol: str, timeframe: int, since: int = 0) -> list[Rate]:
    """Return the bars of a timeframe, oldest first, the last one still forming; `since` (UTC) spares older work.

    Bars from `since` on are whole; one that opened before it may lack its beginning.
    """
    contract = market.contracts[symbol]
    period = PERIODS.get(timeframe, WEEK)
    merged: list[list[int]] = []
    for piece in _pieces(market, symbol, period, since):
        opened = bucket(timeframe, market.clock.to_server(piece.time * 1000) // 1000)
        if merged and merged[-1][0] == opened:
            last = merged[-1]
            last[2:] = max(last[2], piece.high), min(last[3], piece.low), piece.close, last[5] + piece.volume
        else:
            merged.append([opened, piece.open, piece.high, piece.low, piece.close, piece.volume])
    price = contract.price
    return [
        Rate(opened, price(start), price(high), price(low), price(close), volume, contract.spread)
        for opened, start, high, low, close, volume in merged
    ]


def ticks(market: Market, symbol: str, first: int, last: int) -> Iterator[TickRow]:
    """Yield the ticks made from `first` to `last` (UTC milliseconds, not beyond now)."""
    tape: Tape = market.tape(symbol)
    contract, key = market.contracts[symbol], f"{market.seed}:{symbol}"
    last = min(last, market.clock.utc_ms)
    for bar in tape.bars[max(tape.index_at(first / 1000), 0) : tape.index_at(last / 1000) + 1]:
        _, count = market.tick_of(tape, bar, last)
        for tick in range(count):
            at = (bar.time + tick * market.tick_seconds) * 1000
            if first <= at <= last:
                bid = price_at(bar, tick, count, key) + market.shift(symbol, at)
                ask = bid + market.spread(symbol, at)
                server = market.clock.to_server(at)
                yield TickRow(server // 1000, contract.price(bid), contract.price(ask), 0.0, 0, server, TICK_FLAGS, 0.0)


RATES_DTYPE = (
    ("time", "<i8"), ("open", "<f8"), ("high", "<f8"), ("low", "<f8"), ("close", "<f8"),
    ("tick_volume", "<u8"), ("spread", "<i4"), ("real_volume", "<u8"),
)  # fmt: skip
TICKS_DTYPE = (
    ("time", "<i8"), ("bid", "<f8"), ("ask", "<f8"), ("last", "<f8"), ("volume", "<u8"),
    ("time_msc", "<i8"), ("flags", "<u4"), ("volume_real", "<f8"),
)  # fmt: skip


def rates_array(rows: list[Rate]) -> NDArray[np.void]:
    """Return bars as the package's structured array (60 bytes a row)."""
    import numpy as np  # noqa: PLC0415 - sizing one trade must not pay for it

    return np.array(rows, dtype=list(RATES_DTYPE))


def ticks_array(rows: list[TickRow]) -> NDArray[np.void]:
    """Return ticks as the package's structured array (60 bytes a row)."""
    import numpy as np  # noqa: PLC0415 - sizing one trade must not pay for it

    return np.array(rows, dtype=list(TICKS_DTYPE))
