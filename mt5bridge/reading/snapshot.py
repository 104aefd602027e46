"""Take one consistent moment off a terminal: checked, converted, or refused with the reason.

    ask = Ask("EURUSD", Side.BUY, stop=Decimal("1.0827"), bars=(("H1", 500),), deals_since=reset)
    snapshot = take(terminal, ask, now=lambda: datetime.now(UTC), memory=memory)

`take` reads the account, the book and the quotes, then the account and the book again, and accepts the moment only
if both agree, money adds up, the quote is fresh and the account is the pinned one. It tries three times and then
raises `BridgeError` with a registered code in `.reason`:

no answer     terminal_no_data, terminal_disconnected, deadline, terminal_unstable
the account   account_changed, snapshot_torn, equity_nonpositive, clock_suspect
the symbol    symbol_unknown, symbol_unavailable, symbol_spec_invalid, spec_changed
its quote     tick_invalid, tick_stale, tick_future, server_offset_unknown
the rest      bars_stale, book_unpriceable, value_not_finite, input_range
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from mt5bridge.errors import BridgeError, DisconnectedError, SymbolError, TerminalError, UnusableValueError
from mt5bridge.metatrader.constants import NAME_CHARACTERS, TIMEFRAMES
from mt5bridge.metatrader.protocol import Source, Terminal
from mt5bridge.reading import convert
from mt5bridge.reading.consistency import check_book, check_history, check_money, check_openings, torn
from mt5bridge.reading.convert import Raw
from mt5bridge.reading.converted import ConvertedReading
from mt5bridge.reading.freshness import Freshness, check_quote
from mt5bridge.reading.server_time import NEW_YORK_CLOSE, ServerClock, settle
from mt5bridge.reading.terminal_memory import Memory
from mt5bridge.terminal_side.gather import gather
from portfolio.model import (
    Side,
    Snapshot,
)
from portfolio.reasons import refuse

logger = logging.getLogger(__name__)

TRIES: Final = 3
RETRIED: Final = frozenset(
    {
        "terminal_no_data",
        "terminal_disconnected",
        "snapshot_torn",
        "tick_invalid",
        "bars_stale",
        "value_not_finite",
        "symbol_spec_invalid",
        "book_unpriceable",
    }
)
"""What may be gone at the next reading, a moment later."""
HISTORY_MARGIN: Final = timedelta(days=1)
"""History is asked for this much too early and too late, and cut after conversion: the server's clock is not ours."""
LOOKS: Final = 4
LOOK_SECONDS: Final = 0.4
"""How often and how long to look whether a quote moves, where only that tells the broker's clock."""

REPLAYED: Final = "recording"
"""The terminal that may lack bars and old deals, since somebody chose what to capture."""

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class SnapshotRequest:
    """What a moment should bring; without a symbol, the account and the book alone.

    The terminal is asked what one lot would make from `entry` (the market where None) to the stop and to the target,
    both rounded to the tick: down for a buy, up for a sell, as `portfolio.rounding` does.
    """

    symbol: str | None = None
    side: Side | None = None
    entry: Decimal | None = None
    stop: Decimal | None = None
    target: Decimal | None = None
    bars: tuple[tuple[str, int], ...] = ()
    """(timeframe, how many closed bars) for the symbol, every symbol in the book, and the extra ones."""
    deals_since: datetime | None = None
    """Aware; history from here to now. None brings none."""
    extra: tuple[str, ...] = ()
    """Further symbols to bring with specification, quote and bars."""
    closing: bool = False
    """The answer may only close or reduce, so neither a stale quote nor torn numbers stand in its way."""


def take(
    terminal: Terminal | Source,
    ask: SnapshotRequest,
    *,
    now: Clock | datetime,
    memory: Memory | None = None,
    freshness: Freshness | None = None,
    pause: Callable[[float], None] = time.sleep,
) -> Snapshot:
    """Return one consistent moment; `BridgeError` with its reason after the third try.

    `now` is a clock, or an instant for a terminal whose time stands still. Pass the same `memory` every time: it
    pins the account, notices reconnects and changed contracts, and knows the broker's clock. `pause` waits between
    two readings where it must be seen whether a quote moves.
    """
    clock = now if callable(now) else lambda: now
    reading = _Reading(terminal, _checked(ask), clock, memory or Memory(), freshness or Freshness(), pause)
    for left in reversed(range(TRIES)):
        try:
            return reading.remember(reading.twice() if reading.reconnected() else reading.once())
        except BridgeError as error:
            if left == 0 or error.reason.code not in RETRIED:
                raise
            logger.info("moment refused, %d tries left: %s", left, error)
    raise AssertionError


