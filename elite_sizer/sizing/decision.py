"""The answer to one request: the lots, why, what to send, and everything it was decided from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from elite_sizer.model.context import SizingContext
from elite_sizer.model.outcome import Flag, Outcome, SizerResult
from elite_sizer.model.request import Intent, Request
from elite_sizer.request.intent import Classified
from elite_sizer.sizing.envelope import Envelope
from elite_sizer.sizing.order_plan import OrderPlan, Valid, filling, order_plan, validity
from elite_sizer.sizing.rollout import Plan, RolloutResult
from portfolio.book.charges import Charge
from portfolio.model import ZERO, Account, OrderType, Quote, Side, SymbolSpec
from portfolio.reasons import HALTED, REASONS, Refusal
from portfolio.reservation.evidence import tag
from portfolio.rounding import EXACT, under


@dataclass(frozen=True, slots=True)
class Decision:
    """A size with its reasons. True where there are lots to trade; a refusal is a decision too, and never raises."""

    envelope: Envelope
    request: Request | None
    """None where the idea itself could not be read."""
    flag: Flag | None
    guard: bool
    outcome: Outcome
    reason: Refusal | None
    lots: Decimal
    sizer: str
    binding: str
    intent: Intent | None = None
    account: Account | None = None
    quote: Quote | None = None
    context: SizingContext | None = None
    """What it was decided from; None where a refusal came before there was one, and for exits."""
    verdict: RolloutResult | None = None
    fresh: tuple[Charge, ...] | None = None
    """Reservations found at commit, where they differed from the context's."""
    order: OrderPlan | None = None
    valid: Valid | None = None
    guarantee: str = "modelled"

    def __bool__(self) -> bool:
        return self.lots > 0

    @property
    def id(self) -> str:
        """The decision's own name, in the journal and in the order's comment."""
        return self.envelope.id

    @property
    def at(self) -> datetime:
        """When it was decided, in UTC."""
        return self.envelope.at

    @property
    def answer(self) -> SizerResult | None:
        """The sizer's answer that was returned; None for an exit or an early refusal."""
        return None if self.verdict is None else self.verdict.answer

    @property
    def exit_code(self) -> int:
        """How a command that returns this decision exits: 0 with lots or for an exit, else the reason's code."""
        return 0 if self.reason is None else REASONS[self.reason.code].exit_code

    def explain(self) -> str:
        """Return the breakdown as plain text, lots last."""
        from elite_sizer.display.breakdown import text  # noqa: PLC0415 - formatting is loaded when somebody reads

        return text(self)


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """What is known of a request before it has a context; a refusal shows them."""

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
    verdict: RolloutResult,
    envelope: Envelope,
    fresh: tuple[Charge, ...] | None = None,
) -> Decision:
    """Return the decision that a rollout on a context comes to; pure.

    A reversal whose new part is refused still closes: it ends as an exit, with the refusal in its verdict.
    """
    with under(EXACT):
        return _make_decision(context, plan, verdict, envelope, fresh)


def _make_decision(
    context: SizingContext, plan: Plan, verdict: RolloutResult, envelope: Envelope, fresh: tuple[Charge, ...] | None
) -> Decision:
    answer = verdict.answer
    moment = context if fresh is None else context.with_held(fresh)
    closes = answer.refusal is not None and context.closing > 0
    return Decision(
        envelope=envelope,
        request=context.request,
        flag=plan.flag,
        guard=plan.guard,
        outcome=Outcome.EXIT if closes else _outcome(answer),
        reason=None if closes else answer.refusal,
        lots=context.closing if closes else answer.lots,
        sizer=answer.sizer,
        binding=answer.binding,
        intent=context.intent,
        account=context.account,
        quote=context.quote,
        context=context,
        verdict=verdict,
        fresh=fresh,
        order=order_plan(context, answer, envelope) if answer.lots > 0 or closes else None,
        valid=validity(moment, answer, envelope) if answer.lots > 0 else None,
        guarantee=_guarantee(moment),
    )


def refuse_request(reason: Refusal, envelope: Envelope, facts: RequestFacts = NO_FACTS) -> Decision:
    """Return a decision of 0 lots for a refusal that came before there was a context, with the facts known by then."""
    return Decision(
        envelope=envelope,
        request=facts.request,
        flag=facts.flag,
        guard=facts.guard,
        outcome=Outcome.HALT if REASONS[reason.code].exit_code == HALTED else Outcome.DENY,
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
    """Return the decision to reduce or close: decided from the position alone, so that nothing can block it.

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


def _outcome(answer: SizerResult) -> Outcome:
    if answer.refusal is not None:
        return Outcome.HALT if REASONS[answer.refusal.code].exit_code == HALTED else Outcome.DENY
    return Outcome.APPROVE if answer.binding == "proposal" else Outcome.SHRINK


def _guarantee(context: SizingContext) -> str:
    """Return `not_provable` where a floor follows equity and something, this trade too, has no target."""
    peaks = context.rooms.peaks
    proven = not peaks or (context.lot.gain is not None and all(peak.provable for peak in peaks))
    return "modelled" if proven else "not_provable"
