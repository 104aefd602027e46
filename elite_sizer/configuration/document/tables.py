"""The tables of a configuration that no sizer, factor or cap owns: the account, the terminal, costs, the store."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator

from elite_sizer.configuration.document.values import Correlation, Fraction, Number, Positive, shown
from elite_sizer.model.setting import (
    ATRS,
    CORRELATION,
    COUNT,
    DAYS,
    FREE_TO_CHANGE,
    HOURS,
    IDENTIFIER,
    MINUTES,
    MONEY,
    MONEY_PER_LOT,
    NEVER_WHILE_RUNNING,
    POINTS,
    RATIO,
    SECONDS,
    TIGHTER_ABOVE,
    TIGHTER_BELOW,
    TIGHTER_FALSE,
    TIGHTER_MORE,
    TIMES,
    tighter_at,
)
from portfolio.calendar.blackout import spans
from portfolio.instruments.asset_class import AssetClass

TerminalName = Literal["simulated", "recording", "native", "host"]
"""The kinds of terminal; `elite_sizer.inputs.terminals.TERMINALS` opens them."""
Auto = Literal["auto"]
Login = Annotated[int, Field(gt=0)]
# no time zone is farther from UTC than 14 hours
Offset = Annotated[int, Field(ge=-50_400, le=50_400)]
"""Seconds; no zone is 14 hours from UTC or more."""


def _spans(text: str) -> str:
    spans(text)
    return text


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, ZoneInfoNotFoundError) as error:
        message = f'there is no time zone "{name}"; write one like America/New_York'
        raise ValueError(message) from error
    return name


def _read_closed(value: object) -> tuple[datetime, datetime]:
    """Return both ends of "2026-12-24T18:00Z / 2026-12-27T23:00Z"."""
    message = f'{shown(value)} is no closure; write "2026-12-24T18:00Z / 2026-12-27T23:00Z"'
    try:
        begins, ends = (datetime.fromisoformat(part.strip()) for part in str(value).split("/"))
    except ValueError as error:
        raise ValueError(message) from error
    if begins.tzinfo is None or ends.tzinfo is None or begins >= ends:
        raise ValueError(message)
    return begins.astimezone(UTC), ends.astimezone(UTC)


Spans = Annotated[str, AfterValidator(_spans)]
Zone = Annotated[str, AfterValidator(_zone)]
Closed = Annotated[tuple[datetime, datetime], PlainValidator(_read_closed)]


def _date(value: object) -> object:
    """Read a date as TOML or as JSON writes it; pydantic refuses anything else."""
    if not isinstance(value, str):
        return value
    try:
        return date.fromisoformat(value)
    except ValueError:
        return value


class Table(BaseModel):
    """A table whose keys are all known; its defaults stand in config/defaults.toml alone."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", defer_build=True)


class AccountTable(Table):
    """The account and its rule set."""

    initial: Annotated[Positive | Auto, MONEY, NEVER_WHILE_RUNNING]
    rules: Annotated[str, NEVER_WHILE_RUNNING]
    phase: Annotated[Literal["challenge", "verification", "funded"], NEVER_WHILE_RUNNING]
    epoch: Annotated[int, Field(ge=0), COUNT, NEVER_WHILE_RUNNING]
    login: Annotated[Login | None, IDENTIFIER, NEVER_WHILE_RUNNING] = None
    server: Annotated[str | None, NEVER_WHILE_RUNNING] = None
    day_start: Annotated[Positive | None, MONEY, NEVER_WHILE_RUNNING] = None
    day_start_on: Annotated[date | None, BeforeValidator(_date), NEVER_WHILE_RUNNING] = None
    """The firm's date of `day_start`, which counts on no other."""
    foreign_trades: Annotated[Literal["count", "halt"], NEVER_WHILE_RUNNING]


