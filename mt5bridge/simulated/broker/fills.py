"""Enter fills in the book: open, add to, reduce, close or turn a position, and write the deals."""

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
        positions = [] if self.book.account.hedging else self.book.in_symbol(order.symbol)
        return self._net(positions[0], order, volume, price) if positions else self._open(order, volume, price)

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

    def _net(self, position: BookPosition, order: BookOrder, volume: float, price: float) -> int:
        """Book against the one position of a netting account."""
        side = side_of(order.type)
        if side == position.side:
            return self._add(position, order, volume, price)
        if volume <= position.volume:
            return self.reduce(position, order, volume, price)
        return self._turn(position, order, volume, price)

    def _add(self, position: BookPosition, order: BookOrder, volume: float, price: float) -> int:
        contract = self.market.contracts[position.symbol]
        total = round(position.volume + volume, LOTS_DIGITS)
        average = (position.price_open * position.volume + price * volume) / total
        position.price_open = round(average, contract.digits + 3)
        position.volume = total
        position.margin += self.pricing.margin(contract, position.side, volume, price) or 0.0
        self._restop(position, order)
        return self._deal(order, position, volume, price, entry=Constants.DEAL_ENTRY_IN)

    def _turn(self, position: BookPosition, order: BookOrder, volume: float, price: float) -> int:
        """Close the whole position and open the rest the other way, in one deal."""
        contract, side = self.market.contracts[position.symbol], side_of(order.type)
        profit = self.pricing.profit(contract, position.side, position.volume, position.price_open, price) or 0.0
        swap = position.swap
        del self.book.positions[position.ticket]
        position.ticket, position.side, position.price_open, position.swap = order.ticket, side, price, 0.0
        position.volume = round(volume - position.volume, LOTS_DIGITS)
        position.sl, position.tp, position.magic, position.reason, position.comment = (
            order.sl, order.tp, order.magic, order.reason, order.comment,
        )  # fmt: skip
        position.time_msc = position.time_update_msc = self.clock.server_ms
        position.margin = self.pricing.margin(contract, side, position.volume, price) or 0.0
        self.book.positions[position.ticket] = position
        return self._deal(order, position, volume, price, entry=Constants.DEAL_ENTRY_INOUT, profit=profit, swap=swap)

    def _restop(self, position: BookPosition, order: BookOrder) -> None:
        """Give the position the stops of the order; an order without leaves them."""
        position.sl = order.sl or position.sl
        position.tp = order.tp or position.tp
        position.time_update_msc = self.clock.server_ms

    def reduce(
        self,
        position: BookPosition,
        order: BookOrder,
        volume: float,
        price: float,
        entry: int = Constants.DEAL_ENTRY_OUT,
    ) -> int:
        """Close `volume` lots of a position (all of it or a part) with its share of swap and margin."""
        contract = self.market.contracts[position.symbol]
        profit = self.pricing.profit(contract, position.side, volume, position.price_open, price) or 0.0
        rest = round(position.volume - volume, LOTS_DIGITS)
        part = volume / position.volume
        swap = position.swap if rest <= 0 else self.pricing.round_money(position.swap * part)
        position.swap = self.pricing.round_money(position.swap - swap)
        position.margin *= 1 - part
        position.volume = rest
        position.time_update_msc = self.clock.server_ms
        if rest <= 0:
            del self.book.positions[position.ticket]
        return self._deal(order, position, volume, price, entry=entry, profit=profit, swap=swap)

    def _deal(
        self,
        order: BookOrder,
        position: BookPosition,
        volume: float,
        price: float,
        *,
        entry: int,
        profit: float = 0.0,
        swap: float = 0.0,
    ) -> int:
        order.position_id = position.identifier
        return self.book.write(
            BookDeal(
                type=side_of(order.type),
                time_msc=self.clock.server_ms,
                order=order.ticket,
                entry=entry,
                magic=order.magic,
                position_id=position.identifier,
                reason=order.reason,
                volume=volume,
                price=price,
                commission=self.commission(position.symbol, volume, price, entry),
                swap=swap,
                profit=profit,
                symbol=position.symbol,
                comment=order.comment,
            )
        )

    def commission(self, symbol: str, volume: float, price: float, entry: int) -> float:
        """Return the commission of a deal (0 or negative); the exit is free where only the entry is charged."""
        contract = self.market.contracts[symbol]
        terms = contract.commission
        if entry in (Constants.DEAL_ENTRY_OUT, Constants.DEAL_ENTRY_OUT_BY) and not terms.both_sides:
            return 0.0
        value = self.pricing.value(contract, volume, price) if terms.of_value else 0.0
        return self.pricing.round_money(-(terms.per_lot * volume + terms.of_value * value))
