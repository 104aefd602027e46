"""The weeks behind the demonstration account: an invented trader's trades, replayed on the paper market."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

from mt5bridge.metatrader.constants import Constants
from mt5bridge.simulated.broker.broker import Broker

OPENED = datetime(2026, 5, 18, 7, tzinfo=UTC)
BUY, SELL = Constants.ORDER_TYPE_BUY, Constants.ORDER_TYPE_SELL


class StoryTrade(NamedTuple):
    """A trade of the story; `stop` and `target` are distances in points, `until` closes a running trade by hand."""

    at: datetime
    symbol: str
    side: int
    lots: float
    stop: int
    target: int
    until: datetime | None = None


def _june(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 6, day, hour, minute, tzinfo=UTC)


def _may(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 5, day, hour, minute, tzinfo=UTC)


TRADES = (
    StoryTrade(_may(18, 8, 30), "EURUSD", BUY, 1.20, 300, 600, _may(19, 15)),
    StoryTrade(_may(19, 13, 30), "US500", BUY, 12.0, 3500, 7000, _may(19, 19)),
    StoryTrade(_may(20, 7, 15), "USDJPY", SELL, 0.90, 450, 900, _may(21, 14)),
    StoryTrade(_may(21, 9), "XAUUSD", BUY, 0.25, 1400, 2800, _may(22, 12)),
    StoryTrade(_may(22, 8), "GBPUSD", SELL, 0.80, 350, 700, _may(22, 18)),
    StoryTrade(_may(26, 7, 45), "GER40", BUY, 6.0, 9000, 18000, _may(27, 15)),
    StoryTrade(_may(27, 12, 30), "EURUSD", SELL, 1.00, 280, 560, _may(28, 16)),
    StoryTrade(_may(28, 14), "NAS100", BUY, 4.0, 12000, 24000, _may(29, 18)),
    StoryTrade(_may(29, 9), "USDJPY", BUY, 0.80, 400, 800, _may(29, 19)),
    StoryTrade(_june(1, 8), "GBPUSD", BUY, 0.75, 330, 660, _june(2, 15)),
    StoryTrade(_june(2, 13), "XAUUSD", SELL, 0.20, 1500, 3000, _june(3, 16)),
    StoryTrade(_june(3, 8, 30), "EURUSD", BUY, 1.10, 300, 600, _june(4, 14)),
    StoryTrade(_june(4, 14, 30), "US500", SELL, 10.0, 3800, 7600, _june(5, 18)),
    StoryTrade(_june(5, 9), "USDJPY", SELL, 0.85, 420, 840, _june(8, 13)),
    StoryTrade(_june(8, 7, 30), "GER40", SELL, 5.0, 9500, 19000, _june(9, 14)),
    StoryTrade(_june(9, 9), "XAUUSD", BUY, 0.20, 2600, 5200),
    StoryTrade(_june(9, 13, 30), "US500", BUY, 8.0, 5200, 10400),
    StoryTrade(_june(10, 6, 45), "GBPUSD", SELL, 0.50, 350, 500, _june(10, 10, 30)),
    StoryTrade(_june(10, 9, 15), "USDJPY", BUY, 0.60, 450, 900),
)


def play_story(broker: Broker, at: datetime) -> None:
    """Trade the story up to `at`, and leave a buy limit in EURUSD below the market."""
    events = sorted(
        [(trade.at, 0, n) for n, trade in enumerate(TRADES)]
        + [(trade.until, 1, n) for n, trade in enumerate(TRADES) if trade.until]
    )
    tickets: dict[int, int] = {}
    for when, is_exit, n in events:
        if when <= at:
            broker.advance(when)
            if is_exit:
                _leave(broker, tickets[n])
            else:
                tickets[n] = _enter(broker, TRADES[n])
    broker.advance(at)
    if tickets:
        _bid_below(broker)


def _enter(broker: Broker, trade: StoryTrade) -> int:
    contract = broker.market.contracts[trade.symbol]
    entry = contract.points(broker.price(trade.symbol, trade.side))
    way = 1 if trade.side == BUY else -1
    return broker.trade(
        trade.symbol,
        trade.side,
        trade.lots,
        sl=contract.price(entry - way * trade.stop),
        tp=contract.price(entry + way * trade.target),
        magic=1001,
        comment="demo",
    )


def _leave(broker: Broker, ticket: int) -> None:
    if position := broker.book.positions.get(ticket):
        exit_side = SELL if position.side == BUY else BUY
        broker.close(position, broker.price(position.symbol, exit_side), Constants.DEAL_REASON_EXPERT, "demo")


def _bid_below(broker: Broker) -> None:
    contract = broker.market.contracts["EURUSD"]
    bid = contract.points(broker.market.quote("EURUSD").bid)
    broker.trade(
        "EURUSD",
        BUY,
        0.50,
        price=contract.price(bid - 230),
        sl=contract.price(bid - 530),
        tp=contract.price(bid + 370),
        kind=Constants.ORDER_TYPE_BUY_LIMIT,
        magic=1001,
        comment="demo",
    )