class TerminalTable(Table):
    """The terminal that the numbers come from."""

    name: Annotated[Literal["auto", TerminalName], NEVER_WHILE_RUNNING]
    deadline_seconds: Annotated[Positive, SECONDS, NEVER_WHILE_RUNNING]
    server_utc_offset: Annotated[Offset | str, SECONDS, NEVER_WHILE_RUNNING]
    quote_age_seconds: Annotated[Mapping[Literal["default"] | AssetClass, Positive], SECONDS, TIGHTER_BELOW]
    recording: Annotated[str | None, NEVER_WHILE_RUNNING] = None
    path: Annotated[str | None, NEVER_WHILE_RUNNING] = None
    command: Annotated[tuple[str, ...], NEVER_WHILE_RUNNING] = ()


class PolicyTable(Table):
    """Basis, budgets and buffers of the account's money; fills `elite_sizer.model.policy.Policy`."""

    basis: Annotated[Literal["min", "balance", "equity", "initial"], NEVER_WHILE_RUNNING]
    budget_fraction: Annotated[Fraction, TIGHTER_BELOW]
    max_concentration: Annotated[Fraction, TIGHTER_BELOW]
    max_daily_risk_pct: Annotated[Fraction, TIGHTER_BELOW]
    buffer_of_initial: Annotated[Fraction, TIGHTER_ABOVE]
    buffer_of_daily: Annotated[Fraction, TIGHTER_ABOVE]
    open_stop: Annotated[Literal["deny", "gap"], NEVER_WHILE_RUNNING]


class CostsTable(Table):
    """Costs of a trade besides its stop."""

    commission: Annotated[Number | Auto, MONEY_PER_LOT, TIGHTER_ABOVE]
    assumed_per_100k: Annotated[Number, MONEY, TIGHTER_ABOVE]
    slippage: Annotated[Number | Auto, MONEY_PER_LOT, TIGHTER_ABOVE]


class TailTable(Table):
    """The measurement of a symbol's tail."""

    alpha: Annotated[Fraction, NEVER_WHILE_RUNNING]
    bars: Annotated[int, Field(ge=100, le=100_000), COUNT, NEVER_WHILE_RUNNING]
    max_stop_multiple: Annotated[Positive, TIMES, TIGHTER_ABOVE]


class CorrelationTable(Table):
    """Correlations that the trader sets against the measured ones."""

    pairs: Annotated[Mapping[str, Correlation], CORRELATION, NEVER_WHILE_RUNNING]


class StoreTable(Table):
    """The folder of decisions and state."""

    path: Annotated[str, NEVER_WHILE_RUNNING]
    allow_network: Annotated[bool, NEVER_WHILE_RUNNING]


class JournalTable(Table):
    """The journal's daily files."""

    retention_days: Annotated[int, Field(ge=1), DAYS, FREE_TO_CHANGE]


class BudgetTable(Table):
    """Times at which closed positions free the exposure budgets."""

    scan_times: Annotated[tuple[str, ...], NEVER_WHILE_RUNNING]
    zone: Annotated[str, NEVER_WHILE_RUNNING]


class BlackoutTable(Table):
    """Times at which nothing is opened, for the cap `blackout`."""

    before_close_hours: Annotated[Number | Auto, HOURS, NEVER_WHILE_RUNNING]
    closes: Annotated[Mapping[str, Spans], NEVER_WHILE_RUNNING]
    closes_zone: Annotated[Zone, NEVER_WHILE_RUNNING]
    closed: Annotated[tuple[Closed, ...], NEVER_WHILE_RUNNING]
    sessions: Annotated[Mapping[str, Spans], NEVER_WHILE_RUNNING]
    zone: Annotated[Zone, NEVER_WHILE_RUNNING]
    news_before_minutes: Annotated[int, Field(ge=0, le=1_440), MINUTES, NEVER_WHILE_RUNNING]
    news_after_minutes: Annotated[int, Field(ge=0, le=1_440), MINUTES, NEVER_WHILE_RUNNING]
    news_stale_hours: Annotated[int, Field(ge=0, le=8_784), HOURS, NEVER_WHILE_RUNNING]
    news: Annotated[str | None, NEVER_WHILE_RUNNING] = None


