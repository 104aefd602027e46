"""A decision as its line in the journal holds it, and the decision made again from that line alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal

import msgspec

from elite_sizer.model.breakdown import Envelope
from elite_sizer.model.context import SizingContext
from elite_sizer.model.outcome import Flag, FlagValue, Outcome
from elite_sizer.model.plugin import Limit, Proposal, Scaling
from elite_sizer.model.request import Request
from elite_sizer.sizing.decision import Decision, make_decision
from elite_sizer.sizing.order_plan import OrderPlan
from elite_sizer.sizing.rollout import Plan, decide
from portfolio.book.charges import Charge
from portfolio.model import ZERO, Account, Quote
from portfolio.reasons import Refusal


class FlagLine(msgspec.Struct, frozen=True):
    """The flag of a decision."""

    value: FlagValue
    source: str


class ReasonLine(msgspec.Struct, frozen=True):
    """The refusal, where there are no lots."""

    code: str
    detail: str


class AlsoLine(msgspec.Struct, frozen=True):
    """A sizer that was asked beside the answer."""

    sizer: str


class EnvelopeLine(msgspec.Struct, frozen=True):
    """The decision's envelope, as far as the rest of the line does not hold it."""

    ttl_seconds: float
    lease: str | None
    fence: int | None
    magic: int
    deviation_points: int


class AccountLine(msgspec.Struct, frozen=True):
    """As much of the account as a decision shows."""

    login: int
    server: str
    currency: str
    balance: Decimal
    equity: Decimal


class QuoteLine(msgspec.Struct, frozen=True):
    """The quote that a decision shows."""

    bid: Decimal
    ask: Decimal
    time: datetime


class PluginLine(msgspec.Struct, frozen=True, omit_defaults=True):
    """A cap, a factor or a sizer of the user's own: which it was, and what it returned; `verify` loads no module."""

    kind: str
    name: str
    digest: str
    hard: bool = False
    limit: Limit | None = None
    scaling: Scaling | None = None
    proposal: Proposal | None = None
    failure: str | None = None
    """The failure of a user's own factor, which left the sizer without a proposal."""


class JournalLine(msgspec.Struct, kw_only=True):
    """The parts of a journal line from which its decision is made again."""

    schema: Literal["elite-sizer/decision/1"]
    id: str
    at: datetime
    terminal: str
    version: str
    config_digest: str
    envelope: EnvelopeLine
    outcome: Outcome
    lots: Decimal
    sizer: str
    binding: str
    guard: bool
    context: SizingContext | None = None
    fresh: tuple[Charge, ...] | None = None
    flag: FlagLine | None = None
    also: tuple[AlsoLine, ...] = ()
    reason: ReasonLine | None = None
    request: Request | None = None
    account: AccountLine | None = None
    quote: QuoteLine | None = None
    order: OrderPlan | None = None
    plugins: tuple[PluginLine, ...] = ()


def read(line: bytes) -> JournalLine:
    """Return the parts of a journal line; a line that is none raises ValueError with what is wrong."""
    try:
        parts = _decoder.decode(line)
    except msgspec.MsgspecError as error:
        message = f"not a journal line: {error}"
        raise ValueError(message) from error
    if not parts.lots.is_finite():
        message = f"not a journal line: its lots are {parts.lots}"
        raise ValueError(message)
    return parts


def recomputed(line: JournalLine, plan_for: Callable[[JournalLine], Plan]) -> Decision | None:
    """Return the decision computed again from its line's context; None for an exit or a refusal that came before one.

    `plan_for` makes the plan from the configuration with the line's digest and the flag it was decided under.
    """
    if line.context is None:
        return None
    plan = plan_for(line)
    return make_decision(line.context, plan, decide(line.context, plan, line.fresh), _envelope(line), line.fresh)


def from_line(line: JournalLine) -> Decision:
    """Return the decision of a line without a context, an exit or an early refusal, as far as the line shows it."""
    order, reason, flag = line.order, line.reason, line.flag
    return Decision(
        envelope=_envelope(line),
        request=line.request,
        flag=None if flag is None else Flag(flag.value, flag.source),
        guard=line.guard,
        outcome=line.outcome,
        reason=None if reason is None else Refusal(reason.code, reason.detail),
        lots=line.lots,
        sizer=line.sizer,
        binding=line.binding,
        intent=None if order is None else order.intent,
        account=_account(line.account),
        quote=_quote(line),
        order=order,
    )


def _envelope(line: JournalLine) -> Envelope:
    envelope = line.envelope
    return Envelope(
        id=line.id,
        at=line.at,
        ttl=timedelta(seconds=envelope.ttl_seconds),
        lease=envelope.lease,
        fence=envelope.fence,
        terminal=line.terminal,
        config_digest=line.config_digest,
        version=line.version,
        magic=envelope.magic,
        deviation_points=envelope.deviation_points,
    )


def _account(line: AccountLine | None) -> Account | None:
    if line is None:
        return None
    return Account(
        line.login,
        line.server,
        line.currency,
        line.balance,
        line.equity,
        margin=ZERO,
        free_margin=line.equity,
        leverage=1,
    )


def _quote(line: JournalLine) -> Quote | None:
    if line.quote is None or line.request is None:
        return None
    return Quote(line.request.symbol, line.quote.bid, line.quote.ask, line.quote.time)


_decoder = msgspec.json.Decoder(JournalLine)
