"""Send one trade with its stop and target, once, and find out what became of it.

    report = send(terminal, bracket, spec, claim=..., resize=...)

The broker is asked first whether it would take the request (`order_check`). Then `claim` is called, which moves the
money set aside for the trade from held to claimed; only if it agrees the request is sent. A price that moved away is
answered by `resize` (a new bracket, never larger), at most twice. Whatever leaves open what happened is looked for in
the book and the history and is never sent again. A position that stands there without its stop is closed at once.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from mt5bridge.metatrader import retcodes
from mt5bridge.metatrader.constants import Constants
from mt5bridge.metatrader.protocol import Terminal, TerminalRow
from mt5bridge.metatrader.retcodes import Meaning
from mt5bridge.orders.bracket import Bracket, closing_request, request_of
from mt5bridge.orders.sent_order import SentOrder, Ticket, known_tickets, look
from mt5bridge.reading.fields import decimal
from portfolio.model import ZERO, Side, SymbolSpec
from portfolio.reasons import Refusal, refuse

logger = logging.getLogger(__name__)

RESIZES: Final = 2
LOOKS: Final = 3
LOOK_SECONDS: Final = 0.3
"""How often and after how long a fill is looked for before its stop is said to be missing, or its fate unknown."""
CLOSING_TRIES: Final = 3
NEVER_LEFT: Final = frozenset({-2, -7, -8})
"""Errors of the package itself: bad arguments, unsupported, trading by Python disabled. Nothing was sent."""
PYTHON_DISABLED: Final = -8


class Result(StrEnum):
    """What became of a trade."""

    FILLED = "filled"
    PARTIAL = "partial"
    PLACED = "placed"
    """A pending order stands, or the broker has taken a market order that is not filled yet."""
    NOT_SENT = "not_sent"
    REJECTED = "rejected"
    UNKNOWN = "unknown"
    CLOSED = "closed"
    """It was filled and is gone again: stopped at once, or closed by us because its stop was missing (`refusal`)."""
    UNPROTECTED = "unprotected"
    """It was filled without its stop and could not be closed: somebody must look now."""


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a trade, and what that means for the money set aside."""

    result: Result
    refusal: Refusal | None = None
    bracket: Bracket | None = None
    """The one that was sent last."""
    retcode: int | None = None
    filled: Decimal = ZERO
    """Lots in the book."""
    price: Decimal | None = None
    order: int = 0
    position: int = 0
    attempts: int = 0
    quarantine: bool = False
    """Our idea of the symbol is wrong: do not size it again before somebody has looked."""

    @property
    def releases(self) -> bool:
        """Whether the money set aside is free again."""
        return self.result in {Result.NOT_SENT, Result.REJECTED, Result.CLOSED}


Claim = Callable[[], Refusal | None]
Resize = Callable[[Bracket], Bracket | Refusal]
Pause = Callable[[float], None]


def send(
    terminal: Terminal,
    bracket: Bracket,
    spec: SymbolSpec,
    *,
    claim: Claim,
    resize: Resize | None = None,
    pause: Pause = time.sleep,
) -> Report:
    """Check, claim, send, and report what became of it. Never raises for what the terminal does."""
    return _Sending(terminal, spec, claim, resize, pause).send(bracket)


