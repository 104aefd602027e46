"""The module's functions about the book: positions, working orders, past deals and orders."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mt5bridge.metatrader.constants import Constants
from mt5bridge.metatrader.structs import Record
from mt5bridge.simulated import arguments
from mt5bridge.simulated.arguments import RefusedError, invalid
from mt5bridge.simulated.functions import history
from mt5bridge.simulated.functions.rows import position_row
from mt5bridge.simulated.functions.session import Session

Arguments = tuple[object, ...]
Words = Mapping[str, object]


class BookCalls(Session):
    """positions_*, orders_*, history_*."""

    def positions_total(self) -> int | None:
        """Return how many positions are open."""
        return self._ask("positions_total", lambda: len(self._connected().book.positions), None)

    def positions_get(self, *args: object, **words: object) -> tuple[Record, ...] | None:
        """Return open positions: all, or by symbol, ticket or group; unknown keywords change nothing."""

        def answer() -> tuple[Record, ...]:
            chosen = _choice(args, words)
            broker = self._connected()
            return _chosen([position_row(row, broker.accounting) for row in broker.book.positions.values()], chosen)

        return self._ask("positions_get", answer, None)

    def orders_total(self) -> int | None:
        """Return how many orders are working."""
        return self._ask("orders_total", lambda: len(self._connected().book.orders), None)

    def orders_get(self, *args: object, **words: object) -> tuple[Record, ...] | None:
        """Return working orders: all, or by symbol, ticket or group; unknown keywords change nothing."""

        def answer() -> tuple[Record, ...]:
            chosen = _choice(args, words)
            broker = self._connected()
            return _chosen([order.record(broker.price_for(order)) for order in broker.book.orders.values()], chosen)

        return self._ask("orders_get", answer, None)

    def history_deals_get(self, *args: object, **words: object) -> tuple[Record, ...] | None:
        """Return deals between two dates (with `group=`), of an order (`ticket=`) or of a position (`position=`)."""
        return self._ask("history_deals_get", lambda: self._deals(args, words), None)

    def history_deals_total(self, *args: object) -> int | None:
        """Return how many deals lie between two dates."""
        return self._ask("history_deals_total", lambda: len(self._deals(args, {})), None)

    def _deals(self, args: Arguments, words: Words) -> tuple[Record, ...]:
        chosen = _span(args, words)
        return _past(self._connected().book.deals, chosen, ticket="order", time="time")

    def history_orders_get(self, *args: object, **words: object) -> tuple[Record, ...] | None:
        """Return past orders between two dates (with `group=`), by `ticket=`, or of a position (`position=`)."""
        return self._ask("history_orders_get", lambda: self._past_orders(args, words), None)

    def history_orders_total(self, *args: object) -> int | None:
        """Return how many past orders lie between two dates."""
        return self._ask("history_orders_total", lambda: len(self._past_orders(args, {})), None)

    def _past_orders(self, args: Arguments, words: Words) -> tuple[Record, ...]:
        chosen = _span(args, words)
        return _past(self._connected().book.past_orders, chosen, ticket="ticket", time="time_done")


def _choice(args: Arguments, words: Words) -> dict[str, Any]:
    """Check what positions or orders are asked for."""
    if args:
        raise RefusedError(Constants.RES_E_INVALID_PARAMS, "Unnamed arguments not allowed")
    found = {
        "symbol": arguments.text_word(words, "symbol"),
        "group": arguments.text_word(words, "group", None),
        "ticket": arguments.whole_word(words, "ticket"),
    }
    return {name: value for name, value in found.items() if value is not None}


def _chosen(rows: list[Record], chosen: Mapping[str, Any]) -> tuple[Record, ...]:
    if "ticket" in chosen:
        return history.where(rows, "ticket", chosen["ticket"])
    if "symbol" in chosen:
        return history.where(rows, "symbol", chosen["symbol"])
    return history.by_mask(rows, chosen["group"]) if "group" in chosen else tuple(rows)


def _span(args: Arguments, words: Words) -> dict[str, Any]:
    """Check what history is asked for: two dates by position, else a ticket or a position by name."""
    if args:
        arguments.counted(args, 2)
        first, last = arguments.date(args[0]), arguments.date(args[1])
        return {"span": (first, last), "group": arguments.text_word(words, "group", None)}
    for name in ("ticket", "position"):
        number = arguments.whole_word(words, name)
        if number is not None:
            return {name: number}
    raise invalid()


def _past(rows: list[Record], chosen: Mapping[str, Any], *, ticket: str, time: str) -> tuple[Record, ...]:
    if "ticket" in chosen:
        return history.where(rows, ticket, chosen["ticket"])
    if "position" in chosen:
        return history.where(rows, "position_id", chosen["position"])
    found = history.between(rows, time, *chosen["span"])
    return found if chosen["group"] is None else history.by_mask(found, chosen["group"])
