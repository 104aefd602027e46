"""Request, account, market and book at one moment: all that factors, caps and sizers see.

The context is frozen before a sizer is called and written into the journal, so a decision can be computed again from
its line alone: no terminal, no clock, no database. `Factor`, `Cap` and `Proposer` at the end are the callables of
plug-ins: one with settings is a frozen dataclass whose fields are the settings, one without a plain function.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from elite_sizer.model.book_totals import Totals, totals
from elite_sizer.model.plugin import Limit, Proposal, Scaling
from elite_sizer.model.policy import Policy
from elite_sizer.model.request import Intent, Request
from elite_sizer.model.rooms import Rooms, rooms
from elite_sizer.model.trade_figures import LotRisk, MarketFigures
from portfolio.account.worst_seen import WorstSeen
from portfolio.book.charges import Charge
from portfolio.book.day_count import DayCount
from portfolio.book.exposure_budget import Spent
from portfolio.model import ZERO, Account, OrderType, Quote, SymbolSpec
from portfolio.reasons import Refusal
from portfolio.rounding import EXACT, under
from portfolio.rules.headroom import Headroom
from portfolio.rules.rule_set import Rules


@dataclass(frozen=True, slots=True)
class SizingContext:
    """One request, one account, one market, one book, at one moment."""

    now: datetime
    request: Request
    intent: Intent
    account: Account
    spec: SymbolSpec
    quote: Quote
    asset_class: str
    asset_class_because: str
    entry: Decimal
    stop: Decimal | None
    target: Decimal | None
    initial: Decimal
    """The account's initial size, as the firm counts it."""
    lot: LotRisk
    book: tuple[Charge, ...]
    held: tuple[Charge, ...]
    totals: Totals
    rules: Rules
    headroom: Headroom
    rooms: Rooms
    market: MarketFigures
    policy: Policy
    day_loss: Decimal = ZERO
    """Loss of today so far against the day's reference; never negative."""
    idea_loss: Decimal = ZERO
    """Today's realised loss on the candidate's symbol and side; never negative."""
    peak_equity: Decimal | None = None
    halt: Refusal | None = None
    """The halt on new entries; None where there is none."""
    window: str | None = None
    """The blackout window in force; None outside of one."""
    order_type: OrderType = OrderType.MARKET
    closing: Decimal = ZERO
    """Lots that close the position which a request on a netting account reverses; no cap counts them."""
    estimated: tuple[str, ...] = ()
    """Figures of this context that are estimates, a sentence for each."""
    budget: Spent | None = None
    """Amounts spent of the exposure budgets; None where no budget is on."""
    today: DayCount | None = None
    """Trades opened and orders sent since the reset; None where the deals were not read."""
    watch: WorstSeen | None = None
    """Worst loss of the day and worst drawdown recorded; None where nothing is recorded."""

    @property
    def basis(self) -> Decimal:
        """The money that percentages are taken of, by `policy.basis`."""
        balance, equity = self.account.balance, self.account.equity
        match self.policy.basis:
            case "min":
                return min(equity, balance)
            case "balance":
                return balance
            case "equity":
                return equity
            case _:
                return self.initial

    def with_held(self, reservations: tuple[Charge, ...] | None) -> SizingContext:
        """Return the same context with other reservations in the ledger; None changes nothing."""
        if reservations is None:
            return self
        charges = (*self.book, *reservations)
        with under(EXACT):
            return replace(
                self,
                held=reservations,
                totals=totals(charges, self.request.symbol, self.request.side, self.market),
                rooms=rooms(self.rules, self.headroom, charges, self.policy, self.request),
            )


Factor = Callable[[SizingContext, Decimal], Scaling]
"""Scales the money at risk; called with the context and, by position, the money so far, which most factors ignore."""

Cap = Callable[[SizingContext], Limit]
"""Limits by the context alone, never by a proposed size, so the order of the caps does not matter."""

Proposer = Callable[[SizingContext], Proposal]
"""A sizer: proposes money at risk or lots, or refuses."""
