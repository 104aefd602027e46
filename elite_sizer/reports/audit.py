"""One audit: the decisions in the record, the trades at the terminal, and the sizes they should have had."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final

from elite_sizer.configuration.plan import caps, plan
from elite_sizer.configuration.settings import Settings
from elite_sizer.configuration.stop_file import STOP, stopped
from elite_sizer.inputs.account_standing import account_standing
from elite_sizer.inputs.exposure_budget import scans_of, spent_by
from elite_sizer.inputs.market_study import HISTORY, terms
from elite_sizer.model.outcome import Flag, FlagValue
from elite_sizer.reports.audit_findings import Finding, Kind, Sized, Stop, findings, orders, positions_of
from elite_sizer.reports.second_opinion import AuditSizer, Opinion
from elite_sizer.service.sizer import Sizer
from mt5bridge.reading.request import SnapshotRequest
from portfolio.ledger.decisions_of_orders import DecidedOrder, decisions_of_orders
from portfolio.ledger.halts import EVERYTHING, halts, past_halts
from portfolio.model import ZERO, Snapshot
from portfolio.reasons import Refusal
from portfolio.store.database import Store
from portfolio.store.rows import account_key

LOOKED_BACK: Final = timedelta(days=7)
"""A trade that is closed again is compared where it was opened no longer ago."""


@dataclass(frozen=True, slots=True)
class Audit:
    """The orders that were compared, and the differences from their decisions."""

    at: datetime
    terminal: str
    orders: int
    findings: tuple[Finding, ...]


def audit(sizer: Sizer, back: timedelta = LOOKED_BACK) -> Audit | Refusal:
    """Return the differences from the record now, or why they can't be found. StoreError without a database."""
    settings, now = sizer.reloader.refresh(), sizer.terminal.clock()
    snapshot = sizer.terminal.snapshot(SnapshotRequest(deals_since=now - HISTORY))
    if isinstance(snapshot, Refusal):
        return snapshot
    key = account_key(snapshot.account.server, snapshot.account.login)
    seen_orders = orders(snapshot)
    decisions = decisions_of_orders(sizer.recorder.store, key, seen_orders)
    sizes = {ticket: _size_of(decision) for ticket, decision in decisions.items()}
    differences = findings(snapshot, sizes, _stops(sizer, settings.folder, key), now - back)
    audit_sizer = _audit_sizer(sizer, settings, snapshot, key)
    if isinstance(audit_sizer, Refusal):
        result = Audit(snapshot.taken_at, sizer.terminal.name, len(seen_orders), differences)
        return result if differences else audit_sizer
    opened_by = positions_of(snapshot)
    position_of = {ticket: opened_by.get(ticket, ticket) for ticket in {finding.ticket for finding in differences}}
    unsized = {position_of[finding.ticket] for finding in differences if finding.kind is Kind.NOT_SIZED}
    opinions = audit_sizer.opinions(snapshot, frozenset(unsized))
    by_ticket = {ticket: opinions.get(position_of[ticket]) for ticket in _tickets(differences)}
    results = [*_with_opinion(differences, by_ticket)]
    budget = spent_by(settings, sizer.recorder, sizer.terminal, snapshot, now)
    results += [
        Finding(Kind.OVER_CAP, "book", 0, symbol, None, ZERO, None, f"{name}: {because}")
        for symbol, name, because in audit_sizer.caps_exceeded(snapshot, budget)
    ]
    return Audit(snapshot.taken_at, sizer.terminal.name, len(seen_orders), tuple(results))


def _tickets(differences: Iterable[Finding]) -> set[int]:
    return {finding.ticket for finding in differences if finding.what == "position"}


def _size_of(decision: DecidedOrder) -> Sized:
    answer = {} if decision.line is None else json.loads(decision.line, parse_float=Decimal)
    order = answer.get("order") or {}
    stop, answer_lots = order.get("stop"), answer.get("lots")
    lots = [
        lots_decided
        for lots_decided in (decision.lots, None if answer_lots is None else Decimal(answer_lots))
        if lots_decided
    ]
    most = Decimal(order["volume"]) if order.get("intent") == "reverse" else min(lots, default=ZERO)
    return Sized(decision.id, most, None if stop is None else Decimal(stop))


def _stops(sizer: Sizer, folder: Path, account: str) -> Iterator[Stop]:
    """Give the halts in force, the earlier ones, and the STOP file by the time it was written."""
    for halt in halts(sizer.recorder.store):
        if halt.scope in {EVERYTHING, account}:
            yield Stop(halt.at, f"{halt.code}: {halt.detail}")
    yield from _past(sizer.recorder.store, account)
    stop = stopped(folder)
    if stop is not None:
        try:
            written_at = (folder / STOP).stat().st_mtime
        except OSError:
            return
        yield Stop(datetime.fromtimestamp(written_at, UTC), stop.detail)


def _past(store: Store, account: str) -> Iterator[Stop]:
    """Give the halts that decisions ran into, by the reason in their journal lines."""
    for past in past_halts(store, account):
        reason = json.loads(past.line)["reason"]
        yield Stop(past.at, f"{reason['code']}: {reason['detail']}", past.until)


def _audit_sizer(sizer: Sizer, settings: Settings, snapshot: Snapshot, key: str) -> AuditSizer | Refusal:
    rules = settings.firm_rules
    account = account_standing(sizer.recorder.account(key), snapshot, rules, settings)
    if isinstance(account, Refusal):
        return account
    sizing_plan = plan(settings, Flag(FlagValue.ELITE, "audit"))
    judge = sizing_plan.elite or sizing_plan.legacy
    return AuditSizer(terms(settings), rules, account.headroom, judge, caps(settings), scans_of(settings))


def _with_opinion(
    differences: Iterable[Finding], opinions: Mapping[int, Opinion | Refusal | None]
) -> Iterator[Finding]:
    for finding in differences:
        opinion = opinions.get(finding.ticket) if finding.kind is Kind.NOT_SIZED else None
        if opinion is None:
            yield finding
        elif isinstance(opinion, Opinion):
            yield finding._replace(should=min(opinion.lots, finding.lots))
            if finding.lots > opinion.lots:
                yield finding._replace(kind=Kind.OVER_CAP, should=opinion.lots, because=opinion.because)
        else:
            yield finding._replace(
                because=f"{finding.because}; what it should have been: {opinion.code}: {opinion.detail}"
            )
