"""Accounts, contracts, quotes, positions, orders, deals, and one consistent moment of a terminal.

Number policy. Money, prices and lots are `Decimal`, made once at the border (`mt5bridge.reading.convert`) from the
shortest text of the terminal's double; statistics are `float`. Losses round up, room and lots round down,
and only where a docstring says so. NaN and infinity never get in: the border refuses them.

Time policy. Every `datetime` is aware and in UTC. The broker's server clock exists only in
`mt5bridge.reading.server_time`, the firm's day only in `portfolio.account.advance`. Nothing here reads a clock.

Units. `volume` is the terminal's word and counts lots; prices are per unit of the symbol; money is in the
account's deposit currency unless a name says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple

ZERO = Decimal(0)
ONE = Decimal(1)


class Side(StrEnum):
    """The direction of a trade."""

    BUY = "buy"
    SELL = "sell"

    @property
    def sign(self) -> int:
        """+1 for a buy, -1 for a sell: the sign of what a rise of the price earns."""
        return 1 if self is Side.BUY else -1

    @property
    def opposite(self) -> Side:
        """The side that closes this one."""
        return Side.SELL if self is Side.BUY else Side.BUY


class MarginMode(StrEnum):
    """Booking of several trades in one symbol: netted into one position, or each on its own."""

    NETTING = "netting"
    EXCHANGE = "exchange"
    HEDGING = "hedging"
    UNKNOWN = "unknown"


class OrderType(StrEnum):
    """Filling policy of an order."""

    MARKET = "market"
    LIMIT = "limit"
    STOP = "stop"
    STOP_LIMIT = "stop_limit"


class DealKind(StrEnum):
    """Kind of a line of the account's history: a trade, or money moved without one."""

    TRADE = "trade"
    BALANCE = "balance"
    CREDIT = "credit"
    OTHER = "other"


class DealEntry(StrEnum):
    """Effect of a trade deal on its position; `INOUT` reverses a netting position in one deal."""

    IN = "in"
    OUT = "out"
    INOUT = "inout"
    OUT_BY = "out_by"


@dataclass(frozen=True, slots=True)
class Account:
    """The account as the terminal reports it; money in `currency`."""

    login: int
    server: str
    currency: str
    balance: Decimal
    equity: Decimal
    margin: Decimal
    free_margin: Decimal
    leverage: int
    margin_mode: MarginMode = MarginMode.HEDGING
    credit: Decimal = ZERO
    profit: Decimal = ZERO
    commission_blocked: Decimal = ZERO
    currency_digits: int = 2
    trade_allowed: bool = True
    trade_expert: bool = True
    trade_mode: int = 0
    """0 demo, 1 contest, 2 real (prop trial accounts report 0 too)."""
    stop_out_level: Decimal = ZERO
    """Per cent of margin level, or money where `stop_out_in_money`."""
    stop_out_in_money: bool = False


def last_digits(login: int) -> int:
    """Return the last four digits of a login, as much of it as is ever written down."""
    return login % 10_000


def masked_login(login: int) -> str:
    """Return a login as it may be shown or logged: its last four digits."""
    return f"..{last_digits(login):04d}"


def masked(account: Account) -> Account:
    """Return the account with no more of its login than the last four digits."""
    return replace(account, login=last_digits(account.login))


@dataclass(frozen=True, slots=True)
class SymbolSpec:
    """The contract of one symbol; codes are the terminal's own numbers (`calc_mode` 34 is FORTS futures)."""

    name: str
    calc_mode: int
    contract_size: Decimal
    tick_size: Decimal
    tick_value: Decimal
    """Money per tick and lot in deposit currency, as reported for a profit."""
    tick_value_loss: Decimal
    point: Decimal
    digits: int
    currency_base: str
    currency_profit: str
    currency_margin: str
    volume_min: Decimal
    volume_max: Decimal
    volume_step: Decimal
    volume_limit: Decimal = ZERO
    """Most lots in one direction, open and pending together; 0 is none."""
    path: str = ""
    description: str = ""
    trade_mode: int = 4
    """0 disabled, 1 long only, 2 short only, 3 close only, 4 full."""
    execution_mode: int = 2
    filling_mode: int = 1
    """Bits: 1 fill-or-kill, 2 immediate-or-cancel."""
    order_mode: int = 127
    expiration_mode: int = 15
    stops_level: int = 0
    """Least distance of a stop from the current price, in points."""
    freeze_level: int = 0
    swap_mode: int = 0
    swap_long: Decimal = ZERO
    swap_short: Decimal = ZERO
    swap_triple_day: int = 3
    """Weekday that books three days of swap; 0 Sunday ... 6 Saturday."""
    margin_initial: Decimal = ZERO
    margin_maintenance: Decimal = ZERO
    margin_hedged: Decimal = ZERO
    face_value: Decimal = ZERO
    accrued_interest: Decimal = ZERO
    liquidity_rate: Decimal = ZERO
    settlement_price: Decimal = ZERO
    last_price: Decimal = ZERO
    selected: bool = True


