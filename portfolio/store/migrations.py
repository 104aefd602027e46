"""The tables of the database, and how an older one is brought up to date without losing a decision.

Numbers are stored as exact decimal text, times as microseconds since 1970 in UTC. What protects the account is
refused by the database itself, whoever writes: a peak or a day that falls, a reservation that grows or comes
back, a record that is changed afterwards. Peaks and amounts are compared as doubles, the precision in which
the terminal reports them. The text of a version is frozen once it is released; a change is a new version.
"""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Final

import apsw

from portfolio.store.failure import unusable
from portfolio.store.rows import fetch

APPLICATION: Final = 0x456C5A72
"""Marks the file as ours ("ElZr"), so that no other program's database is taken for an empty one."""

_FIRST: Final = """
CREATE TABLE decision (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    account TEXT NOT NULL,
    at INTEGER NOT NULL,
    lots TEXT NOT NULL,
    caller TEXT NOT NULL,
    idempotency TEXT,
    request BLOB,
    line BLOB NOT NULL,
    crc INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX decision_once ON decision (account, caller, idempotency) WHERE idempotency IS NOT NULL;

CREATE TABLE reservation (
    id TEXT PRIMARY KEY REFERENCES decision (id),
    account TEXT NOT NULL,
    caller TEXT NOT NULL,
    signal TEXT,
    symbol TEXT NOT NULL,
    side TEXT NOT NULL CHECK (side IN ('buy', 'sell')),
    lots TEXT NOT NULL,
    loss TEXT NOT NULL,
    entry_loss TEXT NOT NULL,
    exposure TEXT NOT NULL,
    margin TEXT NOT NULL,
    gain TEXT,
    whole TEXT NOT NULL,
    state TEXT NOT NULL,
    open INTEGER NOT NULL
        CHECK (open = (state IN ('HELD', 'CLAIMED', 'WORKING', 'UNKNOWN', 'QUARANTINE'))),
    fence INTEGER NOT NULL,
    fenced INTEGER NOT NULL,
    magic INTEGER NOT NULL,
    issued INTEGER NOT NULL,
    valid_until INTEGER NOT NULL,
    since INTEGER NOT NULL,
    ticket INTEGER,
    absent_since INTEGER,
    absent_epoch INTEGER,
    seen INTEGER,
    born INTEGER NOT NULL,
    crc INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX reservation_ticket ON reservation (account, issued, ticket) WHERE ticket IS NOT NULL;

CREATE TABLE reservation_event (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL,
    account TEXT NOT NULL,
    at INTEGER NOT NULL,
    state TEXT NOT NULL,
    lots TEXT NOT NULL,
    fence INTEGER NOT NULL,
    because TEXT NOT NULL
) STRICT;

CREATE TABLE ledger (
    account TEXT PRIMARY KEY,
    open TEXT NOT NULL,
    resolved INTEGER NOT NULL,
    clock INTEGER NOT NULL,
    crc INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE account_state (
    account TEXT PRIMARY KEY,
    epoch INTEGER NOT NULL,
    day TEXT NOT NULL CHECK (day GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
    peak TEXT NOT NULL CHECK (peak GLOB '[0-9]*'),
    state BLOB NOT NULL,
    crc INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE config (
    digest TEXT PRIMARY KEY,
    body BLOB NOT NULL,
    at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE statistic (
    key TEXT PRIMARY KEY,
    value BLOB NOT NULL,
    at INTEGER NOT NULL,
    crc INTEGER NOT NULL
) STRICT;

CREATE TRIGGER decision_is_final BEFORE UPDATE ON decision
BEGIN SELECT RAISE(ABORT, 'loosening: a decision is never changed'); END;
CREATE TRIGGER decision_is_kept BEFORE DELETE ON decision
WHEN EXISTS (SELECT 1 FROM reservation WHERE id = OLD.id)
BEGIN SELECT RAISE(ABORT, 'loosening: a decision is kept as long as its reservation'); END;
CREATE TRIGGER event_is_final BEFORE UPDATE ON reservation_event
BEGIN SELECT RAISE(ABORT, 'loosening: a reservation''s history is never changed'); END;
CREATE TRIGGER event_is_kept BEFORE DELETE ON reservation_event
WHEN EXISTS (SELECT 1 FROM reservation WHERE id = OLD.id)
BEGIN SELECT RAISE(ABORT, 'loosening: a history is kept as long as its reservation'); END;
CREATE TRIGGER config_is_final BEFORE UPDATE ON config
BEGIN SELECT RAISE(ABORT, 'loosening: a configuration is never changed, a new one is added'); END;

CREATE TRIGGER reservation_is_kept BEFORE DELETE ON reservation WHEN OLD.open = 1
BEGIN SELECT RAISE(ABORT, 'loosening: an open reservation is never deleted'); END;
CREATE TRIGGER reservation_is_final BEFORE UPDATE ON reservation WHEN OLD.open = 0
BEGIN SELECT RAISE(ABORT, 'loosening: a reservation is resolved exactly once'); END;
CREATE TRIGGER reservation_moves BEFORE UPDATE ON reservation
WHEN OLD.state <> NEW.state AND 0 = instr(
    ' HELD>CLAIMED HELD>WORKING HELD>CONVERTED HELD>EXPIRED HELD>CANCELLED HELD>REJECTED'
    || ' HELD>QUARANTINE HELD>UNKNOWN CLAIMED>WORKING CLAIMED>CONVERTED CLAIMED>CANCELLED'
    || ' CLAIMED>REJECTED CLAIMED>UNKNOWN WORKING>CONVERTED WORKING>REJECTED WORKING>UNKNOWN'
    || ' UNKNOWN>WORKING UNKNOWN>CONVERTED UNKNOWN>REJECTED QUARANTINE>WORKING QUARANTINE>CONVERTED'
    || ' QUARANTINE>CANCELLED QUARANTINE>EXPIRED QUARANTINE>UNKNOWN ',
    ' ' || OLD.state || '>' || NEW.state || ' ')
BEGIN SELECT RAISE(ABORT, 'loosening: a reservation can''t move between these states'); END;
CREATE TRIGGER reservation_never_grows BEFORE UPDATE ON reservation
WHEN OLD.account <> NEW.account OR OLD.symbol <> NEW.symbol OR OLD.side <> NEW.side OR OLD.issued <> NEW.issued
    OR OLD.fence > NEW.fence OR OLD.born <> NEW.born OR OLD.valid_until < NEW.valid_until
    OR (OLD.ticket IS NOT NULL AND OLD.ticket IS NOT NEW.ticket)
    OR CAST(OLD.lots AS REAL) < CAST(NEW.lots AS REAL) OR CAST(OLD.loss AS REAL) < CAST(NEW.loss AS REAL)
    OR CAST(OLD.entry_loss AS REAL) < CAST(NEW.entry_loss AS REAL)
    OR CAST(OLD.whole AS REAL) < CAST(NEW.whole AS REAL) OR CAST(OLD.exposure AS REAL) < CAST(NEW.exposure AS REAL)
    OR CAST(OLD.margin AS REAL) < CAST(NEW.margin AS REAL)
BEGIN SELECT RAISE(ABORT, 'loosening: a reservation never grows or changes hands'); END;

CREATE TRIGGER ledger_is_kept BEFORE DELETE ON ledger
BEGIN SELECT RAISE(ABORT, 'loosening: an account''s ledger is never deleted'); END;
CREATE TRIGGER ledger_never_goes_back BEFORE UPDATE ON ledger
WHEN OLD.account <> NEW.account OR OLD.resolved > NEW.resolved
BEGIN SELECT RAISE(ABORT, 'loosening: a ledger never goes back'); END;
CREATE TRIGGER ledger_is_not_replaced BEFORE INSERT ON ledger
WHEN EXISTS (SELECT 1 FROM ledger WHERE account = NEW.account)
BEGIN SELECT RAISE(ABORT, 'loosening: a ledger is updated, never replaced'); END;

CREATE TRIGGER account_state_is_kept BEFORE DELETE ON account_state
BEGIN SELECT RAISE(ABORT, 'loosening: the state of an account is never deleted'); END;
CREATE TRIGGER account_state_is_not_replaced BEFORE INSERT ON account_state
WHEN EXISTS (SELECT 1 FROM account_state WHERE account = NEW.account)
BEGIN SELECT RAISE(ABORT, 'loosening: the state of an account is updated, never replaced'); END;
CREATE TRIGGER account_state_never_loosens BEFORE UPDATE ON account_state
WHEN NEW.account <> OLD.account OR NEW.epoch < OLD.epoch
BEGIN SELECT RAISE(ABORT, 'loosening: the epoch of an account never falls'); END;
CREATE TRIGGER day_never_falls BEFORE UPDATE ON account_state
WHEN NEW.epoch = OLD.epoch AND NEW.day < OLD.day
BEGIN SELECT RAISE(ABORT, 'loosening: the firm''s day never goes back'); END;
CREATE TRIGGER peak_never_falls BEFORE UPDATE ON account_state
WHEN NEW.epoch = OLD.epoch AND CAST(NEW.peak AS REAL) < CAST(OLD.peak AS REAL)
BEGIN SELECT RAISE(ABORT, 'loosening: the peak of an account never falls'); END;
"""

