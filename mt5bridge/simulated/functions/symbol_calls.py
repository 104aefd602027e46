"""The module's functions about symbols: their list, contracts, prices and depth of market."""

from __future__ import annotations

from mt5bridge.metatrader.constants import Constants, last_error
from mt5bridge.metatrader.structs import BookInfo, Record
from mt5bridge.simulated import arguments
from mt5bridge.simulated.arguments import RefusedError
from mt5bridge.simulated.functions import history
from mt5bridge.simulated.functions.rows import symbol_row, tick_row
from mt5bridge.simulated.functions.session import CALL_FAILED, Session

OLD_VERSION = last_error(Constants.RES_E_INVALID_VERSION)
"""The package's answer about symbols without a terminal: its build check comes first."""


class SymbolCalls(Session):
    """symbols_*, symbol_*, market_book_*."""

    def symbols_total(self) -> int | None:
        """Return the number of symbols that the server offers."""

        def answer() -> int:
            self._require_connection()
            return len(self._shown_broker().market.contracts)

        return self._respond("symbols_total", answer, None)

    def symbols_get(self, *args: object, **words: object) -> tuple[Record, ...] | bool | None:
        """Return SymbolInfo of all symbols, or of those a mask takes; False for wrong arguments, as the package."""

        def answer() -> tuple[Record, ...]:
            mask = self._read_mask(args, words)
            self._require_connection()
            broker = self._shown_broker()
            selection = self._quoted_symbols(broker)
            return tuple(
                symbol_row(contract, broker.market, broker.pricing, selection, self.visible)
                for contract in broker.market.contracts.values()
                if mask is None or history.matches(mask, contract.name)
            )

        rows = self._respond("symbols_get", answer, None)
        return False if rows is None and self._error[0] == Constants.RES_E_INVALID_PARAMS else rows

    def _require_connection(self) -> None:
        if not self.attached:
            raise RefusedError(*OLD_VERSION)

    def _read_mask(self, args: tuple[object, ...], words: dict[str, object]) -> str | None:
        if len(args) > 1:
            raise arguments.wrong_count()
        if not args:
            return arguments.read_text(words, "group", None)
        if not isinstance(args[0], str):
            raise RefusedError(Constants.RES_E_INVALID_PARAMS, "Invalid 1st unnamed argument")
        return args[0]

    def _read_symbol(self, args: tuple[object, ...]) -> str:
        arguments.check_count(args, 1)
        return arguments.read_symbol(args[0])

    def symbol_info(self, *args: object) -> Record | None:
        """Return SymbolInfo of (symbol)."""

        def answer() -> Record:
            contract = self._contract(self._read_symbol(args))
            broker = self._shown_broker()
            return symbol_row(contract, broker.market, broker.pricing, self._quoted_symbols(broker), self.visible)

        return self._respond("symbol_info", answer, None)

    def symbol_info_tick(self, *args: object) -> Record | None:
        """Return the last Tick of (symbol), which must be selected."""

        def answer() -> Record:
            contract = self._contract(self._read_symbol(args))
            broker = self._shown_broker()
            if contract.name not in self._quoted_symbols(broker):
                raise RefusedError(*CALL_FAILED)
            return tick_row(broker.market.quote(contract.name), broker.clock)

        return self._respond("symbol_info_tick", answer, None)

    def symbol_select(self, *args: object) -> bool:
        """Show (symbol, enable=True) in Market Watch, or hide it where nothing of it is held."""

        def answer() -> bool:
            arguments.check_count(args, 1, 2)
            name = arguments.read_symbol(args[0])
            contract = self._contract(name, CALL_FAILED)
            if len(args) == 1 or args[1]:
                self.visible.add(contract.name)
            elif name in self.broker.book.symbols():
                raise RefusedError(*CALL_FAILED)
            else:
                self.visible.discard(name)
            return True

        return self._respond("symbol_select", answer, refusal=False)

    def market_book_add(self, *args: object) -> bool | None:
        """Subscribe to the depth of market of (symbol)."""
        return self._respond("market_book_add", lambda: self._offers(args), None)

    def market_book_release(self, *args: object) -> bool | None:
        """Give the subscription to (symbol) up."""
        return self._respond("market_book_release", lambda: self._offers(args), None)

    def _offers(self, args: tuple[object, ...]) -> bool:
        """Whether there is such a symbol; without a terminal just False, without an error."""
        name = self._read_symbol(args)
        return self.attached and name in self._shown_broker().market.contracts

    def market_book_get(self, *args: object) -> tuple[Record, ...] | None:
        """Return BookInfo rows of (symbol): the best ask and the best bid."""

        def answer() -> tuple[Record, ...]:
            contract = self._contract(self._read_symbol(args))
            quote = self._shown_broker().market.quote(contract.name)
            lots = contract.volume_max
            return (
                BookInfo((Constants.BOOK_TYPE_SELL, quote.ask, int(lots), lots)),
                BookInfo((Constants.BOOK_TYPE_BUY, quote.bid, int(lots), lots)),
            )

        return self._respond("market_book_get", answer, None)
