"""Stop a bot that runs away: too many orders of one caller in a minute or a day, and it waits for a human.

Counted are reservations that became an order, were rejected as an order, or still may become one; a reservation that
was given back or ran out unsent cost nothing. (RTS 6, article 15(3): a repeated automated execution throttle,
re-enabled by designated staff.)
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, NamedTuple

import apsw

from portfolio.ledger.halts import Halt, scope_of, write_halt
from portfolio.reasons import Refusal, refuse
from portfolio.store.rows import fetch, microseconds

MINUTE: Final = timedelta(minutes=1)
DAY: Final = timedelta(days=1)


class Throttle(NamedTuple):
    """The most reservations of one caller on one account; 0 is no limit."""

    per_minute: int = 0
    per_day: int = 0


def runaway(
    database: apsw.Connection, account: str, caller: str, throttle: Throttle, now: datetime, *, giving_way: int = 0
) -> Refusal | None:
    """Return why one more reservation is too many, and halt the caller by it; None where it is not.

    `giving_way` are the caller's own holds that the new one replaces. An unnamed caller is the whole account. Inside
    the caller's transaction.
    """
    if not (throttle.per_minute or throttle.per_day):
        return None
    query = (
        "SELECT count(*), coalesce(sum(issued > ?), 0) FROM reservation"
        " WHERE account = ? AND caller = ? AND issued > ? AND state NOT IN ('CANCELLED', 'EXPIRED')"
    )
    values = (microseconds(now - MINUTE), account, caller, microseconds(now - DAY))
    [(day, minute)] = fetch(database, query, values)
    for count, most, span in ((minute, throttle.per_minute, "minute"), (day, throttle.per_day, "day")):
        if most and count - giving_way >= most:
            callers = f"caller {caller!r}" if caller else "callers without a name"
            refusal = refuse("throttle", f"{count} reservations of {callers} in a {span}, at most {most}")
            write_halt(database, Halt(scope_of(account, caller), refusal.code, refusal.detail, now))
            return refusal
    return None
