"""The events of a reservation: the bot's calls, the clock, what a snapshot shows, a human's word."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from portfolio.reservation.hold import Hold


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
    """The holder asked again, and its newer answer takes this one's place."""


class TimePassed(NamedTuple):
    """The clock went on: expires a reservation whose time is over."""


class ClockWentBack(NamedTuple):
    """The clock was set back, so it can't tell whether a reservation's time is over."""


class Restarted(NamedTuple):
    """The holder's process began anew and remembers nothing."""


class Found(NamedTuple):
    """A snapshot shows the order: so many lots filled, so many still waiting at the broker."""

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
    """Whether its history reaches back far enough to show an order that was filled and closed again."""


class Settled(NamedTuple):
    """A human has checked the account and vouches that the order will not come."""


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
