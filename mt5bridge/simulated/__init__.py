"""The embedded paper terminal: the MetaTrader5 module's functions and refusals, on any system."""

from mt5bridge.simulated.module import SimulatedTerminal

__all__ = ["SimulatedTerminal"]
