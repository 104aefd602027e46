"""One look of an audit: what was decided by the record, what stands by the terminal, and what should have been."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

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
from portfolio.ledger.halts import EVERYTHING, halts
from portfolio.model import ZERO, Snapshot
from portfolio.reasons import Refusal
from portfolio.reservation.evidence import TAG, SeenOrder
from portfolio.store.database import Store
from portfolio.store.rows import account_key, moment

LOOKED_BACK: Final = timedelta(days=7)
"""How long ago a trade that is closed again may have been opened to be looked at."""
_SHORTEST: Final = 8
"""Characters of a decision's id that a comment must hold to be one."""


@dataclass(frozen=True, slots=True)
class Audit:
    """What was looked at, and what is not as decided."""

    at: datetime
    terminal: str
    orders: int
    findings: tuple[Finding, ...]


def audit(sizer: Sizer, back: timedelta = LOOKED_BACK) -> Audit | Refusal:
    """Return what differs from the record now, or why that can't be told. StoreError without a database."""
    settings, now = sizer.reloader.refresh(), sizer.terminal.clock()
    snapshot = sizer.terminal.snapshot(SnapshotRequest(deals_since=now - HISTORY))
    if isinstance(snapshot, Refusal):
        return snapshot
    key = account_key(snapshot.account.server, snapshot.account.login)
    shown = orders(snapshot)
    known = decided(sizer.recorder.store, key, shown)
    found = findings(snapshot, known, _stops(sizer, settings.folder, key), now - back)
    bench = _bench(sizer, settings, snapshot, key)
    if isinstance(bench, Refusal):
        return Audit(snapshot.taken_at, sizer.terminal.name, len(shown), found) if found else bench
    opened_by = positions_of(snapshot)
    strangers = {opened_by.get(one.ticket, one.ticket) for one in found if one.kind is Kind.NOT_SIZED}
    opinions = bench.opinions(snapshot, frozenset(strangers))
    judged = [
        *_with_opinion(found, {ticket: opinions.get(opened_by.get(ticket, ticket)) for ticket in _tickets(found)})
    ]
    budget = spent_by(settings, sizer.recorder, sizer.terminal, snapshot, now)
    judged += [
        Finding(Kind.OVER_CAP, "book", 0, symbol, None, ZERO, None, f"{name}: {because}")
        for symbol, name, because in bench.caps_exceeded(snapshot, budget)
    ]
    return Audit(snapshot.taken_at, sizer.terminal.name, len(shown), tuple(judged))


def _tickets(found: Iterable[Finding]) -> set[int]:
    return {one.ticket for one in found if one.what == "position"}


def decided(store: Store, account: str, shown: Iterable[SeenOrder]) -> dict[int, Sized]:
    """Return the decision behind each order: by its reservation's ticket, else by the tag in its comment."""
    found: dict[int, Sized] = {}
    with store.read() as database:
        for trace in shown:
            query = "SELECT id, whole FROM reservation WHERE account = ? AND ticket = ?"
            row: Any = database.execute(query, (account, trace.ticket)).fetchone()
            identifier, lots = (None, None) if row is None else (row[0], Decimal(row[1]))
            name = trace.comment.removeprefix(TAG)
            if identifier is None and trace.comment.startswith(TAG) and len(name) >= _SHORTEST:
                query = "SELECT id, lots FROM decision WHERE account = ? AND substr(id, 1, ?) = ? ORDER BY seq"
                rows: list[Any] = database.execute(query, (account, len(name), name)).fetchall()
                if len(rows) == 1:
                    identifier, lots = rows[0][0], Decimal(rows[0][1])
            if identifier is None:
                continue
            query = "SELECT line FROM decision WHERE id = ?"
            line: Any = database.execute(query, (identifier,)).fetchone()
            found[trace.ticket] = _sized(identifier, lots, None if line is None else line[0])
    return found


def _sized(identifier: str, lots: Decimal | None, line: bytes | None) -> Sized:
    made = {} if line is None else json.loads(line, parse_float=Decimal)
    plan_ = made.get("order") or {}
    stop, said = plan_.get("stop"), made.get("lots")
    both = [each for each in (lots, None if said is None else Decimal(said)) if each]
    most = Decimal(plan_["volume"]) if plan_.get("intent") == "reverse" else min(both, default=ZERO)
    return Sized(identifier, most, None if stop is None else Decimal(stop))


def _stops(sizer: Sizer, folder: Path, account: str) -> Iterator[Stop]:
    """Give the halts that stand, and the STOP file by the time it was written."""
    for halt in halts(sizer.recorder.store):
        if halt.scope in {EVERYTHING, account}:
            yield Stop(halt.at, f"{halt.code}: {halt.detail}")
    yield from _past(sizer.recorder.store, account)
    refused = stopped(folder)
    if refused is not None:
        try:
            written = (folder / STOP).stat().st_mtime
        except OSError:
            return
        yield Stop(datetime.fromtimestamp(written, UTC), refused.detail)


def _past(store: Store, account: str) -> Iterator[Stop]:
    """Give the halts that decisions ran into, each until a human resumed or a decision had lots again."""
    query = (
        "SELECT one.at, (SELECT min(at) FROM decision AS next WHERE next.account = one.account AND next.at > one.at"
        " AND next.lots <> '0'), (SELECT min(at) FROM act WHERE kind = 'resume' AND act.at >= one.at"
        " AND (act.account = '*' OR act.account GLOB ?)), line FROM decision AS one"
        " WHERE one.account = ? AND one.lots = '0' AND instr(one.line, CAST('\"outcome\":\"halt\"' AS BLOB))"
    )
    with store.read() as database:
        rows: list[Any] = database.execute(query, (f"{account}*", account)).fetchall()
    for at, again, resumed, line in rows:
        ends = [moment(each) for each in (again, resumed) if each is not None]
        reason = json.loads(line)["reason"]
        yield Stop(moment(at), f"{reason['code']}: {reason['detail']}", min(ends, default=None))


def _bench(sizer: Sizer, settings: Settings, snapshot: Snapshot, key: str) -> AuditSizer | Refusal:
    rules = settings.firm_rules
    stood = account_standing(sizer.recorder.account(key), snapshot, rules, settings)
    if isinstance(stood, Refusal):
        return stood
    chosen = plan(settings, Flag(FlagValue.ELITE, "audit"))
    judge = chosen.elite or chosen.legacy
    return AuditSizer(terms(settings), rules, stood.headroom, judge, caps(settings), scans_of(settings))


def _with_opinion(found: Iterable[Finding], opinions: Mapping[int, Opinion | Refusal | None]) -> Iterator[Finding]:
    for one in found:
        opinion = opinions.get(one.ticket) if one.kind is Kind.NOT_SIZED else None
        if opinion is None:
            yield one
        elif isinstance(opinion, Opinion):
            yield one._replace(should=min(opinion.lots, one.lots))
            if one.lots > opinion.lots:
                yield one._replace(kind=Kind.OVER_CAP, should=opinion.lots, because=opinion.because)
        else:
            yield one._replace(because=f"{one.because}; what it should have been: {opinion.code}: {opinion.detail}")
