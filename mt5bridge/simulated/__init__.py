"""The embedded paper terminal: the MetaTrader5 module's functions and refusals, on any system."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mt5bridge.simulated.module import SimulatedTerminal

__all__ = ["SimulatedTerminal"]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - the one public name, loaded when asked for
    if name != "SimulatedTerminal":
        raise AttributeError(name)
    from mt5bridge.simulated.module import SimulatedTerminal  # noqa: PLC0415 - rows alone need no broker

    return SimulatedTerminal
