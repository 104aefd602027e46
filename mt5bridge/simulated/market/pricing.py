"""Profit and margin of a trade by the formulas MetaQuotes documents, in floats and in the terminal's own way.

Independent of `portfolio.valuation`, so that tests can compare the two. Documented facts:
profit and margin are rounded to the deposit currency's digits; where the deposit currency is the base of a currency
pair, profit converts at the closing price; a tick's value for a profit converts at the dearer side, for a loss at the
cheaper one; margin is converted at the ask for a buy and the bid for a sell; the margin rate is the broker's secret.
Nothing is ever converted at a rate of 1 for want of a better: no pair, no answer (None).
"""

from __future__ import annotations

from collections.abc import Iterable

from mt5bridge.metatrader.constants import BOND_MODES, FOREX_MODES, FORTS_FUTURES, Constants
from mt5bridge.simulated.market.contracts import Contract
from mt5bridge.simulated.market.market import PaperMarket

BUY = Constants.ORDER_TYPE_BUY
LEVERAGED_PRICE = Constants.SYMBOL_CALC_MODE_CFDLEVERAGE
CFD_INDEX = Constants.SYMBOL_CALC_MODE_CFDINDEX
COLLATERAL = Constants.SYMBOL_CALC_MODE_SERV_COLLATERAL


def direction(side: int) -> int:
    """Return +1 for a buy and -1 for a sell."""
    return 1 if side == BUY else -1


