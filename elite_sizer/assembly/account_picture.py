"""Put together what one decision may know: the moment's part once, the request's part for each request.

An `AccountPicture` is everything that does not depend on the request: the book and its cost, the floors, the tariff.
`book_beside` says what the book costs once the trade asked for is made, `context` adds the trade. All only arrange
what `portfolio` reckons; what can't be reckoned is a refusal. Arithmetic is exact, whatever the program around us set.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from elite_sizer.assembly.terms import Terms
from portfolio.account.advance import AccountState
from portfolio.account.worst_seen import WorstSeen
from portfolio.book.charges import Charge, measure
from portfolio.instruments.asset_class import asset_class
from portfolio.model import ZERO, Side, Snapshot
from portfolio.reasons import Refusal, refuse
from portfolio.rounding import EXACT, under
from portfolio.rules.headroom import Headroom
from portfolio.rules.rule_set import Rules
from portfolio.valuation.costs import Commissions, Costs, commissions, costs
from portfolio.valuation.money_per_lot import Prices, worth
from portfolio.valuation.swap import rollovers


@dataclass(frozen=True, slots=True)
class AccountPicture:
    """One snapshot, reckoned as far as no request is needed."""

    snapshot: Snapshot
    terms: Terms
    rules: Rules
    headroom: Headroom
    book: tuple[Charge, ...]
    costs: Mapping[str, Costs]
    """What each symbol of the book still costs until the next reset."""
    daily_atr: Mapping[str, Decimal] | None
    """What an open trade without a stop is charged by (price units); None refuses instead."""
    history: Commissions
    classes: Mapping[str, tuple[str, str]]
    """Of every symbol in the snapshot: its class and how that is known."""
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
    """Return the part of a decision that every request at this moment shares.

    `daily_atr` (price units by symbol) charges what has no stop, where the terms say so. Refuses what pricing the
    book refuses.
    """
    classes = {name: asset_class(spec, terms.classes) for name, spec in snapshot.specs.items()}
    history = commissions(snapshot.deals)
    gap = (daily_atr or {}) if terms.gap_charged else None
    with under(EXACT):
        tariffs = _book_costs(snapshot, terms, classes, history, headroom.next_reset_utc)
        book = tariffs if isinstance(tariffs, Refusal) else measure(snapshot, tariffs, gap=gap)
        day_loss = max(ZERO, headroom.references.day_balance - snapshot.account.equity)
    if isinstance(tariffs, Refusal):
        return tariffs
    if isinstance(book, Refusal):
        return book
    return AccountPicture(
        snapshot=snapshot,
        terms=terms,
        rules=rules,
        headroom=headroom,
        book=book,
        costs=tariffs,
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
    """Return what each symbol of the book still costs until the next reset."""
    prices = Prices.of(snapshot)
    nights = rollovers(snapshot.taken_at, next_reset, snapshot.server_offset)
    found: dict[str, Costs] = {}
    for name in {held.symbol for held in snapshot.positions} | {order.symbol for order in snapshot.orders}:
        spec, quote = snapshot.specs.get(name), snapshot.quotes.get(name)
        if spec is None or quote is None:
            return refuse("book_unpriceable", f"{name} is in the book, but has no specification or no quote")
        move = worth(prices, name, ())
        if isinstance(move, Refusal):
            return refuse("book_unpriceable", f"{name}: {move.detail}")
        paid = costs(
            prices,
            spec,
            Side.BUY,
            move,
            price=quote.ask,
            history=history,
            spread=quote.ask - quote.bid,
            nights=nights,
            kin=tuple(other for other, (named, _) in classes.items() if named == classes[name][0]),
            configured=terms.commission,
            all_week=classes[name][0] == "crypto",
            slippage=terms.slippage,
            assumed=terms.assumed,
        )
        if isinstance(paid, Refusal):
            return refuse("book_unpriceable", f"{name}: {paid.detail}")
        found[name] = paid
    return found
