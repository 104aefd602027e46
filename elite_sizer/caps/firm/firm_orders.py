"""Open no more trades, at once or in a day, and send no more messages than the firm's servers take."""

from __future__ import annotations

from collections.abc import Iterator

from elite_sizer.model.context import SizingContext
from elite_sizer.model.plugin import Limit
from elite_sizer.model.request import Intent
from portfolio.model import ZERO, OrderType
from portfolio.reasons import Reason

REASON = Reason("The firm's count of orders is reached or unknown.", "Wait for the reset.")


def firm_orders(context: SizingContext) -> Limit:
    """Allow nothing once one of the firm's counts is reached, or is unknown.

    Pending orders and reservations count as sent and filled today. Messages are a lower bound: the account shows
    the orders of a day, but neither changes nor cancellations.
    """
    counts = tuple(_counts(context))
    if not counts:
        return Limit(None, "lot", f"{context.rules.id} states none")
    words = ", ".join([f"{'unknown' if count is None else count} of {most} {unit}" for count, most, unit in counts])
    full = any(count is None or count >= most for count, most, _ in counts)
    return Limit(ZERO if full else None, "lot", f"{words} by {context.rules.id}")


def _counts(context: SizingContext) -> Iterator[tuple[int | None, int, str]]:
    """Give each count of the firm: as it is (None is unknown), the most it may be, and its unit."""
    limits, today = context.rules.limits, context.today
    pending = len(context.held) + [charge.kind for charge in context.book].count("order")
    joins = context.intent is Intent.ADD
    if limits.max_open_orders is not None and not (joins and context.order_type is OrderType.MARKET):
        yield context.totals.trades, limits.max_open_orders, "trades open or waiting"
    if limits.max_positions_per_day is not None and not joins:
        yield None if today is None else today.positions + pending, limits.max_positions_per_day, "positions today"
    if limits.max_messages_per_day is not None:
        orders = None if today is None else today.orders + len(context.held)
        yield orders, limits.max_messages_per_day, "messages today (changes not counted)"
