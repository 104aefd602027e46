"""The broker's return codes: those that free the money reserved for an order, and those that leave it reserved.

Only a definite reject frees money. A code that leaves open whether the order was carried out frees nothing, and the
order is never sent again. Source of the classes: MQL5 documentation, trade server return codes; research on retries.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from mt5bridge.metatrader.constants import Constants
from portfolio.reasons import Refusal, refuse


class Meaning(StrEnum):
    """The action that an answer calls for."""

    DONE = "done"
    PLACED = "placed"
    PARTIAL = "partial"
    REQUOTE = "requote"
    """The price moved: size again, never larger, at most twice."""
    REJECTED = "rejected"
    """Nothing was traded, and nothing will be."""
    UNKNOWN = "unknown"
    """The order may have been carried out: keep the reservation, search book and history, never send again."""


DONE: Final = Constants.TRADE_RETCODE_DONE
OK: Final = 0
HEDGE_PROHIBITED: Final = 10046
"""Documented for MQL5; the package has no name for it."""

RETCODES: Final[Mapping[int, str]] = MappingProxyType(
    {
        OK: "check passed",
        Constants.TRADE_RETCODE_REQUOTE: "requote",
        Constants.TRADE_RETCODE_REJECT: "rejected",
        Constants.TRADE_RETCODE_CANCEL: "canceled by the trader",
        Constants.TRADE_RETCODE_PLACED: "placed",
        Constants.TRADE_RETCODE_DONE: "done",
        Constants.TRADE_RETCODE_DONE_PARTIAL: "done in part",
        Constants.TRADE_RETCODE_ERROR: "processing error",
        Constants.TRADE_RETCODE_TIMEOUT: "timed out",
        Constants.TRADE_RETCODE_INVALID: "invalid request",
        Constants.TRADE_RETCODE_INVALID_VOLUME: "invalid volume",
        Constants.TRADE_RETCODE_INVALID_PRICE: "invalid price",
        Constants.TRADE_RETCODE_INVALID_STOPS: "invalid stops",
        Constants.TRADE_RETCODE_TRADE_DISABLED: "trade disabled",
        Constants.TRADE_RETCODE_MARKET_CLOSED: "market closed",
        Constants.TRADE_RETCODE_NO_MONEY: "not enough money",
        Constants.TRADE_RETCODE_PRICE_CHANGED: "price changed",
        Constants.TRADE_RETCODE_PRICE_OFF: "no quotes",
        Constants.TRADE_RETCODE_INVALID_EXPIRATION: "invalid expiration",
        Constants.TRADE_RETCODE_ORDER_CHANGED: "order state changed",
        Constants.TRADE_RETCODE_TOO_MANY_REQUESTS: "too many requests",
        Constants.TRADE_RETCODE_NO_CHANGES: "no changes",
        Constants.TRADE_RETCODE_SERVER_DISABLES_AT: "autotrading disabled by the server",
        Constants.TRADE_RETCODE_CLIENT_DISABLES_AT: "autotrading disabled by the terminal",
        Constants.TRADE_RETCODE_LOCKED: "locked for processing",
        Constants.TRADE_RETCODE_FROZEN: "order or position frozen",
        Constants.TRADE_RETCODE_INVALID_FILL: "invalid filling type",
        Constants.TRADE_RETCODE_CONNECTION: "no connection to the trade server",
        Constants.TRADE_RETCODE_ONLY_REAL: "only for real accounts",
        Constants.TRADE_RETCODE_LIMIT_ORDERS: "limit of pending orders reached",
        Constants.TRADE_RETCODE_LIMIT_VOLUME: "limit of volume reached",
        Constants.TRADE_RETCODE_INVALID_ORDER: "invalid order type",
        Constants.TRADE_RETCODE_POSITION_CLOSED: "position already closed",
        Constants.TRADE_RETCODE_INVALID_CLOSE_VOLUME: "close volume exceeds the position",
        Constants.TRADE_RETCODE_CLOSE_ORDER_EXIST: "a close order exists already",
        Constants.TRADE_RETCODE_LIMIT_POSITIONS: "limit of positions reached",
        Constants.TRADE_RETCODE_REJECT_CANCEL: "activation rejected, order canceled",
        Constants.TRADE_RETCODE_LONG_ONLY: "only long positions allowed",
        Constants.TRADE_RETCODE_SHORT_ONLY: "only short positions allowed",
        Constants.TRADE_RETCODE_CLOSE_ONLY: "only closing allowed",
        Constants.TRADE_RETCODE_FIFO_CLOSE: "only closing by FIFO allowed",
        HEDGE_PROHIBITED: "hedging prohibited",
    }
)
"""Every answer of the trade server to `order_check` and `order_send`, in words."""

_MEANINGS: Final[Mapping[int, Meaning]] = MappingProxyType(
    {
        DONE: Meaning.DONE,
        Constants.TRADE_RETCODE_PLACED: Meaning.PLACED,
        Constants.TRADE_RETCODE_DONE_PARTIAL: Meaning.PARTIAL,
        Constants.TRADE_RETCODE_REQUOTE: Meaning.REQUOTE,
        Constants.TRADE_RETCODE_PRICE_CHANGED: Meaning.REQUOTE,
        Constants.TRADE_RETCODE_PRICE_OFF: Meaning.REQUOTE,
        Constants.TRADE_RETCODE_ERROR: Meaning.UNKNOWN,
        Constants.TRADE_RETCODE_TIMEOUT: Meaning.UNKNOWN,
        Constants.TRADE_RETCODE_ORDER_CHANGED: Meaning.UNKNOWN,
        Constants.TRADE_RETCODE_LOCKED: Meaning.UNKNOWN,
        Constants.TRADE_RETCODE_CONNECTION: Meaning.UNKNOWN,
    }
)

_CODES: Final[Mapping[int, str]] = MappingProxyType(
    {
        Constants.TRADE_RETCODE_TRADE_DISABLED: "trading_disabled",
        Constants.TRADE_RETCODE_SERVER_DISABLES_AT: "trading_disabled",
        Constants.TRADE_RETCODE_CLIENT_DISABLES_AT: "trading_disabled",
        Constants.TRADE_RETCODE_ONLY_REAL: "trading_disabled",
        Constants.TRADE_RETCODE_MARKET_CLOSED: "market_closed",
        Constants.TRADE_RETCODE_NO_MONEY: "free_margin",
        Constants.TRADE_RETCODE_LIMIT_ORDERS: "broker_volume",
        Constants.TRADE_RETCODE_LIMIT_VOLUME: "broker_volume",
        Constants.TRADE_RETCODE_LIMIT_POSITIONS: "broker_volume",
        Constants.TRADE_RETCODE_LONG_ONLY: "trade_mode",
        Constants.TRADE_RETCODE_SHORT_ONLY: "trade_mode",
        Constants.TRADE_RETCODE_CLOSE_ONLY: "trade_mode",
        Constants.TRADE_RETCODE_FIFO_CLOSE: "trade_mode",
        HEDGE_PROHIBITED: "trade_mode",
    }
)

OUR_MODEL_IS_WRONG: Final = frozenset(
    {
        Constants.TRADE_RETCODE_INVALID,
        Constants.TRADE_RETCODE_INVALID_VOLUME,
        Constants.TRADE_RETCODE_INVALID_PRICE,
        Constants.TRADE_RETCODE_INVALID_STOPS,
        Constants.TRADE_RETCODE_INVALID_EXPIRATION,
        Constants.TRADE_RETCODE_INVALID_FILL,
        Constants.TRADE_RETCODE_INVALID_ORDER,
        Constants.TRADE_RETCODE_NO_MONEY,
    }
)
"""Codes that mean our picture of the symbol is wrong: it is not sized again until somebody has checked it."""

CHECK_PASSED: Final = frozenset({OK, DONE, Constants.TRADE_RETCODE_PLACED})


def meaning(retcode: int) -> Meaning:
    """Return the meaning of a code; a code outside `RETCODES` leaves open what happened."""
    if retcode not in RETCODES or retcode == OK:
        return Meaning.UNKNOWN
    return _MEANINGS.get(retcode, Meaning.REJECTED)


def refusal(retcode: int, comment: str) -> Refusal:
    """Return a rejection in our own codes, with the broker's number and words."""
    words = RETCODES.get(retcode, "an unknown code")
    remark = f" ({comment})" if comment and comment.casefold() != words.casefold() else ""
    return refuse(_CODES.get(retcode, "order_rejected"), f"retcode {retcode}: {words}{remark}")
