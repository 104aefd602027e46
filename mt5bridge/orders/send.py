"""Send one trade with its stop and target, once, and report its fill, its refusal or its unknown fate.

    report = send(terminal, bracket, spec, claim=..., resize=...)

The broker is asked first whether it would take the request (`order_check`). Then `claim` is called, which moves the
money reserved for the trade from held to claimed; only if it agrees the request is sent. A price that moved away is
answered by `resize` (a new bracket, never larger), at most twice. After an answer that leaves open what happened, the
trade is searched in the book and the history and is never sent again. A position without its stop is closed at once.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final, TypeVar

from mt5bridge.metatrader import retcodes
from mt5bridge.metatrader.constants import Constants
from mt5bridge.metatrader.protocol import Terminal, TerminalRow
from mt5bridge.metatrader.retcodes import Meaning
from mt5bridge.orders.bracket import Bracket, closing_request, request_of
from mt5bridge.orders.sent_order import SentOrder, Ticket, find_order, known_tickets
from mt5bridge.reading.fields import decimal
from mt5bridge.terminal_side.gather import SUCCESS
from portfolio.model import ZERO, Side, SymbolSpec
from portfolio.reasons import Refusal, refuse

logger = logging.getLogger(__name__)

RESIZES: Final = 2
SEARCHES: Final = 3
SEARCH_SECONDS: Final = 0.3
"""Searches for a fill, and the pause between them, before its stop counts as missing or its fate as unknown."""
CLOSING_TRIES: Final = 3
NEVER_LEFT: Final = frozenset(
    {Constants.RES_E_INVALID_PARAMS, Constants.RES_E_UNSUPPORTED, Constants.RES_E_AUTO_TRADING_DISABLED}
)
"""Errors of the package itself: bad arguments, unsupported, trading by Python disabled. Nothing was sent."""
PYTHON_DISABLED: Final = Constants.RES_E_AUTO_TRADING_DISABLED


class Result(StrEnum):
    """The fate of a trade."""

    FILLED = "filled"
    PARTIAL = "partial"
    PLACED = "placed"
    """A pending order waits, or the broker has taken a market order that is not filled yet."""
    NOT_SENT = "not_sent"
    REJECTED = "rejected"
    UNKNOWN = "unknown"
    CLOSED = "closed"
    """It was filled and is gone again: stopped at once, or closed by us because its stop was missing (`refusal`)."""
    UNPROTECTED = "unprotected"
    """It was filled without its stop and could not be closed: a human must act now."""


@dataclass(frozen=True, slots=True)
class Report:
    """The fate of a trade, and whether the money reserved for it is free again."""

    result: Result
    refusal: Refusal | None = None
    bracket: Bracket | None = None
    """The bracket that was sent last."""
    retcode: int | None = None
    filled: Decimal = ZERO
    """Lots in the book."""
    price: Decimal | None = None
    order: int = 0
    position: int = 0
    attempts: int = 0
    quarantine: bool = False
    """Our picture of the symbol is wrong: it is not sized again until somebody has checked it."""

    @property
    def releases(self) -> bool:
        """Whether the reserved money is free again."""
        return self.result in {Result.NOT_SENT, Result.REJECTED, Result.CLOSED}


Claim = Callable[[], Refusal | None]
Resize = Callable[[Bracket], Bracket | Refusal]
Pause = Callable[[float], None]
Error = tuple[int, str]
"""Code and text of `last_error()`."""
T = TypeVar("T")


def send(
    terminal: Terminal,
    bracket: Bracket,
    spec: SymbolSpec,
    *,
    claim: Claim,
    resize: Resize | None = None,
    pause: Pause = time.sleep,
) -> Report:
    """Check, claim, send, and report the trade's fate. Never raises for an answer of the terminal."""
    return _Sending(terminal, spec, claim, resize, pause).send(bracket)


def attempt(call: Callable[[], T]) -> T | Exception:
    """Return the terminal's answer, or the exception instead of it: package, wire and broken rows raise any kind."""
    try:
        return call()
    except Exception as error:  # noqa: BLE001 - no kind of failure may hide whether an order was sent
        return error


