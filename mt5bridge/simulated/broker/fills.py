"""What a fill does to the book: open, add to, reduce, close or turn a position, and the deals that say so."""

from __future__ import annotations

from mt5bridge.metatrader.constants import Constants
from mt5bridge.simulated.broker.accounting import Accounting
from mt5bridge.simulated.broker.book import BookDeal, BookOrder, BookPosition, PaperBook
from mt5bridge.simulated.market.clock import VirtualClock
from mt5bridge.simulated.market.market import PaperMarket
from mt5bridge.simulated.market.pricing import BUY, Pricing

LOTS_DIGITS = 8
SELL = Constants.ORDER_TYPE_SELL
SELLING = (
    Constants.ORDER_TYPE_SELL,
    Constants.ORDER_TYPE_SELL_LIMIT,
    Constants.ORDER_TYPE_SELL_STOP,
    Constants.ORDER_TYPE_SELL_STOP_LIMIT,
)


def side_of(order_type: int) -> int:
    """Return BUY or SELL for any order type."""
    return SELL if order_type in SELLING else BUY


class Fills:
    """Books fills for one account; every method returns the ticket of its (last) deal."""

    def __init__(self, book: PaperBook, market: PaperMarket, pricing: Pricing, clock: VirtualClock) -> None:
        self.book = book
        self.market = market
        self.pricing = pricing
        self.clock = clock
        self.accounting = Accounting(book, market, pricing)

    def fill(self, order: BookOrder, volume: float, price: float) -> int:
        """Book `volume` lots of the order at `price`."""
        if order.closes:
            return self.reduce(self.book.positions[order.closes], order, volume, price)
        if order.ticket in self.book.positions:  # the rest of an order filled in parts
            return self._add(self.book.positions[order.ticket], order, volume, price)
        held = [] if self.book.account.hedging else self.book.in_symbol(order.symbol)
        return self._net(held[0], order, volume, price) if held else self._open(order, volume, price)

    def _open(self, order: BookOrder, volume: float, price: float) -> int:
        now, contract, side = self.clock.server_ms, self.market.contracts[order.symbol], side_of(order.type)
        position = BookPosition(
            ticket=order.ticket,
            symbol=order.symbol,
            side=side,
            volume=volume,
            price_open=price,
            sl=order.sl,
            tp=order.tp,
            time_msc=now,
            time_update_msc=now,
            identifier=order.ticket,
            margin=self.pricing.margin(contract, side, volume, price) or 0.0,
            magic=order.magic,
            reason=order.reason,
            comment=order.comment,
        )
        self.book.positions[position.ticket] = position
        return self._deal(order, position, volume, price, entry=Constants.DEAL_ENTRY_IN)

    def _net(self, held: BookPosition, order: BookOrder, volume: float, price: float) -> int:
        """Book against the one position of a netting account."""
        side = side_of(order.type)
        if side == held.side:
            return self._add(held, order, volume, price)
        if volume <= held.volume:
            return self.reduce(held, order, volume, price)
        return self._turn(held, order, volume, price)

    def _add(self, held: BookPosition, order: BookOrder, volume: float, price: float) -> int:
        contract = self.market.contracts[held.symbol]
        total = round(held.volume + volume, LOTS_DIGITS)
        average = (held.price_open * held.volume + price * volume) / total
        held.price_open = round(average, contract.digits + 3)
        held.volume = total
        held.margin += self.pricing.margin(contract, held.side, volume, price) or 0.0
        self._restop(held, order)
        return self._deal(order, held, volume, price, entry=Constants.DEAL_ENTRY_IN)

    def _turn(self, held: BookPosition, order: BookOrder, volume: float, price: float) -> int:
        """Close the whole position and open the rest the other way, in one deal."""
        contract, side = self.market.contracts[held.symbol], side_of(order.type)
        profit = self.pricing.profit(contract, held.side, held.volume, held.price_open, price) or 0.0
        swap = held.swap
        del self.book.positions[held.ticket]
        held.ticket, held.side, held.price_open, held.swap = order.ticket, side, price, 0.0
        held.volume = round(volume - held.volume, LOTS_DIGITS)
        held.sl, held.tp, held.magic, held.reason, held.comment = (
            order.sl, order.tp, order.magic, order.reason, order.comment,
        )  # fmt: skip
        held.time_msc = held.time_update_msc = self.clock.server_ms
        held.margin = self.pricing.margin(contract, side, held.volume, price) or 0.0
        self.book.positions[held.ticket] = held
        return self._deal(order, held, volume, price, entry=Constants.DEAL_ENTRY_INOUT, profit=profit, swap=swap)

    def _restop(self, held: BookPosition, order: BookOrder) -> None:
        """Give the position the stops of the order; an order without leaves them."""
        held.sl = order.sl or held.sl
        held.tp = order.tp or held.tp
        held.time_update_msc = self.clock.server_ms

    def reduce(
        self, held: BookPosition, order: BookOrder, volume: float, price: float, entry: int = Constants.DEAL_ENTRY_OUT
    ) -> int:
        """Close `volume` lots of a position (all of it or a part) with its share of swap and margin."""
        contract = self.market.contracts[held.symbol]
        profit = self.pricing.profit(contract, held.side, volume, held.price_open, price) or 0.0
        left = round(held.volume - volume, LOTS_DIGITS)
        part = volume / held.volume
        swap = held.swap if left <= 0 else self.pricing.rounded(held.swap * part)
        held.swap = self.pricing.rounded(held.swap - swap)
        held.margin *= 1 - part
        held.volume = left
        held.time_update_msc = self.clock.server_ms
        if left <= 0:
            del self.book.positions[held.ticket]
        return self._deal(order, held, volume, price, entry=entry, profit=profit, swap=swap)

    def _deal(
        self,
        order: BookOrder,
        held: BookPosition,
        volume: float,
        price: float,
        *,
        entry: int,
        profit: float = 0.0,
        swap: float = 0.0,
    ) -> int:
        order.position_id = held.identifier
        return self.book.write(
            BookDeal(
                type=side_of(order.type),
                time_msc=self.clock.server_ms,
                order=order.ticket,
                entry=entry,
                magic=order.magic,
                position_id=held.identifier,
                reason=order.reason,
                volume=volume,
                price=price,
                commission=self.commission(held.symbol, volume, price, entry),
                swap=swap,
                profit=profit,
                symbol=held.symbol,
                comment=order.comment,
            )
        )

    def commission(self, symbol: str, volume: float, price: float, entry: int) -> float:
        """Return what the deal costs (0 or negative); the exit is free where only the entry is charged."""
        contract = self.market.contracts[symbol]
        terms = contract.commission
        if entry in (Constants.DEAL_ENTRY_OUT, Constants.DEAL_ENTRY_OUT_BY) and not terms.both_sides:
            return 0.0
        value = self.pricing.value(contract, volume, price) if terms.of_value else 0.0
        return self.pricing.rounded(-(terms.per_lot * volume + terms.of_value * value))
