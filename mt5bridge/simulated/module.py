"""The embedded paper terminal: the MetaTrader5 module's functions, answered by a small broker under a virtual clock.

It is no more capable than the real module: same rows, same refusals, and nothing works before `initialize()`.
Besides the module's names it has `clock`, `now`, `advance`, `broker`, `market` and `faults`, in the words of whoever
writes a test or a demonstration.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Self, TypeVar

from mt5bridge.simulated import arguments, history
from mt5bridge.simulated.arguments import Refused
from mt5bridge.simulated.book import Account
from mt5bridge.simulated.broker import Broker
from mt5bridge.simulated.clock import VirtualClock
from mt5bridge.simulated.constants import Constants
from mt5bridge.simulated.contracts import Contract
from mt5bridge.simulated.fills import side_of
from mt5bridge.simulated.market import Market
from mt5bridge.simulated.presets import NOON, WATCHED, make_market, paper_account
from mt5bridge.simulated.rates import TIMEFRAMES, Rate, TickRow, enough, rates, rates_array, ticks, ticks_array
from mt5bridge.simulated.records import BookInfo, Record
from mt5bridge.simulated.rows import (
    BUILD,
    MAX_BARS,
    account_row,
    position_row,
    symbol_row,
    terminal_row,
    tick_row,
)  # fmt: skip
from mt5bridge.simulated.story import OPENED, tell

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Answer = TypeVar("Answer")
Refusal = TypeVar("Refusal")
SUCCESS = (Constants.RES_S_OK, "Success")
NO_CONNECTION = (Constants.RES_E_INTERNAL_FAIL_CONNECT, "No IPC connection")
CALL_FAILED = (Constants.RES_E_FAIL, "Terminal: Call failed")
NOT_FOUND = (Constants.RES_E_NOT_FOUND, "Terminal: Not found")
BAD_PARAMETERS = (Constants.RES_E_INVALID_PARAMS, "Terminal: Invalid params")
OLD_VERSION = (
    Constants.RES_E_INVALID_VERSION,
    "Terminal: Incompatible versions, please install the latest version of Terminal and Python module",
)
SIDES = (Constants.ORDER_TYPE_BUY, Constants.ORDER_TYPE_SELL)


class SimulatedTerminal(Constants):
    """One terminal with one account; its methods are the module's functions, its attributes the module's constants."""

    __version__ = "5.0.6231"
    __author__ = "SIMULATED"

    def __init__(self, market: Market, clock: VirtualClock, account: Account) -> None:
        self.clock = clock
        self.market = market
        self.broker = Broker(market, clock, account)
        self.visible: set[str] = set()
        self.trade_allowed = True
        self.api_disabled = False
        self.attached = False
        self._seen: Broker | None = None
        self._error: tuple[int, str] = SUCCESS

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
    ) -> Self:
        """Return a terminal, attached, with money on the account and nothing else done."""
        market, clock = make_market(at, seed=seed)
        terminal = cls(market, clock, paper_account(currency, leverage, netting=netting))
        terminal.broker.deposit(balance)
        terminal.visible.update(WATCHED)
        terminal.attached = True
        return terminal

    @classmethod
    def demo(cls, at: datetime = NOON, *, seed: int = 0) -> Self:
        """Return a trader's 100,000 USD account in the middle of a Wednesday: weeks of deals, trades running."""
        terminal = cls.fresh(at=OPENED, seed=seed)
        tell(terminal.broker, at)
        return terminal

    @property
    def now(self) -> datetime:
        """The present, in UTC."""
        return self.clock.now

    def advance(self, to: datetime | timedelta | float) -> Self:
        """Let time pass: seconds, a span, or until a moment; the broker does what falls due."""
        self.broker.advance(to)
        return self

    # --- in a trader's words ----------------------------------------------------------------------------------------

    def buy(self, symbol: str, lots: float, *, stop: float = 0.0, target: float = 0.0, comment: str = "") -> int:
        """Buy at the market; return the order's ticket, which is the position's in a hedging account."""
        return self.broker.trade(symbol, self.ORDER_TYPE_BUY, lots, sl=stop, tp=target, comment=comment)

    def sell(self, symbol: str, lots: float, *, stop: float = 0.0, target: float = 0.0, comment: str = "") -> int:
        """Sell at the market; return the order's ticket."""
        return self.broker.trade(symbol, self.ORDER_TYPE_SELL, lots, sl=stop, tp=target, comment=comment)

    def place(
        self, symbol: str, kind: int, lots: float, price: float, *, stop: float = 0.0, target: float = 0.0
    ) -> int:
        """Leave an order of the package's type (`ORDER_TYPE_BUY_LIMIT` ...); return its ticket."""
        return self.broker.trade(symbol, side_of(kind), lots, sl=stop, tp=target, price=price, kind=kind)

    def close(self, ticket: int, lots: float | None = None) -> int:
        """Close a position, or part of it, at the market; return the deal's ticket."""
        position = self.broker.book.positions[ticket]
        price = self.broker.price(position.symbol, self.ORDER_TYPE_SELL if position.side == 0 else self.ORDER_TYPE_BUY)
        return self.broker.close(position, price, self.DEAL_REASON_EXPERT, "", lots)

    # --- asking -----------------------------------------------------------------------------------------------------

    def _ask(self, name: str, answer: Callable[[], Answer], refusal: Refusal) -> Answer | Refusal:
        """Clear the error, answer, and turn a refusal into its code and `refusal`."""
        self._error = SUCCESS
        try:
            return answer()
        except Refused as refused:
            self._error = (refused.code, refused.text)
            return refusal

    def _connected(self) -> Broker:
        """Return what the terminal sees of the broker: the present, or the last thing before the line broke."""
        if not self.attached:
            raise Refused(*NO_CONNECTION)
        return self._seen or self.broker

    def _contract(self, name: str, error: tuple[int, str] = NOT_FOUND) -> Contract:
        contract = self._connected().market.contracts.get(name)
        if contract is None:
            raise Refused(*error)
        return contract

    def _selected(self, broker: Broker) -> set[str]:
        """Return the symbols with prices: those in Market Watch, those traded, and the pairs that convert them."""
        needed = set(self.visible)
        needed.update(position.symbol for position in broker.book.positions.values())
        needed.update(order.symbol for order in broker.book.orders.values())
        return needed | broker.pricing.converters(needed)

    def last_error(self) -> tuple[int, str]:
        """Return the code and text of the last call, (1, 'Success') after a good one."""
        return self._error

    # --- connection -------------------------------------------------------------------------------------------------

    def initialize(self, *_args: object, **_words: object) -> bool:
        """Attach to the terminal."""

        def answer() -> bool:
            self.attached = True
            return True

        return self._ask("initialize", answer, refusal=False)

    def shutdown(self) -> bool:
        """Detach."""
        self._error = SUCCESS
        self.attached = False
        return True

    def login(self, *args: object, **words: object) -> bool:
        """Say whether the account shown is the one asked for; the paper terminal knows no other."""

        def answer() -> bool:
            wanted = args[0] if args else words.get("login")
            if wanted != self._connected().book.account.login:
                raise Refused(Constants.RES_E_AUTH_FAILED, "Terminal: Authorization failed")
            return True

        return self._ask("login", answer, refusal=False)

    def version(self) -> tuple[int, int, str]:
        """Return (500, build, release date); zeros while detached."""
        nothing = (0, 0, "")
        return self._ask("version", lambda: (500, BUILD, "05 Jun 2026") if self._connected() else nothing, nothing)

    def terminal_info(self) -> Record | None:
        """Return TerminalInfo."""

        def answer() -> Record:
            self._connected()
            return terminal_row(
                connected=self._seen is None, trade_allowed=self.trade_allowed, api_disabled=self.api_disabled
            )

        return self._ask("terminal_info", answer, None)

    def account_info(self) -> Record | None:
        """Return AccountInfo."""

        def answer() -> Record:
            broker = self._connected()
            return account_row(broker.book.account, broker.accounting)

        return self._ask("account_info", answer, None)

    # --- symbols ----------------------------------------------------------------------------------------------------

    def symbols_total(self) -> int | None:
        """Return how many symbols the server offers."""
        return self._ask("symbols_total", lambda: len(self._connected().market.contracts), None)

    def symbols_get(self, *args: object, **words: object) -> tuple[Record, ...] | None:
        """Return SymbolInfo of all symbols, or of those a mask takes."""

        def answer() -> tuple[Record, ...]:
            if not self.attached:
                raise Refused(*OLD_VERSION)
            mask = arguments.keyword(words, "group", str) if not args else arguments.symbol(args[0])
            broker = self._connected()
            selected = self._selected(broker)
            return tuple(
                symbol_row(contract, broker.market, broker.pricing, selected, self.visible)
                for contract in broker.market.contracts.values()
                if mask is None or history.matches(mask, contract.name)
            )

        return self._ask("symbols_get", answer, None)

    def symbol_info(self, *args: object) -> Record | None:
        """Return SymbolInfo of one symbol."""
        arguments.counted(args, 1, 1, "symbol_info")

        def answer() -> Record:
            contract = self._contract(arguments.symbol(args[0]))
            broker = self._connected()
            return symbol_row(contract, broker.market, broker.pricing, self._selected(broker), self.visible)

        return self._ask("symbol_info", answer, None)

    def symbol_info_tick(self, *args: object) -> Record | None:
        """Return the last Tick of a selected symbol."""
        arguments.counted(args, 1, 1, "symbol_info_tick")

        def answer() -> Record:
            contract = self._contract(arguments.symbol(args[0]))
            broker = self._connected()
            if contract.name not in self._selected(broker):
                raise Refused(*CALL_FAILED)
            return tick_row(broker.market.quote(contract.name), broker.clock)

        return self._ask("symbol_info_tick", answer, None)

    def symbol_select(self, *args: object) -> bool:
        """Show a symbol in Market Watch, or hide it where nothing of it is held."""
        arguments.counted(args, 1, 2, "symbol_select")

        def answer() -> bool:
            name = arguments.symbol(args[0])
            show = bool(args[1]) if len(args) > 1 else True
            contract = self._contract(name, CALL_FAILED)
            if show:
                self.visible.add(contract.name)
                return True
            held = {row.symbol for row in (*self.broker.book.positions.values(), *self.broker.book.orders.values())}
            if name in held:
                raise Refused(*CALL_FAILED)
            self.visible.discard(name)
            return True

        return self._ask("symbol_select", answer, refusal=False)

    def market_book_add(self, *args: object) -> bool:
        """Subscribe to the depth of market."""
        arguments.counted(args, 1, 1, "market_book_add")
        return self._ask("market_book_add", lambda: bool(self._contract(arguments.symbol(args[0]))), refusal=False)

    def market_book_release(self, *args: object) -> bool:
        """Give the subscription up."""
        arguments.counted(args, 1, 1, "market_book_release")
        return self._ask("market_book_release", lambda: bool(self._contract(arguments.symbol(args[0]))), refusal=False)

    def market_book_get(self, *args: object) -> tuple[Record, ...] | None:
        """Return BookInfo rows: the best ask and the best bid."""
        arguments.counted(args, 1, 1, "market_book_get")

        def answer() -> tuple[Record, ...]:
            contract = self._contract(arguments.symbol(args[0]))
            quote = self._connected().market.quote(contract.name)
            lots = contract.volume_max
            return (
                BookInfo((Constants.BOOK_TYPE_SELL, quote.ask, int(lots), lots)),
                BookInfo((Constants.BOOK_TYPE_BUY, quote.bid, int(lots), lots)),
            )

        return self._ask("market_book_get", answer, None)

    # --- prices of the past -----------------------------------------------------------------------------------------

    def _rates(self, args: tuple[object, ...]) -> tuple[Broker, str, int]:
        name, timeframe = arguments.symbol(args[0]), arguments.whole(args[1])
        contract = self._contract(name)
        if timeframe not in TIMEFRAMES:
            raise Refused(*BAD_PARAMETERS)
        return self._connected(), contract.name, timeframe

    def copy_rates_from_pos(self, *args: object) -> NDArray[np.void] | None:
        """Return `count` bars of (symbol, timeframe, start_pos, count); position 0 is the bar still forming."""
        arguments.counted(args, 4, 4, "copy_rates_from_pos")

        def answer() -> NDArray[np.void]:
            start, count = arguments.whole(args[2]), arguments.whole(args[3])
            broker, name, timeframe = self._rates(args)
            if start < 0 or count <= 0:
                raise Refused(*BAD_PARAMETERS)
            count = min(count, MAX_BARS)
            rows = rates(broker.market, name, timeframe, enough(broker.market, name, timeframe, start + count))
            end = len(rows) - start
            return rates_array(rows[max(end - count, 0) : max(end, 0)])

        return self._ask("copy_rates_from_pos", answer, None)

    def copy_rates_from(self, *args: object) -> NDArray[np.void] | None:
        """Return the last `count` bars opened by a date: (symbol, timeframe, date_from, count)."""
        arguments.counted(args, 4, 4, "copy_rates_from")

        def answer() -> NDArray[np.void]:
            until, count = arguments.date(args[2]), arguments.whole(args[3])
            broker, name, timeframe = self._rates(args)
            if count <= 0:
                raise Refused(*BAD_PARAMETERS)
            rows = [row for row in rates(broker.market, name, timeframe) if row.time <= until]
            return rates_array(rows[-min(count, MAX_BARS) :])

        return self._ask("copy_rates_from", answer, None)

    def copy_rates_range(self, *args: object) -> NDArray[np.void] | None:
        """Return the bars opened between two dates: (symbol, timeframe, date_from, date_to)."""
        arguments.counted(args, 4, 4, "copy_rates_range")

        def answer() -> NDArray[np.void]:
            since, until = arguments.date(args[2]), arguments.date(args[3])
            broker, name, timeframe = self._rates(args)
            rows: list[Rate] = [row for row in rates(broker.market, name, timeframe) if since <= row.time <= until]
            return rates_array(rows[-MAX_BARS:])

        return self._ask("copy_rates_range", answer, None)

    def copy_ticks_from(self, *args: object) -> NDArray[np.void] | None:
        """Return `count` ticks from a date on: (symbol, date_from, count, flags)."""
        arguments.counted(args, 4, 4, "copy_ticks_from")

        def answer() -> NDArray[np.void]:
            count = arguments.whole(args[2])
            rows = self._ticks(args, arguments.date(args[1]), float("inf"))
            return ticks_array([row for row, _ in zip(rows, range(count), strict=False)])

        return self._ask("copy_ticks_from", answer, None)

    def copy_ticks_range(self, *args: object) -> NDArray[np.void] | None:
        """Return the ticks between two dates: (symbol, date_from, date_to, flags)."""
        arguments.counted(args, 4, 4, "copy_ticks_range")

        def answer() -> NDArray[np.void]:
            return ticks_array(list(self._ticks(args, arguments.date(args[1]), arguments.date(args[2]))))

        return self._ask("copy_ticks_range", answer, None)

    def _ticks(self, args: tuple[object, ...], first: float, last: float) -> list[TickRow]:
        name = self._contract(arguments.symbol(args[0])).name
        arguments.whole(args[3])
        broker = self._connected()
        end = broker.clock.server_ms if last == float("inf") else round(last * 1000)
        start, stop = broker.clock.to_utc(round(first * 1000)), broker.clock.to_utc(end)
        return list(ticks(broker.market, name, start, stop))

    # --- the book ---------------------------------------------------------------------------------------------------

    def positions_total(self) -> int | None:
        """Return how many positions are open."""
        return self._ask("positions_total", lambda: len(self._connected().book.positions), None)

    def positions_get(self, *args: object, **words: object) -> tuple[Record, ...] | None:
        """Return open positions: all, or by symbol, ticket or group; unknown keywords change nothing."""

        def answer() -> tuple[Record, ...]:
            chosen = self._choice(args, words)
            broker = self._connected()
            rows = [position_row(position, broker.accounting) for position in broker.book.positions.values()]
            return self._chosen(rows, chosen)

        return self._ask("positions_get", answer, None)

    def orders_total(self) -> int | None:
        """Return how many orders are working."""
        return self._ask("orders_total", lambda: len(self._connected().book.orders), None)

    def orders_get(self, *args: object, **words: object) -> tuple[Record, ...] | None:
        """Return working orders: all, or by symbol, ticket or group; unknown keywords change nothing."""

        def answer() -> tuple[Record, ...]:
            chosen = self._choice(args, words)
            broker = self._connected()
            rows = [order.record(broker.price_for(order)) for order in broker.book.orders.values()]
            return self._chosen(rows, chosen)

        return self._ask("orders_get", answer, None)

    def _choice(self, args: tuple[object, ...], words: Mapping[str, object]) -> dict[str, Any]:
        if args:
            raise Refused(Constants.RES_E_INVALID_PARAMS, "Unnamed arguments not allowed")
        kinds = {"symbol": str, "group": str, "ticket": int}
        found = {name: arguments.keyword(words, name, kind) for name, kind in kinds.items()}
        return {name: value for name, value in found.items() if value is not None}

    def _chosen(self, rows: list[Record], chosen: Mapping[str, Any]) -> tuple[Record, ...]:
        if "ticket" in chosen:
            return history.where(rows, "ticket", chosen["ticket"])
        if "symbol" in chosen:
            return tuple(row for row in rows if row.symbol == chosen["symbol"])
        return history.by_mask(rows, chosen["group"]) if "group" in chosen else tuple(rows)

    def history_deals_get(self, *args: object, **words: object) -> tuple[Record, ...] | None:
        """Return deals between two dates (with `group=`), or of an order (`ticket=`), or of a position (`position=`)."""
        return self._ask(
            "history_deals_get",
            lambda: self._past(self._connected_rows("deals", args, words), args, words, ("order", "time")),
            None,
        )

    def history_orders_get(self, *args: object, **words: object) -> tuple[Record, ...] | None:
        """Return past orders between two dates (with `group=`), by `ticket=`, or of a position (`position=`)."""
        return self._ask(
            "history_orders_get",
            lambda: self._past(self._connected_rows("past_orders", args, words), args, words, ("ticket", "time_done")),
            None,
        )

    def history_deals_total(self, *args: object) -> int | None:
        """Return how many deals lie between two dates."""
        arguments.counted(args, 2, 2, "history_deals_total")
        return self._ask(
            "history_deals_total",
            lambda: len(self._past(self._connected_rows("deals", args, {}), args, {}, ("order", "time"))),
            None,
        )

    def history_orders_total(self, *args: object) -> int | None:
        """Return how many past orders lie between two dates."""
        arguments.counted(args, 2, 2, "history_orders_total")
        return self._ask(
            "history_orders_total",
            lambda: len(self._past(self._connected_rows("past_orders", args, {}), args, {}, ("ticket", "time_done"))),
            None,
        )

    def _connected_rows(self, table: str, args: tuple[object, ...], words: Mapping[str, object]) -> list[Record]:
        """Check the arguments as the package does, before the connection; then return a table of the book."""
        if len(args) == 2:  # noqa: PLR2004 - from and to
            arguments.date(args[0]), arguments.date(args[1])
        elif args or not {"ticket", "position"} & set(words):
            raise Refused(Constants.RES_E_INVALID_PARAMS, "Invalid arguments")
        rows: list[Record] = getattr(self._connected().book, table)
        return rows

    def _past(
        self, rows: list[Record], args: tuple[object, ...], words: Mapping[str, object], columns: tuple[str, str]
    ) -> tuple[Record, ...]:
        ticket_column, time_column = columns
        ticket, position = arguments.keyword(words, "ticket", int), arguments.keyword(words, "position", int)
        if args:
            found = history.between(rows, time_column, arguments.date(args[0]), arguments.date(args[1]))
            mask = arguments.keyword(words, "group", str)
            return found if mask is None else history.by_mask(found, mask)
        if ticket is not None:
            return history.where(rows, ticket_column, ticket)
        return history.where(rows, "position_id", position or 0)

    # --- calculations -----------------------------------------------------------------------------------------------

    def order_calc_profit(self, *args: object) -> float | None:
        """Return the result of (action, symbol, volume, price_open, price_close) in deposit currency."""
        arguments.counted(args, 5, 5, "order_calc_profit")

        def answer() -> float:
            side, name = arguments.whole(args[0]), arguments.symbol(args[1])
            volume, opened, closed = (arguments.number(value) for value in args[2:])
            broker, contract = self._calculated(side, name, volume)
            profit = broker.pricing.profit(contract, side, volume, opened, closed)
            if profit is None:
                raise Refused(*CALL_FAILED)
            return profit

        return self._ask("order_calc_profit", answer, None)

    def order_calc_margin(self, *args: object) -> float | None:
        """Return what (action, symbol, volume, price) ties up alone, in deposit currency."""
        arguments.counted(args, 4, 4, "order_calc_margin")

        def answer() -> float:
            side, name = arguments.whole(args[0]), arguments.symbol(args[1])
            volume, price = (arguments.number(value) for value in args[2:])
            broker, contract = self._calculated(side, name, volume)
            margin = broker.pricing.margin(contract, side, volume, price)
            if margin is None:
                raise Refused(*CALL_FAILED)
            return margin

        return self._ask("order_calc_margin", answer, None)

    def _calculated(self, side: int, name: str, volume: float) -> tuple[Broker, Contract]:
        contract = self._contract(name)
        broker = self._connected()
        if side not in SIDES or not volume > 0:
            raise Refused(*BAD_PARAMETERS)
        if name not in self._selected(broker) or broker.market.quote(name).bid <= 0:
            raise Refused(*CALL_FAILED)
        return broker, contract
