"""Faults of the order being sent: a refusal, a partial fill, slippage, a lost stop, a lost answer."""

from __future__ import annotations

from dataclasses import dataclass

from mt5bridge.simulated.arguments import RefusedError
from mt5bridge.simulated.faults.fault_plan import Fault, FaultyTerminal


@dataclass(frozen=True)
class Retcode(Fault):
    """order_send or order_check answers with this code and does nothing."""

    code: int

    def before(self, terminal: FaultyTerminal, /) -> None:
        terminal.mishap.retcode = self.code


@dataclass(frozen=True)
class PartialFill(Fault):
    """Only this part of a market order finds a counterparty."""

    share: float = 0.5

    def before(self, terminal: FaultyTerminal, /) -> None:
        terminal.mishap.share = self.share


@dataclass(frozen=True)
class Slippage(Fault):
    """This order is filled so many points worse than quoted."""

    points: int = 20

    def before(self, terminal: FaultyTerminal, /) -> None:
        terminal.mishap.slippage_points = self.points


@dataclass(frozen=True)
class LoseStops(Fault):
    """The order is filled but its stop and target are not attached."""

    def before(self, terminal: FaultyTerminal, /) -> None:
        terminal.mishap.loses_stops = True


@dataclass(frozen=True)
class AcceptThenDrop(Fault):
    """The call has its effect, but its answer is lost on the way."""

    code: int = -10002
    text: str = "IPC recv failed"

    def after(self, _answer: object, /) -> object:
        raise RefusedError(self.code, self.text)
