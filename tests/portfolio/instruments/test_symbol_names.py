"""A broker's decorations do not hide which instrument a symbol is, and a stranger is not mistaken for one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.instruments.symbol_names import INSTRUMENTS, instrument_name, legs, named_class


@pytest.mark.parametrize(
    "symbol",
    ["EURUSD", "EURUSD.r", "EURUSDm", "eurusdi", "#EURUSD", "EUR/USD", "EURUSD-ECN", "FX:EURUSD", "mEURUSD", "EURUSD+"],
)
def test_a_currency_pair_keeps_its_six_letters(symbol: str) -> None:
    assert instrument_name(symbol) == "EURUSD"


@pytest.mark.parametrize(
    ("symbol", "name", "asset_class"),
    [
        ("XAUUSDm", "XAUUSD", "gold"),
        ("XAUUSD.r", "XAUUSD", "gold"),
        ("XAUUSD_Z5", "XAUUSD", "gold"),
        ("GOLD.spot", "XAUUSD", "gold"),
        ("OANDA:XAU_USD", "XAUUSD", "gold"),
        ("XAUEUR", "XAUEUR", "gold"),
        ("SILVER", "XAGUSD", "metals"),
        ("US30.cash", "US30", "indices"),
        ("US30Cash", "US30", "indices"),
        ("mUS30", "US30", "indices"),
        (".US30Cash", "US30", "indices"),
        ("US100.std", "NAS100", "indices"),
        ("USTEC.x", "NAS100", "indices"),
        ("GER40", "DE40", "indices"),
        ("Ger40", "DE40", "indices"),
        ("GER40_Z25", "DE40", "indices"),
        ("DE40.c", "DE40", "indices"),
        ("US2000", "US2000", "indices"),
        ("USOILF26", "USOIL", "oil"),
        ("USOIL.f", "USOIL", "oil"),
        ("WTI", "USOIL", "oil"),
        ("XTIUSD", "USOIL", "oil"),
        ("UKOIL", "BRENT", "oil"),
        ("BTC-USD", "BTCUSD", "crypto"),
        ("BTCUSDT", "BTCUSDT", "crypto"),
        ("ETHUSD.x", "ETHUSD", "crypto"),
        ("USDSEK", "USDSEK", "forex"),
    ],
)
def test_a_decorated_name_is_recognised(symbol: str, name: str, asset_class: str) -> None:
    assert instrument_name(symbol) == name
    assert named_class(name) == asset_class


@pytest.mark.parametrize(
    ("symbol", "name"),
    [
        ("AAPL.US", "AAPL"),
        ("#TSLA", "TSLA"),
        ("NATGAS", "NATGAS"),
        ("GOLDMAN", "GOLDMAN"),
        ("COFFEEc", "COFFEE"),
        ("US300", "US300"),
        ("C", "C"),
        ("", ""),
    ],
)
def test_a_stranger_keeps_its_name_and_tells_no_class(symbol: str, name: str) -> None:
    assert instrument_name(symbol) == name
    assert named_class(name) is None


@given(st.text(max_size=12))
def test_any_text_has_a_plain_name_that_is_its_own_plain_name(symbol: str) -> None:
    name = instrument_name(symbol)
    assert instrument_name(name) == name


def test_no_instrument_goes_by_the_name_of_another() -> None:
    every = [name for canonical, (_, others) in INSTRUMENTS.items() for name in (canonical, *others)]
    assert len(every) == len(set(every))


@pytest.mark.parametrize(
    ("name", "expected"),
    [("EURUSD", ("EUR", "USD")), ("XAUEUR", ("XAU", "EUR")), ("USDUSD", None), ("US500", None), ("BTCUSD", None)],
)
def test_only_currency_pairs_and_metals_have_legs(name: str, expected: tuple[str, str] | None) -> None:
    assert legs(name) == expected
