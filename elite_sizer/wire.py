"""The decision as other programs read it: canonical JSON, its keys in one place, numbers from exact decimals.

A journal line is the decision with its `context` and the reservations found at commit, so that it can be computed
again from the line alone: `recomputed`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import msgspec

from elite_sizer.context import Request, SizingContext
from elite_sizer.decision import Decision, Envelope, decided
from elite_sizer.outcome import Answer, Check, Flag, FlagValue, Step
from elite_sizer.rollout import Plan, decide
from portfolio.exposure import Charge
from portfolio.model import ZERO, Account
from portfolio.rounding import CENT, DOWN

SCHEMA: Final = "elite-sizer/decision/1"
REASON: Final = "reason"

_encoder = msgspec.json.Encoder(decimal_format="number")
_REQUEST_KEYS: Final = tuple(field.name for field in fields(Request))


class JournalLine(msgspec.Struct, kw_only=True):
    """What of a journal line is needed to compute it again."""

    id: str
    at: datetime
    terminal: str
    version: str
    config_digest: str
    context: SizingContext | None = None
    fresh: tuple[Charge, ...] | None = None
    flag: Mapping[str, str] | None = None
    envelope: Mapping[str, Any] = {}
    schema: str = SCHEMA
    also: list[Mapping[str, Any]] = []
    reason: Mapping[str, str] | None = None


def to_json(decision: Decision) -> bytes:
    """Return the decision as canonical JSON, without its context."""
    return _encoder.encode(_body(decision, _context_bytes(decision)))


def to_line(decision: Decision) -> bytes:
    """Return the decision's journal line, without the line feed: everything that is needed to compute it again."""
    context = _context_bytes(decision)
    body = _body(decision, context)
    body["envelope"] = {
        "ttl_seconds": decision.envelope.ttl.total_seconds(),
        "lease": decision.envelope.lease,
        "fence": decision.envelope.fence,
        "magic": decision.envelope.magic,
        "deviation_points": decision.envelope.deviation_points,
    }
    body["fresh"] = decision.fresh
    body["context"] = msgspec.Raw(context)
    return _encoder.encode(body)


def read_line(line: bytes) -> JournalLine:
    """Return the parts of a journal line; a line that is none raises ValueError with what is wrong."""
    try:
        return _decoder.decode(line)
    except msgspec.MsgspecError as error:
        message = f"not a journal line: {error}"
        raise ValueError(message) from error


def recomputed(read: JournalLine, plan_for: Callable[[JournalLine], Plan]) -> Decision | None:
    """Return the decision computed again from its line's context; None for an exit or a refusal that came before one.

    `plan_for` makes the plan from the configuration with the line's digest and the flag it was decided under.
    """
    if read.context is None:
        return None
    verdict = decide(read.context, plan_for(read), read.fresh)
    return decided(read.context, plan_for(read), verdict, envelope_of(read), read.fresh)


def envelope_of(read: JournalLine) -> Envelope:
    """Return what the decision carried besides its context."""
    kept = read.envelope
    return Envelope(
        id=read.id,
        at=read.at,
        ttl=timedelta(seconds=kept["ttl_seconds"]),
        lease=kept["lease"],
        fence=kept["fence"],
        terminal=read.terminal,
        config_digest=read.config_digest,
        version=read.version,
        magic=kept["magic"],
        deviation_points=kept["deviation_points"],
    )


def canonical(value: object) -> bytes:
    """Return any of our values as JSON bytes, decimals as exact numbers."""
    return _encoder.encode(value)


def flag_from(value: str, source: str) -> Flag:
    """Return the flag that a line names; ValueError for a value there is none of."""
    return Flag(FlagValue(value), source)


