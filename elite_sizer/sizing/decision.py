"""The decision on one request: the lots, why, what to send, and everything they were computed from.

Three functions make one: `make_decision` for an entry, `make_exit` for a close, `refuse_request` for a request that
never got as far as a context.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from elite_sizer.caps.reasons import REASONS
from elite_sizer.model.breakdown import Breakdown, Envelope
from elite_sizer.model.context import SizingContext
from elite_sizer.model.outcome import Flag, Outcome, RolloutResult, SizerResult
from elite_sizer.model.plugin import UserPlugin
from elite_sizer.model.request import Intent, Request
from elite_sizer.request.intent import Classified
from elite_sizer.sizing.order_plan import OrderPlan, filling, order_plan, validity
from elite_sizer.sizing.rollout import Plan
from portfolio.book.charges import Charge
from portfolio.model import ZERO, Account, OrderType, Quote, Side, SymbolSpec
from portfolio.reasons import HALTED, Refusal
from portfolio.reservation.order_matching import tag
from portfolio.rounding import EXACT, under


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision(Breakdown):
    """A size with its reasons, true where there are lots to trade; a refusal is a decision of 0 lots, never raised."""

    guard: bool
    quote: Quote | None = None
    fresh: tuple[Charge, ...] | None = None
    """Reservations in the ledger at commit, where they differed from the context's; None where they did not."""
    order: OrderPlan | None = None
    plugins: tuple[UserPlugin, ...] = ()
    """Caps, factors and sizers of the user's own that were called."""

    def __bool__(self) -> bool:
        return self.lots > 0

    @property
    def at(self) -> datetime:
        """Time of the decision, in UTC."""
        return self.envelope.at

    @property
    def committed_context(self) -> SizingContext | None:
        """The context with the reservations that were in the ledger at commit."""
        return None if self.context is None else self.context.with_held(self.fresh)

    @property
    def exit_code(self) -> int:
        """Exit code of a command that returns this decision: 0 with lots or for an exit, else the reason's."""
        return 0 if self.reason is None else REASONS[self.reason.code].exit_code

    def explain(self) -> str:
        """Return the breakdown as plain text, lots last."""
        # the table's code takes 8 ms to load, which a bot that only reads the lots never needs
        from elite_sizer.display.breakdown import text  # noqa: PLC0415

        return text(self)


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """Request, account and market as far as they were read before a refusal, so that it can show them."""

    request: Request | None = None
    account: Account | None = None
    quote: Quote | None = None
    intent: Intent | None = None
    flag: Flag | None = None
    guard: bool = True


NO_FACTS = RequestFacts()


def make_decision(
    context: SizingContext,
    plan: Plan,
    rollout: RolloutResult,
    envelope: Envelope,
    fresh: tuple[Charge, ...] | None = None,
) -> Decision:
    """Return the decision for a rollout's result; pure. `fresh` are the reservations at commit, where they differed.

    A reversal whose new part is refused still closes: it ends as an exit, with the refusal in its `verdict`.
    """
    with under(EXACT):
        return _make_decision(context, plan, rollout, envelope, fresh)


def _make_decision(
    context: SizingContext, plan: Plan, rollout: RolloutResult, envelope: Envelope, fresh: tuple[Charge, ...] | None
) -> Decision:
    result, committed_context = rollout.answer, context.with_held(fresh)
    closes = result.refusal is not None and context.closing > 0
    return Decision(
        envelope=envelope,
        request=context.request,
        flag=plan.flag,
        guard=plan.guard,
        outcome=Outcome.EXIT if closes else _outcome(result),
        reason=None if closes else result.refusal,
        lots=context.closing if closes else result.lots,
        sizer=result.sizer,
        binding=result.binding,
        intent=context.intent,
        account=context.account,
        quote=context.quote,
        context=context,
        verdict=rollout,
        fresh=fresh,
        order=order_plan(context, result, envelope) if result.lots > 0 or closes else None,
        valid=validity(committed_context, result, envelope) if result.lots > 0 else None,
        guarantee=_guarantee(committed_context),
        plugins=plan.plugins,
    )


def refuse_request(reason: Refusal, envelope: Envelope, facts: RequestFacts = NO_FACTS) -> Decision:
    """Return a decision of 0 lots for a refusal that came before there was a context."""
    return Decision(
        envelope=envelope,
        request=facts.request,
        flag=facts.flag,
        guard=facts.guard,
        outcome=_outcome_of(reason),
        reason=reason,
        lots=ZERO,
        sizer="",
        binding=reason.code,
        intent=facts.intent,
        account=facts.account,
        quote=facts.quote,
    )


def make_exit(
    request: Request,
    classified: Classified,
    spec: SymbolSpec,
    quote: Quote | None,
    *,
    envelope: Envelope,
    account: Account,
    binding: str = "",
) -> Decision:
    """Return the decision to reduce or close: made from the position alone, so that no cap, halt or record blocks it.

    Without a usable quote the price is the position's last one. `binding` says why a reversal only closes.
    """
    position = classified.position
    price = ZERO if position is None else position.current_price
    if quote is not None:
        price = quote.bid if request.side is Side.SELL else quote.ask
    return Decision(
        envelope=envelope,
        request=request,
        flag=None,
        guard=False,
        outcome=Outcome.EXIT,
        reason=None,
        lots=classified.closing,
        sizer="",
        binding=binding,
        intent=classified.intent,
        account=account,
        quote=quote,
        order=OrderPlan(
            type=OrderType.MARKET,
            intent=classified.intent,
            volume=float(classified.closing),
            price=price,
            stop=None,
            target=None,
            tick_size=spec.tick_size,
            filling=filling(spec),
            deviation_points=envelope.deviation_points,
            time_in_force="gtc",
            magic=envelope.magic,
            comment=tag(envelope.id),
            ticket=None if position is None else position.ticket,
        ),
    )


def _outcome(result: SizerResult) -> Outcome:
    if result.refusal is not None:
        return _outcome_of(result.refusal)
    return Outcome.APPROVE if result.binding == "proposal" else Outcome.SHRINK


def _outcome_of(reason: Refusal) -> Outcome:
    return Outcome.HALT if REASONS[reason.code].exit_code == HALTED else Outcome.DENY


def _guarantee(context: SizingContext) -> str:
    """Return `not_provable` where a floor follows equity and something, this trade too, has no target."""
    peaks = context.rooms.peaks
    provable = not peaks or (context.lot.gain is not None and all(peak.provable for peak in peaks))
    return "modelled" if provable else "not_provable"
