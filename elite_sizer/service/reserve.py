"""Reserve what a size can cost: cut the same proposals again by what is reserved when the answer is committed."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from elite_sizer.assembly.account_picture import AccountPicture
from elite_sizer.journal.recorder import DecisionRecord, record_of
from elite_sizer.model.breakdown import Envelope
from elite_sizer.model.context import SizingContext
from elite_sizer.model.outcome import RolloutResult
from elite_sizer.model.request import Request
from elite_sizer.sizing.decision import make_decision
from elite_sizer.sizing.rollout import Plan, Proposals, cut_and_choose
from portfolio.book.charges import Charge
from portfolio.ledger.account_ledger import Held
from portfolio.ledger.ledger import charges
from portfolio.model import ZERO, Snapshot
from portfolio.reservation.alternatives import Group, Groups, alternatives, charge_dearest_only
from portfolio.reservation.hold import Hold
from portfolio.rounding import EXACT, loss_up, under

Charges = tuple[Charge, ...]


def charge_groups(
    book: Charges, beside: Charges, groups: Groups, own: Group | None, request: Request
) -> tuple[Charges, Charges]:
    """Return the book and the reservations as they count beside a trade: of alternative orders the dearest only."""
    charges = charge_dearest_only((*book, *beside), groups, own, request.symbol, request.side)
    return charges[: len(book)], charges[len(book) :]


@dataclass(frozen=True, slots=True)
class SizedTrade:
    """The context of a trade, and the account picture, the book and the alternative orders that it was made of."""

    context: SizingContext
    picture: AccountPicture
    book: Charges
    """As it is charged beside the trade, before alternatives were left out."""
    groups: Groups
    own_group: Group | None
    """The trade's own alternatives."""

    @property
    def snapshot(self) -> Snapshot:
        """The reading that the context was made from."""
        return self.picture.snapshot

    def charges_of(self, reservations: tuple[Held, ...]) -> Charges:
        """Return these reservations as they count beside the trade."""
        orders = {leg: group for leg, group in self.groups.items() if leg[0] == "order"}
        groups = {**orders, **alternatives(entry.reservation for entry in reservations)}
        return charge_groups(self.book, charges(reservations), groups, self.own_group, self.context.request)[1]


@dataclass(frozen=True, slots=True)
class CommitDecision:
    """Decides again inside the ledger's transaction, on the reservations there; never larger than before."""

    trade: SizedTrade
    plan: Plan
    proposals: Proposals
    result: RolloutResult
    envelope: Envelope

    def decide(self, reservations: tuple[Held, ...]) -> DecisionRecord:
        """Return the decision, and the hold for its lots, beside the reservations at this very moment."""
        fresh, context = self.trade.charges_of(reservations), self.trade.context
        if fresh == context.held:
            return self._record(self.result, None)
        again = cut_and_choose(context.with_held(fresh), self.plan, self.proposals)
        if again.answer.lots >= self.result.answer.lots:
            return self._record(self.result, None)
        return self._record(again, fresh)

    def _record(self, result: RolloutResult, fresh: Charges | None) -> DecisionRecord:
        lots = result.answer.lots
        envelope = self.envelope if lots > ZERO else self.envelope._replace(lease=None, fence=None)
        decision = make_decision(self.trade.context, self.plan, result, envelope, fresh)
        return record_of(decision, self._hold(lots) if lots > ZERO else None)

    def _hold(self, lots: Decimal) -> Hold:
        """Return the hold of the lots: their loss at the stop, and that of the position a netting addition joins."""
        context = self.trade.context
        lot = context.lot
        with under(EXACT):
            floor, entry = self._moved_stop_losses()
            return Hold(
                context.request.symbol,
                context.request.side,
                lots,
                loss=loss_up(lots * lot.at_stop + floor),
                entry_loss=loss_up(lots * lot.at_stop + entry),
                exposure=loss_up(lots * (lot.exposure or ZERO)),
                margin=loss_up(lots * (lot.margin or ZERO)),
                gain=None if lot.gain is None else loss_up(lots * lot.gain),
            )

    def _moved_stop_losses(self) -> tuple[Decimal, Decimal]:
        """Return the losses that moving the stop of an open position adds, from here and from its entry."""
        before = {(charge.kind, charge.id): charge for charge in self.trade.picture.book}
        floor = entry = ZERO
        for after in self.trade.book:
            charge = before[after.kind, after.id]
            floor += max(ZERO, (after.floor_loss or ZERO) - (charge.floor_loss or ZERO))
            entry += max(ZERO, (after.entry_loss or ZERO) - (charge.entry_loss or ZERO))
        return floor, entry
