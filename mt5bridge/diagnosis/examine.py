"""What is wrong with a terminal, in words a trader can act on: one line for each thing that was looked at.

    checks = examine(terminal, ("EURUSD", "US30"), now=now, memory=memory)

Each check is a function of one raw reading; `examine` takes the readings, one for the account and some for each
symbol, so that a broken symbol hides no other. Nothing here raises for what a terminal does, or prints anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from mt5bridge.diagnosis import account_checks, symbol_checks
from mt5bridge.diagnosis.account_checks import HISTORY
from mt5bridge.diagnosis.check import Check, CheckState, advice, refused
from mt5bridge.errors import BridgeError
from mt5bridge.metatrader.protocol import Source, Terminal
from mt5bridge.reading import convert
from mt5bridge.reading.convert import Raw
from mt5bridge.reading.converted import ConvertedReading
from mt5bridge.reading.freshness import Freshness
from mt5bridge.reading.server_time import NEW_YORK_CLOSE, ServerClock, settle
from mt5bridge.reading.snapshot import Clock, SnapshotRequest, fetch, gather_request, newest_tick
from mt5bridge.reading.terminal_memory import Memory
from portfolio.model import Side


@dataclass(slots=True)
class _Examination:
    terminal: Terminal | Source
    now: Clock
    memory: Memory
    freshness: Freshness
    bars: Mapping[str, int]
    checks: list[Check] = field(default_factory=list)

    def read(self, topic: str, ask: SnapshotRequest) -> ConvertedReading | None:
        """Return a reading, or note why there is none."""
        try:
            raw = fetch(self.terminal, gather_request(ask, self.now()))
        except BridgeError as error:
            self.checks.append(refused(topic, error.reason))
            return None
        at = self.now()
        if failed := raw.get("failed"):
            finding = f"{failed['call']}: ({failed['code']}) {failed['text']}"
            self.checks.append(Check(topic, CheckState.BAD, finding, advice(failed["code"])))
            return None
        if unknown := raw.get("unknown"):
            near = ", ".join(unknown["near"]) or "none"
            finding = f"the terminal does not know {unknown['symbol']}; nearest: {near}"
            self.checks.append(Check(topic, CheckState.BAD, finding, "Correct the name in the configuration."))
            return None
        return ConvertedReading(
            raw, at, self.clock(raw, at), replayed=getattr(self.terminal, "name", "") == "recording"
        )

    def clock(self, raw: Raw, at: datetime) -> ServerClock:
        """Return the broker's clock as well as one reading tells."""
        try:
            newest = newest_tick(raw)
            return settle(newest, at, override=self.override, believed=self.memory.believed(at)) or NEW_YORK_CLOSE
        except BridgeError:
            return NEW_YORK_CLOSE

    @property
    def override(self) -> ServerClock | int | None:
        """What the user or the recording says about the broker's clock."""
        return self.memory.override or getattr(self.terminal, "server_utc_offset", None)

    def look(self, topic: str, check: Callable[[], Check | list[Check]]) -> None:
        """Make one check; what can't even be checked is a finding too."""
        try:
            found = check()
        except BridgeError as error:
            found = refused(topic, error.reason)
        except (KeyError, TypeError, ValueError, ArithmeticError) as error:
            found = Check(
                topic, CheckState.BAD, f"the terminal's answer makes no sense: {error}", "Restart the terminal."
            )
        self.checks.extend(found if isinstance(found, list) else [found])


def examine(
    terminal: Terminal | Source,
    symbols: Iterable[str],
    *,
    now: Clock | datetime,
    memory: Memory | None = None,
    freshness: Freshness | None = None,
    bars: Mapping[str, int] | None = None,
) -> tuple[Check, ...]:
    """Return every check of the terminal and of `symbols`; `bars` says how many of which timeframe statistics need."""
    clock = now if callable(now) else lambda: now
    exam = _Examination(terminal, clock, memory or Memory(), freshness or Freshness(), bars or {"H1": 500, "D1": 120})
    names = tuple(symbols)
    first = exam.read("terminal", SnapshotRequest(extra=names[:1], deals_since=clock() - HISTORY))
    if first is None and names:
        exam.checks.clear()
        first = exam.read("terminal", SnapshotRequest(deals_since=clock() - HISTORY))
    if first is None:
        return tuple(exam.checks)
    _account_checks(exam, first)
    for symbol in names:
        _symbol_checks(exam, symbol)
    return tuple(exam.checks)


def _account_checks(exam: _Examination, contents: ConvertedReading) -> None:
    raw, at = contents.raw, contents.at
    clock, override = contents.clock, exam.override is not None
    exam.look("terminal", lambda: account_checks.program(raw))
    exam.look("connection", lambda: account_checks.connection(raw))
    exam.look("account", lambda: account_checks.account(raw))
    exam.look("permissions", lambda: account_checks.permissions(raw))
    exam.look("book", lambda: account_checks.consistency(raw))
    exam.look("server clock", lambda: account_checks.broker_clock(raw, at, clock, override=override))
    exam.look("clock", lambda: account_checks.drift(raw, at, clock))
    exam.look("commission", lambda: account_checks.commission(contents, at))


def _symbol_checks(exam: _Examination, symbol: str) -> None:
    seen = exam.read(symbol, SnapshotRequest(symbol))
    if seen is None:
        return
    exam.look(f"{symbol} quote", lambda: symbol_checks.quoting(seen, symbol, exam.freshness))
    exam.look(f"{symbol} contract", lambda: symbol_checks.specification(seen, symbol))
    exam.look(f"{symbol} money per lot", lambda: _money(exam, symbol, seen))
    for timeframe, count in exam.bars.items():
        _bars(exam, symbol, timeframe, count)


def _money(exam: _Examination, symbol: str, seen: ConvertedReading) -> list[Check]:
    """Ask once more, at the stop that follows from the quote."""
    entry = convert.decimal(seen.raw["ticks"].get(symbol, {}).get("ask", 0), f"tick[{symbol}].ask")
    tick = convert.decimal(seen.raw["symbols"][symbol]["trade_tick_size"], f"symbol_info[{symbol}].trade_tick_size")
    stop = symbol_checks.sample_stop(entry, tick) if entry > 0 and tick > 0 else None
    asked = exam.read(f"{symbol} money per lot", SnapshotRequest(symbol, Side.BUY, stop=stop))
    return [] if asked is None else [symbol_checks.money_per_lot(asked, symbol)]


def _bars(exam: _Examination, symbol: str, timeframe: str, count: int) -> None:
    topic = f"{symbol} bars {timeframe}"
    asked = exam.read(topic, SnapshotRequest(symbol, bars=((timeframe, count),)))
    if asked is not None:
        exam.look(topic, lambda: symbol_checks.history(asked, symbol, {timeframe: count}))
