"""Carry out a request that passed the checks: fill it, leave an order working, move stops."""

from __future__ import annotations

from typing import NamedTuple

from mt5bridge.metatrader.constants import Constants
from mt5bridge.simulated.broker.book import BookOrder, BookPosition
from mt5bridge.simulated.broker.broker import Broker
from mt5bridge.simulated.broker.order_checks import OK, Judge
from mt5bridge.simulated.broker.requests import OrderRequest
from mt5bridge.simulated.market.clock import DAY

DONE = Constants.TRADE_RETCODE_DONE
LOTS_DIGITS = 8


class Mishap:
    """Faults applied to the order being sent: return code, partial fill, slippage, lost stops."""

    def __init__(self) -> None:
        self.retcode: int | None = None
        self.share: float | None = None
        self.slippage_points = 0
        self.loses_stops = False


class ExecutionResult(NamedTuple):
    """The server's answer before it becomes a row."""

    retcode: int
    deal: int = 0
    order: int = 0
    volume: float = 0.0
    price: float = 0.0


class Executor:
    """Carries requests out at one broker, with the mishap planned for them."""

    def __init__(self, broker: Broker, mishap: Mishap) -> None:
        self.broker = broker
        self.mishap = mishap
        self.judge = Judge(broker)

    def send(self, request: OrderRequest) -> ExecutionResult:
        """Check the request and carry it out."""
        verdict = self.judge.verdict(request)
        if verdict != OK:
            return ExecutionResult(verdict)
        actions = {
            Constants.TRADE_ACTION_DEAL: self._deal,
            Constants.TRADE_ACTION_PENDING: self._place,
            Constants.TRADE_ACTION_SLTP: self._restop,
            Constants.TRADE_ACTION_MODIFY: self._modify,
            Constants.TRADE_ACTION_REMOVE: self._remove,
            Constants.TRADE_ACTION_CLOSE_BY: self._close_by,
        }
        return actions[request.action](request)

    def _order(self, request: OrderRequest, order_type: int, price: float) -> BookOrder:
        stopless = self.mishap.loses_stops
        return BookOrder(
            ticket=self.broker.book.number(),
            symbol=request.symbol,
            type=order_type,
            volume_initial=request.volume,
            volume_current=request.volume,
            price_open=price,
            time_setup_msc=self.broker.clock.server_ms,
            sl=0.0 if stopless else request.sl,
            tp=0.0 if stopless else request.tp,
            price_stoplimit=request.stoplimit,
            type_time=request.type_time,
            type_filling=request.type_filling,
            time_expiration=self._expiration(request),
            magic=request.magic,
            comment=request.comment,
        )

    def _expiration(self, request: OrderRequest) -> int:
        """Return when the order lapses, in server seconds; 0 for never."""
        midnight = (self.broker.clock.server_ms // 1000 // DAY + 1) * DAY
        return {
            Constants.ORDER_TIME_DAY: midnight,
            Constants.ORDER_TIME_SPECIFIED: request.expiration,
            Constants.ORDER_TIME_SPECIFIED_DAY: (request.expiration // DAY + 1) * DAY,
        }.get(request.type_time, 0)

    def _deal(self, request: OrderRequest) -> ExecutionResult:
        volume = self._available_lots(request)
        if volume <= 0 or (volume < request.volume and request.type_filling == Constants.ORDER_FILLING_FOK):
            return ExecutionResult(Constants.TRADE_RETCODE_REJECT)
        order = self._order(request, request.type, 0.0)
        if request.position:
            order.closes = request.position
            order.position_id = self.broker.book.positions[request.position].identifier
        price = self.broker.price(request.symbol, request.type, self.mishap.slippage_points)
        order.price_open = price
        deal = self.broker.execute(order, volume, price)
        if deal == 0:
            return ExecutionResult(Constants.TRADE_RETCODE_NO_MONEY)
        if order.volume_current <= 0:
            return ExecutionResult(DONE, deal, order.ticket, volume, price)
        self._leave_rest(order, price)
        return ExecutionResult(Constants.TRADE_RETCODE_DONE_PARTIAL, deal, order.ticket, volume, price)

    def _available_lots(self, request: OrderRequest) -> float:
        """Return the number of lots that find a counterparty, in whole steps."""
        share = self.mishap.share
        if share is None:
            return request.volume
        step = self.broker.market.contracts[request.symbol].volume_step
        return round(int(request.volume * share / step + 1e-9) * step, LOTS_DIGITS)

    def _leave_rest(self, order: BookOrder, price: float) -> None:
        """Cancel the rest of an immediate-or-cancel order; leave the rest of another in the book."""
        if order.type_filling == Constants.ORDER_FILLING_RETURN:
            order.state = Constants.ORDER_STATE_PARTIAL
            self.broker.book.orders[order.ticket] = order
        else:
            self.broker.book.retire(order, Constants.ORDER_STATE_CANCELED, self.broker.clock.server_ms, price)

    def _place(self, request: OrderRequest) -> ExecutionResult:
        order = self._order(request, request.type, request.price)
        self.broker.book.orders[order.ticket] = order
        return ExecutionResult(DONE, 0, order.ticket, request.volume, request.price)

    def _restop(self, request: OrderRequest) -> ExecutionResult:
        if position := self.judge.position(request):
            position.sl, position.tp = request.sl, request.tp
            position.time_update_msc = self.broker.clock.server_ms
        return ExecutionResult(DONE)

    def _modify(self, request: OrderRequest) -> ExecutionResult:
        order = self.broker.book.orders[request.order]
        order.price_open, order.sl, order.tp = request.price, request.sl, request.tp
        order.price_stoplimit, order.type_time = request.stoplimit, request.type_time
        order.time_expiration = self._expiration(request)
        return ExecutionResult(DONE, 0, order.ticket)

    def _remove(self, request: OrderRequest) -> ExecutionResult:
        order = self.broker.book.orders[request.order]
        self.broker.book.retire(order, Constants.ORDER_STATE_CANCELED, self.broker.clock.server_ms)
        return ExecutionResult(DONE, 0, order.ticket)

    def _close_by(self, request: OrderRequest) -> ExecutionResult:
        """Close two opposite positions against each other: the first at the second's price, the second at its own."""
        book = self.broker.book
        first, second = book.positions[request.position], book.positions[request.position_by]
        volume, price = min(first.volume, second.volume), second.price_open
        order = self._order(request._replace(symbol=first.symbol, volume=volume), Constants.ORDER_TYPE_CLOSE_BY, price)
        order.position_by_id = second.identifier
        deal = self._close_leg(first, order, volume, price)
        self._close_leg(second, order, volume, price)
        order.position_id, order.volume_current = first.identifier, 0.0
        book.retire(order, Constants.ORDER_STATE_FILLED, self.broker.clock.server_ms, price)
        return ExecutionResult(DONE, deal, order.ticket, volume, price)

    def _close_leg(self, position: BookPosition, order: BookOrder, volume: float, price: float) -> int:
        return self.broker.fills.reduce(position, order, volume, price, Constants.DEAL_ENTRY_OUT_BY)
