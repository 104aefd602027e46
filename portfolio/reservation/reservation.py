"""A reserved size and its states: from the answer a bot was given to the position that the terminal shows.

HELD -> CLAIMED -> WORKING -> CONVERTED is the life of a trade; EXPIRED, CANCELLED and REJECTED end one that never
came. UNKNOWN (sent, and no answer came) and QUARANTINE (its time is over, but the bot could have sent it) keep counting
until a snapshot resolves them. Whatever is in doubt counts: counting a trade twice only costs room, not counting it
can cost the account.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final, NamedTuple

from portfolio.reservation.hold import Hold

LATE: Final = timedelta(seconds=30)
"""Time after its end in which an order can still be on its way; until then a missing order proves nothing."""

QUIET: Final = timedelta(seconds=5)
"""Least time between the two snapshots, of one connection, that must both lack a trade before it is given up."""

UNRESOLVED: Final = timedelta(minutes=5)
"""Time an order's fate may stay unknown before a human has to check the account."""

FIRST_FENCE: Final = 1
"""Number that the holder of a new reservation must show; each claim and each restart makes it one higher."""


class State(StrEnum):
    """State of a reservation."""

    HELD = "HELD"
    CLAIMED = "CLAIMED"
    WORKING = "WORKING"
    UNKNOWN = "UNKNOWN"
    QUARANTINE = "QUARANTINE"
    CONVERTED = "CONVERTED"
    EXPIRED = "EXPIRED"
    CANCELLED = "CANCELLED"
    REJECTED = "REJECTED"


COUNTING: Final = frozenset((State.HELD, State.CLAIMED, State.WORKING, State.UNKNOWN, State.QUARANTINE))
"""The states that use up room; the others are final."""


class Reservation(NamedTuple):
    """One reserved size; `id` is the decision's."""

    id: str
    account: str
    caller: str
    signal: str | None
    hold: Hold
    """The part that still counts, since the book does not show it yet."""
    whole: Decimal
    """Lots of the order as it may be sent; falls only when it is claimed."""
    state: State
    fence: int
    fenced: bool
    """True where the holder promised to claim before it sends, so that an expired reservation can't be used."""
    magic: int
    issued: datetime
    valid_until: datetime
    since: datetime
    """Time of its last change of state."""
    ticket: int | None = None
    absent_since: datetime | None = None
    """First snapshot of `absent_epoch` that lacked the trade, or the rest of it."""
    absent_epoch: int | None = None
    seen: datetime | None = None
    """Last snapshot that showed the order waiting; the history from there on shows how it ended."""
    born: int = 0
    """Number of its first event: a snapshot begun before says nothing about it."""
    oco_group: str | None = None
    """Of the reservations with the caller's same group only one will be filled."""

    @property
    def counts(self) -> bool:
        """Whether the reservation counts against the rooms."""
        return self.state in COUNTING
