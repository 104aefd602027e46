"""Profit and margin of a lot by the terminal's documented formulas, for a capture that has numbers but no server.

Plain floats throughout, on purpose: `portfolio.valuation` computes the same in exact decimals, and each checks the
other. Source: MetaQuotes, "Symbol properties", SYMBOL_CALC_MODE; modes by number (34 is FORTS futures).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mt5bridge.metatrader.constants import BOND_MODES, EXCHANGE_OPTIONS, FOREX_MODES, TICK_PRICED_MODES, Constants

UNDOCUMENTED = frozenset(
    {EXCHANGE_OPTIONS, Constants.SYMBOL_CALC_MODE_EXCH_OPTIONS_MARGIN, Constants.SYMBOL_CALC_MODE_SERV_COLLATERAL}
)
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RawPrices:
    """Contracts and last ticks by symbol, in the terminal's own fields, and the account's currency and leverage."""

    currency: str
    leverage: int
    infos: Mapping[str, Row]
    ticks: Mapping[str, Row]

    def rate(self, source: str, target: str, *, paying: bool) -> float | None:
        """Return the price of one unit of `source` in `target`, at the dearer side where it has to be paid.

        By a direct pair, an inverse one, or one cross; None where there is none.
        """
        direct = self._pair(source, target, paying=paying)
        if direct is not None:
            return direct
        currencies = {
            str(info[field]) for info in self.infos.values() for field in ("currency_base", "currency_profit")
        }
        for middle in sorted(currencies - {source, target}):
            first = self._pair(source, middle, paying=paying)
            second = self._pair(middle, target, paying=paying)
            if first is not None and second is not None:
                return first * second
        return None

    def _pair(self, source: str, target: str, *, paying: bool) -> float | None:
        if source == target:
            return 1.0
        for name, info in sorted(self.infos.items()):
            tick = self.ticks.get(name)
            if tick is None or info["trade_calc_mode"] not in FOREX_MODES or not tick["bid"] > 0:
                continue
            if (info["currency_base"], info["currency_profit"]) == (source, target):
                return float(tick["ask"] if paying else tick["bid"])
            if (info["currency_base"], info["currency_profit"]) == (target, source):
                return 1.0 / float(tick["bid"] if paying else tick["ask"])
        return None


def profit(
    market: RawPrices, action: int, symbol: str, volume: float, *, open_price: float, close: float
) -> float | None:
    """Return the result in deposit currency, not rounded; None for an undocumented mode or without a rate.

    Where the deposit currency is the symbol's base, the closing price is the conversion price.
    """
    info = market.infos[symbol]
    mode = info["trade_calc_mode"]
    move = (close - open_price) * volume * (1.0 if action == Constants.ORDER_TYPE_BUY else -1.0)
    if mode in UNDOCUMENTED:
        return None
    if mode in TICK_PRICED_MODES:
        value = info["trade_tick_value"] if move > 0 else info["trade_tick_value_loss"]
        return float(move * value / info["trade_tick_size"])
    amount = move * info["trade_contract_size"]
    if mode in BOND_MODES:
        amount *= info["trade_face_value"] / 100.0
    if info["currency_base"] == market.currency != info["currency_profit"] and mode in FOREX_MODES:
        return float(amount / close) if close > 0 else None
    rate = market.rate(info["currency_profit"], market.currency, paying=amount < 0)
    return None if rate is None else float(amount * rate)


def margin(market: RawPrices, symbol: str, volume: float, price: float) -> float | None:
    """Return the margin in deposit currency at a margin rate of 1, not rounded; None without a formula or a rate."""
    info = market.infos[symbol]
    mode = info["trade_calc_mode"]
    if mode in UNDOCUMENTED:
        return None
    if info["margin_initial"] > 0 or mode in TICK_PRICED_MODES:
        own = volume * info["margin_initial"]
    else:
        own = volume * info["trade_contract_size"] * _margin_factor(info, price, market.leverage)
    rate = market.rate(info["currency_margin"], market.currency, paying=True)
    return None if rate is None else float(own * rate)


def _margin_factor(info: Row, price: float, leverage: int) -> float:
    """Return the factor of the contract size, in margin currency per unit."""
    mode = info["trade_calc_mode"]
    factors = {
        Constants.SYMBOL_CALC_MODE_FOREX: 1.0 / leverage,
        Constants.SYMBOL_CALC_MODE_FOREX_NO_LEVERAGE: 1.0,
        Constants.SYMBOL_CALC_MODE_CFD: price,
        Constants.SYMBOL_CALC_MODE_CFDINDEX: price * info["trade_tick_value"] / info["trade_tick_size"],
        Constants.SYMBOL_CALC_MODE_CFDLEVERAGE: price / leverage,
        Constants.SYMBOL_CALC_MODE_EXCH_STOCKS: price,
        Constants.SYMBOL_CALC_MODE_EXCH_STOCKS_MOEX: price,
    }
    if mode in BOND_MODES:
        return float(info["trade_face_value"] * price / 100.0)
    return float(factors[mode])
