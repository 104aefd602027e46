"""Everything one decision may know, frozen before anything is decided.

A context is all that the factors, the caps and the sizers see. It is written into the journal, so a decision can
be re-computed from its line alone: no terminal, no clock, no database.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from itertools import compress
from math import fsum
from typing import NamedTuple

from portfolio.account.worst_seen import Watch
from portfolio.book.charges import Charge
from portfolio.book.day_count import DayCount
from portfolio.book.exposure_budget import Spent
from portfolio.model import ZERO, Account, OrderType, Quote, Side, SymbolSpec
from portfolio.reasons import Refusal
from portfolio.rounding import EXACT, loss_up, under
from portfolio.rules.headroom import Headroom, Rules
from portfolio.rules.rooms import FollowingPeak, Room, daily_room, following_peaks, overall_room, room_after_reset


class Intent(StrEnum):
    """What a request does to the book."""

    OPEN = "open"
    ADD = "add"
    REDUCE = "reduce"
    CLOSE = "close"
    REVERSE = "reverse"


class Hold(StrEnum):
    """How long the trade may stay open."""

    INTRADAY = "intraday"
    OVERNIGHT = "overnight"
    WEEKEND = "weekend"


@dataclass(frozen=True, slots=True)
class Request:
    """A trade idea after validation: numbers exact and finite, fractions as fractions (0.75, not 75), times in UTC.

    At most one of `stop`, `stop_points` and `atr_stop` is given, and one of `target`, `rr` and `atr_target`, but
    for the last two together, which ask for the farther target.
    """

    symbol: str
    side: Side
    stop: Decimal | None = None
    stop_points: Decimal | None = None
    atr_stop: Decimal | None = None
    """Stop distance in ATRs of the request's timeframe."""
    entry: Decimal | None = None
    """The price of a pending order; None trades at the market."""
    type: OrderType | None = None
    """None: market without an entry, else limit or stop by the side of the market it lies on."""
    target: Decimal | None = None
    rr: Decimal | None = None
    """Target distance in stop distances."""
    atr_target: Decimal | None = None
    confidence: Decimal | None = None
    """Win probability, 0 to 1."""
    score: Decimal | None = None
    """Market score, 0 to 100."""
    conviction: Decimal | None = None
    """Source 001's own score, 0 to 5."""
    regime: str | None = None
    timeframe: str = "H1"
    hold: Hold = Hold.OVERNIGHT
    flat_by: datetime | None = None
    multiplier: Decimal | None = None
    """A caller's own factor, at most 1."""
    signal_modifier: Decimal | None = None
    slippage_modifier: Decimal | None = None
    legacy_lots: Decimal | None = None
    signal_id: str | None = None
    oco_group: str | None = None
    reduce: int | None = None
    """The ticket to reduce or close; on netting any position of the symbol."""
    volume: Decimal | None = None
    """Lots to close, where the request reduces; None closes the whole position."""


class LotRisk(NamedTuple):
    """What one lot of this trade can lose, cost, gain, and bind; deposit currency, losses rounded up to 1e-8."""

    stop: Decimal
    """From entry to the rounded stop."""
    cost: Decimal
    """Round-turn commission, slippage, and swap if held over a rollover."""
    risk: Decimal
    """The larger of stop, tail and gap, plus cost: the elite sizer's divisor."""
    tail: Decimal | None
    gap: Decimal | None
    gain: Decimal | None
    """From entry to the target; None without one."""
    margin: Decimal | None
    exposure: Decimal | None
    terminal: Decimal | None
    """The stop loss as the terminal reckons it; with the next two, the three ways."""
    tick_value: Decimal | None
    contract: Decimal | None
    because: str = ""
    """Where costs and tail come from, in words."""

    @property
    def at_stop(self) -> Decimal:
        """Loss at the stop with costs: every sizer's divisor but the elite's."""
        return self.stop + self.cost


class Record(NamedTuple):
    """The account's own recent trading, as the performance factor sees it."""

    trades: int
    multiplier: Decimal
    win_rate: float
    average: float
    """Mean net result in deposit currency."""
    sharpe: float
    payoff: float
    because: str


