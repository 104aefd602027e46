"""The ticks of the past, as the terminal would have recorded them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from mt5bridge.simulated.functions.rows import TICK_FLAGS
from mt5bridge.simulated.market.market import PaperMarket
from mt5bridge.simulated.market.path import price_at

DTYPE = np.dtype([
    ("time", "<i8"), ("bid", "<f8"), ("ask", "<f8"), ("last", "<f8"), ("volume", "<u8"),
    ("time_msc", "<i8"), ("flags", "<u4"), ("volume_real", "<f8"),
])  # fmt: skip
"""The package's columns: 60 bytes a row, times on the server's clock."""
Row = tuple[int, float, float, float, int, int, int, float]


def ticks(market: PaperMarket, symbol: str, first: int, last: int, most: int) -> NDArray[np.void]:
    """Return at most so many ticks made from `first` to `last` (UTC milliseconds, not beyond now)."""
    all_ticks = _ticks(market, symbol, first, min(last, market.clock.utc_ms))
    return np.array([row for row, _ in zip(all_ticks, range(most), strict=False)], dtype=DTYPE)


def _ticks(market: PaperMarket, symbol: str, first: int, last: int) -> Iterator[Row]:
    tape, contract, key = market.tape(symbol), market.contracts[symbol], f"{market.seed}:{symbol}"
    for bar in tape.bars[max(tape.index_at(first / 1000), 0) : tape.index_at(last / 1000) + 1]:
        _, count = market.tick_of(tape, bar, last)
        for tick in range(count):
            at = (bar.time + tick * market.tick_seconds) * 1000
            if first <= at <= last:
                bid = price_at(bar, tick, count, key) + market.shift(symbol, at)
                ask = bid + market.spread(symbol, at)
                server = market.clock.to_server(at)
                yield server // 1000, contract.price(bid), contract.price(ask), 0.0, 0, server, TICK_FLAGS, 0.0
