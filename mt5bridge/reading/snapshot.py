"""Take one consistent moment off a terminal: checked, converted, or refused with the reason.

    request = SnapshotRequest("EURUSD", Side.BUY, stop=Decimal("1.0827"), bars=(("H1", 500),), deals_since=reset)
    snapshot = take(terminal, request, now=lambda: datetime.now(UTC), memory=memory)

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
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from mt5bridge.errors import BridgeError, DisconnectedError, SymbolError, TerminalError, UnusableValueError
from mt5bridge.metatrader.protocol import Source, Terminal
from mt5bridge.reading import convert
from mt5bridge.reading.consistency import check_book, check_history, check_money, check_openings, raise_inconsistent
from mt5bridge.reading.converted import ConvertedReading
from mt5bridge.reading.fields import Raw
from mt5bridge.reading.freshness import Freshness, check_quote
from mt5bridge.reading.placed_exits import Place, ask_exits
from mt5bridge.reading.request import Clock, SnapshotRequest, check_request, fetch, gather_request
from mt5bridge.reading.server_time import NEW_YORK_CLOSE, ServerClock
from mt5bridge.reading.terminal_memory import Memory
from portfolio.model import Snapshot
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
"""Refusals that the next reading, a moment later, may not find any more."""
REREADS: Final = 4
REREAD_SECONDS: Final = 0.4
"""Tries and pause while waiting for a quote to move, where only that shows the broker's clock."""

REPLAYED: Final = "recording"
"""The terminal that may lack bars and old deals: the user chose what to capture."""


def take(
    terminal: Terminal | Source,
    request: SnapshotRequest,
    *,
    now: Clock | datetime,
    memory: Memory | None = None,
    freshness: Freshness | None = None,
    pause: Callable[[float], None] = time.sleep,
) -> Snapshot:
    """Return one consistent moment; `BridgeError` with its reason after the third try.

    `now` is a clock, or an instant for a terminal whose time stands still. Pass the same `memory` every time: it
    pins the account, notices reconnects and changed contracts, and knows the broker's clock. `pause` waits between
    two readings where only a moving quote shows that clock.
    """
    clock = now if callable(now) else lambda: now
    reading = _Reading(terminal, check_request(request), clock, memory or Memory(), freshness or Freshness(), pause)
    for tries_left in reversed(range(TRIES)):
        try:
            return reading.remember(reading.settled() if reading.reconnected() else reading.single())
        except BridgeError as error:
            if tries_left == 0 or error.reason.code not in RETRIED:
                raise
            logger.info("moment refused, %d tries left: %s", tries_left, error)
    raise AssertionError