@dataclass(slots=True)
class _Sending:
    terminal: Terminal
    spec: SymbolSpec
    claim: Claim
    resize: Resize | None
    pause: Pause
    claimed: bool = False

    def send(self, bracket: Bracket) -> Report:
        """Send the bracket, sized again while the price moves away."""
        report, attempts = self.once(bracket), 1
        while _requoted(report) and attempts <= RESIZES:
            smaller = self.smaller(bracket)
            if isinstance(smaller, Refusal):
                report = Report(Result.REJECTED, smaller, retcode=report.retcode)
                break
            bracket = smaller
            report = self.once(bracket)
            attempts += 1
        return replace(report, bracket=bracket, attempts=attempts)

    def smaller(self, bracket: Bracket) -> Bracket | Refusal:
        """Return the bracket at the new price, no larger than the one before."""
        if self.resize is None:
            return refuse("order_requoted", f"{bracket.symbol}: the price {bracket.price} is gone")
        sized = self.resize(bracket)
        if isinstance(sized, Refusal):
            return sized
        return replace(sized, volume=min(sized.volume, bracket.volume))

    def once(self, bracket: Bracket) -> Report:
        """Check, claim and send one request."""
        request = request_of(bracket, self.spec)
        try:
            before = known_tickets(self.terminal, bracket.symbol)
            checked = self.terminal.order_check(request)
            error = self.terminal.last_error() if checked is None else None
        except Exception as raised:  # noqa: BLE001 - nothing was sent, whatever it was
            return Report(Result.NOT_SENT, refuse("terminal_no_data", f"before sending: {raised}"))
        if checked is None:
            return Report(Result.NOT_SENT, refuse("terminal_no_data", f"order_check: {error}"))
        check = _whole(checked, "retcode")
        if check not in retcodes.CHECK_PASSED:
            return _rejected(check, checked, Result.NOT_SENT)
        if not self.claimed and (refused := self.claim()) is not None:
            return Report(Result.NOT_SENT, refused)
        self.claimed = True
        return self.sent(bracket, request, before)

    def sent(self, bracket: Bracket, request: dict[str, Any], before: frozenset[Ticket]) -> Report:
        """Send the request and look what became of it."""
        try:
            answered = self.terminal.order_send(request)
            error = self.terminal.last_error() if answered is None else None
        except Exception as raised:  # noqa: BLE001 - the request may be on its way
            return self.unknown(bracket, before, f"order_send: {raised}")
        if error is not None and error[0] in NEVER_LEFT:
            code = "trading_disabled" if error[0] == PYTHON_DISABLED else "order_rejected"
            return Report(Result.REJECTED, refuse(code, f"order_send: {error}"))
        if answered is None:
            return self.unknown(bracket, before, f"order_send: {error}")
        retcode = _whole(answered, "retcode")
        meaning = retcodes.meaning(retcode)
        if meaning in {Meaning.REJECTED, Meaning.REQUOTE}:
            return _rejected(retcode, answered, Result.REJECTED)
        if meaning is Meaning.UNKNOWN:
            return replace(self.unknown(bracket, before, retcodes.refusal(retcode, "").detail), retcode=retcode)
        return replace(self.accepted(bracket, before, _whole(answered, "order")), retcode=retcode)

    # what became of it

    def unknown(self, bracket: Bracket, before: frozenset[Ticket], why: str) -> Report:
        """Look for a trade of ours after an answer that says nothing."""
        found = self.look(bracket, before, 0)
        if found.any:
            return self.settled(bracket, found)
        return Report(Result.UNKNOWN, refuse("order_unknown", f"{why}; nothing of it can be seen yet"))

    def accepted(self, bracket: Bracket, before: frozenset[Ticket], order: int) -> Report:
        """Find the trade that the broker says it has taken."""
        found = self.look(bracket, before, order)
        if found.any:
            return self.settled(bracket, found)
        detail = f"order {order} was taken, but nothing of it can be seen yet"
        return Report(Result.UNKNOWN, refuse("order_unknown", detail), order=order)

    def look(self, bracket: Bracket, before: frozenset[Ticket], order: int) -> SentOrder:
        """Return what can be seen of the trade, after a while if it is nothing or lacks its stop at first."""
        found = SentOrder()
        for attempt in range(LOOKS):
            if attempt:
                self.pause(LOOK_SECONDS)
            try:
                found = look(self.terminal, bracket, before, order)
            except Exception as raised:  # noqa: BLE001 - to see nothing is an answer too
                logger.warning("can't look for order %d in %s: %s", order, bracket.symbol, raised)
                continue
            if found.any and found.protected:
                break
        return found

    def settled(self, bracket: Bracket, found: SentOrder) -> Report:
        """Return the report of what was found; what stands without its stop is undone."""
        report = Report(
            Result.FILLED, order=found.order, position=found.position, filled=found.filled, price=found.price
        )
        if found.closed and not found.working:
            return replace(report, result=Result.CLOSED)
        if not found.protected:
            return self.undo(bracket, found, report)
        if found.filled == 0:
            return replace(report, result=Result.PLACED)
        return replace(report, result=Result.FILLED if found.filled >= bracket.volume else Result.PARTIAL)

    # a trade without its stop

    def undo(self, bracket: Bracket, found: SentOrder, report: Report) -> Report:
        """Close what was filled without its stop, and remove what waits without it."""
        logger.error("%s: order %d stands without its stop %s", bracket.symbol, found.order, bracket.stop)
        wrongs = [self.close(bracket, found)] if found.filled else []
        if found.working:
            wrongs.append(self.carry_out({"action": Constants.TRADE_ACTION_REMOVE, "order": found.order}))
        if any(wrongs):
            detail = f"{bracket.symbol}: {found.filled} lots without the stop {bracket.stop}: {'; '.join(wrongs)}"
            return replace(report, result=Result.UNPROTECTED, refusal=refuse("order_unprotected", detail))
        detail = f"{bracket.symbol}: {found.filled} lots stood without the stop {bracket.stop} and were closed at once"
        return replace(report, result=Result.CLOSED, refusal=refuse("order_rejected", detail), filled=ZERO)

    def close(self, bracket: Bracket, found: SentOrder) -> str:
        """Close the position at the market; return what went wrong, "" where nothing did."""
        wrong = ""
        for _ in range(CLOSING_TRIES):
            wrong = self.carry_out(
                closing_request(bracket, self.spec, found.position, found.filled, self.exit(bracket))
            )
            if not wrong or self.gone(found.position):
                return ""
        return wrong

    def exit(self, bracket: Bracket) -> Decimal:
        """Return the price that closes the trade now; the decided one where no quote comes."""
        try:
            tick = self.terminal.symbol_info_tick(bracket.symbol)
        except Exception:  # noqa: BLE001 - a market order needs no price to be filled
            tick = None
        side = "bid" if bracket.side is Side.BUY else "ask"
        return bracket.price if tick is None else decimal(tick._asdict()[side], side)

    def gone(self, position: int) -> bool:
        """Whether the terminal shows for certain that a position is closed."""
        try:
            return self.terminal.positions_get(ticket=position) == () and self.terminal.last_error()[0] == 1
        except Exception:  # noqa: BLE001 - not for certain, then
            return False

    def carry_out(self, request: dict[str, Any]) -> str:
        """Send a request that takes risk away; return what went wrong, "" where nothing did."""
        try:
            answered = self.terminal.order_send(request)
            if answered is None:
                return f"order_send: {self.terminal.last_error()}"
        except Exception as raised:  # noqa: BLE001 - somebody must hear of it, whatever it is
            return f"order_send: {raised}"
        retcode = _whole(answered, "retcode")
        return "" if retcode == retcodes.DONE else retcodes.refusal(retcode, "").detail


def _requoted(report: Report) -> bool:
    return report.refusal is not None and report.refusal.code == "order_requoted"


def _whole(answer: TerminalRow, field: str) -> int:
    """Return a number of an answer; -1, which is no code and no ticket, where it is none."""
    value = answer._asdict().get(field)
    return value if type(value) is int else -1


def _rejected(retcode: int, answer: TerminalRow, result: Result) -> Report:
    refused = retcodes.refusal(retcode, str(answer._asdict().get("comment", "")))
    if retcodes.meaning(retcode) is Meaning.REQUOTE:
        refused = refuse("order_requoted", refused.detail)
    return Report(result, refused, retcode=retcode, quarantine=retcode in retcodes.OUR_MODEL_IS_WRONG)
