"""The broker's clock, and its times in UTC.

The terminal writes the server's wall clock as an epoch, whatever its documentation says. Most brokers run seven hours
ahead of New York all year round, so that the trading day ends at 17:00 there; some follow Berlin, Athens or London.
A `ServerClock` is such a rule, so history on the other side of a clock change is read rightly too; a plain number of
seconds, where no rule explains it, holds only until the next change and is refused beyond.

`settle_clock` finds the rule: the override if there is one, else the model, if the newest tick agrees with it, else
the offset that the tick suggests, once it is certain that the tick is fresh.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from mt5bridge.errors import MomentError
from portfolio.reasons import refuse

QUARTER: Final = 900
"""Offsets are whole quarters of an hour."""
FARTHEST: Final = 15 * 3600
FRESH: Final = 60.0
"""Seconds: a tick older than this says nothing about the clock."""
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
AHEAD: Final = 2.0
"""Seconds by which a tick may seem to come from the future, since no two clocks agree."""
SEASON: Final = 60 * 86_400
"""Seconds: clocks never change twice within so short a time."""
SWITCHES: Final = ("America/New_York", "Europe/Berlin")
"""Zones at whose clock changes a broker may change too."""


@dataclass(frozen=True, slots=True)
class ServerClock:
    """A broker's clock: the wall clock of `zone`, put forward by `shift` seconds."""

    zone: str = "America/New_York"
    shift: int = 7 * 3600
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    """Set where the zone is only a guess for a plain offset: outside, the offset is unknown."""

    def offset(self, at: datetime) -> int:
        """Return by how many seconds the clock is ahead of UTC at a UTC instant; `MomentError` outside its validity."""
        self._check(at)
        return _utc_offset(self.zone, at) + self.shift

    def to_utc(self, server_epoch: float) -> datetime:
        """Return the instant at which this clock shows `server_epoch`; an hour shown twice is read as the first."""
        wall = EPOCH + timedelta(seconds=server_epoch - self.shift)
        at = wall.replace(tzinfo=ZoneInfo(self.zone)).astimezone(UTC)
        self._check(at)
        return at

    def all_to_utc(self, server_epochs: Sequence[int]) -> tuple[int, ...]:
        """Return the UTC epochs of ascending server epochs, as `to_utc` would one by one, but quickly."""
        if not server_epochs:
            return ()
        first, last = server_epochs[0], server_epochs[-1]
        ahead = first - int(self.to_utc(first).timestamp())
        if last - first < SEASON and last - int(self.to_utc(last).timestamp()) == ahead:
            return tuple(epoch - ahead for epoch in server_epochs)
        if len(server_epochs) == 1:
            return (first - ahead,)
        middle = len(server_epochs) // 2
        return self.all_to_utc(server_epochs[:middle]) + self.all_to_utc(server_epochs[middle:])

    def to_server(self, at: datetime) -> int:
        """Return this clock's time at a UTC instant, as the epoch that the terminal would write."""
        return int(at.timestamp()) + self.offset(at)

    def _check(self, at: datetime) -> None:
        early = self.valid_from is not None and at < self.valid_from
        late = self.valid_until is not None and at >= self.valid_until
        if early or late:
            detail = (
                f"an offset of {self.shift} s is known only from {self.valid_from} to {self.valid_until}, "
                f"not for {at}: clocks may have changed between; name the broker's zone"
            )
            raise MomentError(refuse("server_offset_unknown", detail))


NEW_YORK_CLOSE: Final = ServerClock()
COMMON_CLOCKS: Final = (
    NEW_YORK_CLOSE,
    ServerClock("Europe/Athens", 0),
    ServerClock("Europe/Berlin", 0),
    ServerClock("Europe/London", 0),
)
"""The rules that brokers use, the commonest first."""


def _utc_offset(zone: str, at: datetime) -> int:
    shift = at.astimezone(ZoneInfo(zone)).utcoffset()
    return 0 if shift is None else int(shift.total_seconds())


