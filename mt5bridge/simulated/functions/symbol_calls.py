"""The module's functions about symbols: which there are, what they are, what they cost."""

from __future__ import annotations

from mt5bridge.metatrader.constants import Constants, last_error
from mt5bridge.metatrader.structs import BookInfo, Record
from mt5bridge.simulated import arguments
from mt5bridge.simulated.arguments import RefusedError
from mt5bridge.simulated.functions import history
from mt5bridge.simulated.functions.rows import symbol_row, tick_row
from mt5bridge.simulated.functions.session import CALL_FAILED, Session

OLD_VERSION = last_error(Constants.RES_E_INVALID_VERSION)
"""What the package says of symbols without a terminal: its build check comes first."""


class SymbolCalls(Session):
    """symbols_*, symbol_*, market_book_*."""

    def symbols_total(self) -> int | None:
        """Return how many symbols the server offers."""

        def answer() -> int:
            self._versioned()
            return len(self._connected().market.contracts)

        return self._ask("symbols_total", answer, None)

    def symbols_get(self, *args: object, **words: object) -> tuple[Record, ...] | bool | None:
        """Return SymbolInfo of all symbols, or of those a mask takes; False for wrong arguments, as the package."""

        def answer() -> tuple[Record, ...]:
            mask = self._mask(args, words)
            self._versioned()
            broker = self._connected()
            selected = self._selected(broker)
            return tuple(
                symbol_row(contract, broker.market, broker.pricing, selected, self.visible)
                for contract in broker.market.contracts.values()
                if mask is None or history.matches(mask, contract.name)
            )

        rows = self._ask("symbols_get", answer, None)
        return False if rows is None and self._error[0] == Constants.RES_E_INVALID_PARAMS else rows

    def _versioned(self) -> None:
        if not self.attached:
            raise RefusedError(*OLD_VERSION)

    def _mask(self, args: tuple[object, ...], words: dict[str, object]) -> str | None:
        if len(args) > 1:
            raise arguments.misplaced()
        if not args:
            return arguments.text_word(words, "group", None)
        if not isinstance(args[0], str):
            raise RefusedError(Constants.RES_E_INVALID_PARAMS, "Invalid 1st unnamed argument")
        return args[0]

    def _named(self, args: tuple[object, ...]) -> str:
        arguments.counted(args, 1)
        return arguments.symbol(args[0])

    def symbol_info(self, *args: object) -> Record | None:
        """Return SymbolInfo of (symbol)."""

        def answer() -> Record:
            contract = self._contract(self._named(args))
            broker = self._connected()
            return symbol_row(contract, broker.market, broker.pricing, self._selected(broker), self.visible)

        return self._ask("symbol_info", answer, None)

    def symbol_info_tick(self, *args: object) -> Record | None:
        """Return the last Tick of (symbol), which must be selected."""

        def answer() -> Record:
            contract = self._contract(self._named(args))
            broker = self._connected()
            if contract.name not in self._selected(broker):
                raise RefusedError(*CALL_FAILED)
            return tick_row(broker.market.quote(contract.name), broker.clock)

        return self._ask("symbol_info_tick", answer, None)

    def symbol_select(self, *args: object) -> bool:
        """Show (symbol, enable=True) in Market Watch, or hide it where nothing of it is held."""

        def answer() -> bool:
            arguments.counted(args, 1, 2)
            name = arguments.symbol(args[0])
            contract = self._contract(name, CALL_FAILED)
            if len(args) == 1 or args[1]:
                self.visible.add(contract.name)
            elif name in self.broker.book.symbols():
                raise RefusedError(*CALL_FAILED)
            else:
                self.visible.discard(name)
            return True

        return self._ask("symbol_select", answer, refusal=False)

    def market_book_add(self, *args: object) -> bool | None:
        """Subscribe to the depth of market of (symbol)."""
        return self._ask("market_book_add", lambda: self._knows(args), None)

    def market_book_release(self, *args: object) -> bool | None:
        """Give the subscription to (symbol) up."""
        return self._ask("market_book_release", lambda: self._knows(args), None)

    def _knows(self, args: tuple[object, ...]) -> bool:
        """Whether there is such a symbol; without a terminal just False, without an error."""
        name = self._named(args)
        return self.attached and name in self._connected().market.contracts

    def market_book_get(self, *args: object) -> tuple[Record, ...] | None:
        """Return BookInfo rows of (symbol): the best ask and the best bid."""

        def answer() -> tuple[Record, ...]:
            contract = self._contract(self._named(args))
            quote = self._connected().market.quote(contract.name)
            lots = contract.volume_max
            return (
                BookInfo((Constants.BOOK_TYPE_SELL, quote.ask, int(lots), lots)),
                BookInfo((Constants.BOOK_TYPE_BUY, quote.bid, int(lots), lots)),
            )

        return self._ask("market_book_get", answer, None)