@dataclass(frozen=True, slots=True)
class Market:
    """Statistics about the candidate, looked up, never computed during a decision; None is no data."""

    correlations: Mapping[str, float]
    """With each symbol in the book, both long; the candidate's own symbol is 1."""
    assumed: tuple[str, ...] = ()
    """Symbols whose correlation nobody has measured: they stack up, but are no hedge."""
    tail_because: str = "no data"
    regime: str | None = None
    regime_because: str = "no data"
    volatility: float | None = None
    """ATR over price on the request's timeframe, for display."""
    record: Record | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """How the account's money is counted; settings that several parts share."""

    basis: str = "min"
    """`min` (of balance and equity), `balance`, `equity` or `initial`."""
    budget_fraction: Decimal = Decimal("0.7")
    max_concentration: Decimal = Decimal("0.30")
    """Largest share of the daily risk budget for one trade (source 003)."""
    max_daily_risk_pct: Decimal = Decimal("0.03")
    """Stands for the daily room where the firm has no daily rule."""
    buffer_of_initial: Decimal = Decimal("0.0025")
    buffer_of_daily: Decimal = Decimal("0.05")
    open_stop: str = "deny"
    """What an open trade without a stop does to new ones: `deny`, or `gap` charges it three daily ATRs."""

    def buffer(self, headroom: Headroom) -> Decimal:
        """Return what is kept back before every floor: the larger of a share of initial and of the daily amount."""
        daily = headroom.daily_amount or ZERO
        return loss_up(max(self.buffer_of_initial * headroom.references.initial, self.buffer_of_daily * daily))


class Rooms(NamedTuple):
    """What may still be lost before each floor, net of open risk, reservations and buffer; money None is no limit."""

    daily: Room
    after_reset: Room
    """Before the floors that the next reset will set; no limit for a trade that is flat before it."""
    overall: Room
    peaks: tuple[FollowingPeak, ...] = ()
    """One for each floor that follows equity during the day."""

    @property
    def least(self) -> Decimal | None:
        """The smallest of the three rooms; None where none is a limit."""
        least, after, overall = self.daily.money, self.after_reset.money, self.overall.money
        if least is None or (after is not None and after < least):
            least = after
        return overall if least is None or (overall is not None and overall < least) else least


class Totals(NamedTuple):
    """The book and the reservations added up for one candidate; None is unbounded."""

    floor_loss: Decimal | None
    entry_loss: Decimal | None
    open_risk: Decimal | None
    idea_risk: Decimal | None
    """Open risk on the candidate's symbol and side."""
    margin: Decimal
    """Of pending orders and reservations."""
    reserved: Decimal
    """Loss of the reservations alone."""
    gross: Decimal
    net: Decimal
    """Long less short exposure."""
    symbol_exposure: Decimal
    symbol_lots: Decimal
    side_lots: Decimal
    trades: int
    """Positions, pending orders and reservations."""
    unbounded: tuple[str, ...]
    """What has no stop, in words."""
    along: float = 0.0
    """Open risk that stacks up with the candidate, each by its correlation; what has no stop by its whole exposure."""
    against: float = 0.0
    """Open risk that hedges the candidate, each by its correlation; never negative."""


@dataclass(frozen=True, slots=True)
class SizingContext:
    """One request, one account, one market, one book, at one moment."""

    now: datetime
    request: Request
    intent: Intent
    account: Account
    spec: SymbolSpec
    quote: Quote
    asset_class: str
    asset_class_because: str
    entry: Decimal
    stop: Decimal | None
    target: Decimal | None
    initial: Decimal
    """The account's initial size by the firm's reckoning."""
    lot: LotRisk
    book: tuple[Charge, ...]
    held: tuple[Charge, ...]
    totals: Totals
    rules: Rules
    headroom: Headroom
    rooms: Rooms
    market: Market
    policy: Policy
    day_loss: Decimal = ZERO
    """What today has lost so far against the day's reference; never negative."""
    idea_loss: Decimal = ZERO
    """Today's realised loss on the candidate's symbol and side; never negative."""
    peak_equity: Decimal | None = None
    halt: Refusal | None = None
    """Why new entries are halted, where they are."""
    window: str | None = None
    """The blackout window in force, where one is."""
    order_type: OrderType = OrderType.MARKET
    closing: Decimal = ZERO
    """Lots that only close, where the request reverses a netting position; free of every cap."""
    estimated: tuple[str, ...] = ()
    """What in this context is an estimate, in words."""
    budget: Spent | None = None
    """What is spent of the exposure budgets; None where none is in use."""
    today: DayCount | None = None
    """What was opened and sent since the reset; None where it is not known."""
    watch: Watch | None = None
    """The worst that was seen of the day and below the peak; None where nothing is recorded."""

    @property
    def basis(self) -> Decimal:
        """The money that percentages are taken of."""
        balance, equity = self.account.balance, self.account.equity
        match self.policy.basis:
            case "min":
                return min(equity, balance)
            case "balance":
                return balance
            case "equity":
                return equity
            case _:
                return self.initial

    def with_held(self, held: tuple[Charge, ...]) -> SizingContext:
        """Return the same moment with other reservations in the ledger."""
        charges = (*self.book, *held)
        with under(EXACT):
            return replace(
                self,
                held=held,
                totals=totals(charges, self.request.symbol, self.request.side, self.market),
                rooms=rooms(self.rules, self.headroom, charges, self.policy, self.request),
            )


