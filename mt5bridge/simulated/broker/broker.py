"""The paper broker: as time passes it fills orders, hits stops and targets, charges swap and stops accounts out.

Prices move tick by tick. A stop or order whose price lies inside the move fills at its price; after a gap (a bar that
opens away from the last close, a fault, a test that sets a price) it fills at what the market then offers. The bars'
own high and low tell when an hour can hold no event, and such hours are passed in one step.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from mt5bridge.metatrader.constants import Constants
from mt5bridge.simulated.broker.accounting import Accounting
from mt5bridge.simulated.broker.book import BookDeal, BookOrder, BookPosition, PaperAccount, PaperBook
from mt5bridge.simulated.broker.fills import SELL, Fills, side_of
from mt5bridge.simulated.broker.lookahead import NOTHING_KNOWN, is_reached, look_ahead
from mt5bridge.simulated.broker.swaps import nights, swap
from mt5bridge.simulated.market.clock import DAY, VirtualClock, epoch_ms
from mt5bridge.simulated.market.market import PaperMarket
from mt5bridge.simulated.market.pricing import BUY, Pricing

BECOMES = {
    Constants.ORDER_TYPE_BUY_STOP_LIMIT: Constants.ORDER_TYPE_BUY_LIMIT,
    Constants.ORDER_TYPE_SELL_STOP_LIMIT: Constants.ORDER_TYPE_SELL_LIMIT,
}


class Broker:
    """One account at one server."""

    def __init__(self, market: PaperMarket, clock: VirtualClock, account: PaperAccount) -> None:
        self.market = market
        self.clock = clock
        self.slippage_points = 0
        """By how much stops and market orders fill worse than quoted."""
        self.take(PaperBook(account))

    def take(self, book: PaperBook) -> None:
        """Serve this book from now on (another account at the same server)."""
        self.book = book
        self._outlook = NOTHING_KNOWN
        account = book.account
        self.pricing = Pricing(self.market, account.currency, account.leverage, account.currency_digits)
        self.fills = Fills(book, self.market, self.pricing, self.clock)
        self.accounting = Accounting(book, self.market, self.pricing)

    def deposit(self, money: float, comment: str = "deposit", kind: int = Constants.DEAL_TYPE_BALANCE) -> int:
        """Move money in (or out, below 0) without a trade; return the deal's ticket."""
        return self.book.write(BookDeal(type=kind, time_msc=self.clock.server_ms, profit=money, comment=comment))

    def price(self, symbol: str, side: int, slippage_points: int = 0) -> float:
        """Return the price at which an order of that side is filled now, slippage included."""
        contract, quote = self.market.contracts[symbol], self.market.quote(symbol)
        worse = (self.slippage_points + slippage_points) * contract.point
        return round(quote.ask + worse if side == BUY else quote.bid - worse, contract.digits)

    def trade(
        self,
        symbol: str,
        side: int,
        volume: float,
        *,
        sl: float = 0.0,
        tp: float = 0.0,
        magic: int = 0,
        comment: str = "",
        price: float | None = None,
        kind: int | None = None,
    ) -> int:
        """Trade at the market, or leave an order of `kind` at `price`, unchecked; return the order's ticket."""
        order = BookOrder(
            ticket=self.book.number(),
            symbol=symbol,
            type=side if kind is None else kind,
            volume_initial=volume,
            volume_current=volume,
            price_open=self.price(symbol, side) if price is None else price,
            time_setup_msc=self.clock.server_ms,
            sl=sl,
            tp=tp,
            magic=magic,
            comment=comment,
        )
        if kind is None:
            self.execute(order, volume, order.price_open)
        else:
            self.book.orders[order.ticket] = order
        return order.ticket

    def advance(self, to: datetime | timedelta | float) -> None:
        """Let time pass: seconds, a span, or until a moment (never backwards)."""
        if isinstance(to, datetime):
            target = epoch_ms(to)
        else:
            seconds = to.total_seconds() if isinstance(to, timedelta) else to
            target = self.clock.utc_ms + round(seconds * 1000)
        self.settle()
        while self.clock.utc_ms < target:
            midnight = self.clock.next_midnight()
            self.clock.move_to(min(target, midnight, self._next_event()))
            self._step()
            if self.clock.utc_ms == midnight:
                self._roll_over()

    def _next_event(self) -> int:
        """Return the UTC milliseconds to step to: when a level is reached, else when the outlook ends."""
        now = self.clock.utc_ms
        if now >= self._outlook.until:
            self._outlook = look_ahead(self.accounting, now)
        if self._outlook.safe:
            until = self._outlook.until
            near = self._outlook.levels.items()
            return min([until, *(self.market.first_touch(symbol, levels, until) for symbol, levels in near)])
        beat = self.market.tick_seconds * 1000
        return min(now - now % beat + beat, self._outlook.until)

    def price_for(self, order: BookOrder) -> float:
        """Return the present price that fills an order: ask for a buy, bid for a sell."""
        quote = self.market.quote(order.symbol)
        return quote.ask if side_of(order.type) == BUY else quote.bid

    def settle(self) -> None:
        """Fill, close and stop out as the present prices demand, however they came about."""
        self._outlook = NOTHING_KNOWN
        for order in list(self.book.orders.values()):
            self._settle_order(order, in_stride=False)
        for position in list(self.book.positions.values()):
            self._settle_position(position, in_stride=False)
        self._stop_out()

    def _step(self) -> None:
        """Fill, close and stop out as one tick demands, or the end of a quiet time."""
        outlook = self._outlook
        for order in list(self.book.orders.values()):
            if order.symbol in outlook.levels or order.time_expiration:
                self._settle_order(order, in_stride=True)
        for position in list(self.book.positions.values()):
            if position.symbol in outlook.levels:
                self._settle_position(position, in_stride=True)
        if not outlook.safe or outlook.levels:
            self._stop_out()
            self._outlook = NOTHING_KNOWN if outlook.safe else outlook

    def _settle_order(self, order: BookOrder, *, in_stride: bool) -> None:
        if 0 < order.time_expiration * 1000 <= self.clock.server_ms:
            self.book.retire(order, Constants.ORDER_STATE_EXPIRED, self.clock.server_ms)
            return
        quote = self.market.quote(order.symbol)
        if not self.market.is_open(order.symbol) or not is_reached(order, quote.bid, quote.ask):
            return
        if order.closes and order.closes not in self.book.positions:
            self.book.retire(order, Constants.ORDER_STATE_CANCELED, self.clock.server_ms)
            return
        if order.type in BECOMES:
            order.type, order.price_open = BECOMES[order.type], order.price_stoplimit
            return
        side = side_of(order.type)
        price = (
            order.price_open if self._is_smooth(order.symbol, in_stride=in_stride) else self.price(order.symbol, side)
        )
        self.execute(order, order.volume_current, price)

    def execute(self, order: BookOrder, volume: float, price: float) -> int:
        """Fill an order, or reject it for want of money; return the deal's ticket, 0 if rejected."""
        contract, side = self.market.contracts[order.symbol], side_of(order.type)
        if not order.closes and not self.affords(order.symbol, side, volume, price):
            self.book.retire(order, Constants.ORDER_STATE_REJECTED, self.clock.server_ms, price)
            return 0
        deal = self.fills.fill(order, volume, contract.price(contract.points(price)))
        order.volume_current = round(order.volume_current - volume, 8)
        if order.volume_current <= 0:
            self.book.retire(order, Constants.ORDER_STATE_FILLED, self.clock.server_ms, price)
        return deal

    def affords(self, symbol: str, side: int, volume: float, price: float) -> bool:
        """Whether equity covers the margin with the order filled, or the order ties up no more than there is now."""
        figures = self.accounting.figures()
        return self.margin_after(symbol, side, volume, price) <= max(figures.equity, figures.margin)

    def margin_after(self, symbol: str, side: int, volume: float, price: float) -> float:
        """Return the account's margin were the order filled; infinite without a conversion."""
        alone = self.pricing.margin(self.market.contracts[symbol], side, volume, price)
        if alone is None:
            return float("inf")
        return self.accounting.margin(BookPosition(0, symbol, side, volume, price, 0.0, 0.0, 0, 0, 0, margin=alone))

    def _settle_position(self, position: BookPosition, *, in_stride: bool) -> None:
        if position.ticket not in self.book.positions or not self.market.is_open(position.symbol):
            return
        price = self.accounting.closing_price(position)
        rising = position.side == BUY
        hit_stop = position.sl > 0 and (price <= position.sl if rising else price >= position.sl)
        hit_target = position.tp > 0 and (price >= position.tp if rising else price <= position.tp)
        if not hit_stop and not hit_target:
            return
        level = position.sl if hit_stop else position.tp
        reason, word = (Constants.DEAL_REASON_SL, "sl") if hit_stop else (Constants.DEAL_REASON_TP, "tp")
        smooth = self._is_smooth(position.symbol, in_stride=in_stride)
        at = level if smooth else price
        if hit_stop:
            at -= (1 if rising else -1) * self.slippage_points * self.market.contracts[position.symbol].point
        self.close(position, at, reason, f"[{word} {level:.{self.market.contracts[position.symbol].digits}f}]")

    def _is_smooth(self, symbol: str, *, in_stride: bool) -> bool:
        return in_stride and not self.market.is_gapped(symbol)

    def close(
        self, position: BookPosition, price: float, reason: int, comment: str, volume: float | None = None
    ) -> int:
        """Close a position (or `volume` lots of it) with an order of its own; return the deal's ticket."""
        lots = position.volume if volume is None else volume
        order = BookOrder(
            ticket=self.book.number(),
            symbol=position.symbol,
            type=SELL if position.side == BUY else BUY,
            volume_initial=lots,
            volume_current=lots,
            price_open=price,
            time_setup_msc=self.clock.server_ms,
            magic=position.magic,
            position_id=position.identifier,
            closes=position.ticket,
            reason=reason,
            comment=comment,
        )
        return self.execute(order, lots, price)

    def _stop_out(self) -> None:
        """Close the position with the largest loss, and again, until the margin level allows the rest."""
        while self.book.positions:
            figures = self.accounting.figures()
            if not self.accounting.is_out_of_margin(figures):
                return
            for order in list(self.book.orders.values()):
                self.book.retire(order, Constants.ORDER_STATE_CANCELED, self.clock.server_ms)
            open_now = [p for p in self.book.positions.values() if self.market.is_open(p.symbol)]
            if not open_now:
                return
            worst = min(open_now, key=lambda p: (self.accounting.profit(p) + p.swap, p.ticket))
            comment = f"[so {figures.level:.2f}%/{figures.equity:.2f}/{figures.margin:.2f}]"
            self.close(worst, self.accounting.closing_price(worst), Constants.DEAL_REASON_SO, comment[:29])

    def _roll_over(self) -> None:
        """Charge or pay swap for the night that begins: the day that just ended decides how many."""
        weekday = (self.clock.to_server(self.clock.utc_ms) // 1000 // DAY - 1 + 3) % 7
        for position in self.book.positions.values():
            contract = self.market.contracts[position.symbol]
            times = nights(contract, weekday)
            if times:
                self._outlook = NOTHING_KNOWN
                night = swap(self.pricing, contract, position, self.accounting.closing_price(position))
                position.swap = self.pricing.round_money(position.swap + night * times)
                position.time_update_msc = self.clock.server_ms
