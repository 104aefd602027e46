"""The broker's book of one account: balance, positions, orders, and every deal that made them so.

The balance is nothing but the sum of the deals: `write` is the only place that changes it. Times in the rows are the
server's wall clock in milliseconds, as the package shows them.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from mt5bridge.metatrader.constants import Constants
from mt5bridge.metatrader.structs import Record, TradeDeal, TradeOrder

FIRST_ORDER = 70_000_001
FIRST_DEAL = 60_000_001


@dataclass(frozen=True, slots=True)
class PaperAccount:
    """The account's owner and terms; fields named like the package's have its meaning."""

    login: int = 510_012_345
    server: str = "Simulated-Server"
    name: str = "Paper Trader"
    company: str = "Simulated Broker"
    currency: str = "USD"
    currency_digits: int = 2
    leverage: int = 100
    margin_mode: int = Constants.ACCOUNT_MARGIN_MODE_RETAIL_HEDGING
    trade_mode: int = Constants.ACCOUNT_TRADE_MODE_DEMO
    limit_orders: int = 200
    margin_so_mode: int = Constants.ACCOUNT_STOPOUT_MODE_PERCENT
    margin_so_call: float = 100.0
    margin_so_so: float = 50.0
    fifo_close: bool = False
    trade_allowed: bool = True
    trade_expert: bool = True

    @property
    def hedging(self) -> bool:
        """Whether one symbol may have several positions."""
        return self.margin_mode == Constants.ACCOUNT_MARGIN_MODE_RETAIL_HEDGING


@dataclass(slots=True)
class BookPosition:
    """An open position; `margin` is the money it binds, and its deals carry `identifier`."""

    ticket: int
    symbol: str
    side: int
    volume: float
    price_open: float
    sl: float
    tp: float
    time_msc: int
    time_update_msc: int
    identifier: int
    margin: float
    magic: int = 0
    reason: int = 0
    comment: str = ""
    swap: float = 0.0


@dataclass(slots=True)
class BookOrder:
    """An order, working or done; fields named like the package's."""

    ticket: int
    symbol: str
    type: int
    volume_initial: float
    volume_current: float
    price_open: float
    time_setup_msc: int
    sl: float = 0.0
    tp: float = 0.0
    price_stoplimit: float = 0.0
    type_time: int = Constants.ORDER_TIME_GTC
    type_filling: int = Constants.ORDER_FILLING_RETURN
    time_expiration: int = 0
    state: int = Constants.ORDER_STATE_PLACED
    magic: int = 0
    position_id: int = 0
    position_by_id: int = 0
    reason: int = Constants.ORDER_REASON_EXPERT
    comment: str = ""
    time_done_msc: int = 0
    closes: int = 0
    """Ticket of the position it is to close or reduce; 0 for an order that opens."""

    def record(self, price_current: float) -> Record:
        """Return the package's row."""
        return TradeOrder((
            self.ticket, self.time_setup_msc // 1000, self.time_setup_msc, self.time_done_msc // 1000,
            self.time_done_msc, self.time_expiration, self.type, self.type_time, self.type_filling, self.state,
            self.magic, self.position_id, self.position_by_id, self.reason, self.volume_initial, self.volume_current,
            self.price_open, self.sl, self.tp, price_current, self.price_stoplimit, self.symbol, self.comment, "",
        ))  # fmt: skip


@dataclass(frozen=True, slots=True)
class BookDeal:
    """One line of the account's history before it has a number; money in deposit currency."""

    type: int
    time_msc: int
    order: int = 0
    entry: int = Constants.DEAL_ENTRY_IN
    magic: int = 0
    position_id: int = 0
    reason: int = Constants.DEAL_REASON_CLIENT
    volume: float = 0.0
    price: float = 0.0
    commission: float = 0.0
    swap: float = 0.0
    profit: float = 0.0
    fee: float = 0.0
    symbol: str = ""
    comment: str = ""

    @property
    def net(self) -> float:
        """Its effect on the balance."""
        return self.profit + self.commission + self.swap + self.fee


@dataclass(slots=True)
class PaperBook:
    """One account's state at the broker."""

    account: PaperAccount
    balance: float = 0.0
    credit: float = 0.0
    positions: dict[int, BookPosition] = field(default_factory=dict)
    orders: dict[int, BookOrder] = field(default_factory=dict)
    deals: list[Record] = field(default_factory=list)
    past_orders: list[Record] = field(default_factory=list)
    orders_numbered: int = 0

    def number(self) -> int:
        """Return the next order's ticket."""
        self.orders_numbered += 1
        return FIRST_ORDER + self.orders_numbered - 1

    def write(self, deal: BookDeal) -> int:
        """Add a deal, change the balance (or the credit) by it, and return its ticket."""
        ticket = FIRST_DEAL + len(self.deals)
        digits = self.account.currency_digits
        if deal.type == Constants.DEAL_TYPE_CREDIT:
            self.credit = round(self.credit + deal.net, digits)
        else:
            self.balance = round(self.balance + deal.net, digits)
        row = (
            ticket, deal.order, deal.time_msc // 1000, deal.time_msc, deal.type, deal.entry, deal.magic,
            deal.position_id, deal.reason, deal.volume, deal.price, deal.commission, deal.swap, deal.profit,
            deal.fee, deal.symbol, deal.comment, "",
        )  # fmt: skip
        self.deals.append(TradeDeal(row))
        return ticket

    def retire(self, order: BookOrder, state: int, time_msc: int, price: float = 0.0) -> None:
        """Move an order into history in its last state."""
        self.orders.pop(order.ticket, None)
        past = replace(order, state=state, time_done_msc=time_msc)
        self.past_orders.append(past.record(price))

    def symbols(self) -> set[str]:
        """Return the symbols of positions and working orders."""
        working = {order.symbol for order in self.orders.values()}
        return working | {position.symbol for position in self.positions.values()}

    def in_symbol(self, symbol: str) -> list[BookPosition]:
        """Return the positions of one symbol, oldest first."""
        return [position for position in self.positions.values() if position.symbol == symbol]
