"""The numbers the MetaTrader5 package speaks in: calculation modes, timeframes, order types, return codes.

Source: constants of MetaTrader5 5.0.6231. Calculation modes are the terminal's own numbers: the package calls 34
options, but the terminal means FORTS futures by it and 35 by options.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

CALC_FOREX: Final = 0
CALC_FUTURES: Final = 1
CALC_CFD: Final = 2
CALC_CFD_INDEX: Final = 3
CALC_CFD_LEVERAGE: Final = 4
CALC_FOREX_NO_LEVERAGE: Final = 5
CALC_EXCH_STOCKS: Final = 32
CALC_EXCH_FUTURES: Final = 33
CALC_EXCH_FUTURES_FORTS: Final = 34
CALC_EXCH_OPTIONS: Final = 35
CALC_EXCH_OPTIONS_MARGIN: Final = 36
CALC_EXCH_BONDS: Final = 37
CALC_EXCH_STOCKS_MOEX: Final = 38
CALC_EXCH_BONDS_MOEX: Final = 39
CALC_COLLATERAL: Final = 64

FOREX_MODES: Final = frozenset({CALC_FOREX, CALC_FOREX_NO_LEVERAGE})
TICK_PRICED_MODES: Final = frozenset({CALC_FUTURES, CALC_EXCH_FUTURES, CALC_EXCH_FUTURES_FORTS})
"""Modes whose profit is counted in ticks of a value that is already in deposit currency."""
BOND_MODES: Final = frozenset({CALC_EXCH_BONDS, CALC_EXCH_BONDS_MOEX})

TIMEFRAMES: Mapping[str, int] = MappingProxyType(
    {
        "M1": 1,
        "M2": 2,
        "M3": 3,
        "M4": 4,
        "M5": 5,
        "M6": 6,
        "M10": 10,
        "M12": 12,
        "M15": 15,
        "M20": 20,
        "M30": 30,
        "H1": 16385,
        "H2": 16386,
        "H3": 16387,
        "H4": 16388,
        "H6": 16390,
        "H8": 16392,
        "H12": 16396,
        "D1": 16408,
        "W1": 32769,
        "MN1": 49153,
    }
)
"""What `copy_rates_*` wants for each timeframe."""


def timeframe_seconds(timeframe: str) -> int:
    """Return the length of one bar in seconds; a month counts 31 days. KeyError for an unknown name."""
    code = TIMEFRAMES[timeframe]
    if code < TIMEFRAMES["H1"]:
        return code * 60
    if code < TIMEFRAMES["W1"]:
        return (code - TIMEFRAMES["H1"] + 1) * 3600
    return 7 * 86_400 if timeframe == "W1" else 31 * 86_400


ORDER_BUY: Final = 0
ORDER_SELL: Final = 1
ORDER_BUY_LIMIT: Final = 2
ORDER_SELL_LIMIT: Final = 3
ORDER_BUY_STOP: Final = 4
ORDER_SELL_STOP: Final = 5
ORDER_BUY_STOP_LIMIT: Final = 6
ORDER_SELL_STOP_LIMIT: Final = 7
ORDER_CLOSE_BY: Final = 8

DEAL_BUY: Final = 0
DEAL_SELL: Final = 1
DEAL_BALANCE: Final = 2
DEAL_CREDIT: Final = 3

ACTION_DEAL: Final = 1
ACTION_PENDING: Final = 5
ACTION_SLTP: Final = 6
ACTION_MODIFY: Final = 7
ACTION_REMOVE: Final = 8
ACTION_CLOSE_BY: Final = 10

FILLING_FOK: Final = 0
FILLING_IOC: Final = 1
FILLING_RETURN: Final = 2
FILLING_BOC: Final = 3
"""Filling as an order asks for it; a symbol's `filling_mode` is made of bits instead (1 FOK, 2 IOC, 4 BOC)."""

TIME_GTC: Final = 0
TIME_DAY: Final = 1
TIME_SPECIFIED: Final = 2
TIME_SPECIFIED_DAY: Final = 3

EXECUTION_REQUEST: Final = 0
EXECUTION_INSTANT: Final = 1
EXECUTION_MARKET: Final = 2
EXECUTION_EXCHANGE: Final = 3

NAME_CHARACTERS: Final = 29
"""Most characters of a symbol or an order comment: 30 are refused (measured on the genuine module)."""

LAST_ERRORS: Mapping[int, str] = MappingProxyType(
    {
        1: "Success",
        -1: "Terminal: Call failed",
        -2: "Terminal: Invalid params",
        -3: "Terminal: Out of memory",
        -4: "Terminal: Not found",
        -5: "Terminal: Incompatible versions, please install the latest version of Terminal and Python module",
        -6: "Terminal: Authorization failed",
        -7: "Terminal: Unsupported function",
        -8: "Auto-Trading using Python API disabled in Terminal",
        -10000: "IPC call failed",
        -10001: "IPC send failed",
        -10002: "IPC recv failed",
        -10003: "IPC initialize failed",
        -10004: "No IPC connection",
        -10005: "IPC timeout",
    }
)
"""Every code of `last_error` and its text."""

RETCODES: Mapping[int, str] = MappingProxyType(
    {
        0: "check passed",
        10004: "requote",
        10006: "rejected",
        10007: "canceled by the trader",
        10008: "placed",
        10009: "done",
        10010: "done in part",
        10011: "processing error",
        10012: "timed out",
        10013: "invalid request",
        10014: "invalid volume",
        10015: "invalid price",
        10016: "invalid stops",
        10017: "trade disabled",
        10018: "market closed",
        10019: "not enough money",
        10020: "price changed",
        10021: "no quotes",
        10022: "invalid expiration",
        10023: "order state changed",
        10024: "too many requests",
        10025: "no changes",
        10026: "autotrading disabled by the server",
        10027: "autotrading disabled by the terminal",
        10028: "locked for processing",
        10029: "order or position frozen",
        10030: "invalid filling type",
        10031: "no connection to the trade server",
        10032: "only for real accounts",
        10033: "limit of pending orders reached",
        10034: "limit of volume reached",
        10035: "invalid order type",
        10036: "position already closed",
        10038: "close volume exceeds the position",
        10039: "a close order exists already",
        10040: "limit of positions reached",
        10041: "activation rejected, order canceled",
        10042: "only long positions allowed",
        10043: "only short positions allowed",
        10044: "only closing allowed",
        10045: "only closing by FIFO allowed",
        10046: "hedging prohibited",
    }
)
"""What the trade server answers to `order_check` and `order_send`."""
