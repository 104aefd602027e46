"""The size that an unsized trade should have had: the configured sizer and caps, asked about it afterwards.

Positions are judged in the order they were opened, each beside the earlier ones as they should have been, so that a
position far too large does not take the room of the next. Equity is today's, margin in use is left out, and a position
without a stop is judged by its exposure alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import NamedTuple

from elite_sizer.assembly.account_picture import AccountPicture, account_picture
from elite_sizer.assembly.lot_risk import Distances, substitute_stop
from elite_sizer.assembly.sizing_context import RequestedTrade, sizing_context
from elite_sizer.assembly.terms import Terms
from elite_sizer.model.context import SizingContext
from elite_sizer.model.outcome import SizerResult
from elite_sizer.model.request import Intent, Request
from elite_sizer.model.trade_figures import MarketFigures
from elite_sizer.request.intent import Classified
from elite_sizer.request.levels import Levels
from elite_sizer.sizing.pipeline import NamedCap, NamedSizer, limits, size
from portfolio.book.exposure_budget import Allocation, Spent, spent
from portfolio.calendar.exchange_sessions import Scans
from portfolio.model import ZERO, OrderType, Position, Side, Snapshot
from portfolio.reasons import Refusal
from portfolio.rounding import EXACT, under
from portfolio.rules.headroom import Headroom
from portfolio.rules.rule_set import Rules


class Opinion(NamedTuple):
    """Lots that a position should have had, and the cap that bound them."""

    lots: Decimal
    because: str


@dataclass(frozen=True, slots=True)
class AuditSizer:
    """Rules, terms, sizer and caps as they are configured now; sizes trades after the fact."""

    terms: Terms
    rules: Rules
    headroom: Headroom
    sizer: NamedSizer
    caps: tuple[NamedCap, ...]
    scans: Scans

    def opinions(self, snapshot: Snapshot, tickets: frozenset[int]) -> Mapping[int, Opinion | Refusal]:
        """Return the size that each of the positions under these identifiers should have had."""
        opinions: dict[int, Opinion | Refusal] = {}
        before: list[Position] = []
        for position in sorted(snapshot.positions, key=lambda position: (position.opened_at, position.ticket)):
            identifier, trade = position.identifier or position.ticket, self._bounded(position, snapshot)
            if identifier in tickets:
                opinion = opinions[identifier] = self._opinion(replace(snapshot, positions=tuple(before)), trade)
                lots = ZERO if isinstance(opinion, Refusal) else min(opinion.lots, position.volume)
                trade = trade._replace(volume=lots)
            if trade.volume > ZERO:
                before.append(trade)
        return opinions

    def caps_exceeded(self, snapshot: Snapshot, budget: Spent | None) -> tuple[tuple[str, str, str], ...]:
        """Return the caps whose room the book has used up and more: symbol, cap, sentence; each cap once."""
        excess: dict[str, tuple[str, str, str]] = {}
        now = account_picture(snapshot, self.terms, self.rules, self.headroom)
        if isinstance(now, Refusal):
            return (("", now.code, now.detail),)
        for position in snapshot.positions:
            quote = snapshot.quotes[position.symbol]
            price = quote.ask if position.side is Side.BUY else quote.bid
            anew = self._context(now, position._replace(open_price=price, stop=None, target=None), budget)
            if isinstance(anew, Refusal):
                continue
            with under(EXACT):
                rooms = limits(anew, self.caps)
            for name, _, limit in rooms:
                if limit.room is not None and limit.room < ZERO:
                    excess.setdefault(f"{name}: {limit.because}", (position.symbol, name, limit.because))
        return tuple(excess.values())

    def _bounded(self, position: Position, snapshot: Snapshot) -> Position:
        """Return the position with a stop: its own, or the nearest there can be, so that only exposure decides."""
        if position.stop is not None:
            return position
        tick = snapshot.specs[position.symbol].tick_size
        return position._replace(stop=substitute_stop(position.side, position.open_price, tick, tick))

    def _opinion(self, book: Snapshot, position: Position) -> Opinion | Refusal:
        now = self._picture(book)
        if isinstance(now, Refusal):
            return now
        allocations = [
            Allocation(str(earlier.ticket), earlier.symbol, charge.exposure, earlier.opened_at)
            for earlier, charge in zip(book.positions, now.book, strict=False)
        ]
        context = self._context(now, position, spent(allocations, position.opened_at, self.scans))
        if isinstance(context, Refusal):
            return context
        answer = size(context, self.sizer, self.caps)
        return Opinion(answer.lots, _because(answer))

    def _picture(self, snapshot: Snapshot) -> AccountPicture | Refusal:
        """Return the picture of a book of positions alone, with no margin in use."""
        account = replace(snapshot.account, margin=ZERO, free_margin=snapshot.account.equity)
        return account_picture(replace(snapshot, account=account, orders=()), self.terms, self.rules, self.headroom)

    def _context(self, now: AccountPicture, position: Position, budget: Spent | None) -> SizingContext | Refusal:
        tick = now.snapshot.specs[position.symbol].tick_size
        context = sizing_context(
            now,
            RequestedTrade(
                Request(position.symbol, position.side, stop=position.stop, target=position.target),
                Classified(Intent.OPEN),
                Levels(OrderType.MARKET, position.open_price, position.stop, position.target),
                MarketFigures({}),
                Distances(stopless=tick),
            ),
            now.book,
        )
        return context if isinstance(context, Refusal) else replace(context, budget=budget)


def _because(answer: SizerResult) -> str:
    if answer.refusal is not None:
        return f"{answer.refusal.code}: {answer.refusal.detail}"
    sentence = next((limit.because for name, _, limit in answer.limits if name == answer.binding), "")
    return f"{answer.sizer} as proposed" if answer.binding == "proposal" else f"{answer.binding}: {sentence}"
