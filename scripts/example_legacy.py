"""The bot as it was: signals from the market and a sizer of its own, here on the paper terminal.

The two options of the integration guide (example_option_a.py, example_option_b.py) begin from this.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mt5bridge.simulated import SimulatedTerminal

SYMBOLS = ("USOIL", "EURUSD", "XAUUSD", "US500")
HOURS = 4
BARS = 24


class LegacySizer:
    """A fixed 1.1 % of the account over the stop, up to whatever the broker takes."""

    def calculate_position_size(self, **signal: Any) -> dict[str, Any]:  # noqa: ANN401 - the guide's 20 arguments
        """Return the lots in the guide's form."""
        ticks = abs(signal["entry_price"] - signal["stop_loss"]) / signal["tick_size"]
        lots = signal["account_balance"] * 0.011 / (ticks * signal["tick_value"])
        steps = int(min(lots, signal["max_lot_broker"]) / signal["lot_step"])
        return {"lot_size": round(steps * signal["lot_step"], 8)}


def signals() -> Iterator[dict[str, Any]]:
    """Yield one signal an hour, as the guide's call takes it: a long after a rise, a short after a fall."""
    mt5 = SimulatedTerminal.demo()
    for hour in range(HOURS):
        mt5.advance(3600)
        yield _signal(mt5, SYMBOLS[hour % len(SYMBOLS)])


def _open(mt5: Any, position: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return an open position with the money from here to its stop, which the terminal itself reckons."""
    now, stop = position.price_current, position.sl
    result = mt5.order_calc_profit(position.type, position.symbol, position.volume, now, stop)
    return {"symbol": position.symbol, "type": position.type, "risk": max(0.0, -result)}


def _signal(mt5: Any, symbol: str) -> dict[str, Any]:  # noqa: ANN401 - the package has no types
    mt5.symbol_select(symbol, True)  # noqa: FBT003 - the package's own call
    info, tick, account = mt5.symbol_info(symbol), mt5.symbol_info_tick(symbol), mt5.account_info()
    bars = mt5.copy_rates_from_pos(symbol, mt5.TIMEFRAME_H1, 0, BARS)
    atr = sum(float(bar["high"] - bar["low"]) for bar in bars) / BARS
    sign = 1 if bars[-1]["close"] > bars[0]["open"] else -1
    entry = tick.ask if sign > 0 else tick.bid
    return {
        "account_balance": account.balance,
        "ml_confidence": 75.0,
        "market_score": 68.0,
        "entry_price": entry,
        "stop_loss": round(entry - sign * 2 * atr, info.digits),
        "target_price": round(entry + sign * 6 * atr, info.digits),
        "tick_value": info.trade_tick_value_loss,
        "tick_size": info.trade_tick_size,
        "contract_size": info.trade_contract_size,
        "symbol": symbol,
        "direction": "BUY" if sign > 0 else "SELL",
        "regime": "trending",
        "volatility": atr / entry,
        "current_atr": atr,
        "open_positions": [_open(mt5, position) for position in mt5.positions_get()],
        "ftmo_distance_to_daily": 5_000.0,
        "ftmo_distance_to_dd": account.equity - 90_000.0,
        "max_lot_broker": info.volume_max,
        "min_lot": info.volume_min,
        "lot_step": info.volume_step,
    }
