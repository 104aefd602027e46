"""The tables of a configuration that no sizer, factor or cap owns: the account, the terminal, costs, the store."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator

from elite_sizer.configuration.values import Correlation, Fraction, Number, Positive, shown
from portfolio.calendar.blackout import spans

CLASSES: Final = ("forex", "gold", "metals", "indices", "oil", "crypto", "stocks", "others")

AssetClass = Literal["forex", "gold", "metals", "indices", "oil", "crypto", "stocks", "others"]
Auto = Literal["auto"]
Seconds = Annotated[Positive, Field()]


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


def _closed(value: object) -> tuple[datetime, datetime]:
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
Closed = Annotated[tuple[datetime, datetime], PlainValidator(_closed)]


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
    """Which account it is, and under which rules."""

    initial: Positive | Auto
    rules: str
    phase: Literal["challenge", "verification", "funded"]
    epoch: Annotated[int, Field(ge=0)]
    login: Annotated[int, Field(gt=0)] | None = None
    server: str | None = None
    day_start: Positive | None = None
    day_start_on: Annotated[date | None, BeforeValidator(_date)] = None
    """The firm's date that `day_start` is of; on any other it says nothing."""
    foreign_trades: Literal["count", "halt"]


class TerminalTable(Table):
    """Where the numbers come from."""

    name: Literal["auto", "simulated", "recording", "native", "host"]
    deadline_seconds: Positive
    server_utc_offset: Annotated[int, Field(ge=-50_400, le=50_400)] | str
    quote_age_seconds: Mapping[Literal["default"] | AssetClass, Positive]
    recording: str | None = None
    path: str | None = None
    command: tuple[str, ...] = ()


class PolicyTable(Table):
    """How the account's money is counted; the fields of `elite_sizer.model.context.Policy`."""

    basis: Literal["min", "balance", "equity", "initial"]
    budget_fraction: Fraction
    max_concentration: Fraction
    max_daily_risk_pct: Fraction
    buffer_of_initial: Fraction
    buffer_of_daily: Fraction
    open_stop: Literal["deny", "gap"]


class CostsTable(Table):
    """What a trade costs besides its stop, in deposit currency per lot."""

    commission: Number | Auto
    assumed_per_100k: Number
    slippage: Number | Auto


class TailTable(Table):
    """How the tail of a symbol is measured."""

    alpha: Annotated[Fraction, Field()]
    bars: Annotated[int, Field(ge=100, le=100_000)]
    max_stop_multiple: Positive


class CorrelationTable(Table):
    """Correlations that the user knows better."""

    pairs: Mapping[str, Correlation]


class StoreTable(Table):
    """Where decisions and state are kept."""

    path: str
    allow_network: bool


class JournalTable(Table):
    """How long the daily files are kept."""

    retention_days: Annotated[int, Field(ge=1)]


class BudgetTable(Table):
    """When the exposure budgets get back what was closed."""

    scan_times: tuple[str, ...]
    zone: str


class BlackoutTable(Table):
    """When nothing is opened; the cap `blackout` asks."""

    before_close_hours: Number | Auto
    closes: Mapping[str, Spans]
    closes_zone: Zone
    closed: tuple[Closed, ...]
    sessions: Mapping[str, Spans]
    zone: Zone
    news_before_minutes: Annotated[int, Field(ge=0, le=1_440)]
    news_after_minutes: Annotated[int, Field(ge=0, le=1_440)]
    news_stale_hours: Annotated[int, Field(ge=0, le=8_784)]
    news: str | None = None


class ThrottleTable(Table):
    """How many orders one caller may reserve room for; 0 is no limit."""

    per_minute: Annotated[int, Field(ge=0)]
    per_day: Annotated[int, Field(ge=0)]


class LevelsTable(Table):
    """Where stop and target go for a caller who gives none; nothing is filled in where nothing is set."""

    atr_stop: Positive | None = None
    atr_target: Positive | None = None
    rr: Positive | None = None
    stop_pct: Fraction | None = None
    atr: Literal["wilder", "terminal"]


class OrdersTable(Table):
    """Whether orders may be sent, and how."""

    enabled: bool
    deviation_points: Annotated[int, Field(ge=0)]
    magic: Annotated[int, Field(ge=0)]


class DropinTable(Table):
    """What the drop-in call of source 003 leaves out."""

    leverage: Annotated[int, Field(ge=1)]


class CapsTable(BaseModel):
    """Which caps are on; their own tables are checked by the caps."""

    model_config = ConfigDict(strict=True, frozen=True, extra="allow", defer_build=True)

    on: tuple[str, ...]


class Document(Table):
    """The whole configuration, but for the settings of sizers, factors and caps."""

    sizer: Literal["elite", "shadow", "legacy"]
    guard: Literal["on", "off"]
    elite: str
    legacy: str
    profile: str
    account: AccountTable
    terminal: TerminalTable
    policy: PolicyTable
    sizers: Mapping[str, Mapping[str, Any]]
    factors: Mapping[str, Mapping[str, Any]]
    caps: CapsTable
    costs: CostsTable
    tail: TailTable
    correlation: CorrelationTable
    classes: Mapping[str, AssetClass]
    store: StoreTable
    journal: JournalTable
    orders: OrdersTable
    budget: BudgetTable
    blackout: BlackoutTable
    throttle: ThrottleTable
    levels: LevelsTable
    dropin: DropinTable
    rules: Mapping[str, Mapping[str, Any]]


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
