"""Reads a trade idea as a trader or a bot writes it, and refuses one that can't be meant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from operator import index
from types import MappingProxyType
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from elite_sizer.model.request import HoldingPeriod, Request
from elite_sizer.request.numbers import NUMBERS, Number, quoted, read_number
from portfolio.model import OrderType, Side
from portfolio.nearest_name import nearest_name
from portfolio.reasons import Refusal, refuse

REGIMES: Final = ("trending", "ranging", "volatile", "crisis", "unknown")
TIMEFRAMES: Final = ("M1", "M5", "M15", "M30", "H1", "H4", "D1")
LONGEST_SYMBOL: Final = 29
"""Characters the terminal takes for a symbol (measured on MetaTrader5 5.0.6231)."""
LONGEST_NAME: Final = 64
"""Characters of a signal's or a group's name."""
LATEST_FLAT: Final = timedelta(days=31)
"""A `flat_by` later than this is taken for a slip: an intraday trade is not closed next year."""
# the terminal's tickets are unsigned numbers of 64 bits
_TICKETS: Final = 2**64
_WEEKEND_FROM: Final = (4, 12)
"""Friday (Monday is 0), hour in New York, from which a trade is taken to be held over the weekend."""
_NEW_YORK: Final = "America/New_York"


@dataclass(frozen=True, slots=True)
class TradeIdea:
    """A trade as the caller wants it; numbers may be int, float, Decimal or text.

    `confidence` is 0..1 or text with a per cent sign, `score` the market score 0..100, `conviction` source 001's own
    0..5. The stop is a price, points, or ATRs; the target a price, a multiple of the stop, or ATRs. `hold` None is
    overnight, from Friday noon in New York weekend. `reduce` closes `volume` lots (or all) of that ticket; on netting
    a `volume` alone closes as much of the position. Of orders with the same `oco_group` only one will be filled.
    """

    symbol: str
    side: str
    stop: Number | None = None
    stop_points: Number | None = None
    atr_stop: Number | None = None
    entry: Number | None = None
    type: str | None = None
    target: Number | None = None
    rr: Number | None = None
    atr_target: Number | None = None
    confidence: Number | None = None
    score: Number | None = None
    conviction: Number | None = None
    regime: str | None = None
    timeframe: str = "H1"
    hold: str | None = None
    flat_by: datetime | str | None = None
    multiplier: Number | None = None
    signal_modifier: Number | None = None
    slippage_modifier: Number | None = None
    legacy_lots: Number | None = None
    signal_id: str | None = None
    oco_group: str | None = None
    reduce: int | None = None
    volume: Number | None = None


_WORDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "side": tuple(side.value for side in Side),
        "type": (OrderType.MARKET.value, OrderType.LIMIT.value, OrderType.STOP.value),
        "regime": REGIMES,
        "timeframe": TIMEFRAMES,
        "hold": tuple(hold.value for hold in HoldingPeriod),
    }
)
_REQUIRED: Final = frozenset(("side", "timeframe"))


def validate(idea: TradeIdea, now: datetime) -> Request | Refusal:
    """Return the idea in exact numbers, or the refusal of the first field that is wrong.

    An exit is not refused for what only an entry needs: a trade may still be closed after its `flat_by`.
    """
    numbers: dict[str, Decimal | None] = {}
    for name in NUMBERS:
        number = read_number(name, getattr(idea, name))
        if isinstance(number, Refusal):
            return number
        numbers[name] = number
    words = _words(idea)
    if isinstance(words, Refusal):
        return words
    exits = words.reduce is not None or numbers["volume"] is not None
    times = _exit_times(idea, words.hold, now) if exits else _times(idea, words.hold, now)
    if isinstance(times, Refusal):
        return times
    for forms in (("stop", "stop_points", "atr_stop"), ("target", "rr", "atr_target")):
        names = [name for name in forms if numbers[name] is not None]
        if len(names) > 1 and names != ["rr", "atr_target"]:
            return refuse("input_range", f"{' and '.join(names)} are both given; give one of them")
    return Request(
        symbol=str(idea.symbol),
        side=words.side,
        type=words.type,
        regime=words.regime,
        timeframe=words.timeframe,
        hold=times[0],
        flat_by=times[1],
        signal_id=_plain(idea.signal_id),
        oco_group=_plain(idea.oco_group),
        reduce=words.reduce,
        **numbers,
    )


def closes(request: Request) -> bool:
    """Return whether a request can only close: it names a ticket, or the lots to close."""
    return request.reduce is not None or request.volume is not None


class _Words(NamedTuple):
    side: Side
    type: OrderType | None
    regime: str | None
    timeframe: str
    hold: HoldingPeriod | None
    reduce: int | None


def _words(idea: TradeIdea) -> _Words | Refusal:
    if not _is_name(idea.symbol, LONGEST_SYMBOL):
        return refuse("symbol_unknown", f"symbol {quoted(idea.symbol)} must have 1 to {LONGEST_SYMBOL} characters")
    for name in ("signal_id", "oco_group"):
        value = getattr(idea, name)
        if value is not None and not _is_name(value, LONGEST_NAME):
            return refuse("input_range", f"{name} {quoted(value)} must be text of 1 to {LONGEST_NAME} characters")
    for name, words in _WORDS.items():
        value = getattr(idea, name)
        if value is None and name in _REQUIRED:
            return refuse("input_range", f"{name} is missing; give one of {', '.join(words)}")
        if value is not None and not (isinstance(value, str) and value in words):
            return refuse("input_range", _not_among(name, value, words))
    ticket = None if idea.reduce is None else _ticket(idea.reduce)
    if isinstance(ticket, Refusal):
        return ticket
    return _Words(
        Side(idea.side),
        None if idea.type is None else OrderType(idea.type),
        _plain(idea.regime),
        str(idea.timeframe),
        None if idea.hold is None else HoldingPeriod(idea.hold),
        ticket,
    )


def _plain(text: str | None) -> str | None:
    """Return a plain `str`: the journal's encoder does not take numpy's `str_`."""
    return None if text is None else str(text)


def _is_name(value: object, longest: int) -> bool:
    return isinstance(value, str) and bool(value.strip()) and len(value) <= longest and value.isprintable()


def _ticket(value: object) -> int | Refusal:
    """Return a ticket; any whole number will do, numpy's too, so that no exit fails for its type."""
    try:
        ticket = 0 if isinstance(value, bool) else index(value)  # type: ignore[arg-type]
    except TypeError:
        ticket = 0
    return ticket if 0 < ticket < _TICKETS else refuse("ticket_unknown", f"reduce {quoted(value)} is no ticket number")


