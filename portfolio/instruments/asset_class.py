"""Is it forex, gold, an index, oil? The class decides which limits a symbol has."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, Literal, get_args

from portfolio.instruments.symbol_names import COINS, FIAT, METALS, instrument_name, named_class
from portfolio.model import SymbolSpec

AssetClass = Literal["forex", "gold", "metals", "indices", "oil", "crypto", "stocks", "others"]
"""`metals` are those other than gold; `others` are the symbols that no rule recognises."""
CLASSES: Final[tuple[str, ...]] = get_args(AssetClass)

_FOLDERS: Final = (
    ("crypto", ("crypto", "coin", "digital")),
    ("indices", ("indic", "index")),
    ("stocks", ("stock", "share", "equit", "etf")),
    ("gold", ("gold",)),
    ("metals", ("metal", "silver")),
    ("oil", ("oil", "crude", "petrol")),
    ("forex", ("forex", "fx", "currenc")),
)
"""Beginnings of the words in a terminal's folder; `Energies` is not among them, for gas is no oil."""

# SYMBOL_CALC_MODE: Forex with and without leverage, CFDs on an index, shares on an exchange and on MOEX
_FOREX_MODES: Final = frozenset({0, 5})
_INDEX_MODES: Final = frozenset({3})
_STOCK_MODES: Final = frozenset({32, 38})


def asset_class(spec: SymbolSpec, overrides: Mapping[str, str]) -> tuple[str, str]:
    """Return the class of a symbol and how it is known.

    The first that answers: the configured name (as the terminal writes it, or plain), the terminal's folder, the
    currencies, the calculation mode, the name without its suffix; else `others`. A metal that the broker keeps
    among the currencies is still a metal.
    """
    plain = instrument_name(spec.name)
    by_name = {name.upper(): value for name, value in overrides.items()}
    for name in (spec.name.upper(), plain):
        if name in by_name:
            return by_name[name], f"configured for {name}"
    for class_name, because in (_by_path(spec, plain), _by_currencies(spec), _by_mode(spec, plain)):
        if class_name is not None:
            return class_name, because
    own_class = named_class(plain)
    if own_class is not None:
        return own_class, f"the name {spec.name} reads as {plain}"
    return "others", f"nothing tells the class of {spec.name}"


def _by_path(spec: SymbolSpec, plain: str) -> tuple[str | None, str]:
    folders = re.split(r"[\\/]+", spec.path)[:-1]
    words = [word for folder in folders for word in re.split(r"[^a-z]+", folder.lower()) if word]
    for class_name, beginnings in _FOLDERS:
        if any(word.startswith(beginnings) for word in words):
            because = f"the terminal keeps it in {'/'.join(folder for folder in folders if folder)}"
            return (_metal(spec, plain) or class_name if class_name in {"forex", "metals"} else class_name), because
    return None, ""


def _by_currencies(spec: SymbolSpec) -> tuple[str | None, str]:
    base, quote, name = spec.currency_base.upper(), spec.currency_profit.upper(), spec.name.upper()
    because = f"its currencies are {base} and {quote}"
    if base in METALS:
        return ("gold" if base == "XAU" else "metals"), because
    if base in COINS:
        return "crypto", because
    # an index may show two currencies as well, so the name has to show them too
    if base != quote and base in FIAT and quote in FIAT and base + quote in re.sub(r"[^A-Z]", "", name):
        return "forex", because
    return None, ""


def _by_mode(spec: SymbolSpec, plain: str) -> tuple[str | None, str]:
    because = f"its calculation mode is {spec.calc_mode}"
    if spec.calc_mode in _STOCK_MODES:
        return "stocks", because
    own_class = named_class(plain)
    if spec.calc_mode in _FOREX_MODES and own_class in {None, "forex"}:
        return "forex", because
    if spec.calc_mode in _INDEX_MODES and own_class in {None, "indices"}:
        return "indices", because
    return None, ""


def _metal(spec: SymbolSpec, plain: str) -> str | None:
    """Return gold or metals where the currency or the name says so."""
    class_name = _by_currencies(spec)[0]
    if class_name in {"gold", "metals"}:
        return class_name
    own_class = named_class(plain)
    return own_class if own_class in {"gold", "metals"} else None
