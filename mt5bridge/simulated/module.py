"""The embedded paper terminal: the MetaTrader5 module's functions, answered by a small broker under a virtual clock.

It is no more capable than the real module: same rows, same refusals, and nothing works before `initialize()`.
Besides the module's names it has `clock`, `now`, `advance`, `broker`, `market` and `faults`, and a few verbs in a
trader's words, for tests and demonstrations.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Self

from mt5bridge.metatrader.constants import Constants, last_error
from mt5bridge.metatrader.structs import ALL_TYPES, Record
from mt5bridge.simulated import arguments
from mt5bridge.simulated.arguments import RefusedError
from mt5bridge.simulated.broker.fills import SELL, side_of
from mt5bridge.simulated.demo.presets import NOON, WATCHED, make_market, paper_account
from mt5bridge.simulated.demo.story import OPENED, play_story
from mt5bridge.simulated.functions.book_calls import BookCalls
from mt5bridge.simulated.functions.rate_calls import RateCalls
from mt5bridge.simulated.functions.rows import BUILD, account_row, terminal_row
from mt5bridge.simulated.functions.symbol_calls import SymbolCalls
from mt5bridge.simulated.functions.trade_calls import TradeCalls
from mt5bridge.simulated.market.bars import from_csv
from mt5bridge.simulated.market.pricing import BUY

CONSTANTS = tuple(name for name in vars(Constants) if name.isupper())
TYPES = tuple(row_type.__name__ for row_type in ALL_TYPES)
FUNCTIONS = (
    "initialize", "shutdown", "login", "version", "terminal_info", "account_info", "last_error",
    "symbols_total", "symbols_get", "symbol_info", "symbol_info_tick", "symbol_select",
    "market_book_add", "market_book_release", "market_book_get",
    "copy_ticks_from", "copy_ticks_range", "copy_rates_from", "copy_rates_from_pos", "copy_rates_range",
    "positions_total", "positions_get", "orders_total", "orders_get",
    "history_orders_total", "history_orders_get", "history_deals_total", "history_deals_get",
    "order_calc_margin", "order_calc_profit", "order_check", "order_send",
)  # fmt: skip
"""The package's 32 functions; its helpers Buy, Sell and Close are not here."""
INVALID = Constants.RES_E_INVALID_PARAMS


