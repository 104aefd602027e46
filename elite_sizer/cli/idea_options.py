"""A trade idea as it is typed: each of its fields once, for every command that takes an idea."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Annotated, Final

from elite_sizer.cli.option import Option
from elite_sizer.request.idea import TradeIdea

_STOP: Final = "Where it is wrong (one of)"
_TARGET: Final = "Where it is done (one of)"
_SIGNAL: Final = "Signal"

NOT_OFFERED: Final = ("signal_modifier", "slippage_modifier", "oco_group")
"""Fields of an idea that only a program fills."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IdeaOptions:
    """The fields of `TradeIdea` as text; the idea itself reads the numbers, so that every caller is refused alike."""

    symbol: Annotated[str, Option("As the terminal spells it.", positional=True)]
    side: Annotated[str, Option("buy or sell.", positional=True)]
    stop: Annotated[str | None, Option("Price of the stop.", _STOP)] = None
    stop_points: Annotated[str | None, Option("Points from the entry.", _STOP)] = None
    atr_stop: Annotated[str | None, Option("Average true ranges.", _STOP)] = None
    target: Annotated[str | None, Option("Price of the target.", _TARGET)] = None
    rr: Annotated[str | None, Option("Multiples of the stop.", _TARGET)] = None
    atr_target: Annotated[str | None, Option("Average true ranges.", _TARGET)] = None
    entry: Annotated[str | None, Option("Price of a pending order; without it the market.")] = None
    type: Annotated[str | None, Option("market, limit or stop.")] = None
    confidence: Annotated[str | None, Option("Win probability: 0.75 or 75%.", _SIGNAL)] = None
    score: Annotated[str | None, Option("Market score, 0 to 100.", _SIGNAL)] = None
    conviction: Annotated[str | None, Option("0 to 5, for the sizer conviction.", _SIGNAL)] = None
    regime: Annotated[str | None, Option("trending, ranging, volatile, crisis or unknown.", _SIGNAL)] = None
    timeframe: Annotated[str, Option("M1 to D1: which bars the tail is of.", _SIGNAL)] = "H1"
    multiplier: Annotated[str | None, Option("A factor of your own, at most 1.", _SIGNAL)] = None
    hold: Annotated[str | None, Option("intraday, overnight or weekend.")] = None
    flat_by: Annotated[str | None, Option("ISO 8601: when an intraday trade is closed.")] = None
    legacy_lots: Annotated[str | None, Option("What your own sizer says, to compare.")] = None
    signal_id: Annotated[str | None, Option("A later answer for it replaces this one's hold.")] = None
    reduce: Annotated[int | None, Option("Ticket to close, against its side.")] = None
    volume: Annotated[str | None, Option("Lots to close; without it all.")] = None

    def trade_idea(self) -> TradeIdea:
        """Return the idea to be sized."""
        return TradeIdea(**asdict(self))