def _checked(ask: SnapshotRequest) -> SnapshotRequest:
    for name in (ask.symbol, *ask.extra):
        if name is not None and not 0 < len(name) <= NAME_CHARACTERS:
            raise SymbolError(refuse("symbol_unknown", f"{name!r} is no symbol: 1 to {NAME_CHARACTERS} characters"))
    for field in ("entry", "stop", "target"):
        price = getattr(ask, field)
        if price is not None and not (price.is_finite() and price > 0):
            raise UnusableValueError(refuse("value_not_finite", f"{field} is {price}, must be a price above 0"))
    for timeframe, count in ask.bars:
        if timeframe not in TIMEFRAMES or count < 1:
            detail = f"{count} bars of {timeframe!r}; timeframes are {', '.join(TIMEFRAMES)}"
            raise UnusableValueError(refuse("input_range", detail))
    return ask


@dataclass(slots=True)
class _Reading:
    terminal: Terminal | Source
    ask: SnapshotRequest
    now: Clock
    memory: Memory
    freshness: Freshness
    pause: Callable[[float], None]

    @property
    def name(self) -> str:
        simulated = getattr(self.terminal, "__author__", "") == "SIMULATED"
        return str(getattr(self.terminal, "name", "simulated" if simulated else "native"))

    @property
    def epoch(self) -> int:
        return int(getattr(self.terminal, "epoch", 0))

    def reconnected(self) -> bool:
        return self.memory.epoch is not None and self.memory.epoch != self.epoch

    def remember(self, snapshot: Snapshot) -> Snapshot:
        """Note that this moment was accepted, and over which connection it came."""
        self.memory.epoch, self.memory.generation = snapshot.terminal.epoch, snapshot.generation
        return snapshot

    def twice(self) -> Snapshot:
        """Return the second of two moments that agree: just after a reconnect the terminal may still be loading."""
        first, second = self.once(), self.once()
        if _settled(first) != _settled(second):
            torn("the account or the book differ between two readings after a reconnect")
        return second

    def once(self) -> Snapshot:
        """Return one moment, or raise what is wrong with it."""
        epoch = self.epoch
        raw, at = self.read()
        clock = self.clock(raw, at)
        for _ in range(LOOKS):
            if clock is not None:
                break
            self.pause(LOOK_SECONDS)
            raw, at = self.read()
            clock = self.clock(raw, at)
        clock = clock or NEW_YORK_CLOSE
        snapshot = self.convert(raw, at, clock)
        if not self.ask.closing:
            self.check(raw, snapshot, clock)
            if epoch and self.epoch != epoch:
                torn("the terminal was connected anew while it was read")
        self.memory.confirm(clock, newest_tick(raw), at)
        return snapshot

    def convert(self, raw: Raw, at: datetime, clock: ServerClock) -> Snapshot:
        """Return the reading in our own values."""
        contents = ConvertedReading(raw, at, clock, lenient=self.ask.closing, replayed=self.name == REPLAYED)
        return Snapshot(
            taken_at=at,
            account=contents.account(),
            terminal=convert.terminal_state(raw["terminal_info"], self.name, self.epoch),
            specs=contents.specs(),
            quotes=contents.quotes(self.freshness.conversion),
            positions=contents.positions(),
            orders=contents.orders(),
            deals=contents.deals(self.ask.deals_since),
            deals_since=self.ask.deals_since,
            bars=contents.bars(dict(self.ask.bars)),
            profits=contents.profits(),
            margins=contents.margins(),
            server_offset=clock.offset(at),
            generation=self.memory.generation + 1,
            stops=contents.first_stops(),
        )

    def check(self, raw: Raw, snapshot: Snapshot, clock: ServerClock) -> None:
        """Raise the first thing in the reading that can't be true or is too old."""
        self.memory.advance(snapshot.taken_at)
        check_money(raw)
        check_book(raw)
        check_history(raw)
        if self.name != REPLAYED and snapshot.deals_since is not None:
            check_openings(snapshot)
        self.memory.compare(snapshot.specs)
        if self.ask.symbol is not None:
            self.check_candidate(raw, snapshot, clock)

    def check_candidate(self, raw: Raw, snapshot: Snapshot, clock: ServerClock) -> None:
        """Raise where the quote of the symbol to be traded can't be traded on."""
        symbol = self.ask.symbol or ""
        if symbol not in raw["ticks"]:
            raise SymbolError(refuse("symbol_unavailable", f"{symbol} has no quote; is it in Market Watch?"))
        tick = raw["ticks"][symbol]
        shown = float(convert.tick_time(symbol, tick))
        age = clock.to_server(snapshot.taken_at) - shown + snapshot.taken_at.microsecond / 1e6
        held = self.memory.seconds_held(symbol, shown, snapshot.taken_at)
        age = max(age, held) if held else age
        limit = self.freshness.limit(snapshot.specs[symbol])
        check_quote(convert.quote(symbol, tick, clock.to_utc), age, limit, self.freshness.future)

    def read(self) -> tuple[Raw, datetime]:
        """Return one raw reading and the time at its end."""
        raw = fetch(self.terminal, gather_request(self.ask, self.now()))
        at = self.now().astimezone(UTC)
        self._refuse_failures(raw)
        connected = (raw["terminal_info"].get("connected"), raw["after"]["terminal_info"].get("connected"))
        if not all(connected) and not self.ask.closing:
            raise DisconnectedError
        self.memory.recognise(raw["account_before"], raw["account_info"], raw["after"]["account_info"])
        return raw, at

    def _refuse_failures(self, raw: Raw) -> None:
        if failed := raw.get("failed"):
            detail = f"{failed['call']}: ({failed['code']}) {failed['text']}"
            raise TerminalError(refuse("terminal_no_data", detail))
        if unknown := raw.get("unknown"):
            name, near = unknown["symbol"], unknown["near"]
            detail = f"{name} is not known to the terminal" + (f"; nearest: {', '.join(near)}" if near else "")
            if name != self.ask.symbol and name not in self.ask.extra:
                raise UnusableValueError(refuse("book_unpriceable", detail))
            raise SymbolError(refuse("symbol_unknown", detail))

    def clock(self, raw: Raw, at: datetime) -> ServerClock | None:
        """Return the broker's clock; None asks for another reading, to see whether a quote moves."""
        newest = newest_tick(raw)
        override = self.memory.override
        if override is None:
            override = getattr(self.terminal, "server_utc_offset", None)
        moving = self.memory.moving(newest, at)
        return settle(newest, at, override=override, believed=self.memory.believed(at), moving=moving)


