"""The broker's checks of a request: every reason to refuse it, in the order of a server.

Return codes are the package's. Two facts about the paper broker: a pending order that is accepted answers
`TRADE_RETCODE_DONE`, and a request is first judged by its form, then by the symbol, the market, the price, the stops,
the limits and last by money.
"""

from __future__ import annotations

import math

from mt5bridge.metatrader.constants import Constants
from mt5bridge.simulated.broker.book import BookOrder, BookPosition
from mt5bridge.simulated.broker.broker import Broker
from mt5bridge.simulated.broker.fills import side_of
from mt5bridge.simulated.broker.levels import has_room, is_on_tick, pending_price_is_fair, stops_are_fair
from mt5bridge.simulated.broker.requests import OrderRequest
from mt5bridge.simulated.market.contracts import Contract
from mt5bridge.simulated.market.pricing import BUY

OK = 0
MARKET_TYPES = (Constants.ORDER_TYPE_BUY, Constants.ORDER_TYPE_SELL)
PENDING_TYPES = {
    Constants.ORDER_TYPE_BUY_LIMIT: 2,
    Constants.ORDER_TYPE_SELL_LIMIT: 2,
    Constants.ORDER_TYPE_BUY_STOP: 4,
    Constants.ORDER_TYPE_SELL_STOP: 4,
    Constants.ORDER_TYPE_BUY_STOP_LIMIT: 8,
    Constants.ORDER_TYPE_SELL_STOP_LIMIT: 8,
}
"""Pending types and the bit of `order_mode` that allows each."""
# bits of SYMBOL_FILLING_MODE, where `return` has none, and below of SYMBOL_EXPIRATION_MODE
FILLING_BITS = {Constants.ORDER_FILLING_FOK: 1, Constants.ORDER_FILLING_IOC: 2, Constants.ORDER_FILLING_BOC: 4}
PRICED_EXECUTION = (Constants.SYMBOL_TRADE_EXECUTION_INSTANT, Constants.SYMBOL_TRADE_EXECUTION_REQUEST)
EXPIRING = {
    Constants.ORDER_TIME_GTC: 1,
    Constants.ORDER_TIME_DAY: 2,
    Constants.ORDER_TIME_SPECIFIED: 4,
    Constants.ORDER_TIME_SPECIFIED_DAY: 8,
}
STEP_TOLERANCE = 1e-6


