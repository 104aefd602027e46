"""Put together what one decision may know: the moment's part once, the request's part for each request.

A `Moment` is everything that does not depend on the request: the book with what it can cost, the floors, the tariff.
`book_beside` says what the book costs once the trade asked for is made, `context` adds the trade. All only arrange
what `portfolio` reckons; what can't be reckoned is a refusal. Arithmetic is exact, whatever the program around us set.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Final, NamedTuple

from elite_sizer.assembly.lot_risk import Candidate, Distances, Tariff, lot_risk
from elite_sizer.model.context import Intent, Market, Policy, Request, SizingContext, rooms, totals
from elite_sizer.request.intent import Classified
from elite_sizer.request.levels import Levels
from portfolio.account.advance import AccountState
from portfolio.account.worst_seen import Watch
from portfolio.book.charges import Charge, measure, moved
from portfolio.book.day_count import day_count
from portfolio.instruments.asset_class import asset_class
from portfolio.model import ZERO, Account, Deal, DealEntry, DealKind, MarginMode, Side, Snapshot
from portfolio.reasons import Refusal, refuse
from portfolio.rounding import EXACT, under
from portfolio.rules.headroom import Headroom, Rules
from portfolio.valuation.costs import ASSUMED, Commissions, Costs, commissions, costs
from portfolio.valuation.money_per_lot import Market as Prices
from portfolio.valuation.money_per_lot import worth
from portfolio.valuation.swap import rollovers

LAST_DIGITS: Final = 10_000
"""A login is kept by its last four digits wherever it is written down."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What the configuration says about valuing trades; made once."""

    policy: Policy
    classes: Mapping[str, str]
    commission: Decimal | None = None
    """Round turn per lot; None learns it from the deals."""
    slippage: Decimal | None = None
    """Per lot; None takes one spread."""
    assumed: Decimal = ASSUMED
    """Round turn as a share of the notional, where neither deals nor a figure say."""
    tail_multiple: Decimal = Decimal(2)
    gap_charged: bool = False
    """What has no stop is charged three daily ATRs instead of refused."""


@dataclass(frozen=True, slots=True)
class Moment:
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
    watch: Watch | None = None


class Trade(NamedTuple):
    """The trade asked for: what it does to the book, where it would stand, and what is known of its market."""

    request: Request
    classified: Classified
    levels: Levels
    market: Market
    distances: Distances


def moment(
    snapshot: Snapshot,
    terms: Terms,
    rules: Rules,
    headroom: Headroom,
    *,
    state: AccountState | None = None,
    daily_atr: Mapping[str, Decimal] | None = None,
    halt: Refusal | None = None,
    window: str | None = None,
) -> Moment | Refusal:
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
    return Moment(
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


def context(
    now: Moment, trade: Trade, book: tuple[Charge, ...], held: tuple[Charge, ...] = ()
) -> SizingContext | Refusal:
    """Return everything one decision may know, or why the trade can't be valued.

    `book` is what `book_beside` gave and `held` what is reserved, each as it counts beside this trade.
    """
    with under(EXACT):
        return _context(now, trade, book, held)


def _context(now: Moment, trade: Trade, book: tuple[Charge, ...], held: tuple[Charge, ...]) -> SizingContext | Refusal:
    snapshot, request, levels = now.snapshot, trade.request, trade.levels
    named, because = now.classes[request.symbol]
    tariff = Tariff(
        history=now.history,
        kin=tuple(name for name, (other, _) in now.classes.items() if other == named),
        commission=now.terms.commission,
        slippage=now.terms.slippage,
        assumed=now.terms.assumed,
        all_week=named == "crypto",
        tail_multiple=now.terms.tail_multiple,
    )
    lot = lot_risk(snapshot, Candidate(request, levels, trade.distances, tariff, now.headroom.next_reset_utc))
    if isinstance(lot, Refusal):
        return lot
    charges = (*book, *held)
    return SizingContext(
        now=snapshot.taken_at,
        request=request,
        intent=trade.classified.intent,
        account=masked(snapshot.account),
        spec=snapshot.specs[request.symbol],
        quote=snapshot.quotes[request.symbol],
        asset_class=named,
        asset_class_because=because,
        entry=levels.entry,
        stop=levels.stop,
        target=levels.target,
        initial=now.headroom.references.initial,
        lot=lot,
        book=book,
        held=held,
        totals=totals(charges, request.symbol, request.side, trade.market),
        rules=now.rules,
        headroom=now.headroom,
        rooms=rooms(now.rules, now.headroom, charges, now.terms.policy, request),
        market=trade.market,
        policy=now.terms.policy,
        day_loss=now.day_loss,
        idea_loss=idea_loss(snapshot.deals, request.symbol, request.side, now.headroom.last_reset_utc),
        peak_equity=now.peak_equity,
        halt=now.halt,
        window=now.window,
        order_type=levels.type,
        closing=trade.classified.closing if trade.classified.intent is Intent.REVERSE else ZERO,
        estimated=now.headroom.references.estimated,
        today=day_count(snapshot, now.headroom.last_reset_utc),
        watch=now.watch,
    )


def masked(account: Account) -> Account:
    """Return the account with no more of its login than the last four digits."""
    return replace(account, login=account.login % LAST_DIGITS)


def idea_loss(deals: tuple[Deal, ...], symbol: str, side: Side, since: datetime) -> Decimal:
    """Return what trades of this symbol and side have lost by deals from `since` on; 0 where they gained.

    An exit deal has the opposite side of the position it closes; a reversal's result belongs to what it closed.
    """
    net = ZERO
    for deal in deals:
        if deal.kind is not DealKind.TRADE or deal.symbol != symbol or deal.at < since or deal.side is None:
            continue
        of = deal.side if deal.entry is DealEntry.IN else deal.side.opposite
        if of is side:
            net = EXACT.add(net, deal.net)
    return max(ZERO, net.copy_negate())


def book_beside(now: Moment, classified: Classified, symbol: str, levels: Levels) -> tuple[Charge, ...] | Refusal:
    """Return the book as it counts beside the new trade.

    What a reversal closes is gone. On netting an addition moves the stop of the whole position, so what is open is
    charged to the request's stop; where the margin mode is unknown, whichever of the two costs more.
    """
    position = classified.position
    if position is None:
        return now.book
    if classified.intent is Intent.REVERSE:
        gone = str(position.ticket)
        return tuple(charge for charge in now.book if charge.kind != "position" or charge.id != gone)
    if classified.intent is not Intent.ADD or levels.stop is None:
        return now.book
    with under(EXACT):
        stood = moved(now.snapshot, now.costs, symbol, levels.stop, target=levels.target, gap=now.daily_atr)
    if isinstance(stood, Refusal) or now.snapshot.account.margin_mode is not MarginMode.UNKNOWN:
        return stood
    return tuple(_dearer(before, after) for before, after in zip(now.book, stood, strict=True))


def _dearer(one: Charge, other: Charge) -> Charge:
    """Return the charge with each figure the larger of two; None is unbounded."""
    return one._replace(
        floor_loss=_larger(one.floor_loss, other.floor_loss),
        entry_loss=_larger(one.entry_loss, other.entry_loss),
        open_risk=_larger(one.open_risk, other.open_risk),
    )


def _larger(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    return None if one is None or other is None else max(one, other)


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
