"""The `SizingContext` of one decision: the account at this moment and the trade that is requested."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from elite_sizer.assembly.account_picture import AccountPicture
from elite_sizer.assembly.lot_risk import Candidate, Distances, lot_risk
from elite_sizer.assembly.tariff import tariff
from elite_sizer.model.book_totals import totals
from elite_sizer.model.context import SizingContext
from elite_sizer.model.request import Intent, Request
from elite_sizer.model.rooms import rooms
from elite_sizer.model.trade_figures import MarketFigures
from elite_sizer.request.intent import Classified
from elite_sizer.request.levels import Levels
from portfolio.book.charges import Charge
from portfolio.book.day_count import day_count
from portfolio.model import ZERO, Deal, DealEntry, DealKind, Side, masked
from portfolio.reasons import Refusal
from portfolio.rounding import EXACT, under


class RequestedTrade(NamedTuple):
    """A request with its intent, its prices, and the figures of its market."""

    request: Request
    classified: Classified
    levels: Levels
    market: MarketFigures
    distances: Distances


def sizing_context(
    picture: AccountPicture, trade: RequestedTrade, book: tuple[Charge, ...], reservations: tuple[Charge, ...] = ()
) -> SizingContext | Refusal:
    """Return the context of a decision on this trade, or why the trade can't be valued.

    `book` comes from `book_after_trade`, `reserved` from the open reservations, each as it counts beside this trade.
    """
    with under(EXACT):
        return _sizing_context(picture, trade, book, reservations)


def _sizing_context(
    picture: AccountPicture, trade: RequestedTrade, book: tuple[Charge, ...], reservations: tuple[Charge, ...]
) -> SizingContext | Refusal:
    snapshot, request, levels, headroom = picture.snapshot, trade.request, trade.levels, picture.headroom
    costs = tariff(request.symbol, picture.terms, picture.classes, picture.history)
    lot = lot_risk(snapshot, Candidate(request, levels, trade.distances, costs, headroom.next_reset_utc))
    if isinstance(lot, Refusal):
        return lot
    charges = (*book, *reservations)
    asset_class, asset_class_because = picture.classes[request.symbol]
    return SizingContext(
        now=snapshot.taken_at,
        request=request,
        intent=trade.classified.intent,
        account=masked(snapshot.account),
        spec=snapshot.specs[request.symbol],
        quote=snapshot.quotes[request.symbol],
        asset_class=asset_class,
        asset_class_because=asset_class_because,
        entry=levels.entry,
        stop=levels.stop,
        target=levels.target,
        initial=headroom.references.initial,
        lot=lot,
        book=book,
        held=reservations,
        totals=totals(charges, request.symbol, request.side, trade.market),
        rules=picture.rules,
        headroom=headroom,
        rooms=rooms(picture.rules, headroom, charges, picture.terms.policy, request),
        market=trade.market,
        policy=picture.terms.policy,
        day_loss=picture.day_loss,
        idea_loss=idea_loss(snapshot.deals, request.symbol, request.side, headroom.last_reset_utc),
        peak_equity=picture.peak_equity,
        halt=picture.halt,
        window=picture.window,
        order_type=levels.type,
        closing=trade.classified.closing if trade.classified.intent is Intent.REVERSE else ZERO,
        estimated=headroom.references.estimated,
        today=day_count(snapshot, headroom.last_reset_utc),
        watch=picture.watch,
    )


def idea_loss(deals: tuple[Deal, ...], symbol: str, side: Side, since: datetime) -> Decimal:
    """Return the loss of this symbol and side over the deals from `since` on; 0 where they gained.

    An exit deal has the opposite side of the position it closes; a reversal's result belongs to what it closed.
    """
    net = ZERO
    for deal in deals:
        if deal.kind is not DealKind.TRADE or deal.symbol != symbol or deal.at < since or deal.side is None:
            continue
        position_side = deal.side if deal.entry is DealEntry.IN else deal.side.opposite
        if position_side is side:
            net = EXACT.add(net, deal.net)
    return max(ZERO, net.copy_negate())
