"""The module's functions about the book: positions, working orders, past deals and orders."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mt5bridge.metatrader.constants import Constants
from mt5bridge.metatrader.structs import Record
from mt5bridge.simulated import arguments
from mt5bridge.simulated.arguments import RefusedError, invalid_argument
from mt5bridge.simulated.functions import history
from mt5bridge.simulated.functions.rows import position_row
from mt5bridge.simulated.functions.session import Session

Arguments = tuple[object, ...]
Words = Mapping[str, object]


class BookCalls(Session):
    """positions_*, orders_*, history_*."""

    def positions_total(self) -> int | None:
        """Return the number of open positions."""
        return self._respond("positions_total", lambda: len(self._shown_broker().book.positions), None)

    def positions_get(self, *args: object, **words: object) -> tuple[Record, ...] | None:
        """Return open positions: all, or by symbol, ticket or group; unknown keywords change nothing."""

        def answer() -> tuple[Record, ...]:
            filters = _read_filter(args, words)
            broker = self._shown_broker()
            return _filter_rows(
                [position_row(row, broker.accounting) for row in broker.book.positions.values()], filters
            )

        return self._respond("positions_get", answer, None)

    def orders_total(self) -> int | None:
        """Return the number of working orders."""
        return self._respond("orders_total", lambda: len(self._shown_broker().book.orders), None)

    def orders_get(self, *args: object, **words: object) -> tuple[Record, ...] | None:
        """Return working orders: all, or by symbol, ticket or group; unknown keywords change nothing."""

        def answer() -> tuple[Record, ...]:
            filters = _read_filter(args, words)
            broker = self._shown_broker()
            return _filter_rows(
                [order.record(broker.price_for(order)) for order in broker.book.orders.values()], filters
            )

        return self._respond("orders_get", answer, None)

    def history_deals_get(self, *args: object, **words: object) -> tuple[Record, ...] | None:
        """Return deals between two dates (with `group=`), of an order (`ticket=`) or of a position (`position=`)."""
        return self._respond("history_deals_get", lambda: self._deals(args, words), None)

    def history_deals_total(self, *args: object) -> int | None:
        """Return the number of deals between two dates."""
        return self._respond("history_deals_total", lambda: len(self._deals(args, {})), None)

    def _deals(self, args: Arguments, words: Words) -> tuple[Record, ...]:
        filters = _read_span(args, words)
        return _filter_history(self._shown_broker().book.deals, filters, ticket="order", time="time")

    def history_orders_get(self, *args: object, **words: object) -> tuple[Record, ...] | None:
        """Return past orders between two dates (with `group=`), by `ticket=`, or of a position (`position=`)."""
        return self._respond("history_orders_get", lambda: self._past_orders(args, words), None)

    def history_orders_total(self, *args: object) -> int | None:
        """Return the number of past orders between two dates."""
        return self._respond("history_orders_total", lambda: len(self._past_orders(args, {})), None)

    def _past_orders(self, args: Arguments, words: Words) -> tuple[Record, ...]:
        filters = _read_span(args, words)
        return _filter_history(self._shown_broker().book.past_orders, filters, ticket="ticket", time="time_done")


def _read_filter(args: Arguments, words: Words) -> dict[str, Any]:
    """Read the filter of positions or orders."""
    if args:
        raise RefusedError(Constants.RES_E_INVALID_PARAMS, "Unnamed arguments not allowed")
    values = {
        "symbol": arguments.read_text(words, "symbol"),
        "group": arguments.read_text(words, "group", None),
        "ticket": arguments.read_whole(words, "ticket"),
    }
    return {name: value for name, value in values.items() if value is not None}


def _filter_rows(rows: list[Record], filters: Mapping[str, Any]) -> tuple[Record, ...]:
    if "ticket" in filters:
        return history.where(rows, "ticket", filters["ticket"])
    if "symbol" in filters:
        return history.where(rows, "symbol", filters["symbol"])
    return history.by_mask(rows, filters["group"]) if "group" in filters else tuple(rows)


def _read_span(args: Arguments, words: Words) -> dict[str, Any]:
    """Read the filter of history: two dates by position, else a ticket or a position by name."""
    if args:
        arguments.check_count(args, 2)
        first, last = arguments.read_date(args[0]), arguments.read_date(args[1])
        return {"span": (first, last), "group": arguments.read_text(words, "group", None)}
    for name in ("ticket", "position"):
        number = arguments.read_whole(words, name)
        if number is not None:
            return {name: number}
    raise invalid_argument()


def _filter_history(rows: list[Record], filters: Mapping[str, Any], *, ticket: str, time: str) -> tuple[Record, ...]:
    if "ticket" in filters:
        return history.where(rows, ticket, filters["ticket"])
    if "position" in filters:
        return history.where(rows, "position_id", filters["position"])
    rows_between = history.between(rows, time, *filters["span"])
    return rows_between if filters["group"] is None else history.by_mask(rows_between, filters["group"])
