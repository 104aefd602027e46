"""The offline calculator: an account's distance to its floors from typed figures, as `elite-sizer headroom` answers.

Figures go in and come out as text, so that no cent is lost on the way. The day's beginning is a typed balance, or is
rebuilt from the deals since the reset.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import ROUND_FLOOR, Decimal
from typing import Any, NamedTuple

from elite_sizer.configuration.document.values import shown
from elite_sizer.configuration.firm_rules import rules_of
from elite_sizer.configuration.firm_rules_file import decimal, money
from portfolio.account.balance_path import balance_before, moves, since_opening
from portfolio.calendar.firm_day import last_reset, server_to_utc
from portfolio.errors import ConfigError
from portfolio.model import ZERO, Deal, DealKind
from portfolio.nearest_name import did_you_mean
from portfolio.rounding import CENT, DOWN
from portfolio.rules.headroom import Headroom, References, daily_floor, headroom, measured, moved_by, touched
from portfolio.rules.rule_set import Rules
from portfolio.rules.size_limits import size_refusal

COMMENTS = ("closed_today", "id", "kind", "note", "now_local", "server_clock", "source", "title")
"""Keys that a question may carry and that change nothing."""

KEYS = (
    "balance",
    "day_start_balance",
    "day_start_equity",
    "deals",
    "equity",
    "floating",
    "initial",
    "now_utc",
    "payout_taken",
    "peak",
    "peak_equity_today",
    "rule_id",
    "rules",
    "server_utc_offset",
    *COMMENTS,
)
"""`rules` holds changes to the rule set, or the eight fields of `custom`."""

REBUILD_KEYS = ("balance_now", "deals", "initial", "reset_utc", "server_utc_offset", *COMMENTS)
"""The question for the day's beginning alone."""

DEAL_KEYS = ("commission", "entry", "fee", "profit", "swap", "time", "time_utc", "type")

_KINDS = {"BUY": DealKind.TRADE, "SELL": DealKind.TRADE, "BALANCE": DealKind.BALANCE, "CREDIT": DealKind.CREDIT}
_AGES = timedelta(days=365 * 100)
_FARTHEST = 14 * 3600


class Rebuilt(NamedTuple):
    """The balance at the day's beginning by its deals; flows are deposits less withdrawals."""

    balance: Decimal
    flows: Decimal
    closed: Decimal