_decoder = msgspec.json.Decoder(JournalLine)


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
        "quote": None if quote is None else {"bid": quote.bid, "ask": quote.ask, "time": quote.at},
        "flag": None if decision.flag is None else {"value": decision.flag.value, "source": decision.flag.source},
        "guard": decision.guard,
        "outcome": decision.outcome,
        REASON: None if reason is None else {"code": reason.code, "detail": reason.detail},
        "sizer": decision.sizer,
        "lots": decision.lots,
        "binding": decision.binding,
        "guarantee": decision.guarantee,
        "order": None if decision.order is None else decision.order._asdict(),
        "valid": None if decision.valid is None else decision.valid._asdict(),
    }
    if decision.context is not None and decision.verdict is not None:
        body |= _reasoning(decision, decision.context, decision.verdict.answer)
    body["inputs_digest"] = f"sha256:{hashlib.sha256(context).hexdigest()}"
    body["config_digest"] = envelope.config_digest
    body["terminal"] = envelope.terminal
    body["version"] = envelope.version
    return body


def _account(account: Account | None) -> dict[str, Any] | None:
    if account is None:
        return None
    return {
        "login": account.login,
        "server": account.server,
        "currency": account.currency,
        "balance": account.balance,
        "equity": account.equity,
    }


def _request(request: Request) -> dict[str, Any]:
    return {name: getattr(request, name) for name in _REQUEST_KEYS}


def _reasoning(decision: Decision, context: SizingContext, answer: Answer) -> dict[str, Any]:
    """Return everything between the request and the lots: risk, factors, caps, steps, rooms, the other sizers."""
    verdict, lot, spot = decision.verdict, context.lot, context if decision.fresh is None else None
    rooms = (spot or context.with_held(decision.fresh or ())).rooms
    totals = context.totals
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
        "legacy": None if verdict is None else _other(verdict.legacy),
        "elite": None if elite is None else _other(elite),
        "also": [] if verdict is None else [_other(other) for other in verdict.also],
        "attribution": {
            "account_equity_at_entry": _cents(context.account.equity),
            "position_size_usd": _cents(answer.lots * (lot.exposure or ZERO)),
        },
    }


def _risk(context: SizingContext, answer: Answer) -> dict[str, Any]:
    lot, lots, proposal = context.lot, answer.lots, answer.proposal
    per_lot = max(lot.at_stop, proposal.loss_per_lot or ZERO)
    exposure = None if lot.exposure is None else lots * lot.exposure
    return {
        "base": proposal.steps[0].after if proposal.steps else None,
        "adjusted": proposal.money,
        "per_lot": per_lot,
        "per_lot_at_stop": lot.at_stop,
        "per_lot_tail": lot.tail,
        "per_lot_gap": lot.gap,
        "cost_per_lot": lot.cost,
        "money": lots * per_lot,
        "fraction": _fraction(lots * per_lot, context.basis),
        "at_stop": lots * lot.at_stop,
        "exposure": exposure,
        "margin": None if lot.margin is None else lots * lot.margin,
        "leverage": None if exposure is None else _fraction(exposure, context.account.equity),
    }


def _cap(check: Check) -> dict[str, Any]:
    return {"name": check.name, "lots": check.lots, "hard": check.hard, "because": check.limit.because}


def _other(answer: Answer) -> dict[str, Any]:
    refusal = answer.refusal
    return {
        "sizer": answer.sizer,
        "lots": answer.lots,
        "binding": answer.binding,
        REASON: None if refusal is None else {"code": refusal.code, "detail": refusal.detail},
    }


def _ratio(step: Step) -> Decimal | None:
    if step.before is None or step.after is None or step.before == 0:
        return None
    return _fraction(step.after, step.before)


def _fraction(part: Decimal, whole: Decimal) -> Decimal | None:
    """Return a ratio for display, five significant decimals, rounded down."""
    return DOWN.quantize(DOWN.divide(part, whole), Decimal("1E-6")) if whole > 0 else None


def _cents(money: Decimal) -> Decimal:
    """Round to cents, half to even: a figure for attribution, never for a limit."""
    return money.quantize(CENT)
