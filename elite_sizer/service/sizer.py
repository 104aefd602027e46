"""Size trades from Python: one object that owns the terminal, the configuration and the record.

    sizer = Sizer.from_config("elite-sizer.toml")
    decision = sizer.size(TradeIdea("EURUSD", "buy", stop=1.0827, confidence=0.75))

A refusal is a decision with 0 lots and a reason; it never raises. What raises is a configuration that can't be read
(ConfigError), a terminal that can't be opened (BridgeError), and a bug of ours.
"""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from elite_sizer.configuration.flag import FlagReader, FlagReading
from elite_sizer.configuration.plan import plan
from elite_sizer.configuration.reload import Reloader
from elite_sizer.configuration.settings import Settings, load
from elite_sizer.configuration.stop_file import stopped
from elite_sizer.inputs.market_study import Research
from elite_sizer.inputs.terminals import RECORDING, TERMINALS, OpenTerminal, open_terminal
from elite_sizer.journal.database import open_database
from elite_sizer.journal.files import Journal
from elite_sizer.journal.recorder import Recorder
from elite_sizer.journal.verify import plans, restored
from elite_sizer.model.breakdown import Envelope
from elite_sizer.request.idea import TradeIdea
from elite_sizer.service.decide import decide
from elite_sizer.service.scope import CallServices, EntryInputs, SizeCall
from elite_sizer.sizers import SIZERS
from elite_sizer.sizing.decision import Decision
from elite_sizer.sizing.decision_id import RANDOM_BYTES, identifier
from elite_sizer.sizing.registry import find
from elite_sizer.statistics.lookup import StatisticsCache
from elite_sizer.version import VERSION
from portfolio.errors import ConfigError, StoreError
from portfolio.ledger import lease
from portfolio.reasons import Refusal, refuse
from portfolio.reservation.reservation import FIRST_FENCE, Reservation
from portfolio.rules.rule_set import Rules
from portfolio.store.database import Store

log = logging.getLogger(__name__)

BOT_TTL: Final = timedelta(seconds=10)
"""Time a bot may use an answer: longer than any order takes to be sent, shorter than a quote stays true."""


