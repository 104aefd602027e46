"""The module's functions about trades: their profit and margin, the check of a request, sending it."""

from __future__ import annotations

from mt5bridge.metatrader.constants import Constants, last_error
from mt5bridge.metatrader.structs import OrderCheckResult, OrderSendResult, Record
from mt5bridge.simulated import arguments
from mt5bridge.simulated.arguments import RefusedError
from mt5bridge.simulated.broker import requests
from mt5bridge.simulated.broker.broker import Broker
from mt5bridge.simulated.broker.execution import ExecutionResult, Executor
from mt5bridge.simulated.broker.order_checks import OK, Judge
from mt5bridge.simulated.broker.requests import OrderRequest
from mt5bridge.simulated.functions.session import BAD_PARAMETERS, CALL_FAILED, Session
from mt5bridge.simulated.market.contracts import Contract

SIDES = (Constants.ORDER_TYPE_BUY, Constants.ORDER_TYPE_SELL)
COMMENTS = {
    OK: "Done",
    Constants.TRADE_RETCODE_REQUOTE: "Requote",
    Constants.TRADE_RETCODE_REJECT: "Request rejected",
    Constants.TRADE_RETCODE_CANCEL: "Request canceled",
    Constants.TRADE_RETCODE_PLACED: "Order placed",
    Constants.TRADE_RETCODE_DONE: "Request executed",
    Constants.TRADE_RETCODE_DONE_PARTIAL: "Request executed partially",
    Constants.TRADE_RETCODE_ERROR: "Common error",
    Constants.TRADE_RETCODE_TIMEOUT: "Timeout",
    Constants.TRADE_RETCODE_INVALID: "Invalid request",
    Constants.TRADE_RETCODE_INVALID_VOLUME: "Invalid volume",
    Constants.TRADE_RETCODE_INVALID_PRICE: "Invalid price",
    Constants.TRADE_RETCODE_INVALID_STOPS: "Invalid stops",
    Constants.TRADE_RETCODE_TRADE_DISABLED: "Trade disabled",
    Constants.TRADE_RETCODE_MARKET_CLOSED: "Market closed",
    Constants.TRADE_RETCODE_NO_MONEY: "No money",
    Constants.TRADE_RETCODE_PRICE_CHANGED: "Price changed",
    Constants.TRADE_RETCODE_PRICE_OFF: "No prices",
    Constants.TRADE_RETCODE_INVALID_EXPIRATION: "Invalid expiration",
    Constants.TRADE_RETCODE_ORDER_CHANGED: "Order changed",
    Constants.TRADE_RETCODE_TOO_MANY_REQUESTS: "Too many requests",
    Constants.TRADE_RETCODE_NO_CHANGES: "No changes",
    Constants.TRADE_RETCODE_SERVER_DISABLES_AT: "AutoTrading disabled by server",
    Constants.TRADE_RETCODE_CLIENT_DISABLES_AT: "AutoTrading disabled by client",
    Constants.TRADE_RETCODE_FROZEN: "Order or position frozen",
    Constants.TRADE_RETCODE_INVALID_FILL: "Unsupported filling mode",
    Constants.TRADE_RETCODE_CONNECTION: "No connection",
    Constants.TRADE_RETCODE_LIMIT_ORDERS: "Orders limit reached",
    Constants.TRADE_RETCODE_LIMIT_VOLUME: "Volume limit reached",
    Constants.TRADE_RETCODE_INVALID_ORDER: "Invalid order",
    Constants.TRADE_RETCODE_POSITION_CLOSED: "Position doesn't exist",
    Constants.TRADE_RETCODE_INVALID_CLOSE_VOLUME: "Invalid close volume",
}
"""The server's comment beside a code; the wording is not the server's own in every case."""
API_DISABLED = last_error(Constants.RES_E_AUTO_TRADING_DISABLED)