def fixed(offset: int, at: datetime) -> ServerClock:
    """Return the rule for a plain offset that was true at `at`: a common clock if it fits, else a rule with an end.

    The end is the next clock change of New York or Berlin after `at`, the beginning the last one before.
    """
    for clock in COMMON_CLOCKS:
        if clock.offset(at) == offset:
            return clock
    begin, end = _between_changes(at.replace(minute=0, second=0, microsecond=0))
    return ServerClock("UTC", offset, begin, end)


@lru_cache(maxsize=64)
def _between_changes(hour: datetime) -> tuple[datetime, datetime]:
    def same(at: datetime) -> bool:
        return all(_utc_offset(zone, at) == _utc_offset(zone, hour) for zone in SWITCHES)

    begin = end = hour
    for step in (timedelta(days=1), timedelta(hours=1)):
        while same(begin - step) and hour - begin < timedelta(days=366):
            begin -= step
        while same(end + step) and end - hour < timedelta(days=366):
            end += step
    return begin, end + timedelta(hours=1)


def parse(text: str) -> ServerClock | int:
    """Return the rule that a user wrote; ValueError where the text is no rule.

    Seconds ("10800"), a zone ("Europe/Berlin"), or a zone and seconds to add ("America/New_York+25200").
    """
    if text.strip().removeprefix("-").isdigit():
        return int(text)
    if (whole := _zone(text.strip())) is not None:
        return ServerClock(whole, 0)
    name, sign, shift = text.strip().rpartition("+")
    if sign and shift.isdigit() and (zone := _zone(name)) is not None:
        return ServerClock(zone, int(shift))
    message = f"{text!r} is neither seconds nor a time zone such as Europe/Berlin or America/New_York+25200"
    raise ValueError(message)


def _zone(name: str) -> str | None:
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def measure(newest_tick: float, now: datetime) -> tuple[int, float]:
    """Return the offset that the newest tick suggests, rounded to 15 minutes, and the tick's age under it (seconds).

    `newest_tick` is a server epoch. A tick that is k quarters old suggests k quarters too little, so the answer is a
    lower bound unless the tick is known to be fresh.
    """
    ahead = newest_tick - now.timestamp()
    offset = round(ahead / QUARTER) * QUARTER
    return offset, offset - ahead


def settle_clock(
    newest_tick: float | None,
    now: datetime,
    *,
    override: ServerClock | int | None = None,
    believed: ServerClock | None = None,
    moving: bool = False,
) -> ServerClock | None:
    """Return the broker's clock, or None where the tick contradicts the model and it is not certain to be fresh.

    `believed` is a rule that a fresh tick has confirmed since clocks last changed: it is kept, and a tick that does not
    fit it is stale or wrong. Without it the model is New York + 7 h. A tick ahead of the model can't be a stale one,
    so its offset is taken; a tick behind the model only if it is `moving`: it advanced between two readings.
    """
    if override is not None:
        return override if isinstance(override, ServerClock) else fixed(override, now)
    if believed is not None:
        return believed
    if newest_tick is None or agrees(NEW_YORK_CLOSE, newest_tick, now):
        return NEW_YORK_CLOSE
    offset, age = measure(newest_tick, now)
    if not -AHEAD <= age <= FRESH or abs(offset) > FARTHEST:
        return NEW_YORK_CLOSE
    if moving or offset > NEW_YORK_CLOSE.offset(now):
        return fixed(offset, now)
    return None


def agrees(clock: ServerClock, newest_tick: float, now: datetime) -> bool:
    """Whether the tick is fresh by this clock."""
    return -AHEAD <= now.timestamp() + clock.offset(now) - newest_tick <= FRESH


def same_season(first: datetime, second: datetime) -> bool:
    """Whether no broker's clock can have changed between two instants, by the zones that brokers follow."""
    return all(_utc_offset(zone, first) == _utc_offset(zone, second) for zone in SWITCHES)


def utc(at: datetime) -> datetime:
    """Return `at` in UTC; a naive time is refused with ValueError, since nobody knows whose clock it is."""
    if at.tzinfo is None:
        message = f"{at} has no time zone"
        raise ValueError(message)
    return at.astimezone(UTC)