_SECOND: Final = """
CREATE TABLE act (
    seq INTEGER PRIMARY KEY,
    account TEXT NOT NULL,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    reason TEXT NOT NULL CHECK (length(trim(reason)) > 0)
) STRICT;
CREATE INDEX act_about ON act (account, kind, subject);

CREATE TABLE halt (
    account TEXT NOT NULL,
    code TEXT NOT NULL,
    at INTEGER NOT NULL,
    detail TEXT NOT NULL,
    crc INTEGER NOT NULL,
    PRIMARY KEY (account, code)
) STRICT, WITHOUT ROWID;

CREATE TABLE flag (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL,
    source TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE spending (
    seq INTEGER PRIMARY KEY,
    account TEXT NOT NULL,
    budget TEXT NOT NULL,
    period TEXT NOT NULL,
    amount TEXT NOT NULL,
    at INTEGER NOT NULL,
    because TEXT NOT NULL CHECK (length(trim(because)) > 0),
    reverses INTEGER UNIQUE REFERENCES spending (seq),
    CHECK ((substr(amount, 1, 1) = '-') = (reverses IS NOT NULL))
) STRICT;
CREATE INDEX spending_of ON spending (account, budget, period);

CREATE TRIGGER act_is_final BEFORE UPDATE ON act
BEGIN SELECT RAISE(ABORT, 'loosening: what a human did is never changed'); END;
CREATE TRIGGER act_is_kept BEFORE DELETE ON act
BEGIN SELECT RAISE(ABORT, 'loosening: what a human did is never deleted'); END;

CREATE TRIGGER halt_is_final BEFORE UPDATE ON halt
BEGIN SELECT RAISE(ABORT, 'loosening: a halt is never changed, only lifted'); END;
CREATE TRIGGER halt_needs_a_human BEFORE DELETE ON halt
WHEN NOT EXISTS (SELECT 1 FROM act WHERE account = OLD.account AND kind = 'resume' AND subject = OLD.code
                 AND at >= OLD.at)
BEGIN SELECT RAISE(ABORT, 'loosening: a halt is lifted by a recorded resume'); END;

CREATE TRIGGER epoch_needs_a_human BEFORE UPDATE ON account_state
WHEN NEW.epoch > OLD.epoch AND NOT EXISTS (
    SELECT 1 FROM act WHERE account = NEW.account AND kind = 'epoch' AND subject = CAST(NEW.epoch AS TEXT))
BEGIN SELECT RAISE(ABORT, 'loosening: a new epoch of an account needs a recorded reason'); END;

CREATE TRIGGER spending_is_final BEFORE UPDATE ON spending
BEGIN SELECT RAISE(ABORT, 'loosening: what was spent is never changed'); END;
CREATE TRIGGER spending_is_kept BEFORE DELETE ON spending
BEGIN SELECT RAISE(ABORT, 'loosening: what was spent is never deleted'); END;
CREATE TRIGGER spending_reverses_itself BEFORE INSERT ON spending
WHEN NEW.reverses IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM spending WHERE seq = NEW.reverses AND account = NEW.account AND budget = NEW.budget
    AND period = NEW.period AND reverses IS NULL AND NEW.amount = '-' || amount
    AND NOT EXISTS (SELECT 1 FROM spending WHERE reverses = NEW.reverses))
BEGIN SELECT RAISE(ABORT, 'loosening: a reversal undoes one whole spending of the same period'); END;
"""

