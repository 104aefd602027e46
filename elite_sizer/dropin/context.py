"""Make a decision's context from the integration guide's arguments: a contract, two floors, the open risk."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal, localcontext
from typing import Final

from elite_sizer.configuration.settings import Settings
from elite_sizer.configuration.stop_file import stopped
from elite_sizer.dropin.arguments import GivenBook, GuideArguments
from elite_sizer.model.book_totals import totals
from elite_sizer.model.context import SizingContext
from elite_sizer.model.request import HoldingPeriod, Intent, Request
from elite_sizer.model.rooms import Rooms
from elite_sizer.model.trade_figures import LotRisk, MarketFigures, TradingRecord
from elite_sizer.request.levels import levels
from portfolio.instruments.asset_class import asset_class
from portfolio.model import ZERO, Account, Quote, SymbolSpec
from portfolio.reasons import Refusal
from portfolio.rounding import UP, loss_up
from portfolio.rules.headroom import Headroom, References
from portfolio.rules.rooms import Room, daily_room, overall_room
from portfolio.rules.rule_set import Amount, DailyRule, OverallRule, Rules
from portfolio.statistics.correlation_prior import Prior, correlation, instrument

TAIL_ATRS: Final = Decimal("1.8")
"""Median ratio of the 95 % CVaR of a four-hour bar to its ATR, as measured on real bars of 2013 to 2023."""
TAIL_STOPS: Final = Decimal("1.5")
"""Without an ATR the tail is this many stops: source 003's own 15 against 10."""
UNKNOWN: Final = "not known to this call"
NO_COSTS: Final = f"commission, slippage and swap are {UNKNOWN}, so the costs are 0"


def dropin_context(
    arguments: GuideArguments,
    book: GivenBook,
    now: datetime,
    *,
    settings: Settings,
    prior: Prior,
    record: TradingRecord | None,
) -> SizingContext | Refusal:
    """Return everything the decision may know, or why the levels can't be meant."""
    spec = _spec(arguments)
    request = Request(
        arguments.symbol,
        arguments.side,
        stop=arguments.stop,
        target=arguments.target,
        confidence=arguments.confidence,
        score=arguments.score,
        regime=arguments.regime,
        hold=HoldingPeriod.OVERNIGHT,
    )
    quote = Quote(arguments.symbol, arguments.entry, arguments.entry, now)
    prices = levels(request, spec, quote, arguments.atr)
    if isinstance(prices, Refusal):
        return prices
    stop = prices.stop or arguments.stop
    class_name, because = asset_class(spec, settings.classes)
    rules, head = _floors(arguments, now)
    buffer = settings.policy.buffer(head)
    lot = _lot(arguments, stop, prices.target, settings)
    market = _market(arguments, book, class_name, prior, record)
    return SizingContext(
        now=now,
        request=request,
        intent=Intent.OPEN,
        account=_account(arguments, settings),
        spec=spec,
        quote=quote,
        asset_class=class_name,
        asset_class_because=because,
        entry=prices.entry,
        stop=stop,
        target=prices.target,
        initial=arguments.balance,
        lot=lot,
        book=book.charges,
        held=(),
        totals=totals(book.charges, arguments.symbol, arguments.side, market),
        rules=rules,
        headroom=head,
        rooms=Rooms(
            daily_room(rules, head, book.charges, buffer),
            Room(None, f"the next day's floor is {UNKNOWN}"),
            overall_room(rules, head, book.charges, buffer),
        ),
        market=market,
        policy=settings.policy,
        halt=stopped(settings.folder),
        estimated=(*book.assumed, NO_COSTS),
    )


