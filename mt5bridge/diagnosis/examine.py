"""Find the faults of a terminal, in words a trader can act on: one line for each check.

    checks = examine(terminal, ("EURUSD", "US30"), now=now, memory=memory)

Each check is a function of one raw reading; `examine` takes the readings, one for the account and some for each
symbol, so that a broken symbol hides no other. Nothing here raises for an answer of the terminal, or prints.
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
from mt5bridge.reading.convert import newest_tick
from mt5bridge.reading.converted import ConvertedReading
from mt5bridge.reading.fields import Raw, decimal
from mt5bridge.reading.freshness import Freshness
from mt5bridge.reading.request import Clock, SnapshotRequest, fetch, gather_request
from mt5bridge.reading.server_time import NEW_YORK_CLOSE, ServerClock
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

    def read(self, topic: str, request: SnapshotRequest) -> ConvertedReading | None:
        """Return a reading, or note why there is none."""
        try:
            raw = fetch(self.terminal, gather_request(request, self.now()))
        except BridgeError as error:
            self.checks.append(refused(topic, error.reason))
            return None
        at = self.now()
        if failure := raw.get("failed"):
            finding = f"{failure['call']}: ({failure['code']}) {failure['text']}"
            self.checks.append(Check(topic, CheckState.BAD, finding, advice(failure["code"])))
            return None
        if unknown_symbol := raw.get("unknown"):
            near = ", ".join(unknown_symbol["near"]) or "none"
            finding = f"the terminal does not know {unknown_symbol['symbol']}; nearest: {near}"
            self.checks.append(Check(topic, CheckState.BAD, finding, "Correct the name in the configuration."))
            return None
        return ConvertedReading(
            raw, at, self.clock(raw, at), replayed=getattr(self.terminal, "name", "") == "recording"
        )

    def clock(self, raw: Raw, at: datetime) -> ServerClock:
        """Return the broker's clock as far as one reading shows it."""
        try:
            return self.memory.server_clock(self.terminal, newest_tick(raw), at) or NEW_YORK_CLOSE
        except BridgeError:
            return NEW_YORK_CLOSE

    def run(self, topic: str, check: Callable[[], Check | list[Check]]) -> None:
        """Run one check; an answer that can't even be checked is a finding too."""
        try:
            result = check()
        except BridgeError as error:
            result = refused(topic, error.reason)
        except (KeyError, TypeError, ValueError, ArithmeticError) as error:
            result = Check(
                topic, CheckState.BAD, f"the terminal's answer makes no sense: {error}", "Restart the terminal."
            )
        self.checks.extend(result if isinstance(result, list) else [result])


def examine(
    terminal: Terminal | Source,
    symbols: Iterable[str],
    *,
    now: Clock | datetime,
    memory: Memory | None = None,
    freshness: Freshness | None = None,
    bars: Mapping[str, int] | None = None,
) -> tuple[Check, ...]:
    """Return every check of the terminal and of `symbols`; `bars`: how many of each timeframe the statistics need."""
    clock = now if callable(now) else lambda: now
    exam = _Examination(terminal, clock, memory or Memory(), freshness or Freshness(), bars or {"H1": 500, "D1": 120})
    names = tuple(symbols)
    first = exam.read("terminal", SnapshotRequest(extra=names[:1], deals_since=clock() - HISTORY))
    if first is None and names:
        exam.checks.clear()
        first = exam.read("terminal", SnapshotRequest(deals_since=clock() - HISTORY))
    if first is None:
        return tuple(exam.checks)
    _check_account(exam, first)
    for symbol in names:
        _check_symbol(exam, symbol)
    return tuple(exam.checks)


def _check_account(exam: _Examination, reading: ConvertedReading) -> None:
    raw, at = reading.raw, reading.at
    clock, override = reading.clock, exam.memory.override_at(exam.terminal) is not None
    exam.run("terminal", lambda: account_checks.program(raw))
    exam.run("connection", lambda: account_checks.connection(raw))
    exam.run("account", lambda: account_checks.account(raw))
    exam.run("permissions", lambda: account_checks.permissions(raw))
    exam.run("book", lambda: account_checks.consistency(raw))
    exam.run("server clock", lambda: account_checks.broker_clock(raw, at, clock, override=override))
    exam.run("clock", lambda: account_checks.drift(raw, at, clock))
    exam.run("commission", lambda: account_checks.commission(reading, at))


def _check_symbol(exam: _Examination, symbol: str) -> None:
    reading = exam.read(symbol, SnapshotRequest(symbol))
    if reading is None:
        return
    exam.run(f"{symbol} quote", lambda: symbol_checks.quoting(reading, symbol, exam.freshness))
    exam.run(f"{symbol} contract", lambda: symbol_checks.specification(reading, symbol))
    exam.run(f"{symbol} money per lot", lambda: _check_money(exam, symbol, reading))
    for timeframe, count in exam.bars.items():
        _check_bars(exam, symbol, timeframe, count)


def _check_money(exam: _Examination, symbol: str, reading: ConvertedReading) -> list[Check]:
    """Ask once more, at the stop that follows from the quote."""
    entry = decimal(reading.raw["ticks"].get(symbol, {}).get("ask", 0), f"tick[{symbol}].ask")
    tick = decimal(reading.raw["symbols"][symbol]["trade_tick_size"], f"symbol_info[{symbol}].trade_tick_size")
    stop = symbol_checks.sample_stop(entry, tick) if entry > 0 and tick > 0 else None
    conversion = exam.read(f"{symbol} money per lot", SnapshotRequest(symbol, Side.BUY, stop=stop))
    return [] if conversion is None else [symbol_checks.money_per_lot(conversion, symbol)]


def _check_bars(exam: _Examination, symbol: str, timeframe: str, count: int) -> None:
    topic = f"{symbol} bars {timeframe}"
    reading = exam.read(topic, SnapshotRequest(symbol, bars=((timeframe, count),)))
    if reading is not None:
        exam.run(topic, lambda: symbol_checks.history(reading, symbol, {timeframe: count}))
