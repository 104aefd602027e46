"""What a trade that nobody sized should have been: the configured sizer and caps, asked about it afterwards.

Positions are judged in the order they were opened, each beside the earlier ones as they should have been, so that one
that is far too large does not take the room of the next. Equity is today's, margin in use is left out, and a position
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
from elite_sizer.model.market import MarketFigures
from elite_sizer.model.outcome import SizerResult
from elite_sizer.model.request import Intent, Request
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
    """How many lots a position should have been, and what bound them."""

    lots: Decimal
    because: str


@dataclass(frozen=True, slots=True)
class Bench:
    """What judges: rules, terms, sizer and caps as they are configured now."""

    terms: Terms
    rules: Rules
    headroom: Headroom
    sizer: NamedSizer
    caps: tuple[NamedCap, ...]
    scans: Scans

    def opinions(self, snapshot: Snapshot, tickets: frozenset[int]) -> Mapping[int, Opinion | Refusal]:
        """Return what each of the positions under these identifiers should have been."""
        found: dict[int, Opinion | Refusal] = {}
        before: list[Position] = []
        for held in sorted(snapshot.positions, key=lambda one: (one.opened_at, one.ticket)):
            identifier, judged = held.identifier or held.ticket, self._bounded(held, snapshot)
            if identifier in tickets:
                opinion = found[identifier] = self._opinion(replace(snapshot, positions=tuple(before)), judged)
                lots = ZERO if isinstance(opinion, Refusal) else min(opinion.lots, held.volume)
                judged = judged._replace(volume=lots)
            if judged.volume > ZERO:
                before.append(judged)
        return found

    def overdrawn(self, snapshot: Snapshot, budget: Spent | None) -> tuple[tuple[str, str, str], ...]:
        """Return the caps whose room the book has used up and more: symbol, cap, sentence; each cap once."""
        found: dict[str, tuple[str, str, str]] = {}
        now = account_picture(snapshot, self.terms, self.rules, self.headroom)
        if isinstance(now, Refusal):
            return (("", now.code, now.detail),)
        for held in snapshot.positions:
            quote = snapshot.quotes[held.symbol]
            price = quote.ask if held.side is Side.BUY else quote.bid
            asked = self._context(now, held._replace(open_price=price, stop=None, target=None), budget)
            if isinstance(asked, Refusal):
                continue
            with under(EXACT):
                rooms = limits(asked, self.caps)
            for name, _, limit in rooms:
                if limit.room is not None and limit.room < ZERO:
                    found.setdefault(f"{name}: {limit.because}", (held.symbol, name, limit.because))
        return tuple(found.values())

    def _bounded(self, held: Position, snapshot: Snapshot) -> Position:
        """Return the position with a stop: its own, or the nearest there can be, so that only exposure decides."""
        if held.stop is not None:
            return held
        tick = snapshot.specs[held.symbol].tick_size
        return held._replace(stop=substitute_stop(held.side, held.open_price, tick, tick))

    def _opinion(self, book: Snapshot, held: Position) -> Opinion | Refusal:
        now = self._moment(book)
        if isinstance(now, Refusal):
            return now
        taken = [
            Allocation(str(one.ticket), one.symbol, charge.exposure, one.opened_at)
            for one, charge in zip(book.positions, now.book, strict=False)
        ]
        made = self._context(now, held, spent(taken, held.opened_at, self.scans))
        if isinstance(made, Refusal):
            return made
        answer = size(made, self.sizer, self.caps)
        return Opinion(answer.lots, _because(answer))

    def _moment(self, snapshot: Snapshot) -> AccountPicture | Refusal:
        """Reckon a book of positions alone, with no margin in use."""
        account = replace(snapshot.account, margin=ZERO, free_margin=snapshot.account.equity)
        return account_picture(replace(snapshot, account=account, orders=()), self.terms, self.rules, self.headroom)

    def _context(self, now: AccountPicture, held: Position, budget: Spent | None) -> SizingContext | Refusal:
        tick = now.snapshot.specs[held.symbol].tick_size
        made = sizing_context(
            now,
            RequestedTrade(
                Request(held.symbol, held.side, stop=held.stop, target=held.target),
                Classified(Intent.OPEN),
                Levels(OrderType.MARKET, held.open_price, held.stop, held.target),
                MarketFigures({}),
                Distances(stopless=tick),
            ),
            now.book,
        )
        return made if isinstance(made, Refusal) else replace(made, budget=budget)


def _because(answer: SizerResult) -> str:
    if answer.refusal is not None:
        return f"{answer.refusal.code}: {answer.refusal.detail}"
    sentence = next((limit.because for name, _, limit in answer.limits if name == answer.binding), "")
    return f"{answer.sizer} as proposed" if answer.binding == "proposal" else f"{answer.binding}: {sentence}"