class TradeCalls(Session):
    """order_calc_*, order_check, order_send."""

    requests_sent = 0

    def order_calc_profit(self, *args: object) -> float | None:
        """Return the result of (action, symbol, volume, price_open, price_close) in deposit currency."""

        def answer() -> float:
            arguments.check_count(args, 5)
            side, name = arguments.read_int(args[0]), arguments.read_symbol(args[1])
            volume, open_price, close_price = (arguments.read_float(value) for value in args[2:])
            broker, contract = self._priced_contract(side, name, (volume, open_price, close_price))
            return _require_conversion(broker.pricing.profit(contract, side, volume, open_price, close_price))

        return self._respond("order_calc_profit", answer, None)

    def order_calc_margin(self, *args: object) -> float | None:
        """Return the margin of a lone (action, symbol, volume, price), in deposit currency."""

        def answer() -> float:
            arguments.check_count(args, 4)
            side, name = arguments.read_int(args[0]), arguments.read_symbol(args[1])
            volume, price = (arguments.read_float(value) for value in args[2:])
            broker, contract = self._priced_contract(side, name, (volume, price))
            return _require_conversion(broker.pricing.margin(contract, side, volume, price))

        return self._respond("order_calc_margin", answer, None)

    def _priced_contract(self, side: int, name: str, positive: tuple[float, ...]) -> tuple[Broker, Contract]:
        contract = self._contract(name)
        broker = self._shown_broker()
        if side not in SIDES or not all(0 < number < float("inf") for number in positive):
            raise RefusedError(*BAD_PARAMETERS)
        if name not in self._quoted_symbols(broker) or broker.market.quote(name).bid <= 0:
            raise RefusedError(*CALL_FAILED)
        return broker, contract

    def order_check(self, *args: object, **words: object) -> Record | None:
        """Return the account as it would be after the request, and the code of the first objection to it."""

        def answer() -> Record:
            request = requests.from_call(args, words)
            broker = self._shown_broker()
            code = Judge(broker).verdict(request) if self.mishap.retcode is None else self.mishap.retcode
            return _check_row(broker, request, code)

        return self._respond("order_check", answer, None)

    def order_send(self, *args: object, **words: object) -> Record | None:
        """Send the request and return the server's answer."""

        def answer() -> Record:
            request = requests.from_call(args, words)
            self._shown_broker()
            if self.api_disabled:
                raise RefusedError(*API_DISABLED)
            self.requests_sent += 1
            return self._send_row(request, self._barrier() or self._execute(request))

        return self._respond("order_send", answer, None)

    def _barrier(self) -> ExecutionResult | None:
        """Return the refusal by the first barrier between the caller and the server, None where there is none."""
        account = self.broker.book.account
        barriers = (
            (self.mishap.retcode is not None, self.mishap.retcode or OK),
            (not self.trade_allowed, Constants.TRADE_RETCODE_CLIENT_DISABLES_AT),
            (not self.connected, Constants.TRADE_RETCODE_CONNECTION),
            (not account.trade_allowed, Constants.TRADE_RETCODE_TRADE_DISABLED),
            (not account.trade_expert, Constants.TRADE_RETCODE_SERVER_DISABLES_AT),
        )
        return next((ExecutionResult(code) for in_the_way, code in barriers if in_the_way), None)

    def _execute(self, request: OrderRequest) -> ExecutionResult:
        outcome = Executor(self.broker, self.mishap).send(request)
        self.broker.settle()
        return outcome

    def _send_row(self, request: OrderRequest, outcome: ExecutionResult) -> Record:
        has_quote = outcome.deal and request.symbol in self.market.contracts
        quote = self.market.quote(request.symbol) if has_quote else None
        return OrderSendResult((
            outcome.retcode, outcome.deal, outcome.order, outcome.volume, outcome.price,
            quote.bid if quote else 0.0, quote.ask if quote else 0.0,
            COMMENTS.get(outcome.retcode, ""), self.requests_sent, 0, request.record(),
        ))  # fmt: skip


def _require_conversion(money: float | None) -> float:
    """Return the money; without a conversion the call has failed."""
    if money is None:
        raise RefusedError(*CALL_FAILED)
    return money


def _check_row(broker: Broker, request: OrderRequest, code: int) -> Record:
    """Return OrderCheckResult: the account as it is, with the margin as it would be where money was the question."""
    figures = broker.accounting.figures()
    margin = figures.margin
    asks_money = request.action == Constants.TRADE_ACTION_DEAL and not request.position
    if asks_money and code in (OK, Constants.TRADE_RETCODE_NO_MONEY):
        price = broker.price(request.symbol, request.type)
        margin = broker.margin_after(request.symbol, request.type, request.volume, price)
    free = broker.pricing.round_money(figures.equity - margin)
    level = figures.equity / margin * 100 if margin > 0 else 0.0
    return OrderCheckResult((
        code, figures.balance, figures.equity, figures.profit, margin, free, level,
        COMMENTS.get(code, ""), request.record(),
    ))  # fmt: skip