@dataclass(slots=True)
class _Sending:
    terminal: Terminal
    spec: SymbolSpec
    claim: Claim
    resize: Resize | None
    pause: Pause
    has_claim: bool = False

    def send(self, bracket: Bracket) -> Report:
        """Send the bracket, sized again while the price moves away."""
        report, attempts = self.send_once(bracket), 1
        while _requoted(report) and attempts <= RESIZES:
            smaller = self.smaller(bracket)
            if isinstance(smaller, Refusal):
                report = Report(Result.REJECTED, smaller, retcode=report.retcode)
                break
            bracket = smaller
            report = self.send_once(bracket)
            attempts += 1
        return replace(report, bracket=bracket, attempts=attempts)

    def smaller(self, bracket: Bracket) -> Bracket | Refusal:
        """Return the bracket at the new price, no larger than the one before."""
        if self.resize is None:
            return refuse("order_requoted", f"{bracket.symbol}: the price {bracket.price} is gone")
        new_size = self.resize(bracket)
        if isinstance(new_size, Refusal):
            return new_size
        return replace(new_size, volume=min(new_size.volume, bracket.volume))

    def send_once(self, bracket: Bracket) -> Report:
        """Check, claim and send one request."""
        request = request_of(bracket, self.spec)
        outcome = attempt(lambda: self.ask_broker(bracket, request))
        if isinstance(outcome, Exception):
            return Report(Result.NOT_SENT, refuse("terminal_no_data", f"before sending: {outcome}"))
        before, answer, error = outcome
        if answer is None:
            return Report(Result.NOT_SENT, refuse("terminal_no_data", f"order_check: {error}"))
        retcode = _whole(answer, "retcode")
        if retcode not in retcodes.CHECK_PASSED:
            return _report_rejected(retcode, answer, Result.NOT_SENT)
        if not self.has_claim and (refusal := self.claim()) is not None:
            return Report(Result.NOT_SENT, refusal)
        self.has_claim = True
        return self.send_request(bracket, request, before)

    def ask_broker(
        self, bracket: Bracket, request: dict[str, Any]
    ) -> tuple[frozenset[Ticket], TerminalRow | None, Error | None]:
        """Return the tickets before the trade and the broker's answer to `order_check`, or the error instead of it."""
        before = known_tickets(self.terminal, bracket.symbol)
        answer = self.terminal.order_check(request)
        return before, answer, self.terminal.last_error() if answer is None else None

    def transmit(self, request: dict[str, Any]) -> tuple[TerminalRow | None, Error | Exception | None]:
        """Call `order_send`; return its answer, or the error: after an exception the request may be on its way."""

        def call() -> tuple[TerminalRow | None, Error | None]:
            answer = self.terminal.order_send(request)
            return answer, self.terminal.last_error() if answer is None else None

        outcome = attempt(call)
        return (None, outcome) if isinstance(outcome, Exception) else outcome

    def send_request(self, bracket: Bracket, request: dict[str, Any], before: frozenset[Ticket]) -> Report:
        """Send the request and find the trade it made."""
        answer, error = self.transmit(request)
        if isinstance(error, tuple) and error[0] in NEVER_LEFT:
            code = "trading_disabled" if error[0] == PYTHON_DISABLED else "order_rejected"
            return Report(Result.REJECTED, refuse(code, f"order_send: {error}"))
        if answer is None:
            return self.report_unknown(bracket, before, f"order_send: {error}")
        retcode = _whole(answer, "retcode")
        meaning = retcodes.meaning(retcode)
        if meaning in {Meaning.REJECTED, Meaning.REQUOTE}:
            return _report_rejected(retcode, answer, Result.REJECTED)
        if meaning is Meaning.UNKNOWN:
            return replace(self.report_unknown(bracket, before, retcodes.refusal(retcode, "").detail), retcode=retcode)
        return replace(self.report_accepted(bracket, before, _whole(answer, "order")), retcode=retcode)

    # the trade that was sent

    def report_unknown(self, bracket: Bracket, before: frozenset[Ticket], why: str) -> Report:
        """Search our trade after an answer that leaves its fate open."""
        trade = self.search(bracket, before, 0)
        if trade.any:
            return self.report_trade(bracket, trade)
        return Report(Result.UNKNOWN, refuse("order_unknown", f"{why}; nothing of it can be seen yet"))

    def report_accepted(self, bracket: Bracket, before: frozenset[Ticket], order: int) -> Report:
        """Find the trade that the broker has taken."""
        trade = self.search(bracket, before, order)
        if trade.any:
            return self.report_trade(bracket, trade)
        detail = f"order {order} was taken, but nothing of it can be seen yet"
        return Report(Result.UNKNOWN, refuse("order_unknown", detail), order=order)

    def search(self, bracket: Bracket, before: frozenset[Ticket], order: int) -> SentOrder:
        """Return the trade as book and history show it, read again for a while if it is missing or lacks its stop."""
        trade = SentOrder()
        for number in range(SEARCHES):
            if number:
                self.pause(SEARCH_SECONDS)
            answer = attempt(lambda: find_order(self.terminal, bracket, before, order))
            if isinstance(answer, Exception):
                logger.warning("can't look for order %d in %s: %s", order, bracket.symbol, answer)
                continue
            trade = answer
            if trade.any and trade.has_stop:
                break
        return trade

    def report_trade(self, bracket: Bracket, trade: SentOrder) -> Report:
        """Report a trade that book or history show; a trade without its stop is undone."""
        report = Report(
            Result.FILLED, order=trade.order, position=trade.position, filled=trade.filled, price=trade.price
        )
        if trade.closed and not trade.working:
            return replace(report, result=Result.CLOSED)
        if not trade.has_stop:
            return self.undo(bracket, trade, report)
        if trade.filled == 0:
            return replace(report, result=Result.PLACED)
        return replace(report, result=Result.FILLED if trade.filled >= bracket.volume else Result.PARTIAL)

    # a trade without its stop

    def undo(self, bracket: Bracket, trade: SentOrder, report: Report) -> Report:
        """Close the lots that were filled without their stop, and remove the order that waits without it."""
        logger.error("%s: order %d stands without its stop %s", bracket.symbol, trade.order, bracket.stop)
        failures = [self.close(bracket, trade)] if trade.filled else []
        if trade.working:
            failures.append(self.carry_out({"action": Constants.TRADE_ACTION_REMOVE, "order": trade.order}))
        if any(failures):
            detail = f"{bracket.symbol}: {trade.filled} lots without the stop {bracket.stop}: {'; '.join(failures)}"
            return replace(report, result=Result.UNPROTECTED, refusal=refuse("order_unprotected", detail))
        detail = f"{bracket.symbol}: {trade.filled} lots stood without the stop {bracket.stop} and were closed at once"
        return replace(report, result=Result.CLOSED, refusal=refuse("order_rejected", detail), filled=ZERO)

    def close(self, bracket: Bracket, trade: SentOrder) -> str:
        """Close the position at the market; return the failure, "" where it worked."""
        failure = ""
        for _ in range(CLOSING_TRIES):
            failure = self.carry_out(
                closing_request(bracket, self.spec, trade.position, trade.filled, self.exit(bracket))
            )
            if not failure or self.is_closed(trade.position):
                return ""
        return failure

    def exit(self, bracket: Bracket) -> Decimal:
        """Return the price that closes the trade now; without a quote the decided one, which a market order ignores."""
        tick = attempt(lambda: self.terminal.symbol_info_tick(bracket.symbol))
        if tick is None or isinstance(tick, Exception):
            return bracket.price
        side = "bid" if bracket.side is Side.BUY else "ask"
        return decimal(tick._asdict()[side], side)

    def is_closed(self, position: int) -> bool:
        """Whether the terminal shows for certain that a position is closed."""
        # an empty answer counts only with success: a broken connection looks empty too
        empty = attempt(
            lambda: self.terminal.positions_get(ticket=position) == () and self.terminal.last_error()[0] == SUCCESS
        )
        return empty is True

    def carry_out(self, request: dict[str, Any]) -> str:
        """Send a request that takes risk away; return the failure, "" where it worked."""
        answer, error = self.transmit(request)
        if answer is None:
            return f"order_send: {error}"
        retcode = _whole(answer, "retcode")
        return "" if retcode == retcodes.DONE else retcodes.refusal(retcode, "").detail


def _requoted(report: Report) -> bool:
    return report.refusal is not None and report.refusal.code == "order_requoted"


def _whole(answer: TerminalRow, field: str) -> int:
    """Return a number of an answer; -1, which is no code and no ticket, where it is none."""
    value = answer._asdict().get(field)
    return value if type(value) is int else -1


def _report_rejected(retcode: int, answer: TerminalRow, result: Result) -> Report:
    refusal = retcodes.refusal(retcode, str(answer._asdict().get("comment", "")))
    if retcodes.meaning(retcode) is Meaning.REQUOTE:
        refusal = refuse("order_requoted", refusal.detail)
    return Report(result, refusal, retcode=retcode, quarantine=retcode in retcodes.OUR_MODEL_IS_WRONG)
