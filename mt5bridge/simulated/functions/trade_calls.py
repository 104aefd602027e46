"""The module's functions about trades: what one would earn and tie up, whether it may be sent, sending it."""

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
"""What the server writes beside a code; the wording is not the server's own in every case."""
API_DISABLED = last_error(Constants.RES_E_AUTO_TRADING_DISABLED)


class TradeCalls(Session):
    """order_calc_*, order_check, order_send."""

    requests_sent = 0

    def order_calc_profit(self, *args: object) -> float | None:
        """Return the result of (action, symbol, volume, price_open, price_close) in deposit currency."""

        def answer() -> float:
            arguments.counted(args, 5)
            side, name = arguments.exact(args[0]), arguments.symbol(args[1])
            volume, opened, closed = (arguments.number(value) for value in args[2:])
            broker, contract = self._calculated(side, name, (volume, opened, closed))
            return _known(broker.pricing.profit(contract, side, volume, opened, closed))

        return self._ask("order_calc_profit", answer, None)

    def order_calc_margin(self, *args: object) -> float | None:
        """Return what a lone (action, symbol, volume, price) ties up, in deposit currency."""

        def answer() -> float:
            arguments.counted(args, 4)
            side, name = arguments.exact(args[0]), arguments.symbol(args[1])
            volume, price = (arguments.number(value) for value in args[2:])
            broker, contract = self._calculated(side, name, (volume, price))
            return _known(broker.pricing.margin(contract, side, volume, price))

        return self._ask("order_calc_margin", answer, None)

    def _calculated(self, side: int, name: str, positive: tuple[float, ...]) -> tuple[Broker, Contract]:
        contract = self._contract(name)
        broker = self._connected()
        if side not in SIDES or not all(0 < number < float("inf") for number in positive):
            raise RefusedError(*BAD_PARAMETERS)
        if name not in self._selected(broker) or broker.market.quote(name).bid <= 0:
            raise RefusedError(*CALL_FAILED)
        return broker, contract

    def order_check(self, *args: object, **words: object) -> Record | None:
        """Return what the account would look like after the request, and the code of what is wrong with it."""

        def answer() -> Record:
            request = requests.from_call(args, words)
            broker = self._connected()
            code = Judge(broker).verdict(request) if self.mishap.retcode is None else self.mishap.retcode
            return _checked(broker, request, code)

        return self._ask("order_check", answer, None)

    def order_send(self, *args: object, **words: object) -> Record | None:
        """Send the request and return what the server made of it."""

        def answer() -> Record:
            request = requests.from_call(args, words)
            self._connected()
            if self.api_disabled:
                raise RefusedError(*API_DISABLED)
            self.requests_sent += 1
            return self._sent(request, self._barred() or self._outcome(request))

        return self._ask("order_send", answer, None)

    def _barred(self) -> ExecutionResult | None:
        """Return the refusal of whatever stands between the caller and the server."""
        account = self.broker.book.account
        barriers = (
            (self.mishap.retcode is not None, self.mishap.retcode or OK),
            (not self.trade_allowed, Constants.TRADE_RETCODE_CLIENT_DISABLES_AT),
            (not self.connected, Constants.TRADE_RETCODE_CONNECTION),
            (not account.trade_allowed, Constants.TRADE_RETCODE_TRADE_DISABLED),
            (not account.trade_expert, Constants.TRADE_RETCODE_SERVER_DISABLES_AT),
        )
        return next((ExecutionResult(code) for stands, code in barriers if stands), None)

    def _outcome(self, request: OrderRequest) -> ExecutionResult:
        outcome = Executor(self.broker, self.mishap).send(request)
        self.broker.settle()
        return outcome

    def _sent(self, request: OrderRequest, outcome: ExecutionResult) -> Record:
        quoted = outcome.deal and request.symbol in self.market.contracts
        quote = self.market.quote(request.symbol) if quoted else None
        return OrderSendResult((
            outcome.retcode, outcome.deal, outcome.order, outcome.volume, outcome.price,
            quote.bid if quote else 0.0, quote.ask if quote else 0.0,
            COMMENTS.get(outcome.retcode, ""), self.requests_sent, 0, request.record(),
        ))  # fmt: skip


def _known(money: float | None) -> float:
    """Return money that could be converted; what could not be is a failed call."""
    if money is None:
        raise RefusedError(*CALL_FAILED)
    return money


def _checked(broker: Broker, request: OrderRequest, code: int) -> Record:
    """Return OrderCheckResult: the account as it is, with the margin as it would be where money was the question."""
    standing = broker.accounting.standing()
    margin = standing.margin
    asks_money = request.action == Constants.TRADE_ACTION_DEAL and not request.position
    if asks_money and code in (OK, Constants.TRADE_RETCODE_NO_MONEY):
        price = broker.price(request.symbol, request.type)
        margin = broker.margin_after(request.symbol, request.type, request.volume, price)
    free = broker.pricing.rounded(standing.equity - margin)
    level = standing.equity / margin * 100 if margin > 0 else 0.0
    return OrderCheckResult((
        code, standing.balance, standing.equity, standing.profit, margin, free, level,
        COMMENTS.get(code, ""), request.record(),
    ))  # fmt: skip
