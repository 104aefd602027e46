"""Read a trade idea as a trader or a bot writes it, and refuse what can't be meant."""

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
from elite_sizer.request.numbers import NUMBERS, Number, quantity, said
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
"""A trade that is closed within the day is not closed next year; later than this is a slip."""
_TICKETS: Final = 2**64
_WEEKEND_FROM: Final = (4, 12)
"""Friday (Monday is 0), hour in New York, from which a trade is taken to be held over the weekend."""
_NEW_YORK: Final = "America/New_York"


@dataclass(frozen=True, slots=True)
class TradeIdea:
    """What a caller wants to trade; numbers may be int, float, Decimal or text.

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


_KNOWN: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "side": tuple(side.value for side in Side),
        "type": (OrderType.MARKET.value, OrderType.LIMIT.value, OrderType.STOP.value),
        "regime": REGIMES,
        "timeframe": TIMEFRAMES,
        "hold": tuple(hold.value for hold in HoldingPeriod),
    }
)
_ALWAYS: Final = frozenset(("side", "timeframe"))


def validate(idea: TradeIdea, now: datetime) -> Request | Refusal:
    """Return the idea in exact numbers, or the first thing that is wrong with it.

    What only an entry needs is not asked of an exit: a trade may be closed after the time by which it had to be.
    """
    numbers: dict[str, Decimal | None] = {}
    for name in NUMBERS:
        read = quantity(name, getattr(idea, name))
        if isinstance(read, Refusal):
            return read
        numbers[name] = read
    words = _words(idea)
    if isinstance(words, Refusal):
        return words
    exits = words.reduce is not None or numbers["volume"] is not None
    times = _exit_times(idea, words.hold, now) if exits else _times(idea, words.hold, now)
    if isinstance(times, Refusal):
        return times
    for names in (("stop", "stop_points", "atr_stop"), ("target", "rr", "atr_target")):
        given = [name for name in names if numbers[name] is not None]
        if len(given) > 1 and given != ["rr", "atr_target"]:
            return refuse("input_range", f"{' and '.join(given)} are both given; give one of them")
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
        return refuse("symbol_unknown", f"symbol {said(idea.symbol)} must have 1 to {LONGEST_SYMBOL} characters")
    for name in ("signal_id", "oco_group"):
        value = getattr(idea, name)
        if value is not None and not _is_name(value, LONGEST_NAME):
            return refuse("input_range", f"{name} {said(value)} must be text of 1 to {LONGEST_NAME} characters")
    for name, known in _KNOWN.items():
        value = getattr(idea, name)
        if value is None and name in _ALWAYS:
            return refuse("input_range", f"{name} is missing; give one of {', '.join(known)}")
        if value is not None and not (isinstance(value, str) and value in known):
            return refuse("input_range", _not_among(name, value, known))
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
    """Return text as plain text: numpy's own kind can't be written down."""
    return None if text is None else str(text)


def _is_name(value: object, longest: int) -> bool:
    return isinstance(value, str) and bool(value.strip()) and len(value) <= longest and value.isprintable()


def _ticket(value: object) -> int | Refusal:
    """Return a ticket; numpy's whole numbers are as good as Python's, and an exit may not fail for that."""
    try:
        ticket = 0 if isinstance(value, bool) else index(value)  # type: ignore[arg-type]
    except TypeError:
        ticket = 0
    return ticket if 0 < ticket < _TICKETS else refuse("ticket_unknown", f"reduce {said(value)} is no ticket number")


def _not_among(name: str, value: object, known: tuple[str, ...]) -> str:
    near = nearest_name(value, known) if isinstance(value, str) else None
    hint = "" if near is None else f"; did you mean {near}?"
    return f"{name} {said(value)} is none of {', '.join(known)}{hint}"


def _times(
    idea: TradeIdea, hold: HoldingPeriod | None, now: datetime
) -> tuple[HoldingPeriod, datetime | None] | Refusal:
    flat_by = _moment(idea.flat_by)
    if isinstance(flat_by, Refusal):
        return flat_by
    if hold is HoldingPeriod.INTRADAY and flat_by is None:
        return refuse("flat_by_required", "hold is intraday, but flat_by is missing")
    if flat_by is not None and not now < flat_by <= now + LATEST_FLAT:
        within = f"within {LATEST_FLAT.days} days after now, {now.isoformat()}"
        return refuse("input_range", f"flat_by {flat_by.isoformat()} is not {within}")
    return hold or default_hold(now), flat_by


def _exit_times(idea: TradeIdea, hold: HoldingPeriod | None, now: datetime) -> tuple[HoldingPeriod, datetime | None]:
    flat_by = _moment(idea.flat_by)
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


def _moment(value: object) -> datetime | Refusal | None:
    if value is None:
        return None
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else value
        if not isinstance(at, datetime):
            return refuse("input_range", f"flat_by {said(value)} is not a time; write 2026-06-10T20:00:00Z")
        if at.utcoffset() is None:
            return refuse("input_range", f"flat_by {at.isoformat()} has no time zone; write 2026-06-10T20:00:00Z")
        return at.astimezone(UTC)
    except (ValueError, OverflowError):
        return refuse("input_range", f"flat_by {said(value)} is not a time; write 2026-06-10T20:00:00Z")
