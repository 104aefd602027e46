"""Read a trade idea as a trader or a bot writes it, and refuse what can't be meant."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from types import MappingProxyType
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from elite_sizer.context import Hold, Request
from portfolio.model import ZERO, OrderType, Side
from portfolio.reasons import Refusal, refuse

Number = Decimal | float | int | str

REGIMES: Final = ("trending", "ranging", "volatile", "crisis", "unknown")
TIMEFRAMES: Final = ("M1", "M5", "M15", "M30", "H1", "H4", "D1")
LONGEST_SYMBOL: Final = 29
"""Characters the terminal takes for a symbol (measured on MetaTrader5 5.0.6231; research/mt5_api.md 1)."""
_BEYOND: Final = Decimal("1E15")
_WEEKEND_FROM: Final = (4, 12)
"""Friday (Monday is 0), hour in New York, from which a trade is taken to be held over the weekend."""
_NEW_YORK: Final = "America/New_York"


@dataclass(frozen=True, slots=True)
class TradeIdea:
    """What a caller wants to trade; numbers may be int, float, Decimal or text.

    `confidence` is 0..1 or text with a per cent sign, `score` the market score 0..100, `conviction` source 001's own
    0..5. The stop is a price, points, or ATRs; the target a price, a multiple of the stop, or ATRs. `hold` None is
    overnight, from Friday noon in New York weekend. `reduce` closes `volume` lots (or all) of that ticket.
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


class _Bounds(NamedTuple):
    low: Decimal
    high: Decimal | None
    open_low: bool
    code: str = "input_range"


_POSITIVE = _Bounds(ZERO, None, open_low=True)
_FROM_ZERO = _Bounds(ZERO, None, open_low=False)
_BOUNDS: Mapping[str, _Bounds] = MappingProxyType(
    {
        "stop": _POSITIVE,
        "stop_points": _POSITIVE,
        "atr_stop": _POSITIVE,
        "entry": _POSITIVE,
        "target": _POSITIVE,
        "rr": _POSITIVE,
        "atr_target": _POSITIVE,
        "confidence": _Bounds(ZERO, Decimal(1), open_low=False, code="confidence_range"),
        "score": _Bounds(ZERO, Decimal(100), open_low=False),
        "conviction": _Bounds(ZERO, Decimal(5), open_low=False),
        "multiplier": _Bounds(ZERO, Decimal(1), open_low=False),
        "signal_modifier": _FROM_ZERO,
        "slippage_modifier": _FROM_ZERO,
        "legacy_lots": _FROM_ZERO,
        "volume": _POSITIVE,
    }
)


def validate(idea: TradeIdea, now: datetime) -> Request | Refusal:
    """Return the idea in exact numbers, or the first thing that is wrong with it."""
    numbers: dict[str, Decimal | None] = {}
    for name, bounds in _BOUNDS.items():
        read = _number(name, getattr(idea, name), bounds)
        if isinstance(read, Refusal):
            return read
        numbers[name] = read
    words = _words(idea)
    if isinstance(words, Refusal):
        return words
    times = _times(idea, words.hold, now)
    if isinstance(times, Refusal):
        return times
    for names in (("stop", "stop_points", "atr_stop"), ("target", "rr", "atr_target")):
        given = [name for name in names if numbers[name] is not None]
        if len(given) > 1:
            return refuse("input_range", f"{' and '.join(given)} are both given; give one of them")
    return Request(
        symbol=idea.symbol,
        side=words.side,
        type=words.type,
        regime=words.regime,
        timeframe=words.timeframe,
        hold=times[0],
        flat_by=times[1],
        signal_id=idea.signal_id,
        oco_group=idea.oco_group,
        reduce=words.reduce,
        **numbers,
    )


def decimal(value: object) -> Decimal | None:
    """Return a number exactly (a double by its shortest text), or None for what is no finite number."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, float):
        return Decimal(repr(float(value))) if math.isfinite(value) else None
    if not isinstance(value, (int, str, Decimal)):
        return _like_a_number(value)
    try:
        made = Decimal(value.strip() if isinstance(value, str) else value)
    except InvalidOperation:
        return None
    return made if made.is_finite() else None


def _like_a_number(value: object) -> Decimal | None:
    """Read numpy's scalars without knowing numpy."""
    item = getattr(value, "item", None)
    plain = item() if callable(item) else None
    return decimal(plain) if isinstance(plain, (int, float)) else None


