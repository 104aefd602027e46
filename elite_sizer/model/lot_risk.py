"""Loss, cost, gain, margin and notional of one lot of a trade."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple


class LotRisk(NamedTuple):
    """Figures of one lot of this trade in deposit currency, losses rounded up to 1e-8; None is unknown."""

    stop: Decimal
    """From entry to the rounded stop."""
    cost: Decimal
    """Round-turn commission, slippage, and swap if held over a rollover."""
    risk: Decimal
    """The larger of stop, tail and gap, plus cost: the elite sizer's divisor."""
    tail: Decimal | None
    gap: Decimal | None
    gain: Decimal | None
    """From entry to the target; None without one."""
    margin: Decimal | None
    exposure: Decimal | None
    terminal: Decimal | None
    """The loss to the stop as the terminal computes it."""
    tick_value: Decimal | None
    """The same from the symbol's tick value."""
    contract: Decimal | None
    """The same from the contract's size and the conversion rate."""
    because: str = ""
    """Sources of costs and tail, in words."""

    @property
    def at_stop(self) -> Decimal:
        """Loss at the stop with costs; the elite sizer divides by `risk` instead."""
        return self.stop + self.cost
