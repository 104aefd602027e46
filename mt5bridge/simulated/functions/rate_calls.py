"""The module's functions about past prices: bars and ticks, as numpy arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mt5bridge.simulated import arguments
from mt5bridge.simulated.arguments import RefusedError
from mt5bridge.simulated.functions.rows import MAX_BARS
from mt5bridge.simulated.functions.session import BAD_PARAMETERS, Session
from mt5bridge.simulated.market.clock import DAY

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FOUR = 4
MOST_TICKS = 10_000_000


class RateCalls(Session):
    """copy_rates_*, copy_ticks_*."""

    def _series(self, args: tuple[object, ...]) -> tuple[str, int]:
        arguments.check_count(args, FOUR)
        return arguments.read_symbol(args[0]), arguments.read_index(args[1])

    def _rates(self, name: str, timeframe: int, *, count: int = 1, since: int | None = None) -> NDArray[np.void]:
        """Return the last `count` bars of a known series and some more, or those from a UTC second on."""
        self._contract(name)
        # numpy takes 0.3 s to load (measured on a loaded two-core machine), and a size without statistics reads no bars
        from mt5bridge.simulated.market import rates  # noqa: PLC0415

        if timeframe not in rates.PERIODS or count <= 0:
            raise RefusedError(*BAD_PARAMETERS)
        market = self._shown_broker().market
        first = rates.first_second(market, name, timeframe, count) if since is None else since
        return rates.rates(market, name, timeframe, first)

    def copy_rates_from_pos(self, *args: object) -> NDArray[np.void] | None:
        """Return `count` bars of (symbol, timeframe, start_pos, count); position 0 is the bar still forming."""

        def answer() -> NDArray[np.void]:
            name, timeframe = self._series(args)
            start, count = arguments.read_index(args[2]), min(arguments.read_index(args[3]), MAX_BARS)
            rows = self._rates(name, timeframe, count=start + count if start >= 0 < count else 0)
            end = max(len(rows) - start, 0)
            return rows[max(end - count, 0) : end]

        return self._respond("copy_rates_from_pos", answer, None)

    def copy_rates_from(self, *args: object) -> NDArray[np.void] | None:
        """Return the last `count` bars opened by a date: (symbol, timeframe, date_from, count)."""

        def answer() -> NDArray[np.void]:
            name, timeframe = self._series(args)
            until, count = arguments.read_date(args[2]), arguments.read_index(args[3])
            rows = self._rates(name, timeframe, count=count, since=0)
            return rows[rows["time"] <= until][-min(count, MAX_BARS) :]

        return self._respond("copy_rates_from", answer, None)

    def copy_rates_range(self, *args: object) -> NDArray[np.void] | None:
        """Return the bars opened between two dates: (symbol, timeframe, date_from, date_to)."""

        def answer() -> NDArray[np.void]:
            name, timeframe = self._series(args)
            since, until = arguments.read_date(args[2]), arguments.read_date(args[3])
            first = self.clock.to_utc(round(since * 1000)) // 1000 - 40 * DAY
            rows = self._rates(name, timeframe, since=first)
            return rows[(rows["time"] >= since) & (rows["time"] <= until)][-MAX_BARS:]

        return self._respond("copy_rates_range", answer, None)

    def copy_ticks_from(self, *args: object) -> NDArray[np.void] | None:
        """Return `count` ticks from a date on: (symbol, date_from, count, flags)."""

        def answer() -> NDArray[np.void]:
            arguments.check_count(args, FOUR)
            name, since = arguments.read_symbol(args[0]), arguments.read_date(args[1])
            count = arguments.read_index(args[2])
            arguments.read_index(args[3])
            return self._ticks(name, since, None, count)

        return self._respond("copy_ticks_from", answer, None)

    def copy_ticks_range(self, *args: object) -> NDArray[np.void] | None:
        """Return the ticks between two dates: (symbol, date_from, date_to, flags)."""

        def answer() -> NDArray[np.void]:
            arguments.check_count(args, FOUR)
            name = arguments.read_symbol(args[0])
            since, until = arguments.read_date(args[1]), arguments.read_date(args[2])
            arguments.read_index(args[3])
            return self._ticks(name, since, until, MOST_TICKS)

        return self._respond("copy_ticks_range", answer, None)

    def _ticks(self, name: str, since: float, until: float | None, most: int) -> NDArray[np.void]:
        self._contract(name)
        if most <= 0:
            raise RefusedError(*BAD_PARAMETERS)
        # numpy, as in `_rates`
        from mt5bridge.simulated.functions.ticks import ticks  # noqa: PLC0415

        broker = self._shown_broker()
        end = broker.clock.utc_ms if until is None else broker.clock.to_utc(round(until * 1000))
        return ticks(broker.market, name, broker.clock.to_utc(round(since * 1000)), end, most)
