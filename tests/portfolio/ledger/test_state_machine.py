"""Bots ask, send, forget and crash as they like: what can still become a position never exceeds the limit.

The model knows the truth that the ledger has to infer: which orders are on their way, and which can still be sent.
One lot loses 100 at its stop and 1,000 may be lost, so all that is possible must never exceed ten lots.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Final

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from portfolio.ledger import lease
from portfolio.ledger.account_ledger import Held, View
from portfolio.ledger.ledger import mark, reconcile, reservations, reserve
from portfolio.model import ZERO, Deal, Order, Position, Snapshot
from portfolio.reasons import Refusal
from portfolio.reservation.order_matching import tag
from portfolio.reservation.reservation import LATE, Reservation
from portfolio.rounding import lots_down
from portfolio.store.database import Store
from tests.portfolio.ledger_world import ACCOUNT, Decision, after, d, deal, decision, hold, order, position, question
from tests.portfolio.ledger_world import snapshot as look_at

LIMIT: Final = d(10)
"""Lots."""
STEP: Final = d("0.01")
BOTS: Final = ("claims", "sends", "untagged")
LOTS: Final = st.integers(1, 1200).map(lambda steps: steps * STEP)
SECONDS: Final = st.sampled_from((0.5, 3, 6, 11, 35, 100))


@dataclass
class Approval:
    """An approval as its bot holds it, and what really became of its order."""

    id: str
    bot: str
    lots: Decimal
    ends: float
    ticket: int
    fence: int = 1
    claimed: bool = False
    usable: bool = True
    """The bot may still send it."""
    flying: bool = False
    forgotten: bool = False
    """The bot crashed after it sent."""
    open: Decimal = ZERO
    waiting: Decimal = ZERO
    landed: float = 0.0
    done: Decimal = ZERO
    """Lots ever filled."""


class LedgerMachine(RuleBasedStateMachine):
    """Three bots on one account: one claims before it sends, two do not, and the last puts no tag on its orders."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.store = self.opened()
        self.clock = 0.0
        self.approvals: dict[str, Approval] = {}
        self.asked = 0
        self.epoch = 0

    def opened(self) -> Store:
        store = Store.open(Path(self.folder.name) / "state.db", anywhere=True)
        store._database.execute("PRAGMA synchronous = OFF")  # no power is lost here
        return store

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()

    @property
    def now(self) -> datetime:
        return after(self.clock)

    def of(self, bot: str) -> list[Approval]:
        return [one for one in self.approvals.values() if one.bot == bot]

    def snapshot(self) -> Snapshot:
        trades: list[Position | Order | Deal] = []
        for one in self.approvals.values():
            comment = "" if one.bot == "untagged" else tag(one.id)
            if one.done:
                trades.append(deal(one.ticket, str(one.done), at=one.landed, comment=comment))
            if one.open:
                trades.append(position(one.ticket, str(one.open), at=one.landed, comment=comment))
            if one.waiting:
                trades.append(order(one.ticket, str(one.waiting), at=one.landed, comment=comment))
        return look_at(*trades, at=self.clock, epoch=self.epoch)

    def book(self) -> Decimal:
        return sum((one.open + one.waiting for one in self.approvals.values()), ZERO)

    def possible(self) -> Decimal:
        """Lots open, waiting, on their way, or allowed to be sent."""
        coming = ZERO
        for one in self.approvals.values():
            sendable = one.usable and self.clock < one.ends and (one.claimed or one.bot != "claims")
            claimable = one.usable and self.clock < one.ends and one.bot == "claims"
            if one.flying or sendable or claimable:
                coming += one.lots
        return coming + self.book()

    # --- the bots

    @rule(bot=st.sampled_from(BOTS), wanted=LOTS, lasts=st.sampled_from((5, 10, 60)))
    def ask(self, bot: str, wanted: Decimal, lasts: int) -> None:
        for one in self.of(bot):
            if one.flying and not one.forgotten:  # a bot must say so before it asks again
                lease.lost(self.store, one.id, one.fence, "timeout", now=self.now)
        view = View(mark(self.store), self.snapshot())
        self.asked += 1
        name = f"{self.asked:08}"

        def decide(held: tuple[Held, ...]) -> Decision:
            room = LIMIT - self.book() - sum((one.hold.lots for one in held), ZERO)
            lots = lots_down(min(wanted, room), STEP)
            return decision(name, hold(str(lots)) if lots else None, self.now)

        asked = question(caller=bot, fenced=bot == "claims", valid_until=after(self.clock + lasts))
        got = reserve(self.store, ACCOUNT, decide, asked, view, now=self.now)
        if isinstance(got, Refusal):
            assert got.code in {"reservation_unresolved", "halted"}, got
            return
        assert isinstance(got, Decision)
        if got.hold is None:
            return
        for one in self.of(bot):
            one.usable = one.usable and one.claimed
        self.approvals[name] = Approval(name, bot, got.lots, self.clock + lasts, ticket=self.asked)

    @rule(data=st.data())
    @precondition(lambda self: any(one.usable and not one.claimed for one in self.of("claims")))
    def claim(self, data: st.DataObject) -> None:
        one = data.draw(st.sampled_from([one for one in self.of("claims") if one.usable and not one.claimed]))
        got = lease.claim(self.store, one.id, one.fence, now=self.now)
        if isinstance(got, Reservation):
            one.claimed, one.fence = True, got.fence
        else:
            assert self.clock >= one.ends, got
            one.usable = False

    def sendable(self) -> list[Approval]:
        return [
            one
            for one in self.approvals.values()
            if one.usable and self.clock < one.ends and (one.claimed or one.bot != "claims")
        ]

    @rule(data=st.data())
    @precondition(lambda self: self.sendable())
    def send(self, data: st.DataObject) -> None:
        one = data.draw(st.sampled_from(self.sendable()))
        one.usable, one.flying = False, True

    @rule(data=st.data())
    @precondition(lambda self: self.sendable())
    def give_back(self, data: st.DataObject) -> None:
        one = data.draw(st.sampled_from(self.sendable()))
        one.usable = False
        lease.cancel(self.store, one.id, one.fence, now=self.now)

    @rule(bot=st.sampled_from(BOTS))
    def crash(self, bot: str) -> None:
        for one in self.of(bot):
            one.usable, one.forgotten = False, True
        lease.restart(self.store, ACCOUNT, bot, now=self.now)

    # --- the terminal

    def flying(self) -> list[Approval]:
        return [one for one in self.approvals.values() if one.flying]

    @rule(
        data=st.data(),
        filled=st.sampled_from((0, 1, 3, 4)),
        told=st.sampled_from(("yes", "no answer", "silent bot")),
        waits=st.booleans(),
    )
    @precondition(lambda self: self.flying())
    def land(self, data: st.DataObject, filled: int, told: str, waits: bool) -> None:  # noqa: FBT001 -- drawn
        one = data.draw(st.sampled_from(self.flying()))
        one.flying = False
        one.done = one.open = lots_down(one.lots * filled / 4, STEP)
        one.waiting = one.lots - one.open if waits else ZERO
        one.landed = self.clock
        if one.forgotten or told == "silent bot":
            return
        if told == "no answer":
            lease.lost(self.store, one.id, one.fence, "no answer", now=self.now)
        elif one.open or one.waiting:
            lease.placed(self.store, one.id, one.ticket, now=self.now)
        else:
            lease.rejected(self.store, one.id, one.fence, "10019", now=self.now)

    @rule(data=st.data(), what=st.sampled_from(("fill", "delete", "close")))
    @precondition(lambda self: self.book())
    def trade(self, data: st.DataObject, what: str) -> None:
        one = data.draw(st.sampled_from([one for one in self.approvals.values() if one.open or one.waiting]))
        if what == "close":
            one.open = ZERO
            return
        if what == "fill":
            one.open += one.waiting
            one.done += one.waiting
        one.waiting = ZERO

    # --- the world

    @rule(seconds=SECONDS)
    def wait(self, seconds: float) -> None:
        self.clock += seconds
        for one in self.flying():
            if self.clock >= one.ends + LATE.total_seconds():
                one.flying = False

    @rule()
    def look(self) -> None:
        got = reconcile(self.store, ACCOUNT, View(mark(self.store), self.snapshot()), now=self.now)
        assert not isinstance(got, Refusal), got

    @rule()
    def reconnect(self) -> None:
        self.epoch += 1

    @rule()
    def reopen(self) -> None:
        self.store.close()
        self.store = self.opened()

    @rule()
    @precondition(lambda self: not self.flying() and not self.sendable())
    def rest(self) -> None:
        """An hour later everything is resolved, except what still waits at the broker, or may be the untagged bot's."""
        for seconds in (3600, 10):
            self.wait(seconds)
            self.look()
        left = {one.id for one in reservations(self.store, ACCOUNT, now=self.now)}
        waiting = {one.id for one in self.approvals.values() if one.waiting}
        assert left >= waiting - {one.id for one in self.of("untagged")}
        assert left == waiting or self.of("untagged")

    # --- what must hold

    @invariant()
    def what_is_possible_fits_the_limit(self) -> None:
        assert self.possible() <= LIMIT

    @invariant()
    def what_is_possible_is_counted(self) -> None:
        held = sum((one.hold.lots for one in reservations(self.store, ACCOUNT, now=self.now)), ZERO)
        assert held + self.book() >= self.possible()

    @invariant()
    def reservations_end_once(self) -> None:
        with self.store.read() as database:
            ends = database.execute(
                "SELECT max(n) FROM (SELECT count(*) AS n FROM reservation_event WHERE state IN"
                " ('CONVERTED', 'EXPIRED', 'CANCELLED', 'REJECTED') AND because NOT LIKE 'late_use%' GROUP BY id)"
            ).get
        assert ends in {None, 1}


TestLedger = LedgerMachine.TestCase
WANTED: Final = settings().max_examples
TestLedger.settings = settings(stateful_step_count=40, max_examples=WANTED if WANTED > 1000 else min(WANTED, 150))
