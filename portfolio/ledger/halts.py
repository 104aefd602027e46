"""Halts of new entries until a human lifts them, and the record of what humans did.

A halt has a scope: one bot of an account, the whole account, or everything in this database.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final, NamedTuple

import apsw

from portfolio.reasons import Refusal, refuse
from portfolio.store.database import Store
from portfolio.store.rows import checksum, fetch, from_microseconds, microseconds

EVERYTHING: Final = "*"
"""The scope of a halt for all accounts."""


class Halt(NamedTuple):
    """New entries are stopped within `scope` since `at`."""

    scope: str
    code: str
    detail: str
    at: datetime


class PastHalt(NamedTuple):
    """A decision was refused by a halt at `at`; `until` is the first sign that the halt was over."""

    at: datetime
    line: bytes
    """The decision's journal line, which names the halt."""
    until: datetime | None


class Act(NamedTuple):
    """An act of a human and its reason: `resume` of a halt, new `epoch` of an account, `settle` of a reservation."""

    account: str
    kind: str
    subject: str
    reason: str
    at: datetime


def scope_of(account: str, caller: str = "") -> str:
    """Return the scope of one bot, or of the account where the caller is not named."""
    return f"{account}/{caller}" if caller else account


def write_halt(database: apsw.Connection, halt: Halt) -> None:
    """Latch a halt inside the caller's transaction; one that is latched already stays as it is."""
    refuse(halt.code, halt.detail)
    values = (halt.scope, halt.code, microseconds(halt.at), halt.detail)
    database.execute(
        "INSERT INTO halt (account, code, at, detail, crc) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (*values, checksum(*values)),
    )


def write_act(database: apsw.Connection, act: Act) -> None:
    """Record an act of a human; the database refuses an empty reason."""
    values = (act.account, microseconds(act.at), act.kind, act.subject, act.reason)
    database.execute("INSERT INTO act (account, at, kind, subject, reason) VALUES (?, ?, ?, ?, ?)", values)


def halted(database: apsw.Connection, account: str, caller: str) -> Refusal | None:
    """Return why this bot may not enter, or None."""
    scopes = {EVERYTHING, account, scope_of(account, caller)}
    for scope, code, detail in fetch(database, "SELECT account, code, detail FROM halt"):
        if scope in scopes:
            return refuse("halted", f"{code}: {detail}")
    return None


def halt(store: Store, scope: str, reason: Refusal, now: datetime) -> None:
    """Stop new entries within the scope until a human resumes."""
    with store.write() as database:
        write_halt(database, Halt(scope, reason.code, reason.detail, now))


def halts(store: Store) -> tuple[Halt, ...]:
    """Return every halt in force, oldest first."""
    with store.read() as database:
        rows = fetch(database, "SELECT account, code, detail, at FROM halt ORDER BY at")
    return tuple(Halt(scope, code, detail, from_microseconds(at)) for scope, code, detail, at in rows)


def past_halts(store: Store, account: str) -> tuple[PastHalt, ...]:
    """Return the halts that decisions ran into, each until a human resumed or a decision had lots again."""
    query = (
        "SELECT stopped.at, stopped.line,"
        " (SELECT min(at) FROM decision AS next WHERE next.account = stopped.account AND next.at > stopped.at"
        " AND next.lots <> '0'),"
        " (SELECT min(at) FROM act WHERE kind = 'resume' AND act.at >= stopped.at"
        " AND (act.account = '*' OR act.account GLOB ?))"
        " FROM decision AS stopped"
        " WHERE stopped.account = ? AND stopped.lots = '0'"
        ' AND instr(stopped.line, CAST(\'"outcome":"halt"\' AS BLOB))'
    )
    with store.read() as database:
        rows = fetch(database, query, (f"{account}*", account))
    return tuple(
        PastHalt(
            from_microseconds(at), line, min((from_microseconds(end) for end in ends if end is not None), default=None)
        )
        for at, line, *ends in rows
    )


def resume(store: Store, scope: str, reason: str, now: datetime) -> tuple[Halt, ...]:
    """Lift the halts of a scope and of the bots within it, record why, and return them."""
    ended_halts = tuple(
        halt for halt in halts(store) if scope in {halt.scope, EVERYTHING} or halt.scope.startswith(f"{scope}/")
    )
    with store.write() as database:
        for halt in ended_halts:
            write_act(database, Act(halt.scope, "resume", halt.code, reason, max(now, halt.at)))
            database.execute("DELETE FROM halt WHERE account = ? AND code = ?", (halt.scope, halt.code))
    return ended_halts


def begin_epoch(store: Store, account: str, epoch: int, reason: str, now: datetime) -> None:
    """Record why an account starts anew; only then does the database take a state of this epoch."""
    with store.write() as database:
        write_act(database, Act(account, "epoch", str(epoch), reason, now))


def acts(store: Store, account: str) -> tuple[Act, ...]:
    """Return the acts of humans on an account or one of its bots, oldest first."""
    query = "SELECT account, kind, subject, reason, at FROM act WHERE account = ? OR account GLOB ? ORDER BY seq"
    with store.read() as database:
        rows = fetch(database, query, (account, f"{account}/*"))
    return tuple(Act(scope, kind, subject, reason, from_microseconds(at)) for scope, kind, subject, reason, at in rows)
