"""Share a day's exposure among several signals: the better the fewer, none above its share, the best first.

Source 000: of the signals that score 70 or more the best five are watched; one gets 10 % of equity, two 10 % each,
three 6.67 %, four and more split 20 % with a floor of 5 %. How many of them are taken is for the caps to say.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from decimal import Decimal
from typing import Any, Final, NamedTuple

from elite_sizer.configuration.settings import Settings
from elite_sizer.request.idea import TradeIdea
from elite_sizer.request.numbers import decimal as number
from elite_sizer.sizing.decision import Decision
from portfolio.book.exposure_budget import QUALIFIES, WATCHED, shares
from portfolio.errors import ConfigError
from portfolio.model import ZERO
from portfolio.nearest_name import unknown_name

HIGHEST: Final = Decimal(100)
_FIELDS: Final = dict.fromkeys(field.name for field in fields(TradeIdea))
_CAP: Final = "trade_exposure"


class Signal(NamedTuple):
    """A trade idea with its market score, 0 to 100, and its share of equity."""

    idea: TradeIdea
    score: Decimal
    rank: int = 0
    """1 is the best; 0 is not watched."""
    share: Decimal = ZERO
    because: str = ""


class Allotted(NamedTuple):
    """A signal and the size it got; None where it got no share to size."""

    signal: Signal
    decision: Decision | None


def read(text: str) -> tuple[Signal, ...]:
    """Return the signals of a JSON list, or of a CSV table with a header; ConfigError names what is wrong."""
    rows = _rows(text)
    if not rows:
        message = "There are no signals. Write a JSON list of objects with symbol, side, score and stop."
        raise ConfigError(message)
    return tuple(_signal(count, row) for count, row in enumerate(rows, 1))


def allocate(signals: Iterable[Signal]) -> tuple[Signal, ...]:
    """Return the signals, best first, with rank and share; equal scores stay in the order they came in."""
    by_score = sorted(signals, key=lambda signal: -signal.score)
    count = len([signal for signal in by_score if signal.score >= QUALIFIES][:WATCHED])
    by_rank = shares(count)
    allotted = []
    for rank, signal in enumerate(by_score, 1):
        if rank <= count:
            share = by_rank[rank - 1]
            because = f"{share:.2%} of equity, number {rank} of {count}" if share else "four split the day already"
            allotted.append(signal._replace(rank=rank, share=share, because=because))
        elif signal.score >= QUALIFIES:
            allotted.append(signal._replace(because=f"only the best {WATCHED} are watched"))
        else:
            allotted.append(signal._replace(because=f"score {signal.score} is below {QUALIFIES}"))
    return tuple(allotted)


def options(settings: Settings, signals: Iterable[Signal]) -> dict[str, object]:
    """Return the configuration under which these signals are sized: each position bounded by their share.

    A smaller share in the user's configuration remains.
    """
    share = max((signal.share for signal in signals), default=ZERO)
    before = settings.values.get(f"caps.{_CAP}.equity_pct")
    if _CAP in settings.caps_on and isinstance(before, Decimal):
        share = min(share, before)
    on = settings.caps_on if _CAP in settings.caps_on else (*settings.caps_on, _CAP)
    return {"caps.on": on, f"caps.{_CAP}.equity_pct": share}


def _rows(text: str) -> list[Mapping[str, Any]]:
    if not text.lstrip().startswith(("[", "{")):
        return [{key: value for key, value in row.items() if value} for row in csv.DictReader(io.StringIO(text))]
    try:
        document = json.loads(text, parse_float=Decimal)
    except ValueError as error:
        message = f"The signals are no JSON: {error}."
        raise ConfigError(message) from error
    rows = document.get("signals") if isinstance(document, dict) else document
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        message = "The signals must be a JSON list of objects, or an object with such a list as signals."
        raise ConfigError(message)
    return rows


def _signal(count: int, row: Mapping[str, Any]) -> Signal:
    mistakes = "; ".join(_mistakes(row))
    if mistakes:
        message = f"Signal {count} ({row.get('symbol', 'no symbol')}): {mistakes}"
        raise ConfigError(message)
    score = number(row["score"])
    return Signal(TradeIdea(**row), ZERO if score is None else score)


def _mistakes(row: Mapping[str, Any]) -> Iterator[str]:
    for name in row:
        if name not in _FIELDS:
            yield unknown_name(name, _FIELDS, "field")
    for name in ("symbol", "side"):
        if not isinstance(row.get(name), str):
            yield f"{name} is missing."
    if row.get("score") is None:
        yield "score is missing; without it there is nothing to allocate by."
        return
    score = number(row["score"])
    if score is None or not ZERO <= score <= HIGHEST:
        yield f"score {row['score']!r} must be a number from 0 to {HIGHEST}."
