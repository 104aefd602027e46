"""Reserve what a size can cost: cut the same proposals again by what is reserved when the answer is committed."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from elite_sizer.assembly.account_picture import AccountPicture
from elite_sizer.journal.recorder import DecisionRecord, record_of
from elite_sizer.model.breakdown import Envelope
from elite_sizer.model.context import SizingContext
from elite_sizer.model.outcome import RolloutResult
from elite_sizer.sizing.decision import Decision, make_decision
from elite_sizer.sizing.rollout import Plan, Proposals, cut_and_choose
from portfolio.book.charges import Charge
from portfolio.ledger.account_ledger import Held
from portfolio.ledger.ledger import charges
from portfolio.model import ZERO, Snapshot
from portfolio.reservation.alternatives import Group, Legs, alternatives, charge_dearest_only
from portfolio.reservation.hold import Hold
from portfolio.rounding import EXACT, loss_up, under


@dataclass(frozen=True, slots=True)
class SizedTrade:
    """A context, and the moment, the book and the alternatives that it was made of."""

    context: SizingContext
    moment: AccountPicture
    book: tuple[Charge, ...]
    """As it is charged beside the trade, before alternatives were left out."""
    legs: Legs
    group: Group | None
    """The trade's own alternatives."""

    @property
    def snapshot(self) -> Snapshot:
        """What was seen of the account."""
        return self.moment.snapshot

    def counted(self, held: tuple[Held, ...]) -> tuple[Charge, ...]:
        """Return what is reserved now as it counts beside the trade."""
        orders = {leg: group for leg, group in self.legs.items() if leg[0] == "order"}
        known = {**orders, **alternatives(one.reservation for one in held)}
        request = self.context.request
        every = charge_dearest_only((*self.book, *charges(held)), known, self.group, request.symbol, request.side)
        return every[len(self.book) :]


@dataclass(frozen=True, slots=True)
class CommitDecision:
    """The decision at its commit: never larger than what was decided before."""

    found: SizedTrade
    plan: Plan
    proposals: Proposals
    first: RolloutResult
    envelope: Envelope

    def decide(self, held: tuple[Held, ...]) -> DecisionRecord:
        """Return the decision, and the hold for its lots, beside what is reserved at this very moment."""
        fresh, context = self.found.counted(held), self.found.context
        if fresh == context.held:
            return self._entry(self.first, None)
        again = cut_and_choose(context.with_held(fresh), self.plan, self.proposals)
        if again.answer.lots >= self.first.answer.lots:
            return self._entry(self.first, None)
        return self._entry(again, fresh)

    def _entry(self, verdict: RolloutResult, fresh: tuple[Charge, ...] | None) -> DecisionRecord:
        lots = verdict.answer.lots
        envelope = self.envelope if lots > ZERO else self.envelope._replace(lease=None, fence=None)
        decision: Decision = make_decision(self.found.context, self.plan, verdict, envelope, fresh)
        return record_of(decision, self._hold(lots) if lots > ZERO else None)

    def _hold(self, lots: Decimal) -> Hold:
        """Return what the lots can cost at their stop, with what a netting addition costs the position it joins."""
        context = self.found.context
        lot = context.lot
        with under(EXACT):
            floor, whole = self._moved()
            return Hold(
                context.request.symbol,
                context.request.side,
                lots,
                loss=loss_up(lots * lot.at_stop + floor),
                entry_loss=loss_up(lots * lot.at_stop + whole),
                exposure=loss_up(lots * (lot.exposure or ZERO)),
                margin=loss_up(lots * (lot.margin or ZERO)),
                gain=None if lot.gain is None else loss_up(lots * lot.gain),
            )

    def _moved(self) -> tuple[Decimal, Decimal]:
        """Return what moving the stop of an open position adds to its losses, from here and from its entry."""
        before = {(charge.kind, charge.id): charge for charge in self.found.moment.book}
        floor = whole = ZERO
        for after in self.found.book:
            stood = before[after.kind, after.id]
            floor += max(ZERO, (after.floor_loss or ZERO) - (stood.floor_loss or ZERO))
            whole += max(ZERO, (after.entry_loss or ZERO) - (stood.entry_loss or ZERO))
        return floor, whole
