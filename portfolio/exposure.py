"""What the open positions, the pending orders and the reservations can still cost."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from portfolio.model import Side


class Charge(NamedTuple):
    """What one open position, pending order or reservation can cost, in deposit currency.

    None in a loss means unbounded: there is no stop, or it lies at or beyond the closing price.
    A locked profit is never a credit, so every loss is at least 0.
    """

    kind: str
    """`position`, `order` or `reservation`."""
    id: str
    """The ticket, or the reservation's id."""
    symbol: str
    side: Side
    lots: Decimal
    floor_loss: Decimal | None
    """From the current closing price to the stop, exit costs and negative swap until the reset included: what
    today's floors are charged."""
    entry_loss: Decimal | None
    """From the entry to the stop, exit costs and accrued and coming negative swap included: what a floor that is
    reckoned from the balance after the next reset is charged."""
    open_risk: Decimal | None
    """From the worse of entry and current price to the stop, exit costs included: what the book is said to risk."""
    gain: Decimal | None
    """From the current price to the target; None without a target."""
    exposure: Decimal
    """Notional, never negative."""
    margin: Decimal
    """What a pending order or a reservation will need; 0 for a position, whose margin the account already shows."""
