"""A plan of faults for tests: which call of which terminal function goes wrong, and a count of the calls so far.

The faults themselves are in `mt5bridge.simulated.faults.faults`.
"""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple, Protocol

from mt5bridge.simulated.broker.broker import Broker
from mt5bridge.simulated.broker.execution import Mishap
from mt5bridge.simulated.market.clock import VirtualClock
from mt5bridge.simulated.market.market import PaperMarket

EVERY = "*"
"""Instead of a function's name: the n-th call of all."""


class FaultyTerminal(Protocol):
    """The parts of the paper terminal that a fault may damage."""

    clock: VirtualClock
    market: PaperMarket
    broker: Broker
    mishap: Mishap
    attached: bool

    def lose_broker(self) -> None: ...

    def switch_account(self, login: int, balance: float, *, currency: str = "", server: str = "") -> None: ...


class Fault:
    """Nothing wrong: the faults override one of the two methods."""

    def before(self, terminal: FaultyTerminal, /) -> None:
        """Act before the call is answered."""

    def after(self, answer: object, /) -> object:
        """Return the answer that the caller gets instead."""
        return answer


class Planned(NamedTuple):
    """A fault at the n-th call (from 1; 0: at every call) of a function, or of any function (`*`)."""

    call: str
    nth: int
    fault: Fault


class FaultPlan:
    """The faults to come, and the calls so far."""

    def __init__(self) -> None:
        self.planned: list[Planned] = []
        self.calls: list[str] = []
        self._counts: Counter[str] = Counter()

    def add(self, call: str, nth: int, fault: Fault) -> FaultPlan:
        """Plan another fault; counting starts at the plan's first call."""
        self.planned.append(Planned(call, nth, fault))
        return self

    def count_call(self, call: str) -> list[Fault]:
        """Count a call and return its faults."""
        self.calls.append(call)
        self._counts.update((call, EVERY))
        return [fault for name, nth, fault in self.planned if name in (call, EVERY) and nth in (0, self._counts[name])]