def _not_among(name: str, value: object, words: tuple[str, ...]) -> str:
    near = nearest_name(value, words) if isinstance(value, str) else None
    hint = "" if near is None else f"; did you mean {near}?"
    return f"{name} {quoted(value)} is none of {', '.join(words)}{hint}"


def _times(
    idea: TradeIdea, hold: HoldingPeriod | None, now: datetime
) -> tuple[HoldingPeriod, datetime | None] | Refusal:
    flat_by = _read_time(idea.flat_by)
    if isinstance(flat_by, Refusal):
        return flat_by
    if hold is HoldingPeriod.INTRADAY and flat_by is None:
        return refuse("flat_by_required", "hold is intraday, but flat_by is missing")
    if flat_by is not None and not now < flat_by <= now + LATEST_FLAT:
        within = f"within {LATEST_FLAT.days} days after now, {now.isoformat()}"
        return refuse("input_range", f"flat_by {flat_by.isoformat()} is not {within}")
    return hold or default_hold(now), flat_by


def _exit_times(idea: TradeIdea, hold: HoldingPeriod | None, now: datetime) -> tuple[HoldingPeriod, datetime | None]:
    flat_by = _read_time(idea.flat_by)
    return hold or default_hold(now), None if isinstance(flat_by, Refusal) else flat_by


def default_hold(now: datetime) -> HoldingPeriod:
    """Return `weekend` from Friday noon in New York until Sunday evening, else `overnight`."""
    local = now.astimezone(ZoneInfo(_NEW_YORK))
    day, hour = _WEEKEND_FROM
    return (
        HoldingPeriod.WEEKEND
        if (local.weekday() == day and local.hour >= hour) or local.weekday() > day
        else HoldingPeriod.OVERNIGHT
    )


def _read_time(value: object) -> datetime | Refusal | None:
    if value is None:
        return None
    unreadable = f"flat_by {quoted(value)} is not a time; write 2026-06-10T20:00:00Z"
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else value
        if not isinstance(at, datetime):
            return refuse("input_range", unreadable)
        if at.utcoffset() is None:
            return refuse("input_range", f"flat_by {at.isoformat()} has no time zone; write 2026-06-10T20:00:00Z")
        return at.astimezone(UTC)
    except (ValueError, OverflowError):
        return refuse("input_range", unreadable)
