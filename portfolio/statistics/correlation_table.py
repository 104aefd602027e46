"""Reads the table of prior correlations, with the pairs a user has edited over it."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from math import inf
from typing import Final

from portfolio.errors import ConfigError
from portfolio.instruments.symbol_names import instrument_name
from portfolio.statistics.correlation_prior import Prior

_SYMMETRY: Final = 1e-9


def prior_from(document: Mapping[str, object], pairs: Mapping[str, float]) -> Prior:
    """Return the table of a parsed `correlation.toml`, with the user's `pairs` ("EURUSD GBPUSD": 0.7) over it.

    ConfigError names what is wrong: rows of unequal length, an asymmetric table, a correlation outside -1 to 1.
    """
    symbols = tuple(str(name) for name in _list(document, "symbols"))
    rows = tuple(tuple(_within(value, "rows") for value in _sequence(row, "rows")) for row in _list(document, "rows"))
    volatility = tuple(_number(value, "volatility") for value in _list(document, "volatility"))
    _check(symbols, rows, volatility)
    proxies = {}
    for name, entry in _table(document, "proxies").items():
        proxy = _mapping(entry, f"proxies.{name}")
        if proxy.get("follows") not in symbols:
            raise ConfigError(_fault(f"proxies.{name}", f"follows {proxy.get('follows')!r}, which is not in symbols"))
        proxies[name] = (str(proxy["follows"]), _within(proxy.get("correlation"), f"proxies.{name}"))
    assumptions = _table(document, "assumed")
    relations = {_pair(key): _within(value, "related") for key, value in _table(document, "related").items()}
    own_pairs = {
        frozenset(map(instrument_name, _pair(key))): _within(value, f"pairs.{key}") for key, value in pairs.items()
    }
    same_class = _within(assumptions.get("same_class"), "assumed.same_class")
    figures = (symbols, rows, volatility, sorted(proxies.items()), same_class, _order(relations), _order(own_pairs))
    digest = sha256(repr(figures).encode()).hexdigest()[:16]
    return Prior(symbols, rows, volatility, proxies, same_class, relations, own_pairs, digest)


def _check(symbols: tuple[str, ...], rows: tuple[tuple[float, ...], ...], volatility: tuple[float, ...]) -> None:
    size = len(symbols)
    if len(set(symbols)) != size or len(volatility) != size or len(rows) != size or any(len(r) != size for r in rows):
        raise ConfigError(_fault("rows", f"{size} symbols need {size} rows of {size} and {size} volatilities"))
    if not all(0.0 < value < inf for value in volatility):
        raise ConfigError(_fault("volatility", "one is not a number above zero"))
    for i, row in enumerate(rows):
        if row[i] != 1.0 or any(abs(value - rows[j][i]) > _SYMMETRY for j, value in enumerate(row)):
            raise ConfigError(_fault("rows", f"{symbols[i]} is not symmetric with a diagonal of 1"))


def _order(table: Mapping[frozenset[str], float]) -> list[tuple[list[str], float]]:
    return sorted((sorted(names), value) for names, value in table.items())


def _pair(key: str) -> frozenset[str]:
    names = frozenset(key.replace("/", " ").split())
    if len(names) != len(("one", "other")):
        raise ConfigError(_fault(key, 'a pair is written "EURUSD GBPUSD"'))
    return names


def _within(value: object, where: str) -> float:
    number = _number(value, where)
    if not -1.0 <= number <= 1.0:
        raise ConfigError(_fault(where, f"{number} does not lie between -1 and 1"))
    return number


def _number(value: object, where: str) -> float:
    try:
        number = float(str(value))
    except ValueError as error:
        raise ConfigError(_fault(where, f"{value!r} is not a number")) from error
    return number


def _list(document: Mapping[str, object], name: str) -> list[object]:
    return _sequence(document.get(name), name)


def _sequence(value: object, where: str) -> list[object]:
    if not isinstance(value, list):
        raise ConfigError(_fault(where, "is not a list"))
    return value


def _table(document: Mapping[str, object], name: str) -> Mapping[str, object]:
    return _mapping(document.get(name, {}), name)


def _mapping(value: object, where: str) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise ConfigError(_fault(where, "is not a table"))
    return value


def _fault(where: str, fault: str) -> str:
    return f"correlation table, {where}: {fault}"
