"""Cost of one order while it is only reserved, and the part of it that a partial fill leaves."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from portfolio.book.charges import Charge
from portfolio.model import Side
from portfolio.rounding import UP, loss_up


class Hold(NamedTuple):
    """The figures a reservation is charged while it counts, deposit currency; losses are at least 0, rounded up."""

    symbol: str
    side: Side
    lots: Decimal
    loss: Decimal
    """At the stop, costs included; charged against today's floors."""
    entry_loss: Decimal
    """At the stop from the entry, costs until after the next reset included."""
    exposure: Decimal
    margin: Decimal
    gain: Decimal | None = None
    """At the target; None without one."""

    def part(self, lots: Decimal) -> Hold:
        """Return the hold of `lots` of these lots, each amount rounded up to 1e-8 but never above the whole."""
        if lots >= self.lots:
            return self
        return self._replace(
            lots=lots,
            loss=_share(self.loss, lots, self.lots),
            entry_loss=_share(self.entry_loss, lots, self.lots),
            exposure=_share(self.exposure, lots, self.lots),
            margin=_share(self.margin, lots, self.lots),
            gain=None if self.gain is None else _share(self.gain, lots, self.lots),
        )

    def charge(self, identifier: str) -> Charge:
        """Return the hold as one entry of the book."""
        return Charge(
            "reservation",
            identifier,
            self.symbol,
            self.side,
            self.lots,
            floor_loss=self.loss,
            entry_loss=self.entry_loss,
            open_risk=self.loss,
            gain=self.gain,
            exposure=self.exposure,
            margin=self.margin,
        )


def _share(amount: Decimal, lots: Decimal, whole: Decimal) -> Decimal:
    return min(amount, loss_up(UP.divide(UP.multiply(amount, lots), whole)))