class Pricing:
    """The formulas, for one deposit currency and leverage."""

    def __init__(self, market: PaperMarket, currency: str, leverage: int, digits: int = 2) -> None:
        self.market = market
        self.currency = currency
        self.leverage = leverage
        self.digits = digits

    def rate(self, source: str, target: str, *, dear: bool) -> float | None:
        """Return the rate of `source` in `target`: direct pair, inverse, else over one third currency.

        `dear` takes the side that makes it worth more (a loss and a buyer's margin are charged at it).
        """
        if source == target:
            return 1.0
        direct = self._pair(source, target, dear=dear)
        if direct is not None:
            return direct
        for middle in self._currencies():
            first, second = self._pair(source, middle, dear=dear), self._pair(middle, target, dear=dear)
            if first is not None and second is not None:
                return first * second
        return None

    def _pairs(self) -> list[Contract]:
        return [contract for contract in self.market.contracts.values() if contract.trade_calc_mode in FOREX_MODES]

    def _currencies(self) -> list[str]:
        """Return the currencies to cross over: quote currencies first, the dollar usually among them."""
        pairs = self._pairs()
        return list(dict.fromkeys([c.currency_profit for c in pairs] + [c.currency_base for c in pairs]))

    def _pair(self, source: str, target: str, *, dear: bool) -> float | None:
        for contract in self._pairs():
            legs = (contract.currency_base, contract.currency_profit)
            if legs in ((source, target), (target, source)):
                quote = self.market.quote(contract.name)
                if quote.bid > 0:
                    is_direct = legs[0] == source
                    price = quote.ask if is_direct == dear else quote.bid
                    return price if is_direct else 1 / price
        return None

    def converters(self, symbols: Iterable[str]) -> set[str]:
        """Return the pairs that turn these symbols' profit and margin into the deposit currency."""
        contracts = [self.market.contracts[name] for name in symbols]
        currencies = {c.currency_profit for c in contracts} | {c.currency_margin for c in contracts}
        pairs: set[str] = set()
        for currency in currencies - {self.currency}:
            pairs.update(self._route(currency))
        return pairs

    def _route(self, currency: str) -> list[str]:
        """Return the pairs on the way from a currency to the deposit currency: one, two or none."""
        pairs = {frozenset((c.currency_base, c.currency_profit)): c.name for c in self._pairs()}
        direct = pairs.get(frozenset((currency, self.currency)))
        if direct:
            return [direct]
        for middle in self._currencies():
            first, second = pairs.get(frozenset((currency, middle))), pairs.get(frozenset((middle, self.currency)))
            if first and second:
                return [first, second]
        return []

    def gain(self, contract: Contract, side: int, volume: float, open_price: float, close_price: float) -> float:
        """Return price gain in profit currency, unrounded."""
        move = (close_price - open_price) * direction(side)
        if contract.counts_ticks:
            return move * contract.tick_price / contract.trade_tick_size * volume
        if contract.trade_calc_mode in BOND_MODES:
            return move / 100 * contract.trade_face_value * contract.trade_contract_size * volume
        if contract.trade_calc_mode == COLLATERAL:
            return 0.0
        return move * contract.trade_contract_size * volume

    def profit(
        self, contract: Contract, side: int, volume: float, open_price: float, close_price: float
    ) -> float | None:
        """Return price gain in deposit currency, rounded to its digits; None without a conversion."""
        gain = self.gain(contract, side, volume, open_price, close_price)
        if self._is_own_base(contract):
            return self.round_money(gain / close_price) if close_price > 0 else None
        rate = self.rate(contract.currency_profit, self.currency, dear=gain < 0)
        return None if rate is None else self.round_money(gain * rate)

    def _is_own_base(self, contract: Contract) -> bool:
        return (
            contract.trade_calc_mode in FOREX_MODES
            and contract.currency_base == self.currency != contract.currency_profit
        )

    def tick_value(self, contract: Contract, *, loss: bool) -> float:
        """Return the deposit money of one tick and lot; 0.0 without a conversion."""
        unit = self.gain(contract, BUY, 1.0, 0.0, contract.trade_tick_size)
        rate = self.rate(contract.currency_profit, self.currency, dear=loss)
        return 0.0 if rate is None else unit * rate

    def margin(self, contract: Contract, side: int, volume: float, price: float) -> float | None:
        """Return the margin of a lone market order, in deposit currency and rounded; None without a conversion."""
        amount = self._base_margin(contract, side, volume, price) * contract.margin_rate
        in_deposit = contract.trade_calc_mode == CFD_INDEX  # the tick's value has it converted
        source = self.currency if in_deposit else contract.currency_margin
        rate = self.rate(source, self.currency, dear=side == BUY)
        return None if rate is None else self.round_money(max(amount, 0.0) * rate)

    def _base_margin(self, contract: Contract, side: int, volume: float, price: float) -> float:
        """Return the documented margin before rate and conversion."""
        mode, units = contract.trade_calc_mode, volume * contract.trade_contract_size
        if mode == COLLATERAL:
            return 0.0
        if contract.margin_initial > 0 or contract.counts_ticks:
            return volume * contract.margin_initial - self._forts_discount(contract, side, volume, price)
        factor = {
            Constants.SYMBOL_CALC_MODE_FOREX: 1 / self.leverage,
            Constants.SYMBOL_CALC_MODE_FOREX_NO_LEVERAGE: 1.0,
            LEVERAGED_PRICE: price / self.leverage,
            CFD_INDEX: price * self.tick_value(contract, loss=False) / contract.trade_tick_size,
            **dict.fromkeys(BOND_MODES, contract.trade_face_value * price / 100),
        }
        return units * factor.get(mode, price)

    def _forts_discount(self, contract: Contract, side: int, volume: float, price: float) -> float:
        """Return by how much less a FORTS order on the favourable side of the settlement price ties up."""
        if contract.trade_calc_mode != FORTS_FUTURES:
            return 0.0
        better = (contract.session_price_settlement - price) * direction(side)
        return volume * max(better, 0.0) * contract.tick_price / contract.trade_tick_size

    def value(self, contract: Contract, volume: float, price: float) -> float:
        """Return a deal's size in deposit currency, for commissions charged on it; 0.0 without a conversion."""
        if contract.trade_calc_mode in FOREX_MODES:
            rate = self.rate(contract.currency_base, self.currency, dear=True)
            return 0.0 if rate is None else volume * contract.trade_contract_size * rate
        rate = self.rate(contract.currency_profit, self.currency, dear=True)
        return 0.0 if rate is None else abs(self.gain(contract, BUY, volume, 0.0, price)) * rate

    def round_money(self, money: float) -> float:
        """Round money to the deposit currency's digits."""
        return round(money, self.digits) + 0.0