class Sizer:
    """Sizes trades on one account; use it in a `with` block, or close it."""

    def __init__(
        self,
        reloader: Reloader,
        terminal: OpenTerminal,
        recorder: Recorder,
        *,
        caller: str = "",
        noise: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self.reloader = reloader
        self.terminal = terminal
        self.recorder = recorder
        self.caller = caller
        self._noise = noise
        self._flags = FlagReader(reloader.settings.folder)
        self._cache = StatisticsCache(None if recorder.failure else recorder.store)
        self._research = lru_cache(maxsize=4)(lambda settings: Research(settings, self._cache))
        self._flag_alarm: str | None = None
        self._logged: tuple[str, ...] = ()
        self._fences: dict[str, int] = {}

    @classmethod
    def from_config(
        cls,
        path: str | Path | None = None,
        *,
        options: Mapping[str, object] | None = None,
        caller: str = "",
        now: datetime | None = None,
    ) -> Self:
        """Open the terminal and the record that the configuration names; `options` are its keys ("account.initial").

        `caller` names one bot: its newer answer replaces its own unclaimed hold. `now` sets the clock of a terminal
        whose time does not run. A recording or the simulated terminal keeps its state in memory unless the user's
        configuration names a store, so that trying things out never touches the record of a real account.
        """
        settings = _load_settings(path, options)
        terminal = open_terminal(settings, now)
        recorder = _recorder(settings, terminal)
        return cls(Reloader(lambda: _load_settings(path, options), settings), terminal, recorder, caller=caller)

    @classmethod
    def offline(
        cls,
        capture: str | Path,
        path: str | Path | None = None,
        *,
        options: Mapping[str, object] | None = None,
        now: datetime | None = None,
    ) -> Self:
        """Size on a captured moment, without a terminal."""
        recording = {"terminal.name": RECORDING, "terminal.recording": str(capture)}
        return cls.from_config(path, options={**(options or {}), **recording}, now=now)

    def close(self) -> None:
        """Close terminal and database."""
        self.recorder.close()
        self.terminal.close()

    @property
    def desk(self) -> OpenTerminal:
        """The first version's name of `terminal`; goes with the next release, as `desk.terminal` does."""
        warnings.warn("Sizer.desk is now Sizer.terminal", DeprecationWarning, stacklevel=2)
        return self.terminal

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def size(
        self,
        idea: TradeIdea,
        *,
        reserve: bool = True,
        also: tuple[str, ...] = (),
        idempotency_key: str | None = None,
        ttl: timedelta = BOT_TTL,
        fenced: bool = False,
    ) -> Decision:
        """Return the number of lots to trade, and why; with `reserve` the room they need is reserved for `ttl`.

        `also` names sizers to show beside the answer (ConfigError for one there is none of). The same
        `idempotency_key` with the same idea returns the stored answer. `fenced` promises to `claim` before sending,
        which frees an expired hold at once.
        """
        settings = self.reloader.refresh()
        call = SizeCall(idea, reserve=reserve, key=idempotency_key, fenced=fenced, caller=self.caller)
        envelope = self._envelope(self.terminal.clock(), settings, ttl)
        return decide(call, self._services(settings, also), envelope)

    @property
    def alarms(self) -> tuple[str, ...]:
        """Faults that a person must mend though decisions go on: a configuration not taken over, an unreadable flag."""
        return tuple(alarm for alarm in (self.reloader.alarm, self._flag_alarm) if alarm)

    def claim(self, decision: Decision) -> Reservation | Refusal:
        """Say that the order is about to be sent; only the lots that come back may be."""
        reservation = self._with_store(
            lambda store: lease.claim(store, decision.id, self._fence(decision), now=self.terminal.clock())
        )
        if not isinstance(reservation, Refusal):
            self._fences[decision.id] = reservation.fence
        return reservation

    def placed(self, decision: Decision, ticket: int) -> Reservation | Refusal:
        """Say under which ticket the terminal took the order."""
        return self._with_store(lambda store: lease.placed(store, decision.id, ticket, now=self.terminal.clock()))

    def rejected(self, decision: Decision, because: str) -> Reservation | Refusal:
        """Say that the terminal refused the order with a definite code; its room is free at once."""
        fence, now = self._fence(decision), self.terminal.clock()
        return self._with_store(lambda store: lease.rejected(store, decision.id, fence, because, now=now))

    def lost(self, decision: Decision, because: str) -> Reservation | Refusal:
        """Say that the order was sent and no definite answer came; its room counts until evidence resolves it."""
        fence, now = self._fence(decision), self.terminal.clock()
        return self._with_store(lambda store: lease.lost(store, decision.id, fence, because, now=now))

    def cancel(self, decision: Decision) -> Reservation | Refusal:
        """Say that the order was not sent and will not be; its room is free at once."""
        return self._with_store(
            lambda store: lease.cancel(store, decision.id, self._fence(decision), now=self.terminal.clock())
        )

    def _with_store(self, change: Callable[[Store], Reservation | Refusal]) -> Reservation | Refusal:
        try:
            return change(self.recorder.store)
        except StoreError as error:
            return error.reason

    def _services(self, settings: Settings, also: tuple[str, ...]) -> CallServices:
        reading = self._flags.read(settings)
        self._flag_alarm = reading.alarm
        self._log_alarms()
        return CallServices(
            settings=settings,
            flag=reading.flag,
            inputs=self._entry_inputs(settings, reading, also),
            stop=stopped(settings.folder),
            terminal=self.terminal,
            recorder=self.recorder,
            restore=lambda line: restored(line.rstrip(b"\n"), plans(self.recorder.journal, settings)),
        )

    def _entry_inputs(self, settings: Settings, reading: FlagReading, also: tuple[str, ...]) -> EntryInputs | Refusal:
        """Return plan, rules and figures for entries, or what is wrong with them: that must not block an exit."""
        for name in also:
            find(SIZERS, name, "sizer")
        if reading.flag is None:
            return reading.refusal or refuse("flag_unreadable", "there is no flag")
        try:
            sizing_plan, research = plan(settings, reading.flag, also), self._research(settings)
        except Exception as error:  # noqa: BLE001 - a caller's own legacy sizer may fail in any way when it is loaded
            return refuse("config_invalid", f"{type(error).__name__}: {error}")
        rules = _rules(settings)
        return rules if isinstance(rules, Refusal) else EntryInputs(sizing_plan, rules, research)

    def _log_alarms(self) -> None:
        if self.alarms != self._logged:
            self._logged = self.alarms
            for alarm in self._logged:
                log.error("%s", alarm)

    def _envelope(self, at: datetime, settings: Settings, ttl: timedelta) -> Envelope:
        return Envelope(
            id=identifier(at, self._noise(RANDOM_BYTES)),
            at=at,
            ttl=ttl,
            terminal=self.terminal.name,
            config_digest=settings.digest,
            version=VERSION,
            magic=settings.orders.magic,
            deviation_points=settings.orders.deviation_points,
        )

    def _fence(self, decision: Decision) -> int:
        return self._fences.get(decision.id, FIRST_FENCE)


def _load_settings(path: str | Path | None, options: Mapping[str, object] | None) -> Settings:
    """Return the configuration after its sizers and caps were made once, so that a wrong value is refused at once."""
    settings = load(path, options=options)
    flag = FlagReader(settings.folder).read(settings).flag
    try:
        if flag is not None:
            plan(settings, flag)
    except ConfigError:
        raise
    except Exception as error:
        message = f"{settings.legacy} can't be loaded: {type(error).__name__}: {error}."
        raise ConfigError(message) from error
    return settings


def _rules(settings: Settings) -> Rules | Refusal:
    try:
        return settings.firm_rules
    except ConfigError as error:
        return refuse("rules_unknown", str(error))


def _recorder(settings: Settings, terminal: OpenTerminal) -> Recorder:
    """Open the record; where it can't be opened, nothing can be approved, and exits still can."""
    journal = Journal(settings.folder)
    if TERMINALS[terminal.name].memory_store and not settings.by_user("store.path"):
        return Recorder(Store.memory(), journal)
    try:
        store = open_database(settings, terminal.clock())
    except StoreError as error:
        return Recorder(None, journal, error.reason)
    return Recorder(store, journal)
