"""The room left of the share of the account that a firm lets one position, one idea or all floating losses risk."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from elite_sizer.model.context import SizingContext
from elite_sizer.model.plugin import Limit
from portfolio.book.charges import Charge, total
from portfolio.model import ZERO
from portfolio.rules.rule_set import MoneyCap
from portfolio.rules.size_limits import cap_money

_OF = {"initial": "initial", "balance": "balance", "least": "the smaller of initial and balance"}


def firm_share(
    context: SizingContext, cap: MoneyCap | None, beside: Iterable[Charge], part: str, *, loss: Decimal = ZERO
) -> Limit:
    """Return the money that the firm's cap leaves beside what is there already, each from its entry to its stop.

    A firm counts such a loss from the entry, so a locked profit counts 0 and a floating loss counts in full. `lost`
    is the loss that the same part has realised. A position or an order without a stop leaves nothing.
    """
    cap_room = None if cap is None else cap_money(cap, context.initial, context.account.balance)
    if cap is None or cap_room is None:
        return Limit(None, "loss", f"{context.rules.id} states none for {context.initial:,}")
    at_risk = total(charge.entry_loss for charge in beside)
    if at_risk is None:
        return Limit(ZERO, "loss", f"{part}: something of it in the book has no stop")
    use = at_risk + loss
    because = f"{cap_room:,.2f} {context.account.currency} for {part} by {context.rules.id}, of {_OF[cap.of]}"
    because += ", reaching it counts" if cap.inclusive else ""
    because += f"; {use:,.2f} used" if use > ZERO else ""
    return Limit(cap_room - use, "loss", because)
