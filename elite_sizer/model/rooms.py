"""Money that may still be lost before each floor of the firm's rules."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from elite_sizer.model.policy import Policy
from elite_sizer.model.request import HoldingPeriod, Request
from portfolio.book.charges import Charge
from portfolio.rules.headroom import Headroom
from portfolio.rules.rooms import FollowingPeak, Room, daily_room, following_peaks, overall_room, room_after_reset
from portfolio.rules.rule_set import Rules


class Rooms(NamedTuple):
    """Money before each floor, net of open risk, reservations and buffer; None is no limit."""

    daily: Room
    after_reset: Room
    """Before the floors that the next reset will set; no limit for a trade that is flat before it."""
    overall: Room
    peaks: tuple[FollowingPeak, ...] = ()
    """One for each floor that follows equity during the day."""

    @property
    def least(self) -> Decimal | None:
        """The smallest of the three rooms; None where none is a limit."""
        least, after, overall = self.daily.money, self.after_reset.money, self.overall.money
        if least is None or (after is not None and after < least):
            least = after
        return overall if least is None or (overall is not None and overall < least) else least


def rooms(rules: Rules, headroom: Headroom, charges: tuple[Charge, ...], policy: Policy, request: Request) -> Rooms:
    """Return the room before each floor after the worst losses of the book and the reservations."""
    buffer = policy.buffer(headroom)
    flat_by = request.flat_by if request.hold is HoldingPeriod.INTRADAY else None
    flat = flat_by is not None and flat_by < headroom.next_reset_utc
    after = Room(None, "flat before the reset") if flat else None
    return Rooms(
        daily_room(rules, headroom, charges, buffer),
        after or room_after_reset(rules, headroom, charges, buffer),
        overall_room(rules, headroom, charges, buffer),
        following_peaks(rules, headroom, charges, buffer),
    )
