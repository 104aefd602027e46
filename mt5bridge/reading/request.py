"""Ask a terminal for one raw reading: the request, its plain values for the terminal's side, and the call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from mt5bridge.errors import SymbolError, TerminalError, UnusableValueError
from mt5bridge.metatrader.constants import NAME_CHARACTERS, TIMEFRAMES
from mt5bridge.metatrader.protocol import Source, Terminal
from mt5bridge.reading.placed_exits import Place
from mt5bridge.terminal_side.gather import gather
from portfolio.model import Side
from portfolio.reasons import refuse

HISTORY_MARGIN: Final = timedelta(days=1)
"""History is asked for this much too early and too late, and cut after conversion: the server's clock is not ours."""

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class SnapshotRequest:
    """The parts of a snapshot; without a symbol, the account and the book alone.

    The terminal computes what one lot would make from `entry` (the market where None) to the stop and to the target,
    both rounded to the tick: down for a buy, up for a sell, as `portfolio.rounding` does.
    """

    symbol: str | None = None
    side: Side | None = None
    entry: Decimal | None = None
    stop: Decimal | None = None
    target: Decimal | None = None
    bars: tuple[tuple[str, int], ...] = ()
    """(timeframe, how many closed bars) for the symbol, every symbol in the book, and the extra ones."""
    deals_since: datetime | None = None
    """Aware; history from here to now. None brings none."""
    extra: tuple[str, ...] = ()
    """Further symbols to bring with specification, quote and bars."""
    place: Place | None = None
    """Places stop and target on the reading itself, where they are distances."""
    closing: bool = False
    """The trade only closes or reduces, so neither a stale quote nor torn numbers block it."""


def check_request(request: SnapshotRequest) -> SnapshotRequest:
    """Return the request; refused where a name, a price or a number of bars in it makes no sense."""
    for name in (request.symbol, *request.extra):
        if name is not None and not 0 < len(name) <= NAME_CHARACTERS:
            raise SymbolError(refuse("symbol_unknown", f"{name!r} is no symbol: 1 to {NAME_CHARACTERS} characters"))
    for field in ("entry", "stop", "target"):
        price = getattr(request, field)
        if price is not None and not (price.is_finite() and price > 0):
            raise UnusableValueError(refuse("value_not_finite", f"{field} is {price}, must be a price above 0"))
    for timeframe, count in request.bars:
        if timeframe not in TIMEFRAMES or count < 1:
            detail = f"{count} bars of {timeframe!r}; timeframes are {', '.join(TIMEFRAMES)}"
            raise UnusableValueError(refuse("input_range", detail))
    return request


def gather_request(request: SnapshotRequest, at: datetime) -> dict[str, Any]:
    """Return the request in the plain values of `mt5bridge.terminal_side.gather`."""
    prices = {field: getattr(request, field) for field in ("entry", "stop", "target")}
    since = request.deals_since
    return {
        "symbol": request.symbol,
        "side": None if request.side is None else request.side.value,
        **{field: None if price is None else float(price) for field, price in prices.items()},
        "extra": list(request.extra),
        "bars": [[timeframe, TIMEFRAMES[timeframe], count] for timeframe, count in request.bars],
        "deals_from": None if since is None else int((since - HISTORY_MARGIN).timestamp()),
        "deals_to": None if since is None else int((at + HISTORY_MARGIN).timestamp()),
        "closing": request.closing,
    }


def fetch(terminal: Terminal | Source, request: Mapping[str, Any]) -> dict[str, Any]:
    """Return one raw reading, over the wire or by calling the terminal here; nothing in it is checked."""
    if isinstance(terminal, Source):
        return terminal.gather(request)
    try:
        return gather(terminal, request)
    except Exception as error:
        # rows so broken that they can't even be read are no answer either
        raise TerminalError(refuse("terminal_no_data", f"{type(error).__name__}: {error}")) from error
