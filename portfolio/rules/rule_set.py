"""A firm's rules as data: the loss a day may have, the loss the account may have, the sizes it allows."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from portfolio.calendar.firm_day import DayRule

DailyReference = Literal["balance", "equity", "max", "peak_equity_today"]
"""The day's loss is counted from balance or equity at the reset, the higher of both, or the day's highest equity."""

DailyShare = Literal["initial", "reference"]
"""The day's percentage is of the initial size, or of the day's reference."""

Action = Literal["fail", "pause"]
"""A broken daily floor ends the account, or stops trading until the next reset."""

Peak = Literal["none", "eod_balance", "eod_max", "closed_balance", "equity"]
"""The overall floor stays, or follows the highest: balance at a reset, balance or equity at a reset, balance after any
deal, equity at any moment."""

OverallShare = Literal["initial", "peak"]
"""The overall percentage is of the initial size, or of the peak."""

OnPayout = Literal["keep", "shift", "floor_to_initial"]
"""A payout leaves the floor alone, lowers the peak by the money paid, or lifts the floor to the initial size."""

Measure = Literal["equity", "min_balance_equity"]
"""The firm compares equity with its floors, or the smaller of balance and equity."""

CapShare = Literal["initial", "balance", "least"]
"""A money cap's percentage is of the initial size, of the balance, or of the smaller of both."""


@dataclass(frozen=True, slots=True)
class Amount:
    """The loss a rule allows: per cent of something, money, or money by the account's initial size."""

    pct: Decimal | None = None
    """5 is five per cent."""
    money: Decimal | None = None
    """The same for every initial size."""
    by_initial: tuple[tuple[Decimal, Decimal], ...] = ()
    """(initial size, money) pairs, where the firm publishes money."""


@dataclass(frozen=True, slots=True)
class DailyRule:
    """Most that one day may lose, counted from the day's reference."""

    amount: Amount
    of: DailyShare = "initial"
    ref: DailyReference = "balance"
    action: Action = "fail"


@dataclass(frozen=True, slots=True)
class OverallRule:
    """Most that the account may lose in all, from its initial size or from a peak that the floor follows."""

    amount: Amount
    of: OverallShare = "initial"
    peak: Peak = "none"
    lock: Decimal | None = None
    """The floor stops rising at initial + lock."""
    on_payout: OnPayout = "keep"


@dataclass(frozen=True, slots=True)
class MoneyCap:
    """A limit that is a share of the account, by the account's size."""

    steps: tuple[tuple[Decimal, Decimal], ...]
    """(from this initial size on, per cent) pairs, smallest size first; below the first there is no limit."""
    of: CapShare = "initial"
    """`least` is the safe reading where the firm does not say."""
    inclusive: bool = False
    """Reaching it already is a violation."""


@dataclass(frozen=True, slots=True)
class SizeLimits:
    """Limits of a firm on sizes and counts; None and empty are no limit."""

    trade_risk: MoneyCap | None = None
    """Of one position."""
    idea_risk: MoneyCap | None = None
    """Of everything on one symbol and side, realised and floating."""
    floating_loss: MoneyCap | None = None
    """Of all open positions together."""
    max_lots: tuple[tuple[Decimal, Decimal], ...] = ()
    """(initial size, lots open together) pairs."""
    max_lots_per_order: tuple[tuple[str, Decimal], ...] = ()
    """(symbol, lots) pairs; `*` is every other symbol."""
    max_open_orders: int | None = None
    max_positions_per_day: int | None = None
    max_messages_per_day: int | None = None
    """Requests to the server: orders, changes, cancellations."""


_SERVER_DAY = DayRule()
_NO_LIMITS = SizeLimits()


@dataclass(frozen=True, slots=True)
class Rules:
    """One programme of one firm."""

    id: str
    daily: DailyRule | None
    overall: OverallRule
    day: DayRule = _SERVER_DAY
    measure: Measure = "equity"
    inclusive: bool = False
    """Touching a floor is a breach."""
    limits: SizeLimits = _NO_LIMITS
    firm: str = ""
    program: str = ""
    notes: tuple[tuple[str, str], ...] = ()
    """(subject, sentence) pairs for display: targets, best day, minimum days, news and weekend windows, disputes."""
    sources: tuple[str, ...] = ()
    as_of: str = ""
    confidence: str = ""