class SimulatedTerminal(SymbolCalls, RateCalls, BookCalls, TradeCalls):
    """One terminal with one account; its methods are the module's functions, its attributes the module's constants."""

    __version__ = "5.0.6231"
    (
        Tick, OrderSendResult, TradePosition, BookInfo, AccountInfo, TradeOrder,
        OrderCheckResult, SymbolInfo, TerminalInfo, TradeDeal, TradeRequest,
    ) = ALL_TYPES  # fmt: skip
    __author__ = "SIMULATED"

    @classmethod
    def fresh(
        cls,
        balance: float = 100_000,
        currency: str = "USD",
        *,
        netting: bool = False,
        leverage: int = 100,
        at: datetime = NOON,
        seed: int = 0,
        tick_seconds: int = 15,
    ) -> Self:
        """Return a terminal, attached, with money on the account and nothing else done.

        Prices change every `tick_seconds`, on a way through each bar that depends on `seed`.
        """
        market, clock = make_market(at, seed=seed, tick_seconds=tick_seconds)
        terminal = cls(market, clock, paper_account(currency, leverage, netting=netting))
        terminal.broker.deposit(balance)
        terminal.visible.update(WATCHED)
        terminal.attached = True
        return terminal

    @classmethod
    def demo(cls, at: datetime = NOON, *, seed: int = 0) -> Self:
        """Return a trader's 100,000 USD account in the middle of a Wednesday: weeks of deals, trades running."""
        terminal = cls.fresh(at=min(OPENED, at), seed=seed)
        play_story(terminal.broker, at)
        return terminal

    def as_module(self, name: str = "MetaTrader5") -> ModuleType:
        """Return a module with the package's names and no other, for code that imports the package."""
        module = ModuleType(name, "SIMULATED: " + (__doc__ or ""))
        for public in (*CONSTANTS, *FUNCTIONS, *TYPES, "__version__", "__author__"):
            setattr(module, public, getattr(self, public))
        return module

    # in a trader's words

    @property
    def now(self) -> datetime:
        """The present, in UTC."""
        return self.clock.now

    def advance(self, to: datetime | timedelta | float) -> Self:
        """Let time pass: seconds, a span, or until a moment; the broker fills, closes and charges on the way."""
        self.broker.advance(to)
        return self

    def replay(self, symbol: str, path: Path) -> Self:
        """Quote the symbol from a CSV of bars (`time,open,high,low,close[,volume]`, ISO times) from now on."""
        self.market.load(symbol, from_csv(path, self.market.contracts[symbol]))
        return self

    def quote(self, symbol: str, bid: float, ask: float | None = None) -> Self:
        """Hold a symbol at these prices (without `ask`: the usual spread); stops and orders they reach are filled."""
        self.market.pin(symbol, bid, ask)
        self.broker.settle()
        return self

    def unpin(self, symbol: str) -> Self:
        """Let a held symbol follow its bars again."""
        self.market.unpin(symbol)
        self.broker.settle()
        return self

    def buy(self, symbol: str, lots: float, *, stop: float = 0.0, target: float = 0.0, comment: str = "") -> int:
        """Buy at the market; return the order's ticket, which is the position's in a hedging account."""
        return self.broker.trade(symbol, BUY, lots, sl=stop, tp=target, comment=comment)

    def sell(self, symbol: str, lots: float, *, stop: float = 0.0, target: float = 0.0, comment: str = "") -> int:
        """Sell at the market; return the order's ticket."""
        return self.broker.trade(symbol, SELL, lots, sl=stop, tp=target, comment=comment)

    def place(
        self, symbol: str, kind: int, lots: float, price: float, *, stop: float = 0.0, target: float = 0.0
    ) -> int:
        """Leave an order of the package's type (`ORDER_TYPE_BUY_LIMIT` ...); return its ticket."""
        return self.broker.trade(symbol, side_of(kind), lots, sl=stop, tp=target, price=price, kind=kind)

    def close(self, ticket: int, lots: float | None = None) -> int:
        """Close a position, or part of it, at the market; return the deal's ticket."""
        position = self.broker.book.positions[ticket]
        price = self.broker.price(position.symbol, SELL if position.side == BUY else BUY)
        return self.broker.close(position, price, self.DEAL_REASON_EXPERT, "", lots)

    # the module's own

    def initialize(self, *args: object, **words: object) -> bool:
        """Attach to the terminal: ([path], login=, password=, server=, timeout=, portable=)."""

        def answer() -> bool:
            _check_path(args, most=1)
            for name in ("path", "password", "server"):
                arguments.read_text(words, name, None)
            for name in ("login", "timeout"):
                arguments.read_whole(words, name)
            self.attached = True
            return True

        return self._respond("initialize", answer, refusal=False)

    def shutdown(self) -> bool:
        """Detach."""

        def answer() -> bool:
            self.attached = False
            return True

        return self._respond("shutdown", answer, refusal=False)

    def login(self, *args: object, **words: object) -> bool:
        """Say whether this login is the account shown; the paper terminal can log in to no other."""

        def answer() -> bool:
            if args and not isinstance(args[0], int):
                raise wrong_first_argument()
            no_login = arguments.invalid_argument("login")
            login = args[0] if args else arguments.read_whole(words, "login")
            if login is None:
                raise no_login
            for name in ("password", "server"):
                arguments.read_text(words, name, None)
            arguments.read_whole(words, "timeout")
            if login != self._shown_broker().book.account.login:
                raise RefusedError(*last_error(Constants.RES_E_AUTH_FAILED))
            return True

        return self._respond("login", answer, refusal=False)

    def version(self) -> tuple[int, int, str]:
        """Return (500, build, release date); zeros while detached."""

        def answer() -> tuple[int, int, str]:
            self._shown_broker()
            return (500, BUILD, "05 Jun 2026")

        return self._respond("version", answer, (0, 0, ""))

    def terminal_info(self) -> Record | None:
        """Return TerminalInfo."""

        def answer() -> Record:
            self._shown_broker()
            return terminal_row(
                connected=self.connected, trade_allowed=self.trade_allowed, api_disabled=self.api_disabled
            )

        return self._respond("terminal_info", answer, None)

    def account_info(self) -> Record | None:
        """Return AccountInfo."""

        def answer() -> Record:
            broker = self._shown_broker()
            return account_row(broker.book.account, broker.accounting)

        return self._respond("account_info", answer, None)


def wrong_first_argument() -> RefusedError:
    """Return the refusal of a wrong first argument."""
    return RefusedError(INVALID, "Invalid 1st unnamed argument")


def _check_path(args: tuple[object, ...], most: int) -> None:
    if len(args) > most:
        raise arguments.wrong_count()
    if args and not isinstance(args[0], str):
        raise wrong_first_argument()
