"""The state behind the module's functions: the connection, the last error, and how every call is answered."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from typing import TypeVar, cast

from mt5bridge.metatrader.constants import Constants, last_error
from mt5bridge.simulated.arguments import RefusedError
from mt5bridge.simulated.broker.book import PaperAccount, PaperBook
from mt5bridge.simulated.broker.broker import Broker
from mt5bridge.simulated.broker.execution import Mishap
from mt5bridge.simulated.faults.fault_plan import FaultPlan
from mt5bridge.simulated.market.clock import VirtualClock
from mt5bridge.simulated.market.contracts import Contract
from mt5bridge.simulated.market.market import PaperMarket

Answer = TypeVar("Answer")
Refusal = TypeVar("Refusal")
SUCCESS = last_error(Constants.RES_S_OK)
NO_CONNECTION = last_error(Constants.RES_E_INTERNAL_FAIL_CONNECT)
CALL_FAILED = last_error(Constants.RES_E_FAIL)
NOT_FOUND = last_error(Constants.RES_E_NOT_FOUND)
BAD_PARAMETERS = last_error(Constants.RES_E_INVALID_PARAMS)


class Session(Constants):
    """The state that the groups of functions share."""

    def __init__(self, market: PaperMarket, clock: VirtualClock, account: PaperAccount) -> None:
        self.clock = clock
        self.market = market
        self.broker = Broker(market, clock, account)
        self.visible: set[str] = set()
        """Symbols shown in Market Watch."""
        self.trade_allowed = True
        """The Algo Trading button."""
        self.api_disabled = False
        """The option that disables trading through Python."""
        self.attached = False
        self.faults = FaultPlan()
        self.mishap = Mishap()
        self._last_broker: Broker | None = None
        self._error: tuple[int, str] = SUCCESS

    def _respond(self, name: str, answer: Callable[[], Answer], refusal: Refusal) -> Answer | Refusal:
        """Answer a call, with its faults; a refused call sets `last_error` and returns `refusal`."""
        before, self._error = self._error, SUCCESS
        self.mishap = Mishap()
        faults = self.faults.count_call(name)
        try:
            for fault in faults:
                fault.before(self)
            result = answer()
            for fault in faults:
                # a fault may return what no terminal would, and that is its purpose
                result = cast("Answer", fault.after(result))
        except RefusedError as refused_call:
            self._error = refused_call.error or before
            if refused_call.exception is not None:
                raise refused_call.exception from refused_call.exception.__cause__
            return refusal
        return result

    def _shown_broker(self) -> Broker:
        """Return the broker as the terminal shows it: the present, or the last state before the line broke."""
        if not self.attached:
            raise RefusedError(*NO_CONNECTION)
        return self._last_broker or self.broker

    def _contract(self, name: str, error: tuple[int, str] = NOT_FOUND) -> Contract:
        contract = self._shown_broker().market.contracts.get(name)
        if contract is None:
            raise RefusedError(*error)
        return contract

    def _quoted_symbols(self, broker: Broker) -> set[str]:
        """Return the symbols with prices: those in Market Watch, those traded, and the pairs that convert them."""
        symbols = self.visible | broker.book.symbols()
        return symbols | broker.pricing.converters(symbols)

    @property
    def connected(self) -> bool:
        """Whether the terminal hears its broker."""
        return self._last_broker is None

    def lose_broker(self) -> None:
        """Break the line to the broker: the terminal goes on showing its last state, the broker goes on trading."""
        if self._last_broker is None:
            self._last_broker = deepcopy(self.broker)

    def reconnect(self) -> None:
        """Mend the line to the broker; the terminal shows the present again."""
        self._last_broker = None

    def switch_account(self, login: int, balance: float, *, currency: str = "", server: str = "") -> None:
        """Log in to another account, with money and nothing else on it."""
        current = self.broker.book.account
        account = replace(current, login=login, currency=currency or current.currency, server=server or current.server)
        self.broker.take(PaperBook(account))
        self.broker.deposit(balance)

    def last_error(self) -> tuple[int, str]:
        """Return the code and text of the last call, (1, 'Success') after a good one."""
        return self._error
