"""The tables of a firm's rules as `config/firms/FIRM.toml` writes them, and the checks of every value."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, time
from decimal import Decimal, InvalidOperation
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator, model_validator

from elite_sizer.configuration.document.values import Percentage, mistake, shown
from portfolio.calendar.firm_day import SERVER, DayRule
from portfolio.rules.rule_set import (
    Action,
    Amount,
    CapShare,
    DailyReference,
    DailyRule,
    DailyShare,
    Measure,
    MoneyCap,
    OnPayout,
    OverallRule,
    OverallShare,
    Peak,
    Rules,
    SizeLimits,
)

_RESET = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
_LEAST_PCT = Decimal("0.1")
_MOST_PCT = Decimal(100)

Steps = tuple[tuple[Decimal, Decimal], ...]
"""Amounts by the account's initial size, smallest first."""


def per_cent(value: object) -> Decimal:
    """Return per cent from "5%", "5" or 5; a value below 0.1 was meant as a fraction and is refused."""
    if isinstance(value, Percentage):
        pct = Decimal(value).scaleb(2)
    else:
        pct = decimal(value.removesuffix("%") if isinstance(value, str) else value)
    if not _LEAST_PCT <= pct <= _MOST_PCT:
        message = f'{shown(value)} is not between 0.1 % and 100 %; write "5%" for five per cent'
        raise ValueError(message)
    return pct


def decimal(value: object) -> Decimal:
    """Return a finite number from text or a number; ValueError says what is wrong with anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal, str)):
        message = f"a number is needed, not {shown(value)}"
        raise mistake(message)
    try:
        number = Decimal(repr(value) if isinstance(value, float) else value)
    except InvalidOperation:
        message = f"{shown(value)} is not a number"
        raise ValueError(message) from None
    if not number.is_finite():
        message = f"{value} is not a finite number"
        raise ValueError(message)
    return number


def money(value: object) -> Decimal:
    """Return money of 0 or more."""
    amount = decimal(value)
    if amount < 0:
        message = f"{value} is negative"
        raise ValueError(message)
    return amount


def _amount(value: object) -> Decimal | Steps:
    return _pairs(value, money) if isinstance(value, Mapping) else money(value)


def _steps(value: object) -> Steps:
    return _pairs(value, per_cent) if isinstance(value, Mapping) else ((Decimal(0), per_cent(value)),)


def _lots(value: object) -> Steps:
    return _pairs(value, money)


def _lots_by_symbol(value: object) -> tuple[tuple[str, Decimal], ...]:
    if not isinstance(value, Mapping):
        message = "a table of symbols is needed"
        raise mistake(message)
    return tuple((str(name).upper(), money(lots)) for name, lots in value.items())


def _pairs(value: object, parse: Callable[[object], Decimal]) -> Steps:
    if not isinstance(value, Mapping) or not value:
        message = "a table of initial sizes is needed"
        raise ValueError(message)
    return tuple(sorted((money(size), parse(entry)) for size, entry in value.items()))


def zone(value: object) -> str:
    """Return the name of a known time zone, or `SERVER`."""
    name = str(value)
    if name == SERVER:
        return name
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        message = f"{shown(value)} is neither SERVER nor a time zone like Europe/Prague"
        raise ValueError(message) from None


def reset_time(value: object) -> time:
    """Return the local time of the reset from HH:MM."""
    clock = _RESET.fullmatch(value) if isinstance(value, str) else None
    if clock is None:
        message = f"{shown(value)} is no time of the form HH:MM"
        raise ValueError(message)
    return time(int(clock[1]), int(clock[2]))


def _lock(value: object) -> Decimal | None:
    return None if value == "none" else decimal(value)


def _optional(value: object) -> object:
    return None if value == "none" else value


def _iso_date(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    message = f"{shown(value)} is no date"
    raise ValueError(message)


def _strings(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


PerCent = Annotated[Decimal, PlainValidator(per_cent)]
AmountValue = Annotated[Decimal | Steps, PlainValidator(_amount)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class DayTable(_Table):
    """Time and zone at which the firm's day begins."""

    tz: Annotated[str, PlainValidator(zone)]
    reset: Annotated[time, PlainValidator(reset_time)]


