"""The paper terminal's money formulas give the published figures, and for every calculation mode the documented one."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeAlias

import pytest

from mt5bridge.simulated import SimulatedTerminal
from mt5bridge.simulated.broker.book import PaperAccount
from mt5bridge.simulated.demo.presets import make_market
from mt5bridge.simulated.market.bars import Tape
from mt5bridge.simulated.market.catalogue import CONTRACTS
from mt5bridge.simulated.market.contracts import Contract
from tests.paths import DATA

Value: TypeAlias = Any
"""Whatever a row or a field holds."""

BUY, SELL = 0, 1
OIL = CONTRACTS["USOIL"]
AT = datetime(2026, 6, 10, 12, tzinfo=UTC)


def terminal_with(*contracts: Contract, currency: str = "USD", leverage: int = 100) -> SimulatedTerminal:
    """Return a terminal that offers these symbols and no others, all unpriced."""
    market, clock = make_market(AT, contracts={c.name: c for c in contracts}, tape=lambda _: Tape((), 3600))
    terminal = SimulatedTerminal(market, clock, PaperAccount(currency=currency, leverage=leverage))
    terminal.broker.deposit(100_000)
    terminal.visible.update(market.contracts)
    terminal.initialize()
    return terminal


def pair(name: str, digits: int = 5) -> Contract:
    return replace(
        CONTRACTS["EURUSD"],
        name=name,
        currency_base=name[:3],
        currency_profit=name[3:],
        currency_margin=name[:3],
        digits=digits,
    )


def info(terminal: SimulatedTerminal, symbol: str) -> Value:
    row = terminal.symbol_info(symbol)
    assert row is not None
    return row


# published figures (MetaQuotes documentation samples and a dump, see tests/data/valuation_samples.json for sources)


@pytest.mark.parametrize(
    ("yen", "profit", "loss"),
    [
        # MetaQuotes-Demo, 24 March 2020: USDJPY 111.380 / 111.387
        ((111.380, 111.387), 0.8977708350166538, 0.8978272580355541),
        # an unknown broker, 16 November 2022: USDJPY 139.393 / 139.404
        ((139.393, 139.404), 0.7173395311468824, 0.7173961389739801),
    ],
)
def test_tick_values_of_eurjpy_on_usd(yen: tuple[float, float], profit: float, loss: float) -> None:
    terminal = terminal_with(pair("EURJPY", 3), pair("USDJPY", 3)).quote("USDJPY", *yen).quote("EURJPY", 120.0)
    row = info(terminal, "EURJPY")
    assert row.trade_tick_value_profit == pytest.approx(profit, rel=1e-12)
    assert row.trade_tick_value_loss == pytest.approx(loss, rel=1e-12)
    assert row.trade_tick_value == row.trade_tick_value_profit


def test_tick_values_of_eurusd_on_eur() -> None:
    # MetaQuotes-Demo, 11 March 2022: 1.09137 / 1.09152
    terminal = terminal_with(pair("EURUSD"), currency="EUR").quote("EURUSD", 1.09137, 1.09152)
    row = info(terminal, "EURUSD")
    assert row.trade_tick_value_profit == pytest.approx(0.9161536206391089, rel=1e-12)
    assert row.trade_tick_value_loss == pytest.approx(0.9162795385616245, rel=1e-12)


def test_documented_profits() -> None:
    terminal = terminal_with(pair("EURUSD"), pair("USDJPY", 3))
    terminal.quote("EURUSD", 1.10000, 1.10010).quote("USDJPY", 108.179, 108.183)
    calc = terminal.order_calc_profit
    assert calc(BUY, "EURUSD", 1.0, 1.10010, 1.10310) == 300.0
    assert calc(SELL, "EURUSD", 1.0, 1.10000, 1.09700) == 300.0
    # 30,000 JPY at the closing price: 108.483 and 107.879
    assert calc(BUY, "USDJPY", 1.0, 108.183, 108.483) == 276.54
    assert calc(SELL, "USDJPY", 1.0, 108.179, 107.879) == 278.09


@pytest.mark.parametrize(
    ("side", "lots", "opened", "closed", "profit"),
    [(BUY, 0.01, 0.97898, 0.95758, -22.35), (SELL, 0.10, 0.93475, 0.93751, -29.44)],
)
def test_documented_deals_in_usdchf(side: int, lots: float, opened: float, closed: float, profit: float) -> None:
    terminal = terminal_with(pair("USDCHF")).quote("USDCHF", 0.95, 0.9502)
    assert terminal.order_calc_profit(side, "USDCHF", lots, opened, closed) == profit


def test_documented_margins() -> None:
    # samples: 0.1 lots at leverage 100; EURJPY ties up what EURUSD does, GBPJPY what GBPUSD does
    terminal = terminal_with(*(pair(name, 3 if "JPY" in name else 5) for name in (
        "EURUSD", "GBPUSD", "USDJPY", "USDCHF", "EURJPY", "GBPJPY"
    )))  # fmt: skip
    for name, ask in {
        "EURUSD": 1.0991, "GBPUSD": 1.2273, "USDJPY": 108.183, "USDCHF": 0.97, "EURJPY": 119.0, "GBPJPY": 133.0
    }.items():  # fmt: skip
        terminal.quote(name, ask - 0.0002, ask)
    margins = {name: terminal.order_calc_margin(BUY, name, 0.1, 1.0) for name in terminal.market.contracts}
    assert margins == {
        "EURUSD": 109.91,
        "GBPUSD": 122.73,
        "USDJPY": 100.0,
        "USDCHF": 100.0,
        "EURJPY": 109.91,
        "GBPJPY": 122.73,
    }


def test_the_published_dax_contract() -> None:
    # ActivTrades demo, September 2026, EUR account: contract 1, tick 0.01, tick value 0.01
    samples = json.loads((DATA / "valuation_samples.json").read_text(encoding="utf-8"))
    assert samples
    dax = replace(CONTRACTS["GER40"], name="Ger40", volume_min=0.25, volume_step=0.25)
    terminal = terminal_with(dax, currency="EUR").quote("Ger40", 25545.92, 25547.98)
    row = info(terminal, "Ger40")
    assert (row.trade_tick_value, row.trade_tick_value_loss, row.spread) == (0.01, 0.01, 206)
    assert terminal.order_calc_profit(BUY, "Ger40", 1.0, 25547.98, 25447.98) == -100.0


# every documented calculation mode; the figures beside the arguments are the formula by hand


def contract(mode: int, **fields: Value) -> Contract:
    base: dict[str, Any] = {"name": "X", "trade_calc_mode": mode, "margin_rate": 1.0, "digits": 2}
    return replace(OIL, **{**base, **fields})


MODES = {
    # 2 lots * 100 barrels * (58 - 57) = 200; 2 * 100 * 57 * rate
    "cfd": (contract(2), 200.0, 11_400.0),
    "cfd rate": (contract(2, margin_rate=0.25), 200.0, 2_850.0),
    # price / leverage
    "leveraged cfd": (contract(4), 200.0, 114.0),
    # tick value 100 * 0.01 = 1; 2 * 100 * 57 * 1 / 0.01
    "index cfd": (contract(3), 200.0, 1_140_000.0),
    "index cfd, contract 1": (contract(3, trade_contract_size=1.0), 2.0, 114.0),
    # 100 ticks of 12.50 each
    "futures": (contract(1, tick_price=12.5, margin_initial=3000.0), 2_500.0, 6_000.0),
    "exchange futures": (contract(33, tick_price=12.5, margin_initial=3000.0), 2_500.0, 6_000.0),
    # a long below the settlement price of 57.40: 6000 - 2 * 0.40 * 12.5 / 0.01
    "forts": (
        contract(34, tick_price=12.5, margin_initial=3000.0, session_price_settlement=57.40),
        2_500.0,
        5_000.0,
    ),
    "forts, dear side": (
        contract(34, tick_price=12.5, margin_initial=3000.0, session_price_settlement=56.40),
        2_500.0,
        6_000.0,
    ),
    "stocks": (contract(32), 200.0, 11_400.0),
    "moex stocks": (contract(38), 200.0, 11_400.0),
    # 2 * 100 * 1000 * 57 / 100; a bond's price is per cent of its face value
    "bonds": (contract(37, trade_face_value=1000.0), 2_000.0, 114_000.0),
    "moex bonds": (contract(39, trade_face_value=1000.0), 2_000.0, 114_000.0),
    "collateral": (contract(64), 0.0, 0.0),
    # currency pairs: 2 * 100 / leverage, in the base currency (here the deposit's own)
    "forex": (contract(0), 200.0, 2.0),
    "forex without leverage": (contract(5), 200.0, 200.0),
    # a margin of its own replaces the formula
    "own margin": (contract(4, margin_initial=700.0), 200.0, 1_400.0),
}


@pytest.mark.parametrize("mode", MODES)
def test_every_mode_has_its_documented_profit_and_margin(mode: str) -> None:
    symbol, profit, margin = MODES[mode]
    terminal = terminal_with(symbol).quote("X", 56.98, 57.00)
    assert terminal.order_calc_profit(BUY, "X", 2.0, 57.00, 58.00) == profit
    assert terminal.order_calc_profit(SELL, "X", 2.0, 57.00, 58.00) == -profit
    assert terminal.order_calc_margin(BUY, "X", 2.0, 57.00) == pytest.approx(margin, abs=1e-9)


@pytest.mark.parametrize("mode", [1, 2, 3, 4, 32, 33, 34, 37])
def test_profit_in_a_foreign_currency_is_converted(mode: int) -> None:
    symbol = contract(mode, currency_profit="EUR", currency_margin="EUR", tick_price=1.0, trade_face_value=100.0)
    terminal = terminal_with(symbol, pair("EURUSD")).quote("X", 56.98, 57.00).quote("EURUSD", 1.0800, 1.0900)
    at_par = terminal_with(replace(symbol, currency_profit="USD", currency_margin="USD")).quote("X", 56.98, 57.00)
    gain = at_par.order_calc_profit(BUY, "X", 2.0, 57.00, 58.00)
    assert gain is not None
    # a gain converts at the bid, a loss at the ask
    assert terminal.order_calc_profit(BUY, "X", 2.0, 57.00, 58.00) == pytest.approx(gain * 1.08)
    assert terminal.order_calc_profit(SELL, "X", 2.0, 57.00, 58.00) == pytest.approx(-gain * 1.09)


@pytest.mark.parametrize(
    ("pairs", "rate"),
    [
        ({"GBPUSD": (1.25, 1.26)}, 1.26),  # direct: the ask
        ({"USDGBP": (0.79, 0.80)}, 1 / 0.79),  # inverse: the bid
        ({"GBPCHF": (1.10, 1.12), "USDCHF": (0.88, 0.90)}, 1.12 / 0.88),  # across francs
        ({"EURGBP": (0.85, 0.86), "EURUSD": (1.08, 1.09)}, 1.09 / 0.85),  # across euros
    ],
)
def test_a_loss_converts_directly_inversely_or_across(pairs: dict[str, tuple[float, float]], rate: float) -> None:
    share = replace(CONTRACTS["AAPL"], name="X", currency_profit="GBP", currency_margin="GBP")
    terminal = terminal_with(share, *(pair(name) for name in pairs)).quote("X", 100.0, 101.0)
    for name, prices in pairs.items():
        terminal.quote(name, *prices)
    assert terminal.order_calc_profit(BUY, "X", 10.0, 100.0, 90.0) == pytest.approx(-100.0 * rate, abs=0.005)
    assert info(terminal, "X").trade_tick_value_loss == pytest.approx(0.01 * rate)


def test_without_a_way_to_convert_there_is_no_answer() -> None:
    share = replace(CONTRACTS["AAPL"], name="X", currency_profit="GBP", currency_margin="GBP")
    terminal = terminal_with(share, pair("EURUSD")).quote("X", 100.0, 101.0).quote("EURUSD", 1.08, 1.09)
    assert terminal.order_calc_profit(BUY, "X", 10.0, 100.0, 90.0) is None
    assert terminal.last_error()[0] == -1
    assert terminal.order_calc_margin(BUY, "X", 10.0, 100.0) is None
    assert info(terminal, "X").trade_tick_value == 0.0


def test_profit_is_rounded_to_the_deposit_currencys_digits() -> None:
    # a tick of a 1-dollar index on one lot is a cent; a third of a lot's is not
    terminal = SimulatedTerminal.fresh()
    assert terminal.order_calc_profit(BUY, "US500", 0.34, 5321.00, 5321.01) == 0.0
    assert terminal.order_calc_profit(BUY, "US500", 34.0, 5321.00, 5321.01) == 0.34
    yen = terminal_with(pair("USDJPY", 3), currency="JPY").quote("USDJPY", 150.0, 150.01)
    yen.broker.pricing.digits = 0
    assert yen.order_calc_profit(BUY, "USDJPY", 0.01, 150.0, 150.0004) == 0.0


def test_a_large_volume_shows_what_rounding_hides() -> None:
    terminal = SimulatedTerminal.fresh()
    large = terminal.order_calc_profit(BUY, "USDJPY", 1_000_000.0, 150.0, 148.4)
    assert large is not None
    assert large / 1_000_000 == pytest.approx(-1.6 * 100_000 / 148.4, rel=1e-9)


@pytest.mark.parametrize(
    "arguments",
    [
        (2, "EURUSD", 1.0, 1.1, 1.2),
        (0, "EURUSD", 0.0, 1.1, 1.2),
        (0, "EURUSD", -1.0, 1.1, 1.2),
        (0, "EURUSD", 1.0, 0.0, 1.2),
        (0, "EURUSD", 1.0, 1.1, float("nan")),
        (0, "EURUSD", 1.0, float("inf"), 1.2),
    ],
)
def test_a_senseless_calculation_is_refused(arguments: tuple[Any, ...]) -> None:
    terminal = SimulatedTerminal.fresh()
    assert terminal.order_calc_profit(*arguments) is None
    assert terminal.last_error() == (-2, "Terminal: Invalid params")
