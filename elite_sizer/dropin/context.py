"""Make a decision's context of what the integration guide's call tells: a contract, two floors, the open risk."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal, localcontext
from typing import Final

from elite_sizer.configuration.settings import Settings
from elite_sizer.configuration.stop_file import stopped
from elite_sizer.dropin.arguments import GivenBook, GuideArguments
from elite_sizer.model.book_totals import totals
from elite_sizer.model.context import SizingContext
from elite_sizer.model.lot_risk import LotRisk
from elite_sizer.model.market import MarketFigures, TradingRecord
from elite_sizer.model.request import HoldingPeriod, Intent, Request
from elite_sizer.model.rooms import Rooms
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


def dropin_context(  # noqa: PLR0917 - what the call tells, and what the object knows
    asked: GuideArguments,
    open_: GivenBook,
    now: datetime,
    settings: Settings,
    prior: Prior,
    record: TradingRecord | None,
) -> SizingContext | Refusal:
    """Return everything the decision may know, or why the levels can't be meant."""
    spec = _spec(asked)
    request = Request(
        asked.symbol,
        asked.side,
        stop=asked.stop,
        target=asked.target,
        confidence=asked.confidence,
        score=asked.score,
        regime=asked.regime,
        hold=HoldingPeriod.OVERNIGHT,
    )
    quote = Quote(asked.symbol, asked.entry, asked.entry, now)
    placed = levels(request, spec, quote, asked.atr)
    if isinstance(placed, Refusal):
        return placed
    stop = placed.stop or asked.stop
    named, because = asset_class(spec, settings.classes)
    rules, head = _floors(asked, now)
    buffer = settings.policy.buffer(head)
    lot = _lot(asked, stop, placed.target, settings)
    market = _market(asked, open_, named, prior, record)
    return SizingContext(
        now=now,
        request=request,
        intent=Intent.OPEN,
        account=_account(asked, settings),
        spec=spec,
        quote=quote,
        asset_class=named,
        asset_class_because=because,
        entry=placed.entry,
        stop=stop,
        target=placed.target,
        initial=asked.balance,
        lot=lot,
        book=open_.charges,
        held=(),
        totals=totals(open_.charges, asked.symbol, asked.side, market),
        rules=rules,
        headroom=head,
        rooms=Rooms(
            daily_room(rules, head, open_.charges, buffer),
            Room(None, f"the next day's floor is {UNKNOWN}"),
            overall_room(rules, head, open_.charges, buffer),
        ),
        market=market,
        policy=settings.policy,
        halt=stopped(settings.folder),
        estimated=(*open_.assumed, NO_COSTS),
    )


def _market(
    asked: GuideArguments, open_: GivenBook, named: str, prior: Prior, record: TradingRecord | None
) -> MarketFigures:
    own = instrument(asked.symbol, named)
    others = {charge.symbol for charge in open_.charges if charge.symbol != asked.symbol}
    known = {other: correlation(prior, own, instrument(other)) for other in sorted(others)}
    return MarketFigures(
        correlations={other: found.value for other, found in known.items()},
        assumed=tuple(other for other, found in known.items() if found.assumed),
        tail_because=_tail(asked)[1],
        record=record,
    )


def _account(asked: GuideArguments, settings: Settings) -> Account:
    return Account(
        login=0,
        server="drop-in",
        currency="USD",
        balance=asked.balance,
        equity=asked.balance,
        margin=ZERO,
        free_margin=asked.balance,
        leverage=settings.dropin.leverage,
    )


def _spec(asked: GuideArguments) -> SymbolSpec:
    """Return the contract as far as the call tells it; calc mode 2 is a CFD, whose profit is move x contract size."""
    return SymbolSpec(
        name=asked.symbol,
        calc_mode=2,
        contract_size=asked.contract_size,
        tick_size=asked.tick_size,
        tick_value=asked.tick_value,
        tick_value_loss=asked.tick_value,
        point=asked.tick_size,
        digits=max(0, -int(asked.tick_size.normalize().as_tuple().exponent)),
        currency_base="",
        currency_profit="",
        currency_margin="",
        volume_min=asked.smallest,
        volume_max=asked.largest,
        volume_step=asked.step,
    )


def _lot(asked: GuideArguments, stop: Decimal, target: Decimal | None, settings: Settings) -> LotRisk:
    with localcontext(UP):
        loss = loss_up(abs(asked.entry - stop) * asked.per_price)
        distance, because = _tail(asked)
        tail = loss_up(min(distance * asked.per_price, loss * Decimal(settings.tail.max_stop_multiple)))
        exposure = loss_up(asked.entry * asked.per_price)
        return LotRisk(
            stop=loss,
            cost=ZERO,
            risk=max(loss, tail),
            tail=tail,
            gap=None,
            gain=None if target is None else loss_up(abs(target - asked.entry) * asked.per_price),
            margin=loss_up(exposure / settings.dropin.leverage),
            exposure=exposure,
            terminal=None,
            tick_value=loss,
            contract=None,
            because=f"{NO_COSTS}; tail: {because}",
        )


def _tail(asked: GuideArguments) -> tuple[Decimal, str]:
    if asked.atr is not None:
        return TAIL_ATRS * asked.atr, f"{TAIL_ATRS} ATRs of {asked.atr:f}"
    return TAIL_STOPS * abs(asked.entry - asked.stop), f"{TAIL_STOPS} stops, for want of an ATR"


def _floors(asked: GuideArguments, now: datetime) -> tuple[Rules, Headroom]:
    """Return the two floors that the caller's distances draw; the amounts behind them are not known here."""
    whole = Amount(pct=Decimal(100))
    rules = Rules("caller", daily=DailyRule(whole), overall=OverallRule(whole))
    daily, overall = asked.balance - asked.daily, asked.balance - asked.overall
    least = min(asked.daily, asked.overall)
    return rules, Headroom(
        last_reset_utc=now,
        next_reset_utc=now + timedelta(days=1),
        daily_floor=daily,
        distance_daily=asked.daily,
        breached_daily=asked.daily < 0,
        overall_floor=overall,
        distance_overall=asked.overall,
        breached_overall=asked.overall < 0,
        distance_binding=least,
        binding="daily" if asked.daily <= asked.overall else "overall",
        breached=least < 0,
        paused=False,
        usable=least,
        room_after_reset=least,
        projected_after_reset=least,
        daily_amount=None,
        next_daily_amount=None,
        overall_amount=asked.overall,
        references=References(asked.balance, asked.balance),
        balance=asked.balance,
        equity=asked.balance,
        because="both floors as the caller gave them",
    )
