"""Terminals to size on, written by hand: a dollar account of 100,000 at a Wednesday noon, and the sizer that sees it.

EURUSD stands at 1.08490 to 1.08500; 500 points of stop are worth 500 dollars a lot. Trades cost nothing unless a test
says so, so that lots can be reckoned in the head.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from elite_sizer.configuration.reload import Reloader
from elite_sizer.configuration.settings import load
from elite_sizer.inputs.terminals import open_terminal
from elite_sizer.journal.files import Journal
from elite_sizer.journal.recorder import Recorder
from elite_sizer.service.sizer import Sizer
from mt5bridge.captures.document import parse
from mt5bridge.captures.replay import RecordingTerminal
from portfolio.store.database import Store

Document = dict[str, Any]

NOON: Final = datetime(2026, 6, 10, 12, 0, tzinfo=UTC)
SERVER_NOON: Final = 1_781_103_600
"""Noon by the broker's clock, three hours ahead of UTC."""
HOUR: Final = 3_600
FREE: Final[Mapping[str, object]] = {"costs.commission": 0, "costs.slippage": 0}
"""Trades that cost nothing."""

INFO: Final[Mapping[str, Any]] = {
    "trade_contract_size": 100_000.0,
    "trade_tick_size": 0.00001,
    "trade_tick_value": 1.0,
    "volume_min": 0.01,
    "volume_max": 50.0,
    "volume_step": 0.01,
    "currency_base": "EUR",
    "currency_profit": "USD",
    "path": "Forex\\EURUSD",
}
ACCOUNT: Final[Mapping[str, Any]] = {
    "login": 1234,
    "server": "Test-Server",
    "currency": "USD",
    "balance": 100_000.0,
    "equity": 100_000.0,
    "leverage": 100,
}
DEPOSIT: Final[Mapping[str, Any]] = {"type": 2, "time": SERVER_NOON - 9 * 24 * HOUR, "profit": 100_000.0}
NETTING: Final = {"margin_mode": 0}
_BAR: Final = {"open": 1.0850, "high": 1.0851, "low": 1.0849, "close": 1.0850, "spread": 10}


def symbol(bid: float = 1.08490, ask: float = 1.08500, age: int = 0, **info: Any) -> Document:  # noqa: ANN401
    """Return a dollar pair; `age` is that of its quote in seconds."""
    return {"info": {**INFO, **info}, "tick": {"bid": bid, "ask": ask, "time": SERVER_NOON - age}}


def with_bars(count: int = 300, **info: Any) -> Document:  # noqa: ANN401 - fields of a symbol
    """Return EURUSD with hourly and daily bars that each span 20 points."""
    made = symbol(**info)
    made["rates"] = {
        name: {
            "time": [SERVER_NOON - SERVER_NOON % length - length * back for back in reversed(range(1, count + 1))],
            **{column: [price] * count for column, price in _BAR.items()},
        }
        for name, length in (("H1", HOUR), ("D1", 24 * HOUR))
    }
    return made


def capture(**changes: Any) -> Document:  # noqa: ANN401 - the parts of a capture
    """Return a whole capture; `account` and `symbols` are laid over the ordinary ones."""
    account, symbols = changes.pop("account", {}), changes.pop("symbols", {})
    made = {
        "format": "mt5bridge-recording/1",
        "captured_at": "2026-06-10T12:00:00Z",
        "server_utc_offset": 3 * HOUR,
        "account_info": {**ACCOUNT, **account},
        "symbols": {"EURUSD": symbol(), **symbols},
        "deals": [dict(DEPOSIT)],
    }
    return copy.deepcopy({**made, **changes})


def open_trade(words: str, ticket: int = 7, **changes: Any) -> Document:  # noqa: ANN401 - fields of a position
    """Return an open position from words: `EURUSD buy 0.50 @ 1.0850 sl 1.0800`, with no profit yet."""
    made = {**_trade(words), "ticket": ticket, "identifier": ticket, "time": SERVER_NOON - HOUR}
    made["price_current"] = made["price_open"]
    return {**made, "type": 0 if " buy " in words else 1, **changes}


def lost(money: float, hours: int = 1) -> Document:
    """Return a deal that closed a buy of EURUSD with this loss, so many hours ago."""
    trade = {"symbol": "EURUSD", "type": 1, "entry": 1, "volume": 1.0, "price": 1.08, "position_id": 3}
    return {**trade, "time": SERVER_NOON - hours * HOUR, "profit": -money, "ticket": 100}


def waiting(words: str, ticket: int, **changes: Any) -> Document:  # noqa: ANN401 - fields of an order
    """Return a pending limit order from words: `EURUSD buy 0.50 @ 1.0800 sl 1.0750`."""
    made = _trade(words)
    volume = made.pop("volume")
    kind = {"type": 2 if " buy " in words else 3, "volume_current": volume, "time_setup": SERVER_NOON}
    return {**made, "ticket": ticket, **kind, **changes}


def _trade(words: str) -> Document:
    name, _, volume, _, price, *rest = words.split()
    levels = {key: float(value) for key, value in zip(rest[::2], rest[1::2], strict=True)}
    return {"symbol": name, "volume": float(volume), "price_open": float(price), **levels}


@contextmanager
def sizer(
    folder: Path,
    document: Document | None = None,
    *,
    caller: str = "",
    text: str = "",
    free: bool = True,
    durable: bool = False,
    **options: Any,  # noqa: ANN401 - keys of the configuration, double underscores for dots
) -> Iterator[Sizer]:
    """Open a sizer on a capture, with its journal in `folder`, and its store too if it is `durable`.

    `text` is its configuration file.
    """
    case, config = folder / "case.json", folder / "elite-sizer.toml"
    case.write_text(json.dumps(capture() if document is None else document), encoding="utf-8")
    config.write_text(text, encoding="utf-8")
    chosen: dict[str, object] = {"terminal.name": "recording", "terminal.recording": str(case)}
    chosen |= {"store.path": str(folder / "store"), **(FREE if free else {})}
    chosen |= {key.replace("__", "."): value for key, value in options.items()}
    with _opened(config, chosen, caller, durable=durable) as made:
        yield made


def _opened(config: Path, options: Mapping[str, object], caller: str, *, durable: bool) -> Sizer:
    if durable:
        return Sizer.from_config(config, options=options, caller=caller)
    settings = load(config, options=options)
    recorder = Recorder(Store.memory(), Journal(settings.folder))
    reloader = Reloader(lambda: load(config, options=options), settings)
    return Sizer(reloader, open_terminal(settings), recorder, caller=caller)


def show(made: Sizer, document: Document, at: datetime | None = None) -> None:
    """Let the sizer's terminal show another moment."""
    terminal = RecordingTerminal(parse(json.dumps(document), "case"), at=at)
    made.terminal = made.terminal._replace(mt5=terminal, clock=lambda: terminal.now)


def journal(folder: Path) -> list[bytes]:
    """Return the lines of the journal in the sizer's folder, without their ends."""
    return [
        line for path in sorted((folder / "store").glob("decisions-*.jsonl")) for line in path.read_bytes().splitlines()
    ]
