"""The test's own words for accounts, trades and contexts: one line each, everything not said is ordinary."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from random import Random
from typing import Any, Final

from elite_sizer.caps import CAPS, HARD
from elite_sizer.factors import BLEND, REDUCE
from elite_sizer.model.book_totals import totals
from elite_sizer.model.context import Cap, Proposer, SizingContext
from elite_sizer.model.outcome import Flag, FlagValue, SizerResult
from elite_sizer.model.plugin import Proposal
from elite_sizer.model.policy import Policy
from elite_sizer.model.request import HoldingPeriod, Intent, Request
from elite_sizer.model.rooms import Rooms, rooms
from elite_sizer.model.trade_figures import LotRisk, MarketFigures, TradingRecord
from elite_sizer.sizers.elite import Elite
from elite_sizer.sizing.pipeline import NamedCap, NamedSizer, size
from elite_sizer.sizing.registry import load_object
from elite_sizer.sizing.rollout import Plan
from portfolio.book.charges import Charge
from portfolio.calendar.firm_day import DayRule
from portfolio.model import ZERO, Account, Order, OrderType, Position, Quote, Side, SymbolSpec
from portfolio.rules.headroom import References, headroom
from portfolio.rules.rooms import Room
from portfolio.rules.rule_set import Amount, DailyRule, OverallRule, Rules

Number = str | int | Decimal

NOW: Final = datetime(2026, 6, 10, 12, 0, tzinfo=UTC)
"""A Wednesday noon, ten hours before midnight in Prague."""

FTMO: Final = Rules(
    id="ftmo_2step",
    daily=DailyRule(Amount(pct=Decimal(5))),
    overall=OverallRule(Amount(pct=Decimal(10))),
    day=DayRule("Europe/Prague"),
)
"""5 % of initial from the midnight balance, 10 % of initial in all, both on equity, strict."""

CLASS: Final[Mapping[str, str]] = {
    "EURUSD": "forex",
    "GBPUSD": "forex",
    "USDJPY": "forex",
    "XAUUSD": "gold",
    "XAGUSD": "metals",
    "US30": "indices",
    "USOIL": "oil",
    "BTCUSD": "crypto",
    "AAPL": "stocks",
}


PROFILE: Final = (
    "open_stop",
    "per_trade",
    "idea_risk",
    "broker_volume",
    "free_margin",
    "daily_loss",
    "maximum_loss",
    "following_peak",
    "symbol_lots",
    "margin_per_trade",
    "exposure_per_trade",
    "gross_exposure",
    "concentration",
    "open_risk",
)
"""The caps of the default configuration, in the order of the registry."""


def d(value: Number) -> Decimal:
    """Return a number as an exact decimal."""
    return Decimal(value)


def maybe(value: Number | None) -> Decimal | None:
    """Return a number as an exact decimal, None as None."""
    return None if value is None else Decimal(value)


def account(balance: Number = 100_000, equity: Number | None = None, **changes: Any) -> Account:  # noqa: ANN401
    """Return a dollar account, hedging, nothing open; `equity` is the balance unless it is given."""
    worth = d(balance if equity is None else equity)
    ordinary = Account(
        login=1234,
        server="FTMO-Demo",
        currency="USD",
        balance=d(balance),
        equity=worth,
        margin=ZERO,
        free_margin=worth,
        leverage=100,
    )
    return replace(ordinary, **_decimals(changes))


def spec(symbol: str = "EURUSD", **changes: Any) -> SymbolSpec:  # noqa: ANN401
    """Return a contract in dollars: 100,000 units, a tick of 0.00001 worth 1 dollar, lots from 0.01 to 500 by 0.01."""
    ordinary = SymbolSpec(
        name=symbol,
        calc_mode=0,
        contract_size=d(100_000),
        tick_size=d("0.00001"),
        tick_value=d(1),
        tick_value_loss=d(1),
        point=d("0.00001"),
        digits=5,
        currency_base=symbol[:3],
        currency_profit="USD",
        currency_margin="USD",
        volume_min=d("0.01"),
        volume_max=d(500),
        volume_step=d("0.01"),
    )
    return replace(ordinary, **_decimals(changes))


def position(words: str, *, price: Number | None = None, **changes: Any) -> Position:  # noqa: ANN401
    """Return an open position from words: `EURUSD buy 0.50 @ 1.0850 sl 1.0800 tp 1.0950`.

    `price` is the current closing price, the entry unless it is given.
    """
    symbol, side, lots, rest = _trade(words)
    entry = rest["@"]
    ordinary = Position(
        ticket=1,
        symbol=symbol,
        side=side,
        volume=lots,
        open_price=entry,
        current_price=entry if price is None else d(price),
        stop=rest.get("sl"),
        target=rest.get("tp"),
        profit=ZERO,
        swap=ZERO,
        opened_at=NOW,
    )
    return ordinary._replace(**_decimals(changes))


def order(words: str, *, type: OrderType = OrderType.LIMIT, **changes: Any) -> Order:  # noqa: A002, ANN401
    """Return a pending order from words: `EURUSD buy 0.50 @ 1.0800 sl 1.0750`."""
    symbol, side, lots, rest = _trade(words)
    ordinary = Order(1, symbol, side, type, lots, rest["@"], rest.get("sl"), rest.get("tp"), NOW)
    return ordinary._replace(**_decimals(changes))


def charge(words: str, **changes: Any) -> Charge:  # noqa: ANN401
    """Return what a trade can cost, from words: `EURUSD buy 0.50 risks 250 gains 500`, or `... unbounded`.

    It risks the same from the entry as from the current price unless `entry_loss` or `open_risk` say otherwise.
    """
    bare = words.endswith(" unbounded")
    symbol, side, lots, rest = _trade(words.removesuffix(" unbounded"))
    risk = None if bare else rest.get("risks", ZERO)
    ordinary = Charge("position", "1", symbol, side, lots, risk, risk, risk, rest.get("gains"), ZERO, ZERO)
    return ordinary._replace(**_decimals(changes))


def request(words: str = "EURUSD buy sl 1.0800", **changes: Any) -> Request:  # noqa: ANN401
    """Return a trade idea from words: `EURUSD buy sl 1.0800 tp 1.0950`."""
    symbol, side, *rest = words.split()
    prices = _pairs(rest)
    ordinary = Request(symbol=symbol, side=Side(side), stop=prices.get("sl"), target=prices.get("tp"))
    return replace(ordinary, **_decimals(changes))


def lot(
    stop: Number = 500,
    *,
    cost: Number = 0,
    tail: Number | None = None,
    gain: Number | None = None,
    margin: Number | None = 1_000,
    exposure: Number | None = 100_000,
) -> LotRisk:
    """Return what one lot can lose at its stop, cost, gain and bind, in dollars; the tail counts where it is more."""
    risk = max(d(stop), d(stop if tail is None else tail)) + d(cost)
    return LotRisk(
        stop=d(stop),
        cost=d(cost),
        risk=risk,
        tail=maybe(tail),
        gap=None,
        gain=maybe(gain),
        margin=maybe(margin),
        exposure=maybe(exposure),
        terminal=d(stop),
        tick_value=d(stop),
        contract=d(stop),
    )


def record(multiplier: Number = 1, trades: int = 50) -> TradingRecord:
    """Return the account's own results, as far as the performance factor needs them."""
    return TradingRecord(trades, d(multiplier), 0.6, 100.0, 0.85, 2.0, f"{trades} trades with stops")


