"""Everything one decision may know: the account's picture and the trade asked for, frozen."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from elite_sizer.assembly.account_picture import AccountPicture
from elite_sizer.assembly.lot_risk import Candidate, Distances, Tariff, lot_risk
from elite_sizer.model.book_totals import totals
from elite_sizer.model.context import SizingContext
from elite_sizer.model.market import MarketFigures
from elite_sizer.model.request import Intent, Request
from elite_sizer.model.rooms import rooms
from elite_sizer.request.intent import Classified
from elite_sizer.request.levels import Levels
from portfolio.book.charges import Charge
from portfolio.book.day_count import day_count
from portfolio.model import ZERO, Deal, DealEntry, DealKind, Side, masked
from portfolio.reasons import Refusal
from portfolio.rounding import EXACT, under


class RequestedTrade(NamedTuple):
    """The trade asked for: what it does to the book, where it would stand, and what is known of its market."""

    request: Request
    classified: Classified
    levels: Levels
    market: MarketFigures
    distances: Distances


def context(
    now: AccountPicture, trade: RequestedTrade, book: tuple[Charge, ...], held: tuple[Charge, ...] = ()
) -> SizingContext | Refusal:
    """Return everything one decision may know, or why the trade can't be valued.

    `book` is what `book_beside` gave and `held` what is reserved, each as it counts beside this trade.
    """
    with under(EXACT):
        return _context(now, trade, book, held)


def _context(
    now: AccountPicture, trade: RequestedTrade, book: tuple[Charge, ...], held: tuple[Charge, ...]
) -> SizingContext | Refusal:
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
