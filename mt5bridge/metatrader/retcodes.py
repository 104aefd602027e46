"""What a broker's answer to an order means for the money that was set aside for it.

Only a definite reject frees it. A code that leaves open whether the order was carried out frees nothing, and the order
is never sent again. Source of the classes: MQL5 documentation, trade server return codes; research on retries.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from mt5bridge.metatrader.constants import RETCODES
from portfolio.reasons import Refusal, refuse


class Meaning(StrEnum):
    """What to do about an answer."""

    DONE = "done"
    PLACED = "placed"
    PARTIAL = "partial"
    REQUOTE = "requote"
    """The price moved: size again, never larger, at most twice."""
    REJECTED = "rejected"
    """Nothing was traded, and nothing will be."""
    UNKNOWN = "unknown"
    """Nobody knows: keep the hold, look for evidence, never send again."""


DONE: Final = 10009
OK: Final = 0

_MEANINGS: Final[Mapping[int, Meaning]] = MappingProxyType(
    {
        DONE: Meaning.DONE,
        10008: Meaning.PLACED,
        10010: Meaning.PARTIAL,
        10004: Meaning.REQUOTE,
        10020: Meaning.REQUOTE,
        10021: Meaning.REQUOTE,
        10011: Meaning.UNKNOWN,
        10012: Meaning.UNKNOWN,
        10023: Meaning.UNKNOWN,
        10028: Meaning.UNKNOWN,
        10031: Meaning.UNKNOWN,
    }
)

_CODES: Final[Mapping[int, str]] = MappingProxyType(
    {
        10017: "trading_disabled",
        10026: "trading_disabled",
        10027: "trading_disabled",
        10032: "trading_disabled",
        10018: "market_closed",
        10019: "free_margin",
        10033: "broker_volume",
        10034: "broker_volume",
        10040: "broker_volume",
        10042: "trade_mode",
        10043: "trade_mode",
        10044: "trade_mode",
        10045: "trade_mode",
        10046: "trade_mode",
    }
)

OUR_MODEL_IS_WRONG: Final = frozenset({10013, 10014, 10015, 10016, 10022, 10030, 10035, 10019})
"""We asked for what this symbol does not take: do not size it again before somebody has looked."""

CHECK_PASSED: Final = frozenset({OK, DONE, 10008})


def meaning(retcode: int) -> Meaning:
    """Return what a code means; one that is not known at all means that nothing is known."""
    if retcode not in RETCODES or retcode == OK:
        return Meaning.UNKNOWN
    return _MEANINGS.get(retcode, Meaning.REJECTED)


def refusal(retcode: int, comment: str) -> Refusal:
    """Return a rejection in our own codes, with the broker's number and words."""
    words = RETCODES.get(retcode, "an unknown code")
    said = f" ({comment})" if comment and comment.casefold() != words.casefold() else ""
    return refuse(_CODES.get(retcode, "order_rejected"), f"retcode {retcode}: {words}{said}")