def _market(
    arguments: GuideArguments, book: GivenBook, class_name: str, prior: Prior, record: TradingRecord | None
) -> MarketFigures:
    own = instrument(arguments.symbol, class_name)
    symbols = {charge.symbol for charge in book.charges if charge.symbol != arguments.symbol}
    figures = {name: correlation(prior, own, instrument(name)) for name in sorted(symbols)}
    return MarketFigures(
        correlations={name: figure.value for name, figure in figures.items()},
        assumed=tuple(name for name, figure in figures.items() if figure.assumed),
        tail_because=_tail(arguments)[1],
        record=record,
    )


def _account(arguments: GuideArguments, settings: Settings) -> Account:
    return Account(
        login=0,
        server="drop-in",
        currency="USD",
        balance=arguments.balance,
        equity=arguments.balance,
        margin=ZERO,
        free_margin=arguments.balance,
        leverage=settings.dropin.leverage,
    )


def _spec(arguments: GuideArguments) -> SymbolSpec:
    """Return the contract as far as it was passed; calc mode 2 is a CFD, whose profit is move x contract size."""
    return SymbolSpec(
        name=arguments.symbol,
        calc_mode=2,
        contract_size=arguments.contract_size,
        tick_size=arguments.tick_size,
        tick_value=arguments.tick_value,
        tick_value_loss=arguments.tick_value,
        point=arguments.tick_size,
        digits=max(0, -int(arguments.tick_size.normalize().as_tuple().exponent)),
        currency_base="",
        currency_profit="",
        currency_margin="",
        volume_min=arguments.smallest,
        volume_max=arguments.largest,
        volume_step=arguments.step,
    )


def _lot(arguments: GuideArguments, stop: Decimal, target: Decimal | None, settings: Settings) -> LotRisk:
    with localcontext(UP):
        loss = loss_up(abs(arguments.entry - stop) * arguments.per_price)
        distance, because = _tail(arguments)
        tail = loss_up(min(distance * arguments.per_price, loss * Decimal(settings.tail.max_stop_multiple)))
        exposure = loss_up(arguments.entry * arguments.per_price)
        return LotRisk(
            stop=loss,
            cost=ZERO,
            risk=max(loss, tail),
            tail=tail,
            gap=None,
            gain=None if target is None else loss_up(abs(target - arguments.entry) * arguments.per_price),
            margin=loss_up(exposure / settings.dropin.leverage),
            exposure=exposure,
            terminal=None,
            tick_value=loss,
            contract=None,
            because=f"{NO_COSTS}; tail: {because}",
        )


def _tail(arguments: GuideArguments) -> tuple[Decimal, str]:
    if arguments.atr is not None:
        return TAIL_ATRS * arguments.atr, f"{TAIL_ATRS} ATRs of {arguments.atr:f}"
    return TAIL_STOPS * abs(arguments.entry - arguments.stop), f"{TAIL_STOPS} stops, for want of an ATR"


def _floors(arguments: GuideArguments, now: datetime) -> tuple[Rules, Headroom]:
    """Return the two floors at the caller's distances; the amounts behind them are not known here."""
    whole = Amount(pct=Decimal(100))
    rules = Rules("caller", daily=DailyRule(whole), overall=OverallRule(whole))
    daily, overall = arguments.balance - arguments.daily, arguments.balance - arguments.overall
    least = min(arguments.daily, arguments.overall)
    return rules, Headroom(
        last_reset_utc=now,
        next_reset_utc=now + timedelta(days=1),
        daily_floor=daily,
        distance_daily=arguments.daily,
        breached_daily=arguments.daily < 0,
        overall_floor=overall,
        distance_overall=arguments.overall,
        breached_overall=arguments.overall < 0,
        distance_binding=least,
        binding="daily" if arguments.daily <= arguments.overall else "overall",
        breached=least < 0,
        paused=False,
        usable=least,
        room_after_reset=least,
        projected_after_reset=least,
        daily_amount=None,
        next_daily_amount=None,
        overall_amount=arguments.overall,
        references=References(arguments.balance, arguments.balance),
        balance=arguments.balance,
        equity=arguments.balance,
        because="both floors as the caller gave them",
    )
