"""The price of every symbol at a moment: bid and ask from bars, trading hours, and the gaps of a fault plan."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from mt5bridge.simulated.market.bars import Bar, Tape, load_shipped
from mt5bridge.simulated.market.clock import DAY, VirtualClock
from mt5bridge.simulated.market.contracts import Contract
from mt5bridge.simulated.market.path import hash_fraction, price_at

LATE, EARLY = 23 * 60 + 55, 10
"""Minutes of the server's day between which spreads are wide: around midnight."""
BREATHES = 50
"""Spreads of at least so many points vary a little from quarter to quarter."""
BEAT = 250
"""A live symbol is quoted anew every so many milliseconds, moved or not."""


class PaperQuote(NamedTuple):
    """Best prices; `utc_ms` is when they were made. A symbol never quoted has zeros."""

    bid: float
    ask: float
    utc_ms: int


UNQUOTED = PaperQuote(0.0, 0.0, 0)


class TriggerPrices(NamedTuple):
    """Prices in points at which something happens: bid or ask at or below the low pair, at or above the high pair."""

    bid_low: float
    ask_low: float
    bid_high: float
    ask_high: float

    def within(self, lowest_bid: int, highest_ask: int) -> bool:
        """Whether prices between these bounds may reach a level."""
        return lowest_bid <= max(self.bid_low, self.ask_low) or highest_ask >= min(self.bid_high, self.ask_high)


class Pin(NamedTuple):
    """A quote held fast by a test or a story until it is released."""

    bid: float
    ask: float
    since: int


