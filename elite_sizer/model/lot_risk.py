"""What one lot of a trade can lose, cost, gain and tie up."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple


class LotRisk(NamedTuple):
    """What one lot of this trade can lose, cost, gain, and bind; deposit currency, losses rounded up to 1e-8."""

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
    """The stop loss as the terminal reckons it; with the next two, the three ways."""
    tick_value: Decimal | None
    contract: Decimal | None
    because: str = ""
    """Where costs and tail come from, in words."""

    @property
    def at_stop(self) -> Decimal:
        """Loss at the stop with costs: every sizer's divisor but the elite's."""
        return self.stop + self.cost