def scenario(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Answer one question: the floors of an account and its distances to them, or with `reset_utc` the day's beginning.

    Raises ConfigError for an unknown key (with the nearest name), a missing or contradictory figure, and anything that
    is not a finite number.
    """
    if "reset_utc" in inputs:
        return _rebuilt_answer(inputs)
    _known_keys(inputs, KEYS, "the scenario")
    rules = rules_of(_text(inputs, "rule_id"), inputs.get("rules"))
    now, offset = _moment(inputs, "now_utc"), _offset(inputs)
    initial, balance = _require(inputs, "initial", money), _require(inputs, "balance", decimal)
    refusal = size_refusal(rules, initial)
    if refusal is not None:
        raise ConfigError(refusal.detail)
    equity = _equity(inputs, balance)
    since = last_reset(rules.day, now, offset)
    history = _rebuild(inputs, balance, since, initial, offset) if inputs.get("deals") is not None else None
    references = _references(inputs, rules, initial, balance, equity, history=history)
    head = headroom(rules, references, balance, equity, now, server_offset=offset)
    return _answer(head) if history is None else {**_answer(head), **_rebuilt_figures(history)}


def _answer(head: Headroom) -> dict[str, Any]:
    return {
        "last_reset_utc": _iso(head.last_reset_utc),
        "next_reset_utc": _iso(head.next_reset_utc),
        "daily_floor": _cents(head.daily_floor),
        "distance_daily": _cents(head.distance_daily),
        "breached_daily": head.breached_daily,
        "overall_floor": _cents(head.overall_floor),
        "distance_overall": _cents(head.distance_overall),
        "breached_overall": head.breached_overall,
        "distance_binding": _cents(head.distance_binding),
        "binding": head.binding,
        "breached": head.breached,
        "paused": head.paused,
        "usable": _cents(head.usable),
        "room_after_reset": _cents(head.room_after_reset),
        "projected_after_reset": _cents(head.projected_after_reset),
        "because": head.because,
    }


def _references(
    inputs: Mapping[str, Any],
    rules: Rules,
    initial: Decimal,
    balance: Decimal,
    equity: Decimal,
    *,
    history: Rebuilt | None,
) -> References:
    """Return the references of the floors; a peak that the other figures already exceed is raised to them."""
    opening = _optional(inputs, "day_start_balance", decimal)
    if opening is None and history is not None:
        opening = history.balance
    if opening is None and rules.daily is not None:
        message = f"the scenario lacks day_start_balance (or deals): {rules.id} counts the day from it"
        raise ConfigError(message)
    start = balance if opening is None else opening
    start_equity = _optional(inputs, "day_start_equity", decimal)
    figures_given = {
        "none": [initial],
        "eod_balance": [start],
        "eod_max": [start, start if start_equity is None else start_equity],
        "closed_balance": [start, balance],
        "equity": [equity, equity if start_equity is None else start_equity],
    }[rules.overall.peak]
    today = _optional(inputs, "peak_equity_today", decimal)
    references = References(
        initial=initial,
        day_balance=start,
        day_equity=start_equity,
        peak=max(initial, _optional(inputs, "peak", decimal) or initial, *figures_given),
        peak_equity_today=equity if today is None else max(today, equity),
        payout_taken=_flag(inputs, "payout_taken"),
        estimated=_remarks(rules, start_equity),
    )
    if history is None or rules.daily is None:
        return references
    void = history.flows < 0 and touched(rules, measured(rules, balance, equity), daily_floor(rules.daily, references))
    return moved_by(references, history.flows, literal_void=void)


def _remarks(rules: Rules, start_equity: Decimal | None) -> tuple[str, ...]:
    asks = rules.daily is not None and rules.daily.ref != "balance"
    return (
        ("the equity at the day's start is not given: the balance stands for it",)
        if asks and start_equity is None
        else ()
    )


def _equity(inputs: Mapping[str, Any], balance: Decimal) -> Decimal:
    equity, floating = _optional(inputs, "equity", decimal), _optional(inputs, "floating", decimal)
    if equity is None and floating is None:
        message = "the scenario lacks equity (or floating)"
        raise ConfigError(message)
    if equity is None:
        return balance + (floating or ZERO)
    if floating is not None and equity != balance + floating:
        message = f"the scenario's equity {equity} is not balance {balance} plus floating {floating}"
        raise ConfigError(message)
    return equity


def _rebuilt_answer(inputs: Mapping[str, Any]) -> dict[str, Any]:
    _known_keys(inputs, REBUILD_KEYS, "the question for the day's beginning")
    balance, since = _require(inputs, "balance_now", decimal), _moment(inputs, "reset_utc")
    initial = _optional(inputs, "initial", money)
    return _rebuilt_figures(_rebuild(inputs, balance, since, initial, _offset(inputs)))


def _rebuilt_figures(history: Rebuilt) -> dict[str, Any]:
    return {
        "balance_at_reset": _cents(history.balance),
        "cash_flows_since_reset": _cents(history.flows),
        "closed_today": _cents(history.closed),
    }


def _rebuild(
    inputs: Mapping[str, Any], balance: Decimal, since: datetime, initial: Decimal | None, offset: int | None
) -> Rebuilt:
    """Return the day's beginning by the deals; an account that was opened since counts from its initial size."""
    rows = inputs.get("deals")
    if not isinstance(rows, (list, tuple)):
        message = f"deals must be a list, not {shown(rows)}"
        raise ConfigError(message)
    deals = [_deal(number, entry, offset) for number, entry in enumerate(rows)]
    changes = moves(deals, since, since + _AGES)
    start = balance_before(balance, changes)
    opening = since_opening(start, changes, changes[0].flow if initial is None and changes else initial or ZERO)
    if opening is not None:
        start, changes = max(opening[0], initial or ZERO), opening[1]
    flows = sum((change.flow for change in changes), ZERO)
    return Rebuilt(start, flows, sum((change.result for change in changes), ZERO))


def _deal(number: int, entry: object, offset: int | None) -> Deal:
    if not isinstance(entry, Mapping):
        message = f"deal {number} must be a table, not {shown(entry)}"
        raise ConfigError(message)
    _known_keys(entry, DEAL_KEYS, f"deal {number}")
    kind = _KINDS.get(_text(entry, "type").upper(), DealKind.OTHER)
    profit, commission, swap, fee = (
        _optional(entry, name, decimal) or ZERO for name in ("profit", "commission", "swap", "fee")
    )
    at = _deal_time(number, entry, offset)
    return Deal(number, 0, 0, "", kind, None, None, ZERO, ZERO, profit, commission, swap, fee, at)


def _deal_time(number: int, entry: Mapping[str, Any], offset: int | None) -> datetime:
    """Return when a deal was made, from UTC or from the broker's clock; both must agree where both are given."""
    epoch = entry.get("time")
    if epoch is None:
        return _moment(entry, "time_utc")
    if isinstance(epoch, bool) or not isinstance(epoch, int):
        message = f"deal {number}: time must be whole seconds of the broker's clock, not {shown(epoch)}"
        raise ConfigError(message)
    at = server_to_utc(epoch, offset)
    if entry.get("time_utc") is not None and _moment(entry, "time_utc") != at:
        message = f"deal {number}: time {epoch} of the broker's clock is {_iso(at)}, not {entry['time_utc']}"
        raise ConfigError(message)
    return at


def _known_keys(table: Mapping[str, Any], keys: Sequence[str], where: str) -> None:
    for key in table:
        if key not in keys:
            message = f"{where} has the unknown key {shown(key)}; {did_you_mean(str(key), keys)}"
            raise ConfigError(message)


def _require(table: Mapping[str, Any], key: str, parse: Callable[[object], Decimal]) -> Decimal:
    value = _optional(table, key, parse)
    if value is None:
        message = f"{key} is missing"
        raise ConfigError(message)
    return value


def _optional(table: Mapping[str, Any], key: str, parse: Callable[[object], Decimal]) -> Decimal | None:
    if table.get(key) is None:
        return None
    try:
        return parse(table[key])
    except ValueError as error:
        message = f"{key}: {error}"
        raise ConfigError(message) from error


def _text(table: Mapping[str, Any], key: str) -> str:
    value = table.get(key)
    if not isinstance(value, str):
        message = f"{key} is missing" if value is None else f"{key} must be text, not {shown(value)}"
        raise ConfigError(message)
    return value


def _flag(table: Mapping[str, Any], key: str) -> bool:
    value = table.get(key)
    if value is None or isinstance(value, bool):
        return bool(value)
    message = f"{key} must be true or false, not {shown(value)}"
    raise ConfigError(message)


def _offset(table: Mapping[str, Any]) -> int | None:
    value = table.get("server_utc_offset")
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > _FARTHEST:
        message = f"server_utc_offset must be seconds from -50400 to 50400, not {shown(value)}"
        raise ConfigError(message)
    return value


def _moment(table: Mapping[str, Any], key: str) -> datetime:
    text = _text(table, key)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        message = f"{key}: {shown(text)} is no ISO-8601 time"
        raise ConfigError(message) from error
    if moment.tzinfo is None:
        message = f"{key}: {shown(text)} has no zone; end it with Z or an offset"
        raise ConfigError(message)
    return moment.astimezone(UTC)


def _iso(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _cents(money: Decimal | None) -> str | None:
    """Write money in cents, rounded down: floors are whole cents, and a distance is never shown too large."""
    return None if money is None else str(money.quantize(CENT, rounding=ROUND_FLOOR, context=DOWN))
