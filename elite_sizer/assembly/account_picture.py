"""The account at one moment, valued once for all requests: the book and its costs, the floors, the day's loss.

`book_after_trade` gives the book as it counts once a trade is made, `sizing_context` adds the trade. All three only
arrange what `portfolio` computes; a figure that can't be computed is a refusal. Arithmetic is exact, whatever decimal
context the calling program has set.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from elite_sizer.assembly.tariff import tariff
from elite_sizer.assembly.terms import Terms
from portfolio.account.account_state import AccountState
from portfolio.account.worst_seen import WorstSeen
from portfolio.book.charges import Charge, measure
from portfolio.instruments.asset_class import asset_class
from portfolio.model import ZERO, Side, Snapshot
from portfolio.reasons import Refusal, refuse
from portfolio.rounding import EXACT, under
from portfolio.rules.headroom import Headroom
from portfolio.rules.rule_set import Rules
from portfolio.valuation.conversion import Prices
from portfolio.valuation.costs import Commissions, Costs, commissions
from portfolio.valuation.money_per_lot import worth
from portfolio.valuation.swap import rollovers


@dataclass(frozen=True, slots=True)
class AccountPicture:
    """One snapshot with everything that can be computed without a request."""

    snapshot: Snapshot
    terms: Terms
    rules: Rules
    headroom: Headroom
    book: tuple[Charge, ...]
    costs: Mapping[str, Costs]
    """Costs of each symbol of the book until the next reset."""
    daily_atr: Mapping[str, Decimal] | None
    """Distance that an open trade without a stop is charged (price units); None refuses such a trade."""
    history: Commissions
    classes: Mapping[str, tuple[str, str]]
    """Asset class of every symbol in the snapshot, and how it is known."""
    day_loss: Decimal
    peak_equity: Decimal | None
    halt: Refusal | None = None
    window: str | None = None
    watch: WorstSeen | None = None


def account_picture(
    snapshot: Snapshot,
    terms: Terms,
    rules: Rules,
    headroom: Headroom,
    *,
    state: AccountState | None = None,
    daily_atr: Mapping[str, Decimal] | None = None,
    halt: Refusal | None = None,
    window: str | None = None,
) -> AccountPicture | Refusal:
    """Return the account as every request at this moment sees it.

    `daily_atr` (price units by symbol) charges open trades without a stop, where the terms say so. Refuses what
    pricing the book refuses.
    """
    classes = {name: asset_class(spec, terms.classes) for name, spec in snapshot.specs.items()}
    history = commissions(snapshot.deals)
    gap = (daily_atr or {}) if terms.gap_charged else None
    with under(EXACT):
        costs = _book_costs(snapshot, terms, classes, history, headroom.next_reset_utc)
        book = costs if isinstance(costs, Refusal) else measure(snapshot, costs, gap=gap)
        day_loss = max(ZERO, headroom.references.day_balance - snapshot.account.equity)
    if isinstance(costs, Refusal):
        return costs
    if isinstance(book, Refusal):
        return book
    return AccountPicture(
        snapshot=snapshot,
        terms=terms,
        rules=rules,
        headroom=headroom,
        book=book,
        costs=costs,
        daily_atr=gap,
        history=history,
        classes=classes,
        day_loss=day_loss,
        peak_equity=None if state is None else state.high_water,
        halt=halt,
        window=window,
        watch=None if state is None else state.watch,
    )


def _book_costs(
    snapshot: Snapshot,
    terms: Terms,
    classes: Mapping[str, tuple[str, str]],
    history: Commissions,
    next_reset: datetime,
) -> Mapping[str, Costs] | Refusal:
    """Return the costs of each symbol of the book until the next reset."""
    prices = Prices.of(snapshot)
    nights = rollovers(snapshot.taken_at, next_reset, snapshot.server_offset)
    by_symbol: dict[str, Costs] = {}
    symbols = {position.symbol for position in snapshot.positions} | {order.symbol for order in snapshot.orders}
    for name in symbols:
        spec, quote = snapshot.specs.get(name), snapshot.quotes.get(name)
        if spec is None or quote is None:
            return refuse("book_unpriceable", f"{name} is in the book, but has no specification or no quote")
        move = worth(prices, name, ())
        if isinstance(move, Refusal):
            return refuse("book_unpriceable", f"{name}: {move.detail}")
        costs = tariff(name, terms, classes, history).costs(
            prices, spec, Side.BUY, move, price=quote.ask, spread=quote.ask - quote.bid, nights=nights
        )
        if isinstance(costs, Refusal):
            return refuse("book_unpriceable", f"{name}: {costs.detail}")
        by_symbol[name] = costs
    return by_symbol