def rooms(rules: Rules, headroom: Headroom, charges: tuple[Charge, ...], policy: Policy, request: Request) -> Rooms:
    """Reckon the rooms before every floor once the book and the reservations have lost what they can."""
    buffer = policy.buffer(headroom)
    flat_by = request.flat_by if request.hold is Hold.INTRADAY else None
    flat = flat_by is not None and flat_by < headroom.next_reset_utc
    after = Room(None, "flat before the reset") if flat else None
    return Rooms(
        daily_room(rules, headroom, charges, buffer),
        after or room_after_reset(rules, headroom, charges, buffer),
        overall_room(rules, headroom, charges, buffer),
        following_peaks(rules, headroom, charges, buffer),
    )


def totals(charges: tuple[Charge, ...], symbol: str, side: Side, market: Market) -> Totals:
    """Add up what the book and the reservations can cost, as factors and caps count it for a candidate.

    Where no correlation is known, either side is taken to be the same bet. The order of the charges is no matter.
    """
    if not charges:
        return _NOTHING
    kinds, _, symbols, sides, lots, floor_losses, entry_losses, risks, _, exposures, margins = zip(
        *charges, strict=True
    )
    here = [name == symbol for name in symbols]
    same = [way is side for way in sides]
    idea = [both and one for both, one in zip(here, same, strict=True)]
    weighed = _weighed(charges, symbol, same, market)
    return Totals(
        floor_loss=_bounded(floor_losses),
        entry_loss=_bounded(entry_losses),
        open_risk=_bounded(risks),
        idea_risk=_bounded([*compress(risks, idea)]),
        margin=sum(margins, ZERO),
        reserved=sum(
            [loss or ZERO for loss, kind in zip(floor_losses, kinds, strict=True) if kind == "reservation"], ZERO
        ),
        gross=sum(exposures, ZERO),
        net=sum([amount if way is Side.BUY else -amount for amount, way in zip(exposures, sides, strict=True)], ZERO),
        symbol_exposure=sum(compress(exposures, here), ZERO),
        symbol_lots=sum(compress(lots, here), ZERO),
        side_lots=sum(compress(lots, idea), ZERO),
        trades=len(charges),
        unbounded=tuple(sorted([_named(charge) for charge in charges if charge.floor_loss is None])),
        along=fsum([risk for risk in weighed if risk > 0.0]),
        against=-fsum([risk for risk in weighed if risk < 0.0]),
    )


def _weighed(charges: tuple[Charge, ...], symbol: str, same: list[bool], market: Market) -> list[float]:
    """Return the open risk of each charge times its correlation with the candidate, negative for a hedge."""
    known = {**market.correlations, symbol: 1.0}
    weighed = []
    for charge, along in zip(charges, same, strict=True):
        rho = known.get(charge.symbol)
        signed = 1.0 if rho is None else rho if along else -rho
        if signed < 0.0 and charge.symbol in market.assumed:
            signed = 0.0
        risk = charge.open_risk
        weighed.append(float(str(charge.exposure if risk is None else risk)) * signed)
    return weighed


def _bounded(losses: Sequence[Decimal | None]) -> Decimal | None:
    """Return the sum, or None as soon as one of them has no bound."""
    known = [loss for loss in losses if loss is not None]
    return sum(known, ZERO) if len(known) == len(losses) else None


def _named(charge: Charge) -> str:
    return f"{charge.symbol} {charge.side} {charge.lots} ({charge.kind} {charge.id})"


_NOTHING = Totals(ZERO, ZERO, ZERO, ZERO, ZERO, ZERO, ZERO, ZERO, ZERO, ZERO, ZERO, 0, ())
