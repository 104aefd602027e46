"""Find a trade that was sent: a position, a waiting order, deals, or nothing yet.

A trade is ours if it was not there before and has the symbol and side, and either the order's own ticket or our
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
"""Deals are searched so far around the last quote's time: server clocks and ours differ by hours."""

Row = Mapping[str, Any]
Ticket = tuple[str, int]
""""position", "order" or "deal", and the ticket: the three are numbered apart."""


@dataclass(frozen=True, slots=True)
class SentOrder:
    """The trade as the terminal shows it; lots are those of this trade alone."""

    filled: Decimal = ZERO
    """Lots of it that are open."""
    working: bool = False
    """An order of it waits."""
    closed: bool = False
    """It was opened and the history shows that it is gone again: its stop or target was hit."""
    has_stop: bool = False
    """Its position and its order have the stop that was decided."""
    order: int = 0
    position: int = 0
    price: Decimal | None = None

    @property
    def any(self) -> bool:
        """Whether the terminal shows anything of it."""
        return self.filled > 0 or self.working or self.closed


def known_tickets(terminal: Terminal, symbol: str) -> frozenset[Ticket]:
    """Return the tickets of everything in the symbol before a trade is sent; `TerminalError` without an answer."""
    book = _book(terminal, symbol)
    return frozenset((kind, int(row["ticket"])) for kind, rows in book.items() for row in rows)


def find_order(terminal: Terminal, bracket: Bracket, before: frozenset[Ticket], order: int) -> SentOrder:
    """Return the trade sent after `before`; `order` is its ticket, 0 where the broker named none."""
    book = _book(terminal, bracket.symbol)
    own_rows = {
        kind: [row for row in rows if (kind, int(row["ticket"])) not in before and _is_ours(row, bracket, order)]
        for kind, rows in book.items()
    }
    pending = own_rows["order"]
    deals = [row for row in own_rows["deal"] if row["entry"] in OPENING]
    # on a netting account the deal adds to a position that was there before
    ids = {int(row["position_id"]) for row in deals}
    positions = [row for row in book["position"] if int(row["identifier"]) in ids] if deals else own_rows["position"]
    exits = [row for row in book["deal"] if row["entry"] not in OPENING and int(row["position_id"]) in ids]
    open_lots, dealt_lots = _lots(positions), _lots(deals)
    return SentOrder(
        filled=min(dealt_lots, open_lots) if deals else open_lots,
        working=bool(pending),
        closed=bool(deals) and not positions and _lots(exits) >= dealt_lots,
        has_stop=all(_has_stop(row, bracket.stop) for row in (*positions, *pending)),
        order=order or next((int(row["ticket"]) for row in pending), next((int(row["order"]) for row in deals), 0)),
        position=next((int(row["ticket"]) for row in positions), 0),
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


def _is_ours(row: Row, bracket: Bracket, order: int) -> bool:
    if (row["type"] in LONG_TYPES) != (bracket.side is Side.BUY):
        return False
    if order and order in {row.get("order"), row.get("identifier"), row["ticket"]}:
        return True
    comment = str(row["comment"])
    same_comment = bool(comment and bracket.comment) and (
        bracket.comment.startswith(comment) or comment.startswith(bracket.comment)
    )
    return same_comment or (bracket.magic != 0 and row["magic"] == bracket.magic)


def _has_stop(row: Row, stop: Decimal) -> bool:
    """Whether a row has the stop decided; a broker may move it by a fraction of a point, never by a ten-thousandth."""
    placed_stop = decimal(row["sl"], "sl")
    return placed_stop > 0 and abs(placed_stop - stop) <= stop / 10_000