class ThrottleTable(Table):
    """Reservations of one caller in a minute and a day; 0 is no limit."""

    per_minute: Annotated[int, Field(ge=0), COUNT, NEVER_WHILE_RUNNING]
    per_day: Annotated[int, Field(ge=0), COUNT, NEVER_WHILE_RUNNING]


class LevelsTable(Table):
    """Stop and target of a trade idea that gives none; without a setting none is filled in."""

    atr_stop: Annotated[Positive | None, ATRS, FREE_TO_CHANGE] = None
    atr_target: Annotated[Positive | None, ATRS, FREE_TO_CHANGE] = None
    rr: Annotated[Positive | None, RATIO, FREE_TO_CHANGE] = None
    stop_pct: Annotated[Fraction | None, FREE_TO_CHANGE] = None
    atr: Annotated[Literal["wilder", "terminal"], FREE_TO_CHANGE]


class OrdersTable(Table):
    """Permission and terms of sending orders."""

    enabled: Annotated[bool, TIGHTER_FALSE]
    deviation_points: Annotated[int, Field(ge=0), POINTS, NEVER_WHILE_RUNNING]
    magic: Annotated[int, Field(ge=0), IDENTIFIER, NEVER_WHILE_RUNNING]


class DropinTable(Table):
    """Figures that the drop-in call of source 003 leaves out."""

    leverage: Annotated[int, Field(ge=1), TIMES, NEVER_WHILE_RUNNING]


class CapsTable(BaseModel):
    """The caps that are on; their own tables are checked by the caps."""

    model_config = ConfigDict(strict=True, frozen=True, extra="allow", defer_build=True)

    on: Annotated[tuple[str, ...], TIGHTER_MORE]


class Document(Table):
    """The whole configuration, but for the settings of sizers, factors and caps."""

    sizer: Annotated[Literal["elite", "shadow", "legacy"], FREE_TO_CHANGE]
    guard: Annotated[Literal["on", "off"], tighter_at("on")]
    elite: Annotated[str, FREE_TO_CHANGE]
    legacy: Annotated[str, FREE_TO_CHANGE]
    profile: Annotated[str, NEVER_WHILE_RUNNING]
    account: AccountTable
    terminal: TerminalTable
    policy: PolicyTable
    sizers: Mapping[str, Mapping[str, Any]]
    factors: Mapping[str, Mapping[str, Any]]
    caps: CapsTable
    costs: CostsTable
    tail: TailTable
    correlation: CorrelationTable
    classes: Annotated[Mapping[str, AssetClass], NEVER_WHILE_RUNNING]
    store: StoreTable
    journal: JournalTable
    orders: OrdersTable
    budget: BudgetTable
    blackout: BlackoutTable
    throttle: ThrottleTable
    levels: LevelsTable
    dropin: DropinTable
    rules: Annotated[Mapping[str, Mapping[str, Any]], NEVER_WHILE_RUNNING]


def known_keys(table: tuple[str, ...]) -> tuple[str, ...]:
    """Return the keys that a table of the document may hold; empty where any may stand."""
    model: object = Document
    for name in table:
        if not (isinstance(model, type) and issubclass(model, BaseModel)):
            return ()
        field = model.model_fields.get(name)
        model = None if field is None else field.annotation
    if isinstance(model, type) and issubclass(model, BaseModel):
        return tuple(model.model_fields)
    return ()


def store_folder(table: StoreTable) -> Path:
    """Return the folder of the database, the flag and the STOP file: the configured one, or the user's own."""
    if table.path != "auto":
        return Path(table.path).expanduser()
    from platformdirs import user_state_path  # noqa: PLC0415 - only where no folder is configured

    return user_state_path("elite-sizer", appauthor=False)