def context(
    words: str = "EURUSD buy",
    *,
    balance: Number = 100_000,
    equity: Number | None = None,
    initial: Number = 100_000,
    day_balance: Number | None = None,
    money: LotRisk | None = None,
    book: tuple[Charge, ...] = (),
    held: tuple[Charge, ...] = (),
    rules: Rules = FTMO,
    references: References | None = None,
    net: Rooms | None = None,
    correlations: Mapping[str, float] | None = None,
    policy: Policy | None = None,
    contract: SymbolSpec | None = None,
    asset_class: str | None = None,
    confidence: Number | None = None,
    score: Number | None = None,
    regime: str | None = None,
    history: TradingRecord | None = None,
    who: Account | None = None,
    hold: HoldingPeriod = HoldingPeriod.OVERNIGHT,
    flat_by: datetime | None = None,
    now: datetime = NOW,
    **changes: Any,  # noqa: ANN401
) -> SizingContext:
    """Return a context for one idea on a fresh account: rooms follow from the rules unless `net` gives them."""
    symbol, side = words.split()
    asked = Request(
        symbol=symbol,
        side=Side(side),
        stop=d("1.0800"),
        confidence=maybe(confidence),
        score=maybe(score),
        regime=regime,
        hold=hold,
        flat_by=flat_by,
    )
    owner = who or account(balance, equity)
    at_reset = references or References(d(initial), d(owner.balance if day_balance is None else day_balance))
    head = headroom(rules, at_reset, owner.balance, owner.equity, now)
    charges = (*book, *held)
    settings = policy or Policy()
    ordinary = SizingContext(
        now=now,
        request=asked,
        intent=Intent.OPEN,
        account=owner,
        spec=contract or spec(symbol),
        quote=Quote(symbol, d("1.0848"), d("1.0850"), now),
        asset_class=asset_class or CLASS.get(symbol, "others"),
        asset_class_because="by its name",
        entry=d("1.0850"),
        stop=d("1.0800"),
        target=None,
        initial=at_reset.initial,
        lot=money or lot(),
        book=book,
        held=held,
        totals=totals(charges, symbol, asked.side, MarketFigures(correlations or {})),
        rules=rules,
        headroom=head,
        rooms=net or rooms(rules, head, charges, settings, asked),
        market=MarketFigures(correlations or {}, record=history),
        policy=settings,
    )
    return replace(ordinary, **_decimals(changes))


