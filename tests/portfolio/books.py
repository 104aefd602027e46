"""Contracts, markets and books in the trader's own words, for the tests of valuation, costs and exposure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from portfolio.model import (
    ZERO,
    Account,
    MarginQuestion,
    Order,
    OrderType,
    Position,
    ProfitQuestion,
    Quote,
    Side,
    Snapshot,
    SymbolSpec,
    TerminalState,
)
from portfolio.valuation.conversion import Prices
from portfolio.valuation.costs import Costs

NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)
"""A Wednesday."""
FREE = Costs(ZERO, ZERO, ZERO, ZERO, "free")


def contract(name: str, *, mode: int = 0, size: str = "100000", tick: str = "0.00001", **given: Any) -> SymbolSpec:  # noqa: ANN401 (any field of the specification)
    """Return a contract; its currencies are read off the name, its tick value is tick x size unless `value` says."""
    value = Decimal(given.pop("value", None) or Decimal(tick) * Decimal(size))
    fields: dict[str, Any] = {
        "tick_value": value,
        "tick_value_loss": value,
        "point": Decimal(tick),
        "digits": 5,
        "currency_base": name[:3],
        "currency_profit": name[3:6],
        "currency_margin": name[:3],
        "volume_min": Decimal("0.01"),
        "volume_max": Decimal(100),
        "volume_step": Decimal("0.01"),
    }
    fields |= {
        key: Decimal(text) if isinstance(text, str) and text[:1] in "-.0123456789" else text
        for key, text in given.items()
    }
    return SymbolSpec(name=name, calc_mode=mode, contract_size=Decimal(size), tick_size=Decimal(tick), **fields)


def quote(symbol: str, bid: str, ask: str) -> Quote:
    return Quote(symbol, Decimal(bid), Decimal(ask), NOW)


def market(currency: str, *lines: tuple[SymbolSpec, str, str]) -> Prices:
    """Return a market of (contract, bid, ask) lines; an empty bid leaves the symbol without a quote."""
    specs = {spec.name: spec for spec, _, _ in lines}
    return Prices(currency, specs, {spec.name: quote(spec.name, bid, ask) for spec, bid, ask in lines if bid})


def position(words: str) -> Position:
    """Read "7 EURUSD buy 0.50 @ 1.0850 now 1.0840 sl 1.0800 tp 1.0950 swap -1.20"; `now` is the entry if left out."""
    ticket, symbol, side, lots, _, entry, *rest = words.split()
    more = dict(zip(rest[::2], map(Decimal, rest[1::2]), strict=True))
    return Position(
        int(ticket),
        symbol,
        Side(side),
        Decimal(lots),
        Decimal(entry),
        more.get("now", Decimal(entry)),
        more.get("sl"),
        more.get("tp"),
        ZERO,
        more.get("swap", ZERO),
        NOW,
    )


def order(words: str) -> Order:
    """Read "8 EURUSD buy 0.50 @ 1.0850 sl 1.0800 tp 1.0950"."""
    held = position(words)
    return Order(
        held.ticket,
        held.symbol,
        held.side,
        OrderType.LIMIT,
        held.volume,
        held.open_price,
        held.stop,
        held.target,
        NOW,
    )


def snapshot(
    priced: Prices,
    *entries: Position | Order,
    profits: Mapping[ProfitQuestion, Decimal] | None = None,
    margins: Mapping[MarginQuestion, Decimal] | None = None,
) -> Snapshot:
    money = Decimal(100_000)
    return Snapshot(
        NOW,
        Account(1, "Test", priced.currency, money, money, ZERO, money, leverage=100),
        TerminalState("simulated"),
        priced.specs,
        priced.quotes,
        positions=tuple(entry for entry in entries if isinstance(entry, Position)),
        orders=tuple(entry for entry in entries if isinstance(entry, Order)),
        profits=profits or {},
        margins=margins or {},
    )
