"""When things go wrong at a terminal: a plan of faults at the n-th call of a function, and the calls so far.

The faults themselves are in `mt5bridge.simulated.faults.faults`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from mt5bridge.simulated.functions.session import Session

EVERY = "*"
"""Stands for any function: the n-th call of all."""


class Fault:
    """Nothing wrong: what the faults below change."""

    def before(self, desk: Session) -> None:
        """Act before the call is answered."""

    def after(self, answer: Any) -> Any:  # noqa: ANN401 - a call's answer, whatever it is
        """Return what the caller gets instead of the answer."""
        return answer


class Mishap:
    """What befalls the one order that is being sent."""

    def __init__(self) -> None:
        self.retcode: int | None = None
        self.share: float | None = None
        self.slippage_points = 0
        self.loses_stops = False


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

    @classmethod
    def from_rows(cls, rows: Iterable[Mapping[str, Any]]) -> FaultPlan:
        """Make a plan of rows like `{"call": "symbol_info", "nth": 2, "fault": "nan", "column": "point"}`."""
        from mt5bridge.simulated.faults.faults import FAULTS  # noqa: PLC0415 - most terminals run without any

        plan = cls()
        for row in rows:
            settings = {name: value for name, value in row.items() if name not in ("call", "nth", "fault")}
            plan.add(row["call"], row["nth"], FAULTS[row["fault"]](**settings))
        return plan

    def add(self, call: str, nth: int, fault: Fault) -> FaultPlan:
        """Plan one more fault; counting starts at the plan's first call."""
        self.planned.append(Planned(call, nth, fault))
        return self

    def due(self, call: str) -> list[Fault]:
        """Count a call and return what befalls it."""
        self.calls.append(call)
        self._counts.update((call, EVERY))
        return [fault for name, nth, fault in self.planned if name in (call, EVERY) and nth in (0, self._counts[name])]
