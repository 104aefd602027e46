"""Keeps measured figures until the next bar closes, in memory and in the store."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol, TypeVar

import msgspec

from elite_sizer.statistics.figures import BookFigures
from portfolio.errors import StoreError
from portfolio.statistics.correlation_prior import Correlation

log = logging.getLogger(__name__)

T = TypeVar("T")


class StatisticStore(Protocol):
    """A place in which figures survive the process, such as `portfolio.store.database.Store`."""

    def get_statistic(self, key: str) -> bytes | None:
        """Return the value stored under `key`, or None."""

    def put_statistic(self, key: str, value: bytes, at: datetime) -> None:
        """Store `value` under `key`, in place of an older one."""


class _Entry(NamedTuple):
    stamp: tuple[object, ...]
    depth: int
    value: Any


class StatisticsCache:
    """Keeps figures in memory and, where there is one, in a store; one entry per subject, replaced by the newer."""

    def __init__(self, store: StatisticStore | None = None) -> None:
        self._store = store
        self._entries: dict[str, _Entry] = {}
        self._rows: dict[str, tuple[BookFigures, Mapping[str, Correlation]]] = {}

    def current(
        self,
        key: str,
        measure: Callable[[], T],
        kind: type[T],
        *,
        stamp: tuple[object, ...],
        depth: int,
        at: datetime,
    ) -> T:
        """Return the entry under `key` if it has this `stamp` and at least this `depth`, else measure it again.

        `stamp` names the last bar or deal it was measured from, `depth` their number. A store that can't be read or
        written costs a measurement, never a figure.
        """
        entry = self._entries.get(key)
        if entry is not None and entry.stamp == stamp and entry.depth >= depth:
            value: T = entry.value
            return value
        figure = self._read(key, repr(stamp), depth, kind)
        if figure is None:
            figure = depth, measure()
            self._write(key, repr(stamp), figure, at)
        self._entries[key] = _Entry(stamp, *figure)
        return figure[1]

    def row(self, symbol: str, book: BookFigures | None) -> Mapping[str, Correlation]:
        """Return the correlations of `symbol`, the first of the book; with itself it is 1."""
        if book is None:
            return _alone(symbol)
        row = self._rows.get(symbol)
        if row is None or row[0] is not book:
            row = self._rows[symbol] = book, _row(book)
        return row[1]

    def _read(self, key: str, stamp: str, depth: int, kind: type[T]) -> tuple[int, T] | None:
        if self._store is None:
            return None
        try:
            line = self._store.get_statistic(key)
            if line is None:
                return None
            stored_stamp, stored_depth, value = msgspec.json.decode(line, type=tuple[str, int, kind])  # type: ignore[valid-type]
        except (StoreError, msgspec.MsgspecError) as error:
            log.warning("the statistic %s can't be read and is measured again: %s", key, error)
            return None
        return (stored_depth, value) if stored_stamp == stamp and stored_depth >= depth else None

    def _write(self, key: str, stamp: str, entry: tuple[int, object], at: datetime) -> None:
        if self._store is None:
            return
        try:
            self._store.put_statistic(key, msgspec.json.encode((stamp, *entry)), at)
        except StoreError as error:
            log.warning("the statistic %s can't be kept: %s", key, error)


def _row(book: BookFigures) -> Mapping[str, Correlation]:
    correlations = map(Correlation, book.matrix[0], book.assumed, book.because)
    return MappingProxyType({**dict(zip(book.symbols, correlations, strict=True)), **_alone(book.symbols[0])})


@lru_cache(maxsize=256)
def _alone(symbol: str) -> Mapping[str, Correlation]:
    return MappingProxyType({symbol: Correlation(1.0, assumed=False, because="the same symbol")})