_THIRD: Final = """
ALTER TABLE reservation ADD COLUMN oco_group TEXT;
CREATE INDEX reservation_asked ON reservation (account, caller, issued);

CREATE TRIGGER reservation_keeps_its_group BEFORE UPDATE ON reservation WHEN OLD.oco_group IS NOT NEW.oco_group
BEGIN SELECT RAISE(ABORT, 'loosening: a reservation never joins or leaves a group'); END;
"""

MIGRATIONS: Final[tuple[str, ...]] = (_FIRST, _SECOND, _THIRD)
"""The n-th brings version n to version n + 1."""

VERSION: Final = len(MIGRATIONS)

SCHEMA: Final = 0x381084E9
"""Check figure of all tables, indexes and triggers as `VERSION` has them (`schema_figure`)."""


def version(database: apsw.Connection) -> int:
    """Return the version of the tables; 0 for a new file. A foreign or newer database is refused `state_version`."""
    number = int(database.pragma("user_version"))
    application = int(database.pragma("application_id"))
    tables = database.execute("SELECT count(*) FROM sqlite_schema").get
    if number == application == tables == 0:
        return 0
    if application != APPLICATION:
        unusable("state_version", f"the file belongs to another program (id {application:#x})")
    if not 1 <= number <= VERSION:
        unusable("state_version", f"the database has version {number}, this program knows 1 to {VERSION}")
    return number


