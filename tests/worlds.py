"""Whole situations to decide in, drawn at random: an account under some firm's rules, a book, a trade idea, caps.

A world is made of few plain figures, so that a test can change one of them and build everything again. Each open trade
is told by its profit and by what it still loses to its stop; what the floors are charged follows from these two.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from random import Random
from typing import Any, Final, Protocol, TypeVar

from hypothesis import strategies as st

from elite_sizer.model.book_totals import totals
from elite_sizer.model.context import SizingContext
from elite_sizer.model.outcome import RolloutResult
from elite_sizer.model.policy import Policy
from elite_sizer.model.request import Request
from elite_sizer.model.rooms import rooms
from elite_sizer.model.trade_figures import LotRisk, MarketFigures
from elite_sizer.sizers.fixed_risk import FixedRisk
from elite_sizer.sizing.pipeline import NamedCap, NamedSizer
from elite_sizer.sizing.rollout import Plan, decide
from portfolio.book.charges import Charge
from portfolio.model import ZERO, Quote, Side
from portfolio.reasons import refuse
from portfolio.rules.headroom import References, headroom
from portfolio.rules.rule_set import Amount, DailyRule, OverallRule, Rules
from tests.builders import CLASS, FTMO, NOW, account, context, d, elite, plan, record, registered, sizer, spec

T = TypeVar("T")

SYMBOLS: Final = ("EURUSD", "GBPUSD", "XAUUSD", "US30", "BTCUSD", "AAPL")
STEPS: Final = ("0.01", "0.01", "0.01", "0.001", "0.1", "1", "0.05", "0.03")
TEN = Amount(pct=d(10))
FIVE = Amount(pct=d(5))

PLAIN_CAPS: Final = (
    "open_stop",
    "broker_volume",
    "daily_loss",
    "maximum_loss",
    "following_peak",
    "blackout",
    "concentration",
)
"""Caps without settings."""

RULES: Final = (
    FTMO,
    Rules("one_step", DailyRule(Amount(pct=d(3))), OverallRule(TEN, peak="eod_balance")),
    Rules("larger_of_both", DailyRule(FIVE, of="reference", ref="max"), OverallRule(TEN), inclusive=True),
    Rules("on_equity", DailyRule(FIVE, ref="equity"), OverallRule(TEN, peak="eod_max", lock=d(0))),
    Rules("closed", DailyRule(Amount(pct=d(4))), OverallRule(Amount(pct=d(6)), peak="closed_balance", lock=d(0))),
    Rules("trailing", None, OverallRule(Amount(pct=d(6)), peak="equity")),
    Rules("trailing_lock", DailyRule(FIVE), OverallRule(Amount(pct=d(5)), peak="equity", lock=d(100)), inclusive=True),
    Rules("day_peak", DailyRule(FIVE, ref="peak_equity_today"), OverallRule(TEN), inclusive=True),
    Rules("of_peak", None, OverallRule(Amount(pct=d(5)), of="peak", peak="eod_balance")),
    Rules("static", None, OverallRule(TEN), measure="min_balance_equity"),
)
"""One of each kind that firms have (config/firms)."""


class Draw(Protocol):
    """Where cases come from."""

    def integer(self, least: int, most: int) -> int:
        """Return a whole number, both ends included."""

    def choice(self, options: Sequence[T]) -> T:
        """Return one of them."""

    def figure(self, least: int, most: int, digits: int) -> Decimal:
        """Return a number with at most so many digits behind the point."""


class Seeded:
    """Cases from a seed: fast, and the same every time."""

    def __init__(self, random: Random) -> None:
        self.integer = random.randint
        self.choice = random.choice

    def figure(self, least: int, most: int, digits: int) -> Decimal:
        """Half of the numbers are round, so that boundaries are met exactly."""
        if self.integer(0, 1):
            return d(self.integer(least, most))
        return d(self.integer(least * 10**digits, most * 10**digits)).scaleb(-digits)


class Shrinking:
    """Cases from Hypothesis, which finds the smallest that fails."""

    def __init__(self, data: st.DataObject) -> None:
        self._data = data

    def integer(self, least: int, most: int) -> int:
        return int(self._data.draw(st.integers(least, most)))

    def choice(self, options: Sequence[T]) -> T:
        return options[self.integer(0, len(options) - 1)]

    def figure(self, least: int, most: int, digits: int) -> Decimal:
        return d(self.integer(least * 10**digits, most * 10**digits)).scaleb(-digits)


@dataclass(frozen=True, slots=True)
class Trade:
    """An open position, a pending order or a reservation."""

    kind: str
    id: str
    symbol: str
    side: Side
    lots: Decimal
    profit: Decimal
    """Floating, in the equity already; 0 for what is not filled."""
    loss: Decimal | None
    """From here to the stop, costs included; None has no stop."""
    gain: Decimal | None
    exposure: Decimal
    margin: Decimal

    @property
    def charge(self) -> Charge:
        """What the trade can cost, as the book states it."""
        entry = None if self.loss is None else max(ZERO, self.loss - self.profit)
        risk = None if self.loss is None else max(ZERO, self.loss - max(ZERO, self.profit))
        return Charge(
            self.kind,
            self.id,
            self.symbol,
            self.side,
            self.lots,
            self.loss,
            entry,
            risk,
            self.gain,
            self.exposure,
            self.margin,
        )


class Caps(dict[str, Mapping[str, Any]]):
    """The caps that are on, with their settings; made once."""

    @cached_property
    def made(self) -> tuple[NamedCap, ...]:
        return registered(*self, **self)


@dataclass(frozen=True, slots=True)
class World:
    """Everything that a decision is made from."""

    symbol: str
    side: Side
    rules: Rules
    initial: Decimal
    balance: Decimal
    day_balance: Decimal
    day_equity: Decimal
    peak: Decimal
    peak_today: Decimal
    book: tuple[Trade, ...]
    held: tuple[Trade, ...]
    lot: LotRisk
    step: Decimal
    smallest: Decimal
    largest: Decimal
    limit: Decimal
    margin: Decimal
    confidence: Decimal | None
    score: Decimal | None
    regime: str | None
    multiplier: Decimal | None
    correlations: Mapping[str, float]
    policy: Policy
    caps: Mapping[str, Mapping[str, Any]]
    chain: str
    """`elite`, `plain` (elite without diversification), `fixed_risk`, or lots."""
    flag: str
    guard: bool
    idea_loss: Decimal = ZERO
    extra: Decimal = ZERO
    """Equity that no trade explains, so that equity alone can be raised."""
    peak_equity: Decimal | None = None
    window: str | None = None
    halted: bool = False
    changes: Mapping[str, Any] = field(default_factory=dict)
    """Fields of the context to overrule."""

    @property
    def equity(self) -> Decimal:
        """Balance and what is floating."""
        return self.balance + self.extra + sum((trade.profit for trade in self.book), ZERO)

    def context(self) -> SizingContext:
        """Return what the sizer may know of this world."""
        equity = self.equity
        at_reset = References(self.initial, self.day_balance, self.day_equity, self.peak, self.peak_today)
        head = headroom(self.rules, at_reset, self.balance, equity, NOW)
        book = tuple([trade.charge for trade in self.book])
        reserved = tuple([trade.charge for trade in self.held])
        market = MarketFigures(self.correlations, record=None if self.multiplier is None else record(self.multiplier))
        request = Request(
            self.symbol, self.side, d("1.08"), confidence=self.confidence, score=self.score, regime=self.regime
        )
        situation = replace(
            BLANK,
            request=request,
            account=account(self.balance, equity, margin=self.margin, free_margin=equity - self.margin),
            spec=spec(
                self.symbol,
                volume_step=self.step,
                volume_min=self.smallest,
                volume_max=self.largest,
                volume_limit=self.limit,
            ),
            quote=Quote(self.symbol, d("1.0848"), d("1.0850"), NOW),
            asset_class=CLASS[self.symbol],
            initial=self.initial,
            lot=self.lot,
            book=book,
            held=reserved,
            totals=totals((*book, *reserved), self.symbol, self.side, market),
            rules=self.rules,
            headroom=head,
            rooms=rooms(self.rules, head, (*book, *reserved), self.policy, request),
            market=market,
            policy=self.policy,
            day_loss=max(ZERO, self.day_balance - equity),
            idea_loss=self.idea_loss,
            peak_equity=self.peak_equity,
            window=self.window,
            halt=refuse("halted", "STOP file") if self.halted else None,
        )
        return replace(situation, **self.changes) if self.changes else situation

    def plan(self) -> Plan:
        """Return the sizers and caps of this world."""
        match self.chain:
            case "elite":
                live = NamedSizer("elite", ELITE)
            case "plain":
                live = NamedSizer("elite", PLAIN)
            case "fixed_risk":
                live = NamedSizer("fixed_risk", FixedRisk())
            case lots:
                live = sizer(lots=lots, name="elite")
        caps = self.caps if isinstance(self.caps, Caps) else Caps(self.caps)
        return plan(live, flag=self.flag, guard=self.guard, legacy=LEGACY, caps=caps.made)

    def decide(self) -> RolloutResult:
        """Return the verdict in this world."""
        return decide(self.context(), self.plan())

    @property
    def lots(self) -> Decimal:
        """The lots of the answer."""
        return self.decide().answer.lots


BLANK: Final = context()
LEGACY: Final = NamedSizer("fixed_risk", FixedRisk(), "legacy_error")
ELITE: Final = elite()
PLAIN: Final = elite("confidence", "market_score", "regime", "performance")


def world(draw: Draw) -> World:
    """Draw a world; figures are round half of the time, so that boundaries are met exactly."""
    rules = draw.choice(RULES)
    initial = d(draw.choice((10_000, 100_000, 100_000, 200_000)))
    balance = draw.figure(int(initial) * 96 // 100, int(initial) * 108 // 100, 2)
    symbol = draw.choice(SYMBOLS)
    side = draw.choice((Side.BUY, Side.SELL))
    step = d(draw.choice(STEPS))
    book = tuple(_trade(draw, index, "position", initial) for index in range(draw.integer(0, 4)))
    pending = tuple(_trade(draw, 10 + index, "order", initial) for index in range(draw.integer(0, 1)))
    reserved = tuple(_trade(draw, 20 + index, "reservation", initial) for index in range(draw.integer(0, 2)))
    equity = balance + sum((trade.profit for trade in book), ZERO)
    day_balance = balance + draw.figure(-int(initial) // 50, int(initial) // 100, 2)
    day_equity = day_balance + draw.figure(-int(initial) // 100, int(initial) // 200, 2)
    return World(
        symbol=symbol,
        side=side,
        rules=rules,
        initial=initial,
        balance=balance,
        day_balance=day_balance,
        day_equity=day_equity,
        peak=max(initial, balance, equity, day_balance, day_equity) + draw.figure(0, int(initial) // 100, 2),
        peak_today=max(balance, equity, day_balance, day_equity) + draw.figure(0, int(initial) // 200, 2),
        book=(*book, *pending),
        held=reserved,
        lot=_lot(draw),
        step=step,
        smallest=step * draw.choice((1, 1, 1, 2, 10)),
        largest=step * draw.choice((50, 5000, 10_000, 100_000)),
        limit=step * draw.choice((0, 0, 0, 1000, 20_000)),
        margin=draw.figure(0, int(initial) // 5, 2),
        confidence=_maybe(draw, 35, 99, 2),
        score=_maybe(draw, 0, 100, 0),
        regime=draw.choice((None, "trending", "ranging", "volatile", "crisis")),
        multiplier=_maybe(draw, 70, 130, 2),
        correlations={name: draw.integer(-100, 100) / 100 for name in SYMBOLS if draw.integer(0, 3)},
        policy=Policy(
            basis=draw.choice(("min", "min", "balance", "equity", "initial")),
            budget_fraction=d(draw.integer(20, 100)).scaleb(-2),
            max_concentration=d(draw.integer(10, 100)).scaleb(-2),
        ),
        caps=_caps(draw),
        chain=draw.choice(("elite", "elite", "plain", "fixed_risk", str(step * draw.integer(1, 3000)))),
        flag=draw.choice(("elite", "elite", "elite", "shadow", "legacy")),
        guard=draw.integer(0, 4) > 0,
        idea_loss=draw.figure(0, int(initial) // 200, 2),
        peak_equity=equity + draw.figure(0, int(initial) // 20, 2),
        window="news" if draw.integer(0, 30) == 0 else None,
        halted=draw.integer(0, 30) == 0,
    )


def at_the_floors(world: World) -> World:
    """Return the world with nothing but the floors to bound a proposal that is far too large, and nothing kept back."""
    policy = replace(world.policy, buffer_of_initial=ZERO, buffer_of_daily=ZERO)
    far = world.step * 100_000
    names = ("open_stop", "broker_volume", "daily_loss", "maximum_loss", "following_peak")
    return replace(
        world,
        chain=str(far),
        largest=far,
        limit=ZERO,
        caps={name: {} for name in names},
        flag="elite",
        window=None,
        halted=False,
        policy=policy,
    )


def half(trade: Trade) -> Trade:
    """Return one of the two equal parts of a trade."""
    return replace(
        trade,
        lots=trade.lots / 2,
        profit=trade.profit / 2,
        loss=None if trade.loss is None else trade.loss / 2,
        gain=None if trade.gain is None else trade.gain / 2,
        exposure=trade.exposure / 2,
        margin=trade.margin / 2,
    )


def rescaled(world: World, times: Decimal) -> World:
    """Return the same world in a currency of which there are `times` as many units."""

    def scaled(trade: Trade) -> Trade:
        return replace(
            trade,
            profit=trade.profit * times,
            loss=None if trade.loss is None else trade.loss * times,
            gain=None if trade.gain is None else trade.gain * times,
            exposure=trade.exposure * times,
            margin=trade.margin * times,
        )

    money = ("initial", "balance", "day_balance", "day_equity", "peak", "peak_today", "margin", "idea_loss", "extra")
    per_lot = ("stop", "cost", "risk", "tail", "gain", "margin", "exposure")
    figures: dict[str, Any] = {
        name: None if (figure := getattr(world.lot, name)) is None else figure * times for name in per_lot
    }
    return replace(
        world,
        book=tuple(scaled(trade) for trade in world.book),
        held=tuple(scaled(trade) for trade in world.held),
        lot=world.lot._replace(**figures),
        peak_equity=None if world.peak_equity is None else world.peak_equity * times,
        **{name: getattr(world, name) * times for name in money},
    )


def _trade(draw: Draw, number: int, kind: str, initial: Decimal) -> Trade:
    whole = int(initial)
    bare = draw.integer(0, 120) == 0
    return Trade(
        kind=kind,
        id=str(number),
        symbol=draw.choice(SYMBOLS),
        side=draw.choice((Side.BUY, Side.SELL)),
        lots=d(draw.integer(1, 300)).scaleb(-2),
        profit=draw.figure(-whole // 80, whole // 60, 2) if kind == "position" else ZERO,
        loss=None if bare and kind != "reservation" else draw.figure(0, whole // 250, 2),
        gain=None if draw.integer(0, 3) == 0 else draw.figure(0, whole // 150, 2),
        exposure=draw.figure(0, whole * 2, 2),
        margin=ZERO if kind == "position" else draw.figure(0, whole // 40, 2),
    )


def _lot(draw: Draw) -> LotRisk:
    stop = draw.figure(1, draw.choice((20, 400, 2000)), 8)
    cost = draw.figure(0, 20, 8)
    tail = None if draw.integer(0, 2) == 0 else stop * d(draw.integer(50, 200)).scaleb(-2)
    return LotRisk(
        stop=stop,
        cost=cost,
        risk=max(stop, tail or ZERO) + cost,
        tail=tail,
        gap=None,
        gain=None if draw.integer(0, 2) == 0 else draw.figure(1, 5000, 8),
        margin=None if draw.integer(0, 60) == 0 else draw.figure(0, 3000, 8),
        exposure=None if draw.integer(0, 60) == 0 else draw.figure(0, 120_000, 8),
        terminal=stop,
        tick_value=stop,
        contract=stop,
        because="drawn",
    )


def _caps(draw: Draw) -> Mapping[str, Mapping[str, Any]]:
    """Draw which caps are on, most of them, each with settings of its own."""
    share = {"risk_pct": d(draw.integer(1, 60)).scaleb(-3)}
    settings: dict[str, Mapping[str, Any]] = {
        **{name: {} for name in PLAIN_CAPS},
        "per_trade": share,
        "idea_risk": {"risk_pct": d(draw.integer(1, 60)).scaleb(-3)},
        "free_margin": {"level": d(draw.choice(("0", "1.5", "2.0", "3")))},
        "daily_halt": {"loss_pct": d(draw.integer(10, 80)).scaleb(-3)},
        "drawdown_halt": {"drawdown_pct": d(draw.integer(40, 200)).scaleb(-3)},
        "symbol_lots": {"by_symbol": {"AAPL": d(draw.integer(1, 5000))}},
        "margin_per_trade": {"by_class": {"forex": d(draw.integer(1, 50)).scaleb(-2)}},
        "exposure_per_trade": {"by_class": {"forex": d(draw.integer(1, 40))}},
        "symbol_exposure": {"times_equity": d(draw.integer(1, 60))},
        "gross_exposure": {"times_equity": d(draw.integer(5, 60))},
        "open_risk": {"risk_pct": d(draw.integer(5, 80)).scaleb(-3)},
        "max_positions": {"most": draw.integer(3, 9)},
        "net_delta": {"equity_pct": d(draw.integer(50, 1000)).scaleb(-2)},
        "cash_reserve": {"reserve_pct": d(draw.integer(0, 90)).scaleb(-2)},
        "min_rr": {"least": d(draw.integer(1, 30)).scaleb(-1)},
    }
    seldom = {"cash_reserve", "min_rr", "net_delta", "max_positions"}
    return Caps({name: settings[name] for name in settings if draw.integer(0, 9) > (8 if name in seldom else 0)})


def _maybe(draw: Draw, least: int, most: int, digits: int) -> Decimal | None:
    return None if draw.integer(0, 3) == 0 else d(draw.integer(least, most)).scaleb(-digits)