class PaperMarket:
    """Contracts, tapes and quotes, at the moment that the clock shows."""

    def __init__(
        self,
        contracts: Mapping[str, Contract],
        clock: VirtualClock,
        *,
        seed: int = 0,
        tick_seconds: int = 15,
        tape: Callable[[Contract], Tape] = load_shipped,
    ) -> None:
        self.contracts = dict(contracts)
        self.clock = clock
        self.seed = seed
        self.tick_seconds = tick_seconds
        self.pins: dict[str, Pin] = {}
        self.shifts: dict[str, list[tuple[int, int]]] = {}
        self._source = tape
        self._tapes: dict[str, Tape] = {}
        self._memo: dict[str, PaperQuote] = {}

    def tape(self, symbol: str) -> Tape:
        """Return the bars of a symbol, read on first use."""
        if symbol not in self._tapes:
            self._tapes[symbol] = self._source(self.contracts[symbol])
        return self._tapes[symbol]

    def offer(self, contract: Contract, tape: Tape | None = None) -> None:
        """Add a symbol, or replace its contract; without bars it has a price only once pinned."""
        self.contracts[contract.name] = contract
        if tape is not None:
            self._tapes[contract.name] = tape
        self._memo.clear()

    def respecify(self, symbol: str, **values: object) -> None:
        """Change fields of a symbol's contract."""
        contract: Any = self.contracts[symbol]
        self.offer(replace(contract, **values))

    def load(self, symbol: str, tape: Tape) -> None:
        """Replay these bars for the symbol from now on."""
        self._tapes[symbol] = tape
        self._memo.clear()

    def is_open(self, symbol: str, utc_ms: int | None = None) -> bool:
        """Whether the symbol trades: within its hours, and with prices to trade at."""
        at = self.clock.utc_ms if utc_ms is None else utc_ms
        if symbol in self.pins:
            return True
        second = self.clock.to_server(at) // 1000
        weekday = (second // DAY + 3) % 7
        return self.contracts[symbol].hours.open_at(weekday, second % DAY) and self._bar_now(symbol, at) is not None

    def _bar_now(self, symbol: str, utc_ms: int) -> Bar | None:
        tape = self.tape(symbol)
        index = tape.index_at(utc_ms / 1000)
        bar = tape.bars[index] if index >= 0 else None
        return bar if bar and utc_ms < (bar.time + tape.period) * 1000 else None

    def quote(self, symbol: str, utc_ms: int | None = None) -> PaperQuote:
        """Return the quote in force at a moment (default: now)."""
        at = self.clock.utc_ms if utc_ms is None else utc_ms
        quote = self._memo.get(symbol)
        if quote is None or quote.utc_ms != at - at % BEAT:
            quote = self._memo[symbol] = self._quote(symbol, at)
        return quote

    def _quote(self, symbol: str, at: int) -> PaperQuote:
        pin = self.pins.get(symbol)
        if pin and pin.since <= at:
            return PaperQuote(pin.bid, pin.ask, at - at % BEAT)
        tape = self.tape(symbol)
        index = tape.index_at(at / 1000)
        if index < 0:
            return UNQUOTED
        bar, contract = tape.bars[index], self.contracts[symbol]
        end = (bar.time + tape.period) * 1000
        quoted_at = at - at % BEAT if at < end else end - BEAT
        tick, ticks = self.tick_of(tape, bar, quoted_at)
        bid = self._on_tick(symbol, price_at(bar, tick, ticks, f"{self.seed}:{symbol}"), quoted_at)
        ask = bid + self.spread(symbol, quoted_at)
        return PaperQuote(contract.price(bid), contract.price(ask), quoted_at)

    def tick_of(self, tape: Tape, bar: Bar, utc_ms: int) -> tuple[int, int]:
        """Return which tick of the bar is current, and how many it has."""
        ticks = max(tape.period // self.tick_seconds, 1)
        return min((utc_ms // 1000 - bar.time) // self.tick_seconds, ticks - 1), ticks

    def _on_tick(self, symbol: str, points: int, utc_ms: int) -> int:
        """Add the gaps so far and go to the nearest tick."""
        points += self.shift(symbol, utc_ms)
        step = self.contracts[symbol].tick_points
        return max(round(points / step), 1) * step

    def shift(self, symbol: str, utc_ms: int) -> int:
        """Return by how many points gaps have moved the symbol off its bars."""
        return sum(points for since, points in self.shifts.get(symbol, ()) if since <= utc_ms)

    def spread(self, symbol: str, utc_ms: int) -> int:
        """Return ask minus bid in points: the usual one, three times as wide around the server's midnight."""
        contract = self.contracts[symbol]
        minute = self.clock.to_server(utc_ms) // 60_000
        late = minute % 1440 >= LATE or minute % 1440 < EARLY
        breath = 1.0 if contract.spread < BREATHES else 0.9 + 0.2 * hash_fraction(self.seed, minute // 15)
        points = contract.spread * breath * (3 if late else 1)
        return max(round(points / contract.tick_points), 1) * contract.tick_points

    def pin(self, symbol: str, bid: float, ask: float | None = None) -> None:
        """Hold the symbol at these prices (ask: bid and the usual spread), open at any hour, until `unpin`."""
        contract = self.contracts[symbol]
        ask_price = contract.price(contract.points(bid) + contract.spread) if ask is None else ask
        self.pins[symbol] = Pin(float(bid), float(ask_price), self.clock.utc_ms)
        self._memo.clear()

    def unpin(self, symbol: str) -> None:
        """Let the symbol follow its bars again."""
        self.pins.pop(symbol, None)
        self._memo.clear()

    def gap(self, symbol: str, points: int, at: int | None = None) -> None:
        """Jump by so many points, for good: now, or at a moment to come (UTC milliseconds)."""
        self.shifts.setdefault(symbol, []).append((self.clock.utc_ms if at is None else at, points))
        self._memo.clear()
        if (pin := self.pins.get(symbol)) and at is None:
            move = points * self.contracts[symbol].point
            digits = self.contracts[symbol].digits
            self.pins[symbol] = Pin(round(pin.bid + move, digits), round(pin.ask + move, digits), pin.since)

    def is_gapped(self, symbol: str) -> bool:
        """Whether the present price was not reached step by step: a bar's first tick, a pin, a gap in this tick."""
        at = self.clock.utc_ms
        before = at - self.tick_seconds * 1000
        if symbol in self.pins or any(before < since <= at for since, _ in self.shifts.get(symbol, ())):
            return True
        bar = self._bar_now(symbol, at)
        return bar is None or self.tick_of(self.tape(symbol), bar, at)[0] == 0

    def reach(self, symbol: str, until_ms: int) -> tuple[int, int]:
        """Return bounds in points until a moment: the lowest bid, and the highest ask at four times the spread."""
        contract, tape, now = self.contracts[symbol], self.tape(symbol), self.clock.utc_ms
        quote = self.quote(symbol)
        bid, ask = contract.points(quote.bid), contract.points(quote.ask)
        if symbol in self.pins:
            return bid, ask
        bars = tape.bars[max(tape.index_at(now / 1000), 0) : tape.index_at(until_ms / 1000) + 1]
        moments = [now, *(since for since, _ in self.shifts.get(symbol, ()) if now < since <= until_ms)]
        shifts = [self.shift(symbol, moment) for moment in moments]
        low = min([bar.low for bar in bars], default=0) + min(shifts) - contract.tick_points
        high = max([bar.high for bar in bars], default=0) + max(shifts) + 4 * contract.spread + contract.tick_points
        return min(bid, low), max(ask, high)

    def first_touch(self, symbol: str, levels: TriggerPrices, until_ms: int) -> int:
        """Return the first tick to come at which a level is reached, `until_ms` if none is before it."""
        tape, now = self.tape(symbol), self.clock.utc_ms
        key, step = f"{self.seed}:{symbol}", self.tick_seconds
        for bar in tape.bars[max(tape.index_at(now / 1000), 0) : tape.index_at(until_ms / 1000) + 1]:
            ticks = max(tape.period // step, 1)
            for tick in range(max((now // 1000 - bar.time) // step + 1, 0), ticks):
                at = (bar.time + tick * step) * 1000
                if at >= until_ms:
                    return until_ms
                bid = self._on_tick(symbol, price_at(bar, tick, ticks, key), at)
                if not levels.bid_low < bid < levels.bid_high:
                    return at
                if not levels.ask_low < bid + self.spread(symbol, at) < levels.ask_high:
                    return at
        return until_ms