class Judge:
    """Checks requests; 0 means that a request may go ahead."""

    def __init__(self, broker: Broker) -> None:
        self.broker = broker
        self.book = broker.book
        self.market = broker.market

    def verdict(self, request: OrderRequest) -> int:
        """Return the code of the first thing wrong with the request, 0 if nothing is."""
        checks = {
            Constants.TRADE_ACTION_DEAL: self._deal,
            Constants.TRADE_ACTION_PENDING: self._pending,
            Constants.TRADE_ACTION_SLTP: self._new_stops,
            Constants.TRADE_ACTION_MODIFY: self._modification,
            Constants.TRADE_ACTION_REMOVE: self._removal,
            Constants.TRADE_ACTION_CLOSE_BY: self._closing_by,
        }
        check = checks.get(request.action)
        numbers = (request.volume, request.price, request.sl, request.tp, request.stoplimit)
        if check is None or any(not math.isfinite(number) or number < 0 for number in numbers):
            return Constants.TRADE_RETCODE_INVALID
        return check(request)

    def _deal(self, request: OrderRequest) -> int:
        contract = self.market.contracts.get(request.symbol)
        if contract is None or request.type not in MARKET_TYPES:
            return Constants.TRADE_RETCODE_INVALID
        closing = self.book.positions.get(request.position) if request.position else None
        if request.position:
            wrong = self._closing(request, closing)
        else:
            retcode = OK if self._only_reduces(request) else _forbidden_side(contract, request.type)
            wrong = retcode or _wrong_volume(contract, request.volume)
        return (
            wrong
            or self._unquoted(contract)
            or _wrong_filling(contract, request)
            or self._wrong_market_price(contract, request)
            or (OK if closing else self._opening(contract, request))
        )

    def _only_reduces(self, request: OrderRequest) -> bool:
        """Whether a netting account's deal makes its position smaller, which no trade mode but `disabled` forbids."""
        positions = [] if self.book.account.hedging else self.book.in_symbol(request.symbol)
        first = next(iter(positions), None)
        can = first is not None and first.side != request.type and request.volume <= first.volume + STEP_TOLERANCE
        return can and self.market.contracts[request.symbol].trade_mode != Constants.SYMBOL_TRADE_MODE_DISABLED

    def _opening(self, contract: Contract, request: OrderRequest) -> int:
        """Judge stops, limits and money of a new trade; one that only reduces a netting position needs no money."""
        side, quote = request.type, self.market.quote(contract.name)
        reference = quote.bid if side == BUY else quote.ask
        if not stops_are_fair(contract, side, reference, request.sl, request.tp):
            return Constants.TRADE_RETCODE_INVALID_STOPS
        if self._beyond_limit(contract, side, request.volume):
            return Constants.TRADE_RETCODE_LIMIT_VOLUME
        price = self.broker.price(contract.name, side)
        return (
            OK if self.broker.affords(contract.name, side, request.volume, price) else Constants.TRADE_RETCODE_NO_MONEY
        )

    def _closing(self, request: OrderRequest, position: BookPosition | None) -> int:
        if position is None:
            return Constants.TRADE_RETCODE_POSITION_CLOSED
        if position.symbol != request.symbol or position.side == request.type:
            return Constants.TRADE_RETCODE_INVALID
        contract = self.market.contracts[position.symbol]
        if contract.trade_mode == Constants.SYMBOL_TRADE_MODE_DISABLED:
            return Constants.TRADE_RETCODE_TRADE_DISABLED
        if request.volume > position.volume + STEP_TOLERANCE:
            return Constants.TRADE_RETCODE_INVALID_CLOSE_VOLUME
        older = [
            ticket_position
            for ticket_position in self.book.in_symbol(position.symbol)
            if ticket_position.side == position.side
        ]
        if self.book.account.fifo_close and older and older[0] is not position:
            return Constants.TRADE_RETCODE_FIFO_CLOSE
        is_all = math.isclose(request.volume, position.volume)
        return OK if is_all else _wrong_volume(contract, request.volume)

    def _unquoted(self, contract: Contract) -> int:
        if not self.market.is_open(contract.name):
            return Constants.TRADE_RETCODE_MARKET_CLOSED
        return OK if self.market.quote(contract.name).bid > 0 else Constants.TRADE_RETCODE_PRICE_OFF

    def _wrong_market_price(self, contract: Contract, request: OrderRequest) -> int:
        """Judge the price where execution goes by it; market execution ignores the request's price."""
        if contract.trade_exemode not in PRICED_EXECUTION:
            return OK
        if request.price <= 0 or not is_on_tick(contract, request.price):
            return Constants.TRADE_RETCODE_INVALID_PRICE
        distance = abs(contract.points(request.price) - contract.points(self.broker.price(contract.name, request.type)))
        return OK if distance <= request.deviation else Constants.TRADE_RETCODE_REQUOTE

    def _beyond_limit(self, contract: Contract, side: int, volume: float) -> bool:
        """Whether position and orders of one direction would pass the symbol's aggregate limit."""
        if contract.volume_limit <= 0:
            return False
        open_lots = sum(position.volume for position in self.book.in_symbol(contract.name) if position.side == side)
        working = sum(
            order.volume_current
            for order in self.book.orders.values()
            if order.symbol == contract.name and side_of(order.type) == side
        )
        return open_lots + working + volume > contract.volume_limit + STEP_TOLERANCE

    def _pending(self, request: OrderRequest) -> int:
        contract = self.market.contracts.get(request.symbol)
        if contract is None:
            return Constants.TRADE_RETCODE_INVALID
        if not contract.order_mode & PENDING_TYPES.get(request.type, 0):
            return Constants.TRADE_RETCODE_INVALID_ORDER
        side = side_of(request.type)
        if len(self.book.orders) >= self.book.account.limit_orders > 0:
            return Constants.TRADE_RETCODE_LIMIT_ORDERS
        return (
            _forbidden_side(contract, side)
            or _wrong_volume(contract, request.volume)
            or self._unquoted(contract)
            or _wrong_filling(contract, request)
            or self._wrong_time(contract, request)
            or self._wrong_order_levels(contract, request, request.type)
            or (Constants.TRADE_RETCODE_LIMIT_VOLUME if self._beyond_limit(contract, side, request.volume) else OK)
        )

    def _wrong_order_levels(self, contract: Contract, request: OrderRequest, order_type: int) -> int:
        quote = self.market.quote(contract.name)
        if not pending_price_is_fair(contract, order_type, quote, request.price, request.stoplimit):
            return Constants.TRADE_RETCODE_INVALID_PRICE
        entry = request.stoplimit or request.price
        fair = stops_are_fair(contract, side_of(order_type), entry, request.sl, request.tp)
        return OK if fair else Constants.TRADE_RETCODE_INVALID_STOPS

    def _wrong_time(self, contract: Contract, request: OrderRequest) -> int:
        if not contract.expiration_mode & EXPIRING.get(request.type_time, 0):
            return Constants.TRADE_RETCODE_INVALID_EXPIRATION
        with_date = request.type_time in (Constants.ORDER_TIME_SPECIFIED, Constants.ORDER_TIME_SPECIFIED_DAY)
        past = request.expiration * 1000 <= self.broker.clock.server_ms
        return Constants.TRADE_RETCODE_INVALID_EXPIRATION if with_date and past else OK

    def _new_stops(self, request: OrderRequest) -> int:
        position = self.position(request)
        if position is None:
            return Constants.TRADE_RETCODE_POSITION_CLOSED
        contract = self.market.contracts[position.symbol]
        if (request.sl, request.tp) == (position.sl, position.tp):
            return Constants.TRADE_RETCODE_NO_CHANGES
        price = self.broker.accounting.closing_price(position)
        if not has_room(contract, price, (position.sl, position.tp)):
            return Constants.TRADE_RETCODE_FROZEN
        fair = stops_are_fair(contract, position.side, price, request.sl, request.tp)
        return self._unquoted(contract) or (OK if fair else Constants.TRADE_RETCODE_INVALID_STOPS)

    def position(self, request: OrderRequest) -> BookPosition | None:
        """Return the position of the request: by ticket, or in a netting account by symbol."""
        if request.position or self.book.account.hedging:
            return self.book.positions.get(request.position)
        return next(iter(self.book.in_symbol(request.symbol)), None)

    def _modification(self, request: OrderRequest) -> int:
        order = self.book.orders.get(request.order)
        if order is None:
            return Constants.TRADE_RETCODE_INVALID_ORDER
        contract = self.market.contracts[order.symbol]
        now = (order.price_open, order.sl, order.tp, order.price_stoplimit, order.time_expiration)
        if (request.price, request.sl, request.tp, request.stoplimit, request.expiration) == now:
            return Constants.TRADE_RETCODE_NO_CHANGES
        return (
            self._freeze_code(contract, order)
            or self._wrong_time(contract, request)
            or self._wrong_order_levels(contract, request, order.type)
        )

    def _removal(self, request: OrderRequest) -> int:
        order = self.book.orders.get(request.order)
        if order is None:
            return Constants.TRADE_RETCODE_INVALID_ORDER
        return self._freeze_code(self.market.contracts[order.symbol], order)

    def _freeze_code(self, contract: Contract, order: BookOrder) -> int:
        near = not has_room(contract, self.broker.price_for(order), (order.price_open,))
        return Constants.TRADE_RETCODE_FROZEN if near else OK

    def _closing_by(self, request: OrderRequest) -> int:
        first, second = self.book.positions.get(request.position), self.book.positions.get(request.position_by)
        if first is None or second is None:
            return Constants.TRADE_RETCODE_POSITION_CLOSED
        fits = self.book.account.hedging and first.symbol == second.symbol and first.side != second.side
        return self._unquoted(self.market.contracts[first.symbol]) if fits else Constants.TRADE_RETCODE_INVALID