def newest_tick(raw: Raw) -> float | None:
    """Return the server time of the newest tick in a reading."""
    return max((float(convert.tick_time(name, row)) for name, row in raw["ticks"].items()), default=None)


def _settled(snapshot: Snapshot) -> tuple[Any, ...]:
    account = snapshot.account
    positions = tuple((row.ticket, row.volume, row.stop, row.target) for row in snapshot.positions)
    orders = tuple((row.ticket, row.volume, row.price, row.stop) for row in snapshot.orders)
    return account.login, account.server, account.balance, account.credit, positions, orders


def gather_request(ask: SnapshotRequest, at: datetime) -> dict[str, Any]:
    """Return the ask in the plain values of `mt5bridge.terminal_side.gather`."""
    prices = {field: getattr(ask, field) for field in ("entry", "stop", "target")}
    since = ask.deals_since
    return {
        "symbol": ask.symbol,
        "side": None if ask.side is None else ask.side.value,
        **{field: None if price is None else float(price) for field, price in prices.items()},
        "extra": list(ask.extra),
        "bars": [[timeframe, TIMEFRAMES[timeframe], count] for timeframe, count in ask.bars],
        "deals_from": None if since is None else int((since - HISTORY_MARGIN).timestamp()),
        "deals_to": None if since is None else int((at + HISTORY_MARGIN).timestamp()),
        "closing": ask.closing,
    }


def fetch(terminal: Terminal | Source, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return one raw reading, over the wire or by calling the terminal here; nothing in it is checked."""
    if isinstance(terminal, Source):
        return terminal.gather(asked)
    try:
        return gather(terminal, asked)
    except Exception as error:
        # rows so broken that they can't even be read are no answer either
        raise TerminalError(refuse("terminal_no_data", f"{type(error).__name__}: {error}")) from error
