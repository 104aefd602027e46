"""The class of a symbol is known by the first source that tells: configuration, folder, currencies, mode, name."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from portfolio.instruments.asset_class import CLASSES, asset_class
from portfolio.instruments.symbol_names import INSTRUMENTS
from portfolio.model import SymbolSpec


def symbol(name: str, path: str = "", currencies: str = "USD USD", mode: int = 2) -> SymbolSpec:
    """Return a specification that tells nothing but what is given; mode 2 is a plain CFD."""
    base, profit = currencies.split()
    figures: dict[str, Any] = dict.fromkeys(
        ("contract_size", "tick_size", "tick_value", "tick_value_loss", "point", "volume_min", "volume_max"), Decimal(1)
    )
    return SymbolSpec(
        name=name,
        calc_mode=mode,
        digits=0,
        currency_base=base,
        currency_profit=profit,
        currency_margin=base,
        volume_step=Decimal(1),
        path=path,
        **figures,
    )


def known(spec: SymbolSpec, **configured: str) -> str:
    return asset_class(spec, configured)[0]


def test_a_configured_name_beats_everything_else() -> None:
    spec = symbol("XAUUSD.r", r"Metals\XAUUSD.r", "XAU USD")
    assert asset_class(spec, {"XAUUSD.r": "others"}) == ("others", "configured for XAUUSD.R")
    assert asset_class(spec, {"XAUUSD": "forex"})[0] == "forex"
    assert asset_class(spec, {"EURUSD": "forex"})[0] == "gold"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (r"Forex\Majors\ODD", "forex"),
        (r"Forex Major\ODD", "forex"),
        (r"Markets\FX\ODD", "forex"),
        (r"Cash Indices\ODD", "indices"),
        (r"Equity Indices\ODD", "indices"),
        (r"US Stocks\ODD", "stocks"),
        (r"Shares\ODD", "stocks"),
        (r"Crypto CFD\ODD", "crypto"),
        (r"Metals\ODD", "metals"),
        (r"Spot Gold\ODD", "gold"),
        (r"CFD\Crude Oil\ODD", "oil"),
        ("Forex/ODD", "forex"),
    ],
)
def test_the_terminals_folder_tells(path: str, expected: str) -> None:
    assert known(symbol("ODD", path)) == expected


def test_the_last_part_of_the_path_is_the_symbol_and_no_folder() -> None:
    assert known(symbol("OILSTOCK", "OILSTOCK")) == "others"


def test_a_folder_of_energies_is_not_all_oil() -> None:
    assert known(symbol("NATGAS", r"Energies\NATGAS")) == "others"
    assert known(symbol("USOIL", r"Energies\USOIL")) == "oil"


@pytest.mark.parametrize("path", [r"Forex\X", r"Metals\X", ""])
def test_gold_is_gold_wherever_the_broker_keeps_it(path: str) -> None:
    assert known(symbol("XAUUSD", path, "XAU USD", mode=0)) == "gold"
    assert known(symbol("XAUUSD", path, "USD USD", mode=0)) == "gold"


def test_a_share_called_gold_is_a_share() -> None:
    assert known(symbol("GOLD", r"Stocks\GOLD")) == "stocks"


@pytest.mark.parametrize(
    ("name", "currencies", "expected"),
    [
        ("EURNOKx", "EUR NOK", "forex"),
        ("XAGUSD", "XAG USD", "metals"),
        ("BITCOIN", "BTC USD", "crypto"),
        ("JAPAN", "JPY USD", "others"),
    ],
)
def test_the_currencies_tell(name: str, currencies: str, expected: str) -> None:
    assert known(symbol(name, currencies=currencies)) == expected


@pytest.mark.parametrize(
    ("name", "mode", "expected"),
    [
        ("ODD", 0, "forex"),
        ("ODD", 5, "forex"),
        ("ODD", 3, "indices"),
        ("ODD", 32, "stocks"),
        ("ODD", 38, "stocks"),
        ("ODD", 2, "others"),
        ("USOIL", 3, "oil"),
        ("BTCUSD", 0, "crypto"),
    ],
)
def test_the_calculation_mode_tells_unless_the_name_knows_better(name: str, mode: int, expected: str) -> None:
    assert known(symbol(name, mode=mode)) == expected


@pytest.mark.parametrize(
    ("name", "expected"), [("USOILF26", "oil"), ("US30.cash", "indices"), ("XAUUSD.r", "gold"), ("EURUSD", "forex")]
)
def test_the_name_without_its_suffix_tells_last(name: str, expected: str) -> None:
    assert known(symbol(name)) == expected


def test_what_nothing_tells_is_others_and_says_so() -> None:
    assert asset_class(symbol("ODD"), {}) == ("others", "nothing tells the class of ODD")


def test_how_it_is_known_is_said() -> None:
    assert asset_class(symbol("ODD", r"Markets\Forex\ODD"), {})[1] == "the terminal keeps it in Markets/Forex"
    assert asset_class(symbol("USOILF26"), {})[1] == "the name USOILF26 reads as USOIL"


def test_every_known_instrument_has_a_registered_class() -> None:
    assert {kind for kind, _ in INSTRUMENTS.values()} <= set(CLASSES)
