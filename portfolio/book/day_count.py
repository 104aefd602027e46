"""Counts positions opened and orders sent since the firm's reset, as far as the account shows them."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from portfolio.model import DealEntry, DealKind, Snapshot


class DayCount(NamedTuple):
    """Counts since the last reset."""

    positions: int
    """Opened, whether closed since or not."""
    orders: int
    """Filled or still waiting; cancelled ones leave no trace here."""


def day_count(snapshot: Snapshot, since: datetime) -> DayCount | None:
    """Return the counts since a reset; None where the deals of that time were not asked for."""
    if snapshot.deals_since is None or snapshot.deals_since > since:
        return None
    deals = [deal for deal in snapshot.deals if deal.kind is DealKind.TRADE and deal.at >= since]
    position_ids = {deal.position_id or deal.order for deal in deals if deal.entry in {DealEntry.IN, DealEntry.INOUT}}
    position_ids |= {
        position.identifier or position.ticket for position in snapshot.positions if position.opened_at >= since
    }
    order_tickets = {deal.order or deal.ticket for deal in deals}
    order_tickets |= {order.ticket for order in snapshot.orders if order.placed_at >= since}
    return DayCount(len(position_ids), len(order_tickets))
