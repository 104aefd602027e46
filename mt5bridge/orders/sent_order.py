"""What can be seen of a trade that was sent: a position, a waiting order, deals, or nothing yet.

A trade of ours is one that was not there before and has the symbol and side, and either the order's own ticket or our
comment or magic number. Brokers shorten and rewrite comments, so no comment alone is proof, and none alone disproves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from mt5bridge.errors import TerminalError
from mt5bridge.metatrader.protocol import Terminal
from mt5bridge.orders.bracket import Bracket
from mt5bridge.reading.fields import decimal
from mt5bridge.terminal_side.gather import LONG_TYPES, SUCCESS
from portfolio.model import ZERO, Side
from portfolio.reasons import refuse

OPENING = (0, 2)
"""Entries of deals that open or reverse a position."""
HISTORY_SECONDS = 86_400
"""How far around the last quote's time deals are looked for: server clocks and ours differ by hours."""

Row = Mapping[str, Any]
Ticket = tuple[str, int]
"""What kind of thing has the ticket, and the ticket: deals, orders and positions are numbered apart."""


@dataclass(frozen=True, slots=True)
class SentOrder:
    """What was seen; lots are those of this trade alone."""

    filled: Decimal = ZERO
    """Lots of it that are open."""
    working: bool = False
    """An order of it waits."""
    closed: bool = False
    """It was opened and the history shows that it is gone again: its stop or target was hit."""
    protected: bool = False
    """Whatever stands of it has the stop that was decided."""
    order: int = 0
    position: int = 0
    price: Decimal | None = None

    @property
    def any(self) -> bool:
        """Whether anything was seen at all."""
        return self.filled > 0 or self.working or self.closed


def known_tickets(terminal: Terminal, symbol: str) -> frozenset[Ticket]:
    """Return the tickets of everything in the symbol before a trade is sent; `TerminalError` without an answer."""
    book = _book(terminal, symbol)
    return frozenset((kind, int(row["ticket"])) for kind, rows in book.items() for row in rows)


def look(terminal: Terminal, sought: Bracket, before: frozenset[Ticket], order: int) -> SentOrder:
    """Return what is there of a trade sent after `before`; `order` is its ticket, 0 where none was told."""
    book = _book(terminal, sought.symbol)
    ours = {
        kind: [row for row in rows if (kind, int(row["ticket"])) not in before and _ours(row, sought, order)]
        for kind, rows in book.items()
    }
    waiting = ours["order"]
    deals = [row for row in ours["deal"] if row["entry"] in OPENING]
    # on a netting account the deal adds to a position that was there before
    ids = {int(row["position_id"]) for row in deals}
    held = [row for row in book["position"] if int(row["identifier"]) in ids] if deals else ours["position"]
    exits = [row for row in book["deal"] if row["entry"] not in OPENING and int(row["position_id"]) in ids]
    there, opened = _lots(held), _lots(deals)
    return SentOrder(
        filled=min(opened, there) if deals else there,
        working=bool(waiting),
        closed=bool(deals) and not held and _lots(exits) >= opened,
        protected=all(_has_stop(row, sought.stop) for row in (*held, *waiting)),
        order=order or next((int(row["ticket"]) for row in waiting), next((int(row["order"]) for row in deals), 0)),
        position=next((int(row["ticket"]) for row in held), 0),
        price=next((decimal(row["price"], "deal.price") for row in deals), None),
    )


def _book(terminal: Terminal, symbol: str) -> dict[str, list[Row]]:
    """Return the rows of a symbol by kind; `TerminalError` where one of them can't be had."""
    tick = terminal.symbol_info_tick(symbol)
    if tick is None:
        raise TerminalError(refuse("terminal_no_data", f"symbol_info_tick: {terminal.last_error()}"))
    at = float(tick._asdict()["time"])
    book: dict[str, list[Row]] = {
        "position": _rows(terminal, "positions_get", symbol=symbol),
        "order": _rows(terminal, "orders_get", symbol=symbol),
        "deal": _rows(terminal, "history_deals_get", at - HISTORY_SECONDS, at + HISTORY_SECONDS),
    }
    return {kind: [row for row in rows if row["symbol"] == symbol] for kind, rows in book.items()}


def _rows(terminal: Terminal, call: str, *arguments: float, **keywords: str) -> list[Row]:
    rows = getattr(terminal, call)(*arguments, **keywords)
    if rows is None and (error := terminal.last_error())[0] != SUCCESS:
        raise TerminalError(refuse("terminal_no_data", f"{call}: {error}"))
    return [row._asdict() for row in rows or ()]


def _lots(rows: Sequence[Row]) -> Decimal:
    return sum((decimal(row["volume"], "volume") for row in rows), ZERO)


def _ours(row: Row, sought: Bracket, order: int) -> bool:
    if (row["type"] in LONG_TYPES) != (sought.side is Side.BUY):
        return False
    if order and order in {row.get("order"), row.get("identifier"), row["ticket"]}:
        return True
    comment = str(row["comment"])
    named = bool(comment and sought.comment) and (
        sought.comment.startswith(comment) or comment.startswith(sought.comment)
    )
    return named or (sought.magic != 0 and row["magic"] == sought.magic)


def _has_stop(row: Row, stop: Decimal) -> bool:
    """Whether a row has the stop decided; a broker may move it by a fraction of a point, never by a ten-thousandth."""
    found = decimal(row["sl"], "sl")
    return found > 0 and abs(found - stop) <= stop / 10_000