class _AmountTable(_Table):
    pct: PerCent | None = None
    amount: AmountValue | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> _AmountTable:
        if (self.pct is None) == (self.amount is None):
            message = "exactly one of pct and amount is needed"
            raise ValueError(message)
        return self

    def total(self) -> Amount:
        """Return the amount of the rule set."""
        if isinstance(self.amount, tuple):
            return Amount(by_initial=self.amount)
        return Amount(pct=self.pct, money=self.amount)


class DailyTable(_AmountTable):
    """The most that one day may lose."""

    of: DailyShare = "initial"
    ref: DailyReference
    action: Action = "fail"


class OverallTable(_AmountTable):
    """The most that the account may lose in all."""

    of: OverallShare = "initial"
    peak: Peak
    lock: Annotated[Decimal | None, PlainValidator(_lock)] = None
    on_payout: OnPayout = "keep"


class CapTable(_Table):
    """A share of the account that one trade, one idea or all floating losses may not exceed."""

    pct: Annotated[Steps, PlainValidator(_steps)]
    of: CapShare = "least"
    inclusive: bool = False

    def cap(self) -> MoneyCap:
        """Return the cap of the rule set."""
        return MoneyCap(self.pct, self.of, self.inclusive)


class LimitsTable(_Table):
    """The firm's limits on size: risk of a trade, lots, orders, messages."""

    trade_risk: CapTable | None = None
    idea_risk: CapTable | None = None
    floating_loss: CapTable | None = None
    max_lots: Annotated[Steps, PlainValidator(_lots)] = ()
    max_lots_per_order: Annotated[tuple[tuple[str, Decimal], ...], PlainValidator(_lots_by_symbol)] = ()
    max_open_orders: Annotated[int, Field(ge=1)] | None = None
    max_positions_per_day: Annotated[int, Field(ge=1)] | None = None
    max_messages_per_day: Annotated[int, Field(ge=1)] | None = None

    def limits(self) -> SizeLimits:
        """Return the limits of the rule set."""
        caps = {
            name: None if cap is None else cap.cap()
            for name, cap in (
                ("trade_risk", self.trade_risk),
                ("idea_risk", self.idea_risk),
                ("floating_loss", self.floating_loss),
            )
        }
        return SizeLimits(
            **caps,
            max_lots=self.max_lots,
            max_lots_per_order=self.max_lots_per_order,
            max_open_orders=self.max_open_orders,
            max_positions_per_day=self.max_positions_per_day,
            max_messages_per_day=self.max_messages_per_day,
        )


class RuleTable(_Table):
    """One programme of one firm, as a file writes it."""

    program: str
    day: DayTable
    daily: Annotated[DailyTable | None, BeforeValidator(_optional)]
    overall: OverallTable
    measure: Measure = "equity"
    inclusive: bool
    limits: LimitsTable = LimitsTable()
    notes: dict[str, str] = {}
    sources: Annotated[tuple[str, ...], BeforeValidator(_strings)]
    as_of: Annotated[str, PlainValidator(_iso_date)]
    confidence: str

    def rules(self, identity: str, firm: str) -> Rules:
        """Return the rule set that the headroom is computed by."""
        daily, overall = self.daily, self.overall
        return Rules(
            id=identity,
            daily=None if daily is None else DailyRule(daily.total(), daily.of, daily.ref, daily.action),
            overall=OverallRule(overall.total(), overall.of, overall.peak, overall.lock, overall.on_payout),
            day=DayRule(self.day.tz, self.day.reset),
            measure=self.measure,
            inclusive=self.inclusive,
            limits=self.limits.limits(),
            firm=firm,
            program=self.program,
            notes=tuple(self.notes.items()),
            sources=self.sources,
            as_of=self.as_of,
            confidence=self.confidence,
        )
