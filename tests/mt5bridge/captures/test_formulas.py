"""What a lot makes and binds by the documented formulas, against figures that MetaQuotes and traders published."""

from __future__ import annotations

from typing import Any

import pytest

from mt5bridge.captures.formulas import RawPrices, margin, profit

BUY, SELL = 0, 1


def contract(base: str, quote: str, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any field
    info = {
        "trade_calc_mode": 0,
        "trade_contract_size": 100_000.0,
        "trade_tick_size": 0.00001,
        "trade_tick_value": 1.0,
        "trade_tick_value_loss": 1.0,
        "trade_face_value": 0.0,
        "margin_initial": 0.0,
        "currency_base": base,
        "currency_profit": quote,
        "currency_margin": base,
    }
    return {**info, **changes}


def market(currency: str = "USD", leverage: int = 100, **quotes: tuple[dict[str, Any], float, float]) -> RawPrices:
    infos = {name: info for name, (info, _, _) in quotes.items()}
    ticks = {name: {"bid": bid, "ask": ask} for name, (_, bid, ask) in quotes.items()}
    return RawPrices(currency, leverage, infos, ticks)


DOCS = market(
    EURUSD=(contract("EUR", "USD"), 1.0990, 1.0991),
    GBPUSD=(contract("GBP", "USD"), 1.2272, 1.2273),
    USDJPY=(contract("USD", "JPY"), 108.179, 108.183),
    USDCHF=(contract("USD", "CHF"), 0.96, 0.9602),
    EURJPY=(contract("EUR", "JPY"), 118.9, 118.95),
    GBPJPY=(contract("GBP", "JPY"), 132.7, 132.8),
)
"""Quotes of March 2020 that fit the documentation's own answers."""


@pytest.mark.parametrize(
    ("symbol", "expected"),
    [
        ("EURUSD", 109.91),
        ("GBPUSD", 122.73),
        ("USDJPY", 100.0),
        ("USDCHF", 100.0),
        ("EURJPY", 109.91),
        ("GBPJPY", 122.73),
    ],
)
def test_margins_of_the_documentation(symbol: str, expected: float) -> None:
    # docs/python_metatrader5/mt5ordercalcmargin_py: 0.1 lot, leverage 100, dollar account
    answer = margin(DOCS, symbol, 0.1, DOCS.ticks[symbol]["ask"])
    assert answer is not None
    assert round(answer, 2) == expected


@pytest.mark.parametrize(
    ("action", "opened", "close", "expected"),
    [
        (BUY, 108.183, 108.483, 276.54),  # 30,000 JPY / 108.483
        (SELL, 108.179, 107.879, 278.09),  # 30,000 JPY / 107.879
    ],
)
def test_profits_in_yen_of_the_documentation(action: int, opened: float, close: float, expected: float) -> None:
    # docs/python_metatrader5/mt5ordercalcprofit_py: 300 points of USDJPY on a dollar account, converted at the close
    answer = profit(DOCS, action, "USDJPY", 1.0, open_price=opened, close=close)
    assert answer is not None
    assert round(answer, 2) == expected


@pytest.mark.parametrize(
    ("action", "volume", "opened", "close", "expected"),
    [(BUY, 0.01, 0.97898, 0.95758, -22.35), (SELL, 0.10, 0.93475, 0.93751, -29.44)],
)
def test_deals_of_the_documentation(action: int, volume: float, opened: float, close: float, expected: float) -> None:
    # docs/python_metatrader5/mt5historydealsget_py: USDCHF on a dollar account
    answer = profit(DOCS, action, "USDCHF", volume, open_price=opened, close=close)
    assert answer is not None
    assert round(answer, 2) == expected


def test_a_loss_in_a_foreign_currency_is_paid_at_the_dearer_side() -> None:
    loss = profit(DOCS, BUY, "EURJPY", 1.0, open_price=119.0, close=118.0)
    gain = profit(DOCS, BUY, "EURJPY", 1.0, open_price=118.0, close=119.0)
    # 100,000 yen at the bid of USDJPY for a loss, at its ask for a gain
    assert loss == pytest.approx(-100_000 / 108.179)
    assert gain == pytest.approx(100_000 / 108.183)


def test_a_currency_is_crossed_where_there_is_no_pair() -> None:
    prices = market(
        "AUD",
        EURJPY=(contract("EUR", "JPY"), 160.0, 160.1),
        EURAUD=(contract("EUR", "AUD"), 1.6, 1.61),
    )
    # a yen costs 1/160 euro, a euro 1.61 Australian dollars
    assert prices.rate("JPY", "AUD", paying=True) == pytest.approx(1.61 / 160.0)
    assert prices.rate("JPY", "AUD", paying=False) == pytest.approx(1.6 / 160.1)


def test_a_rate_that_is_missing_is_never_one() -> None:
    prices = market("AUD", EURJPY=(contract("EUR", "JPY"), 160.0, 160.1))
    assert prices.rate("JPY", "AUD", paying=True) is None
    assert profit(prices, BUY, "EURJPY", 1.0, open_price=160.0, close=159.0) is None
    assert margin(prices, "EURJPY", 1.0, 160.0) is None


def test_a_pair_without_quotes_converts_nothing() -> None:
    prices = market("USD", EURUSD=(contract("EUR", "USD"), 0.0, 0.0))
    assert prices.rate("EUR", "USD", paying=True) is None


def test_an_index_does_not_convert_currencies() -> None:
    prices = market("USD", EURX=(contract("EUR", "USD", trade_calc_mode=4), 1.0, 1.0))
    assert prices.rate("EUR", "USD", paying=True) is None


# one row for each documented mode: 2 lots, from 100 to 90, at leverage 50, tick 0.5 worth 5


MODES = [
    # mode, profit, margin at 100
    (0, -10 * 2 * 10.0, 2 * 10 / 50),
    (1, -10 / 0.5 * 5 * 2, 2 * 300.0),
    (2, -10 * 2 * 10.0, 2 * 10 * 100),
    (3, -10 * 2 * 10.0, 2 * 10 * 100 * 5 / 0.5),
    (4, -10 * 2 * 10.0, 2 * 10 * 100 / 50),
    (5, -10 * 2 * 10.0, 2 * 10.0),
    (32, -10 * 2 * 10.0, 2 * 10 * 100),
    (33, -10 / 0.5 * 5 * 2, 2 * 300.0),
    (34, -10 / 0.5 * 5 * 2, 2 * 300.0),
    (37, -10 * 2 * 10 * 1000 / 100, 2 * 10 * 1000 * 100 / 100),
    (38, -10 * 2 * 10.0, 2 * 10 * 100),
    (39, -10 * 2 * 10 * 1000 / 100, 2 * 10 * 1000 * 100 / 100),
]


@pytest.mark.parametrize(("mode", "result", "bound"), MODES)
def test_every_documented_mode_long_and_short(mode: int, result: float, bound: float) -> None:
    tick_priced = mode in (1, 33, 34)
    info = contract(
        "USD",
        "USD",
        trade_calc_mode=mode,
        trade_contract_size=10.0,
        trade_tick_size=0.5,
        trade_tick_value=5.0,
        trade_tick_value_loss=5.0,
        trade_face_value=1000.0,
        margin_initial=300.0 if tick_priced else 0.0,
    )
    prices = market("USD", 50, X=(info, 100.0, 100.0))
    assert profit(prices, BUY, "X", 2.0, open_price=100.0, close=90.0) == pytest.approx(result)
    assert profit(prices, SELL, "X", 2.0, open_price=100.0, close=90.0) == pytest.approx(-result)
    assert margin(prices, "X", 2.0, 100.0) == pytest.approx(bound)


@pytest.mark.parametrize("mode", [35, 36, 64])
def test_a_mode_without_a_documented_formula_has_no_answer(mode: int) -> None:
    prices = market("USD", X=(contract("USD", "USD", trade_calc_mode=mode), 100.0, 100.0))
    assert profit(prices, BUY, "X", 1.0, open_price=100.0, close=90.0) is None
    assert margin(prices, "X", 1.0, 100.0) is None


def test_an_initial_margin_that_is_set_is_the_margin() -> None:
    prices = market("USD", X=(contract("USD", "USD", trade_calc_mode=2, margin_initial=500.0), 100.0, 100.0))
    assert margin(prices, "X", 3.0, 100.0) == 1500.0


def test_a_loss_of_a_future_counts_the_tick_value_of_losses() -> None:
    info = contract("USD", "USD", trade_calc_mode=33, trade_tick_size=0.25, trade_tick_value_loss=1.25)
    prices = market("USD", X=(info, 100.0, 100.0))
    # four ticks: 1.00 each when they win, 1.25 when they lose
    assert profit(prices, BUY, "X", 1.0, open_price=100.0, close=101.0) == 4.0
    assert profit(prices, BUY, "X", 1.0, open_price=101.0, close=100.0) == -5.0