def schema_figure(database: apsw.Connection) -> int:
    """Return the check figure of everything the database is made of."""
    objects = fetch(database, "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name")
    return zlib.crc32(repr(objects).encode())


def migrate(database: apsw.Connection, backup: Path | None) -> int:
    """Bring the tables to `VERSION` in one transaction and return the version they had.

    An older database is copied to `backup` first (never over an existing copy); None keeps no copy (in memory).
    """
    before = version(database)
    if before == VERSION:
        if schema_figure(database) != SCHEMA:
            unusable("state_version", f"its tables, or what guards them, are not those of version {VERSION}")
        return before
    if before and backup is not None and not backup.exists():
        _copy(database, backup)
    database.execute("BEGIN IMMEDIATE")
    try:
        current = version(database)  # another process may have brought it up to date meanwhile
        for script in MIGRATIONS[current:]:
            database.execute(script)
        database.pragma("application_id", APPLICATION)
        database.pragma("user_version", VERSION)
    except BaseException:
        database.execute("ROLLBACK")
        raise
    database.execute("COMMIT")
    return before


def _copy(database: apsw.Connection, target: Path) -> None:
    part_file = target.with_name(target.name + ".part")
    part_file.unlink(missing_ok=True)
    copy = apsw.Connection(str(part_file))
    try:
        with copy.backup("main", database, "main") as backup:
            backup.step()
    finally:
        copy.close()
    part_file.rename(target)