def _forbidden_side(contract: Contract, side: int) -> int:
    return {
        Constants.SYMBOL_TRADE_MODE_DISABLED: Constants.TRADE_RETCODE_TRADE_DISABLED,
        Constants.SYMBOL_TRADE_MODE_CLOSEONLY: Constants.TRADE_RETCODE_CLOSE_ONLY,
        Constants.SYMBOL_TRADE_MODE_LONGONLY: OK if side == BUY else Constants.TRADE_RETCODE_LONG_ONLY,
        Constants.SYMBOL_TRADE_MODE_SHORTONLY: Constants.TRADE_RETCODE_SHORT_ONLY if side == BUY else OK,
    }.get(contract.trade_mode, OK)


def _wrong_volume(contract: Contract, volume: float) -> int:
    steps = volume / contract.volume_step
    on_grid = math.isclose(steps, round(steps), rel_tol=0, abs_tol=STEP_TOLERANCE)
    in_range = contract.volume_min - STEP_TOLERANCE <= volume <= contract.volume_max + STEP_TOLERANCE
    return OK if on_grid and in_range else Constants.TRADE_RETCODE_INVALID_VOLUME


def _wrong_filling(contract: Contract, request: OrderRequest) -> int:
    """Judge the filling mode by the symbol's bits; `RETURN` is for pending orders and other than market execution."""
    if request.type_filling == Constants.ORDER_FILLING_RETURN:
        at_market = contract.trade_exemode == Constants.SYMBOL_TRADE_EXECUTION_MARKET
        fits = not at_market or request.type in PENDING_TYPES
    else:
        fits = bool(contract.filling_mode & FILLING_BITS.get(request.type_filling, 0))
        fits = fits or contract.trade_exemode in PRICED_EXECUTION
    return OK if fits else Constants.TRADE_RETCODE_INVALID_FILL
