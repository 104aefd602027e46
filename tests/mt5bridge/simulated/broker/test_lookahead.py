"""Passing quiet hours in one step changes nothing: every tick looked at, the same deals come of it."""

from __future__ import annotations

import math
import random
from datetime import UTC, datetime, timedelta

import pytest

from mt5bridge.simulated import SimulatedTerminal
from mt5bridge.simulated.broker import broker
from mt5bridge.simulated.broker.accounting import Accounting
from mt5bridge.simulated.broker.lookahead import Outlook
from mt5bridge.simulated.market.market import TriggerPrices

MONDAY = datetime(2026, 6, 8, 6, tzinfo=UTC)


def every_tick(accounting: Accounting, now: int) -> Outlook:
    """Expect anything at every tick."""
    beat = accounting.market.tick_seconds * 1000
    anything = TriggerPrices(math.inf, math.inf, -math.inf, -math.inf)
    return Outlook(now - now % beat + beat, dict.fromkeys(accounting.book.symbols(), anything), safe=False)


def day_of_trading(seed: int) -> list[tuple[object, ...]]:
    """Return the deals of a day of random trades, some of them too large for the account."""
    chance = random.Random(seed)  # noqa: S311 - a test's dice
    terminal = SimulatedTerminal.fresh(
        chance.choice([700, 1_400, 100_000]), leverage=500, seed=seed, at=MONDAY, tick_seconds=60
    )
    for _ in range(8):
        symbol = chance.choice(["EURUSD", "USDJPY", "XAUUSD", "US500"])
        contract, quote = terminal.market.contracts[symbol], terminal.market.quote(symbol)
        bid, way = contract.points(quote.bid), chance.choice([1, -1])
        near, far = (chance.randrange(contract.spread * 3, contract.spread * 60) for _ in range(2))
        stop = contract.price(bid - way * near) if chance.random() < 0.6 else 0.0
        target = contract.price(bid + way * far) if chance.random() < 0.6 else 0.0
        lots = chance.choice([0.2, 0.6, 2.0])
        if chance.random() < 0.3:
            kind = terminal.ORDER_TYPE_BUY_LIMIT if way > 0 else terminal.ORDER_TYPE_SELL_LIMIT
            terminal.place(symbol, kind, lots, contract.price(bid - way * contract.spread * 5))
        else:
            (terminal.buy if way > 0 else terminal.sell)(symbol, lots, stop=stop, target=target)
        terminal.advance(timedelta(minutes=chance.randrange(5, 400)))
    return [tuple(deal) for deal in terminal.history_deals_get(0, 2_000_000_000) or ()]


@pytest.mark.parametrize("seed", range(16))
def test_quiet_hours_hide_nothing(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    in_strides = day_of_trading(seed)
    monkeypatch.setattr(broker, "look_ahead", every_tick)
    assert day_of_trading(seed) == in_strides


def test_the_scenarios_are_not_quiet() -> None:
    reasons = {deal[8] for seed in range(16) for deal in day_of_trading(seed)}
    terminal = SimulatedTerminal
    assert reasons >= {terminal.DEAL_REASON_SL, terminal.DEAL_REASON_TP, terminal.DEAL_REASON_SO}
