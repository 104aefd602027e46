"""Memory of one terminal between two snapshots: the pinned account, the broker's clock, the contracts seen last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from mt5bridge.errors import AccountChangedError, MomentError, SpecChangedError
from mt5bridge.reading.fields import Raw, text, whole_number
from mt5bridge.reading.server_time import FRESH, ServerClock, agrees, same_season, settle_clock
from portfolio.model import SymbolSpec
from portfolio.reasons import refuse

BACKWARDS: Final = timedelta(seconds=2)
JUMP: Final = Decimal("0.2")
"""Change of a contract's size, tick or tick value (as a part of it) that a human must acknowledge."""
WATCHED: Final = ("contract_size", "tick_size", "tick_value_loss")


@dataclass(slots=True)
class Memory:
    """The state of one terminal, handed to every `take`; a new one is empty and trusts the first account."""

    pin: tuple[str, int] | None = None
    """(server, login): the only account that may answer; where None is given, the first that does."""
    override: ServerClock | int | None = None
    """The user's own word on the broker's clock."""
    clock: ServerClock | None = None
    """The rule measured last; worth saving between runs, since a closed market shows no fresh quote to measure."""
    confirmed_at: datetime | None = None
    """Time at which a fresh quote last agreed with it."""
    strikes: int = 0
    """Consecutive moments with a foreign account."""
    epoch: int | None = None
    generation: int = 0
    taken_at: datetime | None = None
    specs: dict[str, SymbolSpec] = field(default_factory=dict)
    last_ticks: dict[str, tuple[float, datetime]] = field(default_factory=dict)
    """By symbol: the server time of its newest tick, and when we first had it."""
    newest: tuple[float, datetime] | None = None
    """Server time of the newest tick of all, and when it was read."""

    def check_account(self, *rows: Raw) -> None:
        """Pin the account, or refuse another one: `account_changed`, with `latch` from the second time in a row."""
        for row in rows:
            account = (text(row, "server", "account_info"), whole_number(row, "login", "account_info"))
            if self.pin is not None and account != self.pin:
                self.strikes += 1
                raise AccountChangedError(self.pin, account, latch=self.strikes > 1)
            self.pin = account
        self.strikes = 0

    def advance(self, at: datetime) -> None:
        """Note the time; `clock_suspect` where this computer's clock has gone back."""
        before, self.taken_at = self.taken_at, at
        if before is not None and at < before - BACKWARDS:
            detail = f"this computer's clock went back by {(before - at).total_seconds():.1f} s, to {at}"
            raise MomentError(refuse("clock_suspect", detail))

    def moving(self, newest: float | None, at: datetime) -> bool:
        """Whether the newest tick has advanced since a reading within the last minute: then it is fresh."""
        before = self.newest
        if newest is not None:
            self.newest = (newest, at)
        if before is None or newest is None:
            return False
        return newest > before[0] and (at - before[1]).total_seconds() <= FRESH

    def believed(self, at: datetime) -> ServerClock | None:
        """Return the rule measured before, None where no quote confirmed it or clocks may have changed since."""
        same_clock = self.confirmed_at is not None and same_season(self.confirmed_at, at)
        return self.clock if same_clock else None

    def override_at(self, terminal: object) -> ServerClock | int | None:
        """Return the broker's clock as the user configured it, else as a recording states it."""
        offset: ServerClock | int | None = getattr(terminal, "server_utc_offset", None)
        return offset if self.override is None else self.override

    def server_clock(
        self, terminal: object, newest: float | None, at: datetime, *, moving: bool = False
    ) -> ServerClock | None:
        """Return the broker's clock, None where only a moving quote shows it; `newest` as for `settle_clock`."""
        override = self.override_at(terminal)
        return settle_clock(newest, at, override=override, believed=self.believed(at), moving=moving)

    def confirm(self, clock: ServerClock, newest: float | None, at: datetime) -> None:
        """Record the rule, and the time where a fresh quote agrees with it."""
        self.clock = clock
        if newest is not None and agrees(clock, newest, at):
            self.confirmed_at = at

    def seconds_unchanged(self, symbol: str, tick: float, at: datetime) -> float:
        """Return the seconds for which the terminal has shown this very tick: its least age by any clock."""
        last_tick = self.last_ticks.get(symbol)
        if last_tick is None or last_tick[0] != tick:
            self.last_ticks[symbol] = (tick, at)
            return 0.0
        return (at - last_tick[1]).total_seconds()

    def check_specs(self, specs: Mapping[str, SymbolSpec]) -> None:
        """Refuse a contract that jumped (`spec_changed`) until it is acknowledged; remember the others."""
        for name, new in specs.items():
            old = self.specs.setdefault(name, new)
            for field_name in WATCHED:
                before, after = getattr(old, field_name), getattr(new, field_name)
                if abs(after - before) > JUMP * before:
                    raise SpecChangedError(name, f"{field_name} was {before}, now it is {after}")
            self.specs[name] = new

    def acknowledge(self, symbol: str) -> None:
        """Accept a changed contract: the next moment's is taken as it is."""
        self.specs.pop(symbol, None)