def _number(name: str, value: Number | None, bounds: _Bounds) -> Decimal | Refusal | None:
    if value is None:
        return None
    per_cent = name == "confidence" and isinstance(value, str) and value.strip().endswith("%")
    read = decimal(value.strip()[:-1] if per_cent and isinstance(value, str) else value)
    if read is None:
        return refuse("value_not_finite", f"{name} is {value!r}, which is not a finite number")
    if per_cent:
        read /= 100
    if abs(read) >= _BEYOND:
        return refuse("input_range", f"{name} {value} is beyond anything traded")
    too_low = read <= bounds.low if bounds.open_low else read < bounds.low
    if too_low or (bounds.high is not None and read > bounds.high):
        wanted = f"above {bounds.low}" if bounds.high is None and bounds.open_low else f"at least {bounds.low}"
        wanted = wanted if bounds.high is None else f"between {bounds.low} and {bounds.high}"
        hint = f'; {read:f} % is written {read / 100:f} or "{read:f}%"' if bounds.code == "confidence_range" else ""
        return refuse(bounds.code, f"{name} {value} must be {wanted}{hint if read > 0 else ''}")
    return read


class _Words(NamedTuple):
    side: Side
    type: OrderType | None
    regime: str | None
    timeframe: str
    hold: Hold | None
    reduce: int | None


def _words(idea: TradeIdea) -> _Words | Refusal:
    symbol: object = idea.symbol
    side: object = idea.side
    if not isinstance(symbol, str) or not symbol.strip() or len(symbol) > LONGEST_SYMBOL:
        return refuse("symbol_unknown", f"symbol {symbol!r} must have 1 to {LONGEST_SYMBOL} characters")
    for name, value, known in (
        ("side", idea.side, [side.value for side in Side]),
        ("type", idea.type, [OrderType.MARKET.value, OrderType.LIMIT.value, OrderType.STOP.value]),
        ("regime", idea.regime, list(REGIMES)),
        ("timeframe", idea.timeframe, list(TIMEFRAMES)),
        ("hold", idea.hold, [hold.value for hold in Hold]),
    ):
        if value is not None and value not in known:
            return refuse("input_range", _not_among(name, value, known))
    if side is None:
        return refuse("input_range", "side is missing; give buy or sell")
    if idea.reduce is not None and (isinstance(idea.reduce, bool) or not isinstance(idea.reduce, int)):
        return refuse("ticket_unknown", f"reduce {idea.reduce!r} is not a ticket number")
    return _Words(
        Side(idea.side),
        None if idea.type is None else OrderType(idea.type),
        idea.regime,
        idea.timeframe,
        None if idea.hold is None else Hold(idea.hold),
        idea.reduce,
    )


def _not_among(name: str, value: object, known: list[str]) -> str:
    near = get_close_matches(str(value).lower(), [word.lower() for word in known], n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    return f"{name} {value!r} is none of {', '.join(known)}{hint}"


def _times(idea: TradeIdea, hold: Hold | None, now: datetime) -> tuple[Hold, datetime | None] | Refusal:
    flat_by = _moment(idea.flat_by)
    if isinstance(flat_by, Refusal):
        return flat_by
    if hold is Hold.INTRADAY and flat_by is None:
        return refuse("flat_by_required", "hold is intraday, but flat_by is missing")
    if flat_by is not None and flat_by <= now:
        return refuse("input_range", f"flat_by {flat_by.isoformat()} is not after now, {now.isoformat()}")
    return hold or default_hold(now), flat_by


def default_hold(now: datetime) -> Hold:
    """Return `weekend` from Friday noon in New York until Sunday evening, else `overnight`."""
    local = now.astimezone(ZoneInfo(_NEW_YORK))
    day, hour = _WEEKEND_FROM
    return Hold.WEEKEND if (local.weekday() == day and local.hour >= hour) or local.weekday() > day else Hold.OVERNIGHT


def _moment(value: datetime | str | None) -> datetime | Refusal | None:
    if value is None:
        return None
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return refuse("input_range", f"flat_by {value!r} is not a time; write 2026-06-10T20:00:00Z")
    if value.tzinfo is None or value.utcoffset() is None:
        return refuse("input_range", f"flat_by {value.isoformat()} has no time zone; write 2026-06-10T20:00:00Z")
    return value.astimezone(UTC)
