"""The life of a reserved size: from the answer a bot was given to the position that the terminal shows.

HELD -> CLAIMED -> WORKING -> CONVERTED is the way of a trade; EXPIRED, CANCELLED and REJECTED are the ways of one
that never came. UNKNOWN (sent, and nobody knows what became of it) and QUARANTINE (its time is over, but the bot
could have sent it) keep counting until evidence resolves them. Whatever is in doubt counts: counting a trade
twice only costs room, counting it never costs the account.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final, NamedTuple

from portfolio.book.charges import Charge
from portfolio.model import Side
from portfolio.rounding import UP, loss_up

LATE: Final = timedelta(seconds=30)
"""How long after its end an order can still be on its way; before that, not finding it proves nothing."""

QUIET: Final = timedelta(seconds=5)
"""Least time between the two snapshots, of one connection, that must both lack a trade before it is given up."""

UNRESOLVED: Final = timedelta(minutes=5)
"""How long an order's fate may stay unknown before a human has to look."""

FIRST_FENCE: Final = 1
"""What a new reservation's holder shows; each claim and each restart makes the next one."""


class State(StrEnum):
    """Where a reservation stands."""

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


class Hold(NamedTuple):
    """What a reservation charges while it counts, in deposit currency; losses are at least 0 and rounded up."""

    symbol: str
    side: Side
    lots: Decimal
    loss: Decimal
    """At the stop, costs included: what today's floors are charged."""
    entry_loss: Decimal
    """At the stop from the entry, costs until after the next reset included."""
    exposure: Decimal
    margin: Decimal
    gain: Decimal | None = None
    """At the target; None without one."""

    def part(self, lots: Decimal) -> Hold:
        """Return what `lots` of these lots charge, each amount rounded up to 1e-8 but never above the whole."""
        if lots >= self.lots:
            return self
        return self._replace(
            lots=lots,
            loss=_share(self.loss, lots, self.lots),
            entry_loss=_share(self.entry_loss, lots, self.lots),
            exposure=_share(self.exposure, lots, self.lots),
            margin=_share(self.margin, lots, self.lots),
            gain=None if self.gain is None else _share(self.gain, lots, self.lots),
        )

    def charge(self, identifier: str) -> Charge:
        """Return the hold as one entry of the book."""
        return Charge(
            "reservation",
            identifier,
            self.symbol,
            self.side,
            self.lots,
            floor_loss=self.loss,
            entry_loss=self.entry_loss,
            open_risk=self.loss,
            gain=self.gain,
            exposure=self.exposure,
            margin=self.margin,
        )


class Reservation(NamedTuple):
    """One reserved size; `id` is the decision's."""

    id: str
    account: str
    caller: str
    signal: str | None
    hold: Hold
    """What still counts: the part that the book does not show yet."""
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
    """When it came into its state."""
    ticket: int | None = None
    absent_since: datetime | None = None
    """First snapshot of `absent_epoch` in which the trade, or the rest of it, was not to be found."""
    absent_epoch: int | None = None
    seen: datetime | None = None
    """Last snapshot that showed the order waiting; history from there on tells what became of it."""
    born: int = 0
    """Number of the event that made it: a snapshot begun before says nothing about it."""
    oco_group: str | None = None
    """Of the reservations with the caller's same group only one will be filled."""

    @property
    def counts(self) -> bool:
        """Whether it uses up room."""
        return self.state in COUNTING


class Claim(NamedTuple):
    """The holder is about to send, at most `hold`."""

    fence: int
    hold: Hold


class Placed(NamedTuple):
    """The terminal took the order under this ticket."""

    ticket: int


class Rejected(NamedTuple):
    """The terminal refused the order with a definite answer."""

    fence: int


class Lost(NamedTuple):
    """The order was sent and no answer came."""

    fence: int


class Cancelled(NamedTuple):
    """The holder will not send, and has not."""

    fence: int


class Replaced(NamedTuple):
    """The holder asked again, and its newer answer stands."""


class TimePassed(NamedTuple):
    """Look at the clock."""


class ClockWentBack(NamedTuple):
    """The clock can't be trusted to tell whether the time is over."""


class Restarted(NamedTuple):
    """The holder's process began anew and remembers nothing."""


class Found(NamedTuple):
    """A snapshot shows the order: so much of it done, so much still waiting at the broker."""

    ticket: int
    filled: Decimal
    waiting: Decimal
    at: datetime
    epoch: int


class Missing(NamedTuple):
    """A snapshot shows nothing of the order."""

    at: datetime
    epoch: int
    complete: bool = True
    """Whether its history reaches back far enough to show an order that is done and closed again."""


class Settled(NamedTuple):
    """A human looked at the account and vouches that the order will not come."""


Event = (
    Claim
    | Placed
    | Rejected
    | Lost
    | Cancelled
    | Replaced
    | TimePassed
    | ClockWentBack
    | Restarted
    | Found
    | Missing
    | Settled
)


def _share(amount: Decimal, lots: Decimal, whole: Decimal) -> Decimal:
    return min(amount, loss_up(UP.divide(UP.multiply(amount, lots), whole)))
