"""The decision as other programs read it: canonical JSON, its keys in one place, numbers from exact decimals.

A journal line is the decision with its `context` and the reservations found at commit, so that it can be computed
again from the line alone: `elite_sizer.journal.line`.
"""

from __future__ import annotations

import hashlib
from dataclasses import fields
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, Final

import msgspec

from elite_sizer.journal.line import AccountLine, EnvelopeLine, FlagLine, QuoteLine, ReasonLine
from elite_sizer.journal.user_plugins import plugin_lines
from elite_sizer.model.context import SizingContext
from elite_sizer.model.outcome import AppliedCap, SizerResult
from elite_sizer.model.plugin import Step
from elite_sizer.model.request import Request
from elite_sizer.sizing.decision import Decision
from portfolio.model import ZERO, Account
from portfolio.rounding import CENT, DOWN, EXACT, under

SCHEMA: Final = "elite-sizer/decision/1"
_MILLIONTH: Final = Decimal("1E-6")

_encoder = msgspec.json.Encoder(decimal_format="number")
_REQUEST_KEYS: Final = tuple(field.name for field in fields(Request))


def to_json(decision: Decision) -> bytes:
    """Return the decision as canonical JSON, without its context."""
    with under(EXACT):
        return _encoder.encode(_body(decision, _context_bytes(decision)))


def to_line(decision: Decision) -> bytes:
    """Return the decision's journal line, without the line feed: everything that is needed to compute it again."""
    context, envelope = _context_bytes(decision), decision.envelope
    with under(EXACT):
        body = _body(decision, context)
    body["envelope"] = EnvelopeLine(
        envelope.ttl.total_seconds(), envelope.lease, envelope.fence, envelope.magic, envelope.deviation_points
    )
    body["fresh"] = decision.fresh
    if plugins := plugin_lines(decision):
        body["plugins"] = plugins
    body["context"] = msgspec.Raw(context)
    return _encoder.encode(body)


def canonical(value: object) -> bytes:
    """Return any of our values as JSON bytes, decimals as exact numbers."""
    return _encoder.encode(value)


def _context_bytes(decision: Decision) -> bytes:
    return _encoder.encode(decision.context)


def _body(decision: Decision, context: bytes) -> dict[str, Any]:
    quote, reason, envelope = decision.quote, decision.reason, decision.envelope
    body: dict[str, Any] = {
        "schema": SCHEMA,
        "id": envelope.id,
        "at": envelope.at,
        "account": _account(decision.account),
        "request": None if decision.request is None else _request(decision.request),
        "quote": None if quote is None else QuoteLine(quote.bid, quote.ask, quote.at),
        "flag": None if decision.flag is None else FlagLine(*decision.flag),
        "guard": decision.guard,
        "outcome": decision.outcome,
        "reason": None if reason is None else ReasonLine(*reason),
        "sizer": decision.sizer,
        "lots": decision.lots,
        "binding": decision.binding,
        "guarantee": decision.guarantee,
        "order": decision.order,
        "valid": decision.valid,
    }
    if decision.context is not None and decision.verdict is not None:
        body |= _reasoning(decision, decision.context, decision.verdict.answer)
    body["inputs_digest"] = f"sha256:{hashlib.sha256(context).hexdigest()}"
    body["config_digest"] = envelope.config_digest
    body["terminal"] = envelope.terminal
    body["version"] = envelope.version
    return body


def _account(account: Account | None) -> AccountLine | None:
    if account is None:
        return None
    return AccountLine(account.login, account.server, account.currency, account.balance, account.equity)


def _request(request: Request) -> dict[str, Any]:
    return {name: getattr(request, name) for name in _REQUEST_KEYS}


def _reasoning(decision: Decision, context: SizingContext, answer: SizerResult) -> dict[str, Any]:
    """Return everything between the request and the lots: risk, factors, caps, steps, rooms, the other sizers."""
    verdict, lot, totals = decision.verdict, context.lot, context.totals
    rooms = (decision.committed_context or context).rooms
    elite = None if verdict is None or verdict.elite is None else verdict.elite
    return {
        "risk": _risk(context, answer),
        "factors": [
            {"name": step.name, "value": _ratio(step), "because": step.because}
            for step in answer.proposal.steps
            if step.stage == "factor"
        ],
        "raw_lots": answer.raw_lots,
        "caps": [_cap(check) for check in answer.checks],
        "steps": answer.proposal.steps,
        "headroom": {
            "daily": rooms.daily.money,
            "overall": rooms.overall.money,
            "after_reset": rooms.after_reset.money,
            "open_risk": totals.open_risk,
            "reserved": totals.reserved,
        },
        "valuation": {"terminal": lot.terminal, "tick_value": lot.tick_value, "contract": lot.contract},
        "legacy": None if verdict is None else _beside(verdict.legacy),
        "elite": None if elite is None else _beside(elite),
        "also": [] if verdict is None else [_beside(result) for result in verdict.also],
        "attribution": {
            "account_equity_at_entry": _cents(context.account.equity),
            "position_size_usd": _cents(answer.lots * (lot.exposure or ZERO)),
        },
    }


def _risk(context: SizingContext, answer: SizerResult) -> dict[str, Any]:
    lot, lots, proposal = context.lot, answer.lots, answer.proposal
    money = lots * answer.loss_per_lot
    exposure = None if lot.exposure is None else lots * lot.exposure
    return {
        "base": proposal.steps[0].after if proposal.steps else None,
        "adjusted": proposal.money,
        "per_lot": answer.loss_per_lot,
        "per_lot_at_stop": lot.at_stop,
        "per_lot_tail": lot.tail,
        "per_lot_gap": lot.gap,
        "cost_per_lot": lot.cost,
        "money": money,
        "fraction": _fraction(money, context.basis),
        "at_stop": lots * lot.at_stop,
        "exposure": exposure,
        "margin": None if lot.margin is None else lots * lot.margin,
        "leverage": None if exposure is None else _fraction(exposure, context.account.equity),
    }


def _cap(check: AppliedCap) -> dict[str, Any]:
    return {"name": check.name, "lots": check.lots, "hard": check.hard, "because": check.limit.because}


def _beside(answer: SizerResult) -> dict[str, Any]:
    refusal = answer.refusal
    return {
        "sizer": answer.sizer,
        "lots": answer.lots,
        "binding": answer.binding,
        "reason": None if refusal is None else ReasonLine(*refusal),
    }


def _ratio(step: Step) -> Decimal | None:
    if step.before is None or step.after is None or step.before == 0:
        return None
    return _fraction(step.after, step.before)


def _fraction(part: Decimal, whole: Decimal) -> Decimal | None:
    """Return a ratio to six decimals, half to even: a figure to read, never for a limit."""
    return _to(DOWN.divide(part, whole), _MILLIONTH) if whole > 0 else None


def _cents(money: Decimal) -> Decimal:
    """Round to cents, half to even: a figure for attribution, never for a limit."""
    return _to(money, CENT)


def _to(value: Decimal, unit: Decimal) -> Decimal:
    return value.quantize(unit, rounding=ROUND_HALF_EVEN, context=DOWN)
