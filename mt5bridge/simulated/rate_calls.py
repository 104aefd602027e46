"""The module's functions about past prices: bars and ticks, as numpy arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mt5bridge.simulated import arguments
from mt5bridge.simulated.arguments import Refused
from mt5bridge.simulated.broker import Broker
from mt5bridge.simulated.desk import BAD_PARAMETERS, Desk
from mt5bridge.simulated.rates import TIMEFRAMES, TickRow, enough, rates, rates_array, ticks, ticks_array
from mt5bridge.simulated.rows import MAX_BARS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FOUR = 4


class RateCalls(Desk):
    """copy_rates_*, copy_ticks_*."""

    def _series(self, args: tuple[object, ...]) -> tuple[str, int]:
        arguments.counted(args, FOUR)
        return arguments.symbol(args[0]), arguments.indexed(args[1])

    def _known(self, name: str, timeframe: int) -> Broker:
        self._contract(name)
        if timeframe not in TIMEFRAMES:
            raise Refused(*BAD_PARAMETERS)
        return self._connected()

    def copy_rates_from_pos(self, *args: object) -> NDArray[np.void] | None:
        """Return `count` bars of (symbol, timeframe, start_pos, count); position 0 is the bar still forming."""

        def answer() -> NDArray[np.void]:
            name, timeframe = self._series(args)
            start, count = arguments.indexed(args[2]), min(arguments.indexed(args[3]), MAX_BARS)
            market = self._known(name, timeframe).market
            if start < 0 or count <= 0:
                raise Refused(*BAD_PARAMETERS)
            rows = rates(market, name, timeframe, enough(market, name, timeframe, start + count))
            end = max(len(rows) - start, 0)
            return rates_array(rows[max(end - count, 0) : end])

        return self._ask("copy_rates_from_pos", answer, None)

    def copy_rates_from(self, *args: object) -> NDArray[np.void] | None:
        """Return the last `count` bars opened by a date: (symbol, timeframe, date_from, count)."""

        def answer() -> NDArray[np.void]:
            name, timeframe = self._series(args)
            until, count = arguments.date(args[2]), arguments.indexed(args[3])
            market = self._known(name, timeframe).market
            if count <= 0:
                raise Refused(*BAD_PARAMETERS)
            rows = [row for row in rates(market, name, timeframe) if row.time <= until]
            return rates_array(rows[-min(count, MAX_BARS) :])

        return self._ask("copy_rates_from", answer, None)

    def copy_rates_range(self, *args: object) -> NDArray[np.void] | None:
        """Return the bars opened between two dates: (symbol, timeframe, date_from, date_to)."""

        def answer() -> NDArray[np.void]:
            name, timeframe = self._series(args)
            since, until = arguments.date(args[2]), arguments.date(args[3])
            broker = self._known(name, timeframe)
            first = broker.clock.to_utc(round(since * 1000)) // 1000 - 40 * 86_400
            rows = rates(broker.market, name, timeframe, first)
            return rates_array([row for row in rows if since <= row.time <= until][-MAX_BARS:])

        return self._ask("copy_rates_range", answer, None)

    def copy_ticks_from(self, *args: object) -> NDArray[np.void] | None:
        """Return `count` ticks from a date on: (symbol, date_from, count, flags)."""

        def answer() -> NDArray[np.void]:
            arguments.counted(args, FOUR)
            name, since, count = arguments.symbol(args[0]), arguments.date(args[1]), arguments.indexed(args[2])
            arguments.indexed(args[3])
            if count <= 0:
                self._connected()
                raise Refused(*BAD_PARAMETERS)
            return ticks_array(self._ticks(name, since, None, count))

        return self._ask("copy_ticks_from", answer, None)

    def copy_ticks_range(self, *args: object) -> NDArray[np.void] | None:
        """Return the ticks between two dates: (symbol, date_from, date_to, flags)."""

        def answer() -> NDArray[np.void]:
            arguments.counted(args, FOUR)
            name, since, until = arguments.symbol(args[0]), arguments.date(args[1]), arguments.date(args[2])
            arguments.indexed(args[3])
            return ticks_array(self._ticks(name, since, until, MAX_BARS * 100))

        return self._ask("copy_ticks_range", answer, None)

    def _ticks(self, name: str, since: float, until: float | None, count: int) -> list[TickRow]:
        name = self._contract(name).name
        broker = self._connected()
        end = broker.clock.utc_ms if until is None else broker.clock.to_utc(round(until * 1000))
        made = ticks(broker.market, name, broker.clock.to_utc(round(since * 1000)), end)
        return [row for row, _ in zip(made, range(count), strict=False)]
