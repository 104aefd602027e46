"""Maps a broker's symbol name (EURUSD.r, XAUUSDm, US30.cash, GER40, USOILF26) to the instrument.

Brokers decorate names with suffixes, prefixes and months of delivery, and call one index by many names. The
table holds public knowledge of the field; a name that is not known stays as it is, in capitals.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final

# fmt: off
FIAT: Final = frozenset(
    [
        "AED", "AUD", "BRL", "CAD", "CHF", "CLP", "CNH", "CNY", "COP", "CZK", "DKK", "EUR", "GBP", "GEL", "HKD",
        "HUF", "IDR", "ILS", "INR", "JPY", "KES", "KRW", "KZT", "MXN", "MYR", "NGN", "NOK", "NZD", "PEN", "PHP",
        "PLN", "RON", "RUB", "SAR", "SEK", "SGD", "THB", "TRY", "TWD", "UAH", "USD", "VND", "ZAR",
    ]
)
# fmt: on
"""Currencies a symbol may be made of (ISO 4217, and CNH as the field writes it)."""

METALS: Final = frozenset({"XAU", "XAG", "XPT", "XPD"})
"""Metals that are quoted like currencies (ISO 4217)."""

# fmt: off
COINS: Final = frozenset(
    [
        "AAVE", "ADA", "ALGO", "APT", "ARB", "ATOM", "AVAX", "AXS", "BCH", "BNB", "BTC", "COMP", "DASH", "DOGE",
        "DOT", "EOS", "ETC", "ETH", "FIL", "GRT", "ICP", "LINK", "LTC", "MANA", "MATIC", "NEAR", "NEO", "OP",
        "PEPE", "POL", "SAND", "SHIB", "SOL", "SUI", "TON", "TRX", "UNI", "VET", "XBT", "XLM", "XMR", "XRP", "XTZ",
        "ZEC",
    ]
)
# fmt: on
"""Crypto coins by the tickers of their exchanges."""

_COIN_QUOTES: Final = ("USDT", "USDC", "USD", "EUR", "GBP", "JPY", "AUD", "BTC")

INSTRUMENTS: Mapping[str, tuple[str, tuple[str, ...]]] = MappingProxyType(
    {
        "XAUUSD": ("gold", ("GOLD", "XAU", "GOLDSPOT", "SPOTGOLD")),
        "XAGUSD": ("metals", ("SILVER", "XAG", "SILVERSPOT", "SPOTSILVER")),
        "XPTUSD": ("metals", ("PLATINUM", "XPT")),
        "XPDUSD": ("metals", ("PALLADIUM", "XPD")),
        "COPPER": ("metals", ("XCUUSD", "HGCOPPER")),
        "USOIL": (
            "oil",
            ("WTI", "XTIUSD", "USOUSD", "WTIUSD", "USCRUDE", "SPOTCRUDE", "CRUDEOIL", "OILUSD"),
        ),
        "BRENT": ("oil", ("UKOIL", "XBRUSD", "UKOUSD", "BRENTUSD", "BRENTOIL", "UKBRENT", "SPOTBRENT", "BRENTCMDUSD")),
        "US500": ("indices", ("SPX500", "SP500", "SPX", "US500USD", "USA500", "USA500IDXUSD", "SPX500USD", "ES500")),
        "NAS100": (
            "indices",
            ("US100", "USTEC", "NASDAQ", "NASDAQ100", "NDX", "NDX100", "USTECH", "USATECH"),
        ),
        "US30": (
            "indices",
            ("DJ30", "DJI30", "WS30", "DOW", "DOW30", "DJIA", "DJI", "WALLSTREET", "USA30"),
        ),
        "US2000": ("indices", ("RUSSELL", "RUSSELL2000", "RUS2000", "RTY", "USSMALLCAP2000")),
        "DE40": (
            "indices",
            ("GER40", "GER30", "DE30", "DAX", "DAX40", "DAX30", "GDAXI", "GERMANY40", "DEUIDXEUR"),
        ),
        "UK100": ("indices", ("FTSE", "FTSE100", "GB100", "UKX", "GBRIDXGBP")),
        "FRA40": ("indices", ("FR40", "CAC", "CAC40", "FRANCE40", "F40")),
        "EU50": ("indices", ("EUSTX50", "STOXX50", "ESTX50", "EURO50", "EUROSTOXX50", "STOXX50E", "EUSTOXX50")),
        "ESP35": ("indices", ("ES35", "IBEX", "IBEX35", "SPA35", "SPAIN35")),
        "IT40": ("indices", ("ITA40", "ITALY40", "FTSEMIB")),
        "SWI20": ("indices", ("CH20", "SMI", "SMI20", "SWISS20")),
        "NETH25": ("indices", ("NL25", "AEX", "AEX25", "NED25")),
        "JP225": ("indices", ("JPN225", "NIKKEI", "NIKKEI225", "NI225", "NIK225", "JAPAN225")),
        "AUS200": ("indices", ("AU200", "ASX200", "SPI200", "AUSTRALIA200")),
        "HK50": ("indices", ("HSI", "HKG50", "HANGSENG", "HONGKONG50", "HSI50")),
        "CN50": ("indices", ("CHINA50", "CHN50", "CHINAA50", "A50", "CHINA300")),
        "USDX": ("indices", ("DXY", "USDINDEX", "DX", "DOLLARINDEX")),
        "VIX": ("indices", ("VOLX",)),
    }
)
"""Instruments that are no currency pair: class and other names; the names are those of the prior table, where it has
them."""

_SUFFIX: Final = re.compile(
    r"(?:[FGHJKMNQUVXZ]\d{1,2}|CASH|SPOT|PRO|ECN|RAW|STP|STD|MINI|MICRO|ZERO|PLUS|PRIME|VIP|CFD|IDX|FUT|ROLL|PERP|USD|[A-Z])?"
)
_LONGEST_TAIL: Final = 4
_LEAST_STEM: Final = 4
_PAIR: Final = 6
_CODE: Final = 3

_CANONICAL: Mapping[str, str] = MappingProxyType(
    {name: canonical for canonical, (_, aliases) in INSTRUMENTS.items() for name in (canonical, *aliases)}
)
_LONGEST_FIRST: Final = tuple(sorted(_CANONICAL, key=lambda name: (-len(name), name)))


@lru_cache(maxsize=4096)
def instrument_name(symbol: str) -> str:
    """Return the plain name of the instrument: `EURUSD` for EURUSD.r, `DE40` for GER40.cash, `USOIL` for USOILF26.

    A name that is not known comes back in capitals, up to its first separator and without trailing small letters.
    """
    parts = [part for part in re.split(r"[^0-9A-Za-z]+", symbol) if part]
    whole = "".join(parts)
    for part in (whole, *parts):
        name = _recognised(part.upper())
        if name is not None:
            return name
    ending = _ending(whole.upper())
    if ending is not None:
        return ending
    first = parts[0] if parts else symbol
    stem = re.sub(r"(?<=[0-9A-Z])[a-z]+$", "", first)
    return stem.upper()


def legs(name: str) -> tuple[str, str] | None:
    """Return base and quote of a currency pair or a metal quoted like one, None for any other plain name."""
    base, quote = name[:_CODE], name[_CODE:]
    if len(name) == _PAIR and base != quote and (base in FIAT or base in METALS) and (quote in FIAT or quote in METALS):
        return base, quote
    return None


def named_class(name: str) -> str | None:
    """Return the asset class a plain name alone tells, None where it tells none."""
    instrument = INSTRUMENTS.get(name)
    if instrument is not None:
        return instrument[0]
    pair = legs(name)
    if pair is not None:
        if "XAU" in pair:
            return "gold"
        return "metals" if METALS.intersection(pair) else "forex"
    return "crypto" if _coin(name) is not None else None


def _recognised(text: str) -> str | None:
    """Return the plain name `text` begins with, where only a known kind of suffix follows."""
    if text in _CANONICAL:
        return _CANONICAL[text]
    pair = text[:_PAIR]
    if legs(pair) is not None and len(text) <= _PAIR + _LONGEST_TAIL:
        return _CANONICAL.get(pair, pair)
    for name in _LONGEST_FIRST:
        if len(name) >= _LEAST_STEM and text.startswith(name) and _SUFFIX.fullmatch(text[len(name) :]):
            return _CANONICAL[name]
    return _coin(text)


def _coin(text: str) -> str | None:
    """Return coin and quote currency of a crypto symbol, without its suffix."""
    for quote in _COIN_QUOTES:
        base, separator, rest = text.partition(quote)
        if separator and base in COINS and len(rest) <= _LONGEST_TAIL:
            return base + quote
    return None


def _ending(text: str) -> str | None:
    """Return the plain name behind a broker's prefix."""
    if legs(text[-_PAIR:]) is not None:
        return _CANONICAL.get(text[-_PAIR:], text[-_PAIR:])
    for name in _LONGEST_FIRST:
        if len(name) >= _LEAST_STEM and text.endswith(name) and not name.isdigit():
            return _CANONICAL[name]
    return None