@dataclass(slots=True)
class _Reading:
    terminal: Terminal | Source
    request: SnapshotRequest
    now: Clock
    memory: Memory
    freshness: Freshness
    pause: Callable[[float], None]

    @property
    def name(self) -> str:
        is_paper = getattr(self.terminal, "__author__", "") == "SIMULATED"
        return str(getattr(self.terminal, "name", "simulated" if is_paper else "native"))

    @property
    def epoch(self) -> int:
        return int(getattr(self.terminal, "epoch", 0))

    def reconnected(self) -> bool:
        return self.memory.epoch is not None and self.memory.epoch != self.epoch

    def remember(self, snapshot: Snapshot) -> Snapshot:
        """Note that this moment was accepted, and over which connection it came."""
        self.memory.epoch, self.memory.generation = snapshot.terminal.epoch, snapshot.generation
        return snapshot

    def settled(self) -> Snapshot:
        """Return the second of two moments that agree: just after a reconnect the terminal may still be loading."""
        first, second = self.single(), self.single()
        if _account_and_book(first) != _account_and_book(second):
            raise_inconsistent("the account or the book differ between two readings after a reconnect")
        return second

    def single(self) -> Snapshot:
        """Return one moment, or raise its first fault."""
        epoch = self.epoch
        raw, at = self.read()
        clock = self.clock(raw, at)
        for _ in range(REREADS):
            if clock is not None:
                break
            self.pause(REREAD_SECONDS)
            raw, at = self.read()
            clock = self.clock(raw, at)
        clock = clock or NEW_YORK_CLOSE
        snapshot = self.convert(raw, at, clock)
        if not self.request.closing:
            self.check(raw, snapshot, clock)
            if self.request.place is not None:
                snapshot = self.with_exits(raw, snapshot, clock, self.request.place)
            if epoch and self.epoch != epoch:
                raise_inconsistent("the terminal was connected anew while it was read")
        self.memory.confirm(clock, convert.newest_tick(raw), at)
        return snapshot

    def convert(self, raw: Raw, at: datetime, clock: ServerClock) -> Snapshot:
        """Return the reading in our own values."""
        reading = self.converted(raw, at, clock)
        return Snapshot(
            taken_at=at,
            account=reading.account(),
            terminal=convert.terminal_state(raw["terminal_info"], self.name, self.epoch),
            specs=reading.specs(),
            quotes=reading.quotes(self.freshness.conversion),
            positions=reading.positions(),
            orders=reading.orders(),
            deals=reading.deals(self.request.deals_since),
            deals_since=self.request.deals_since,
            bars=reading.bars(dict(self.request.bars)),
            profits=reading.profits(),
            margins=reading.margins(),
            server_offset=clock.offset(at),
            generation=self.memory.generation + 1,
            stops=reading.first_stops(),
        )

    def converted(self, raw: Raw, at: datetime, clock: ServerClock) -> ConvertedReading:
        """Return the reading whose parts convert one by one."""
        return ConvertedReading(raw, at, clock, lenient=self.request.closing, replayed=self.name == REPLAYED)

    def with_exits(self, raw: Raw, snapshot: Snapshot, clock: ServerClock, place: Place) -> Snapshot:
        """Return the snapshot with the terminal's answers for a stop and a target that are placed on it."""
        exits = place(snapshot)
        if exits == (None, None):
            return snapshot
        profits, account = ask_exits(self.terminal, gather_request(self.request, snapshot.taken_at), raw, exits)
        self.memory.check_account(account)
        # these questions took time too: the quote must still be fresh when they are answered
        self.check_candidate(raw, replace(snapshot, taken_at=self.now().astimezone(UTC)), clock)
        reading = self.converted({**raw, "profits": profits}, snapshot.taken_at, clock)
        return replace(snapshot, profits=reading.profits())

    def check(self, raw: Raw, snapshot: Snapshot, clock: ServerClock) -> None:
        """Raise the first thing in the reading that can't be true or is too old."""
        self.memory.advance(snapshot.taken_at)
        check_money(raw)
        check_book(raw)
        check_history(raw)
        if self.name != REPLAYED and snapshot.deals_since is not None:
            check_openings(snapshot)
        self.memory.check_specs(snapshot.specs)
        if self.request.symbol is not None:
            self.check_candidate(raw, snapshot, clock)

    def check_candidate(self, raw: Raw, snapshot: Snapshot, clock: ServerClock) -> None:
        """Refuse the quote of the symbol to be traded where it can't be traded on."""
        symbol = self.request.symbol or ""
        if symbol not in raw["ticks"]:
            raise SymbolError(refuse("symbol_unavailable", f"{symbol} has no quote; is it in Market Watch?"))
        tick = raw["ticks"][symbol]
        quoted_at = float(convert.tick_time(symbol, tick))
        age = clock.to_server(snapshot.taken_at) - quoted_at + snapshot.taken_at.microsecond / 1e6
        # by its own time a quote may look fresh while the terminal has shown the very same one for minutes
        unchanged = self.memory.seconds_unchanged(symbol, quoted_at, snapshot.taken_at)
        age = max(age, unchanged) if unchanged else age
        limit = self.freshness.limit(snapshot.specs[symbol])
        check_quote(convert.quote(symbol, tick, clock.to_utc), age, limit, self.freshness.future)

    def read(self) -> tuple[Raw, datetime]:
        """Return one raw reading and the time at its end."""
        raw = fetch(self.terminal, gather_request(self.request, self.now()))
        at = self.now().astimezone(UTC)
        self.refuse_failures(raw)
        connected = (raw["terminal_info"].get("connected"), raw["after"]["terminal_info"].get("connected"))
        if not all(connected) and not self.request.closing:
            raise DisconnectedError
        self.memory.check_account(raw["account_before"], raw["account_info"], raw["after"]["account_info"])
        return raw, at

    def refuse_failures(self, raw: Raw) -> None:
        """Raise the call that gave no answer, or the symbol that the terminal does not know."""
        if failure := raw.get("failed"):
            detail = f"{failure['call']}: ({failure['code']}) {failure['text']}"
            raise TerminalError(refuse("terminal_no_data", detail))
        if unknown_symbol := raw.get("unknown"):
            name, near = unknown_symbol["symbol"], unknown_symbol["near"]
            detail = f"{name} is not known to the terminal" + (f"; nearest: {', '.join(near)}" if near else "")
            if name != self.request.symbol and name not in self.request.extra:
                raise UnusableValueError(refuse("book_unpriceable", detail))
            raise SymbolError(refuse("symbol_unknown", detail))

    def clock(self, raw: Raw, at: datetime) -> ServerClock | None:
        """Return the broker's clock; None where another reading must show whether a quote moves."""
        newest = convert.newest_tick(raw)
        return self.memory.server_clock(self.terminal, newest, at, moving=self.memory.moving(newest, at))


def _account_and_book(snapshot: Snapshot) -> tuple[Any, ...]:
    account = snapshot.account
    positions = tuple((row.ticket, row.volume, row.stop, row.target) for row in snapshot.positions)
    orders = tuple((row.ticket, row.volume, row.price, row.stop) for row in snapshot.orders)
    return account.login, account.server, account.balance, account.credit, positions, orders