def room(daily: Number | None = None, after: Number | None = None, overall: Number | None = None) -> Rooms:
    """Return net rooms as given; None is no limit."""
    return Rooms(Room(maybe(daily), "as given"), Room(maybe(after), "as given"), Room(maybe(overall), "as given"))


def sizer(money: Number | None = None, *, lots: Number | None = None, name: str = "test") -> NamedSizer:
    """Return a sizer that always proposes the same money, or the same lots."""
    return NamedSizer(name, lambda _: Proposal(money=maybe(money), lots=maybe(lots)))


def named(name: str, cap: Cap, *, hard: bool = False) -> NamedCap:
    """Return a cap under a name."""
    return NamedCap(name, hard, cap)


def plugin(path: str, **settings: Any) -> Any:  # noqa: ANN401
    """Return the factor, cap or sizer at a dotted path: a dataclass with these settings, or the plain function."""
    loaded = load_object(path)
    return loaded(**settings) if isinstance(loaded, type) else loaded


def elite(*names: str, **settings: Any) -> Elite:  # noqa: ANN401
    """Return the elite sizer with the named factors, or with those of the default configuration."""
    wanted = names or ("confidence", "market_score", "regime", "performance", "diversification")
    return Elite(
        blend={name: plugin(BLEND[name]) for name in BLEND if name in wanted},
        reduce={name: plugin(REDUCE[name]) for name in REDUCE if name in wanted},
        **settings,
    )


def profile() -> tuple[NamedCap, ...]:
    """Return the caps that the default configuration switches on, with their default settings."""
    return registered(*PROFILE)


def registered(*names: str, **settings: Mapping[str, Any]) -> tuple[NamedCap, ...]:
    """Return registered caps in the registry's order, with settings by cap name."""
    return tuple(
        NamedCap(name, name in HARD, plugin(CAPS[name], **settings.get(name, {}))) for name in CAPS if name in names
    )


def alone(cap: Cap, situation: SizingContext, *, lots: Number = 1_000) -> SizerResult:
    """Return what one cap leaves of a proposal of so many lots that nothing else could have cut it."""
    return size(situation, sizer(lots=lots), (named("per_trade", cap),))


def plan(
    live: NamedSizer | Proposer | None = None,
    *,
    flag: str = "elite",
    guard: bool = True,
    legacy: NamedSizer | Proposer | None = None,
    caps: tuple[NamedCap, ...] = (),
    also: tuple[NamedSizer, ...] = (),
) -> Plan:
    """Return what a configuration could have chosen: a proposal of 1 lot from both sides unless they are given."""
    return Plan(
        flag=Flag(FlagValue(flag), "test"),
        guard=guard,
        caps=caps,
        legacy=_sizer(legacy, "legacy", "legacy_error"),
        elite=None if flag == "legacy" else _sizer(live, "elite", "elite_error"),
        also=also,
    )


def dice(seed: int) -> Random:
    """Return a generator of cases that are the same every time."""
    return Random(seed)  # noqa: S311 - cases, not secrets


def many(count: int) -> int:
    """Return how many generated cases to try: `count`, or a multiple of it in the long run."""
    return count * int(os.environ.get("ELITE_SIZER_TIMES", "1"))


def _sizer(given: NamedSizer | Proposer | None, name: str, error: str) -> NamedSizer:
    if isinstance(given, NamedSizer):
        return given
    return NamedSizer(name, given or (lambda _: Proposal(lots=Decimal("1.00"))), error)


def _trade(words: str) -> tuple[str, Side, Decimal, dict[str, Decimal]]:
    symbol, side, lots, *rest = words.split()
    return symbol, Side(side), Decimal(lots), _pairs(rest)


def _pairs(words: list[str]) -> dict[str, Decimal]:
    """Read `sl 1.0800 tp 1.0950` and the like."""
    return {key: Decimal(value) for key, value in zip(words[::2], words[1::2], strict=True)}


def _decimals(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return changes with text that reads as a number made one."""
    return {key: Decimal(value) if _numeric(value) else value for key, value in changes.items()}


def _numeric(value: object) -> bool:
    return isinstance(value, str) and value[:1].isdigit() and value.replace(".", "", 1).isdigit()
