"""A firm's limits on sizes: which account sizes it has rules for, lots, money at risk in one position or idea."""

from __future__ import annotations

from decimal import Decimal

from portfolio.reasons import Refusal, refuse
from portfolio.rounding import CENT, DOWN, room_down
from portfolio.rules.rule_set import MoneyCap, Rules, SizeLimits


def size_refusal(rules: Rules, initial: Decimal) -> Refusal | None:
    """Return why these rules can't be applied to an account of this initial size, if they can't."""
    amounts = [("overall", rules.overall.amount)]
    if rules.daily is not None:
        amounts.append(("daily", rules.daily.amount))
    for name, amount in amounts:
        sizes = [size for size, _ in amount.by_initial]
        if sizes and initial not in sizes:
            sizes_text = ", ".join(f"{size:,}" for size in sizes)
            return refuse("rules_unknown", f"{rules.id} states no {name} amount for {initial:,}, only for {sizes_text}")
    return None


def lots_cap(limits: SizeLimits, initial: Decimal) -> Decimal | None:
    """Return the lots that may be open together on an account of this size, by the next smaller size that is listed.

    An account below the smallest listed size takes the smallest; None is no limit.
    """
    steps = sorted(limits.max_lots)
    own_steps = [lots for size, lots in steps if size <= initial]
    return own_steps[-1] if own_steps else steps[0][1] if steps else None


def order_lots_cap(limits: SizeLimits, symbol: str) -> Decimal | None:
    """Return the lots that one order in this symbol may have: by its own name or its beginning, else by `*`."""
    by_symbol = dict(limits.max_lots_per_order)
    own_lots = [lots for name, lots in limits.max_lots_per_order if name != "*" and symbol.upper().startswith(name)]
    return min(own_lots) if own_lots else by_symbol.get("*")


def cap_money(cap: MoneyCap, initial: Decimal, balance: Decimal) -> Decimal | None:
    """Return the money a cap allows an account of this size, rounded down; None below the cap's smallest size."""
    pcts = [pct for size, pct in cap.steps if initial >= size]
    if not pcts:
        return None
    base = {"initial": initial, "balance": balance, "least": min(initial, balance)}[cap.of]
    money = DOWN.multiply(pcts[-1], base).scaleb(-2)
    return room_down(money - CENT if cap.inclusive else money)
