"""What the exposure budgets have in common: how large they are, and what is on its way to being spent."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Final

from elite_sizer.model.context import SizingContext
from elite_sizer.model.outcome import Limit
from elite_sizer.sizing.pipeline import NamedCap
from portfolio.book.charges import Charge
from portfolio.model import ZERO

_RISING: Final = ("trade_exposure", "daily_exposure", "weekly_exposure")


def amount(context: SizingContext, equity_pct: Decimal, money: Decimal | None) -> Decimal:
    """Return a budget in deposit currency: a share of equity, or an amount of money where that is less."""
    share = equity_pct * context.account.equity
    return share if money is None else min(share, money)


def on_its_way(context: SizingContext) -> tuple[Charge, ...]:
    """Return the pending orders and the reservations: what will be spent when it is filled."""
    return tuple(charge for charge in (*context.book, *context.held) if charge.kind != "position")


def left(context: SizingContext, whole: Decimal, used: Decimal, what: str) -> Limit:
    """Return what a budget leaves; nothing where the spending or the notional of a lot is unknown."""
    if context.budget is None:
        return Limit(ZERO, "exposure", "what was spent is not known")
    if context.budget.unknown:
        return Limit(ZERO, "exposure", f"what was spent on {', '.join(context.budget.unknown)} can't be valued")
    if context.lot.exposure is None:
        return Limit(ZERO, "exposure", f"the notional of a lot of {context.request.symbol} is unknown")
    waits = sum((charge.exposure for charge in on_its_way(context)), ZERO)
    frees = context.budget.frees
    later = "" if frees is None else f"; the scan at {frees:%Y-%m-%d %H:%M} UTC frees what is closed"
    because = f"{whole:,.2f} {context.account.currency} of exposure {what}, {used + waits:,.2f} spent{later}"
    return Limit(whole - used - waits, "exposure", because)


def contradictions(caps: Sequence[NamedCap]) -> list[str]:
    """Return what these caps say against each other: a smaller period may not allow more than a larger one."""
    on = {cap.name: cap.cap for cap in caps}
    names = [name for name in _RISING if name in on]
    found = []
    for small, large in pairwise(names):
        for field, shown in (("equity_pct", "{:.2%}"), ("money", "{:,.2f}")):
            less, more = _figure(on[small], field), _figure(on[large], field)
            if less is not None and more is not None and less > more:
                above = f"{shown.format(less)} is above [caps.{large}] {field}, {shown.format(more)}."
                found.append(f"[caps.{small}] {field}: {above}")
    return found


def _figure(cap: object, field: str) -> Decimal | None:
    value = getattr(cap, field, None)
    return value if isinstance(value, Decimal) else None