class Quote(NamedTuple):
    """The best prices of one symbol, and when the server saw them (UTC)."""

    symbol: str
    bid: Decimal
    ask: Decimal
    at: datetime


class Position(NamedTuple):
    """An open position. `stop` and `target` are None where none is set; `profit` is price gain alone, without swap."""

    ticket: int
    symbol: str
    side: Side
    volume: Decimal
    open_price: Decimal
    current_price: Decimal
    stop: Decimal | None
    target: Decimal | None
    profit: Decimal
    swap: Decimal
    opened_at: datetime
    magic: int = 0
    comment: str = ""
    identifier: int = 0
    """Joins the position with its deals (their `position_id`)."""


class Order(NamedTuple):
    """A pending order; `volume` is what is still to be filled."""

    ticket: int
    symbol: str
    side: Side
    type: OrderType
    volume: Decimal
    price: Decimal
    stop: Decimal | None
    target: Decimal | None
    placed_at: datetime
    expires_at: datetime | None = None
    magic: int = 0
    comment: str = ""


class Deal(NamedTuple):
    """One line of the account's history; its effect on the balance is profit + commission + swap + fee."""

    ticket: int
    order: int
    position_id: int
    symbol: str
    kind: DealKind
    side: Side | None
    entry: DealEntry | None
    volume: Decimal
    price: Decimal
    profit: Decimal
    commission: Decimal
    swap: Decimal
    fee: Decimal
    at: datetime
    magic: int = 0
    comment: str = ""

    @property
    def net(self) -> Decimal:
        """Money the deal added to the balance."""
        return self.profit + self.commission + self.swap + self.fee


@dataclass(frozen=True, slots=True)
class Bars:
    """Closed bars of one symbol, oldest first: `time` is the open of each in UTC epoch seconds, prices are floats."""

    symbol: str
    timeframe: str
    time: Sequence[int]
    open: Sequence[float]
    high: Sequence[float]
    low: Sequence[float]
    close: Sequence[float]
    spread: Sequence[int] = ()
    """Points; empty where the source has none."""

    def __len__(self) -> int:
        return len(self.time)


class ProfitQuestion(NamedTuple):
    """A question to the terminal: the result of one lot from `open` to `close`, in deposit currency."""

    symbol: str
    side: Side
    open: Decimal
    close: Decimal


class MarginQuestion(NamedTuple):
    """A question to the terminal: the margin of `volume` lots at `price`, in deposit currency."""

    symbol: str
    side: Side
    volume: Decimal
    price: Decimal


@dataclass(frozen=True, slots=True)
class TerminalState:
    """State of the program behind the numbers, on which their freshness depends."""

    name: str
    """Kind of terminal that answered: `simulated`, `recording`, `native`, `host`."""
    connected: bool = True
    trade_allowed: bool = True
    api_disabled: bool = False
    build: int = 0
    epoch: int = 0
    """Grows by one with every new connection to the terminal."""


def _no_entries() -> Mapping[Any, Any]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One consistent moment of a terminal, checked and converted; everything a decision may know of the market."""

    taken_at: datetime
    account: Account
    terminal: TerminalState
    specs: Mapping[str, SymbolSpec]
    quotes: Mapping[str, Quote]
    positions: tuple[Position, ...] = ()
    orders: tuple[Order, ...] = ()
    deals: tuple[Deal, ...] = ()
    deals_since: datetime | None = None
    """History is complete from here on; None where it was not asked for."""
    bars: Mapping[tuple[str, str], Bars] = field(default_factory=_no_entries)
    """By (symbol, timeframe)."""
    profits: Mapping[ProfitQuestion, Decimal] = field(default_factory=_no_entries)
    margins: Mapping[MarginQuestion, Decimal] = field(default_factory=_no_entries)
    server_offset: int = 0
    """Seconds by which the broker's clock is ahead of UTC."""
    generation: int = 0
    """Grows with each snapshot of a process; a decision may not use one older than the last resolved reservation."""
    stops: Mapping[int, Decimal] = field(default_factory=_no_entries)
    """First known stop of past positions by position id, from order history; what R-multiples need."""
