"""Shared by the exposure budgets: their size, and the pending orders and reservations that will spend them."""

from __future__ import annotations

from decimal import Decimal

from elite_sizer.model.context import SizingContext
from elite_sizer.model.plugin import Limit
from portfolio.book.charges import Charge
from portfolio.model import ZERO


def amount(context: SizingContext, equity_pct: Decimal, money: Decimal | None) -> Decimal:
    """Return a budget in deposit currency: a share of equity, or an amount of money where that is less."""
    share = equity_pct * context.account.equity
    return share if money is None else min(share, money)


def pending(context: SizingContext) -> tuple[Charge, ...]:
    """Return the pending orders and the reservations, which spend the budget once they are filled."""
    return tuple(charge for charge in (*context.book, *context.held) if charge.kind != "position")


def remaining(context: SizingContext, whole: Decimal, spending: Decimal, period: str) -> Limit:
    """Return the exposure that a budget has left; none where the spending or the notional of a lot is unknown."""
    if context.budget is None:
        return Limit(ZERO, "exposure", "what was spent is not known")
    if context.budget.unknown:
        return Limit(ZERO, "exposure", f"what was spent on {', '.join(context.budget.unknown)} can't be valued")
    if context.lot.exposure is None:
        return Limit(ZERO, "exposure", f"the notional of a lot of {context.request.symbol} is unknown")
    waits = sum((charge.exposure for charge in pending(context)), ZERO)
    frees = context.budget.frees
    later = "" if frees is None else f"; the scan at {frees:%Y-%m-%d %H:%M} UTC frees what is closed"
    because = f"{whole:,.2f} {context.account.currency} of exposure {period}, {spending + waits:,.2f} spent{later}"
    return Limit(whole - spending - waits, "exposure", because)
