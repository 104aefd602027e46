"""The rule sets of `config/firms`, one file per firm, with a trader's own changes and additions."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from pydantic import BaseModel, ValidationError

from elite_sizer.configuration.document.values import Percentage, shown
from elite_sizer.configuration.firm_rules_file import RuleTable
from elite_sizer.configuration.shipped import config_dir
from portfolio.errors import ConfigError
from portfolio.nearest_name import did_you_mean
from portfolio.rules.rule_set import Rules

CUSTOM = "custom"
"""The identity of a trader's own rule set, written as `[rules.custom]` with the eight fields."""

EIGHT_FIELDS = ("day", "daily", "daily_of", "daily_ref", "overall", "overall_peak", "overall_lock", "inclusive")

# a smaller bare number may as well be meant as per cent, so the user is asked which
_LEAST_MONEY = 100

_OWN = MappingProxyType(
    {"program": "own rules", "sources": ("the trader",), "as_of": date(1970, 1, 1), "confidence": "the trader's own"}
)


class _Shipped(NamedTuple):
    firm: str
    file: str
    table: Mapping[str, Any]


def rule_ids(folder: Path | None = None) -> tuple[str, ...]:
    """Return the names of all shipped rule sets, sorted; `folder` holds the firms' files."""
    return tuple(sorted(_shipped(folder or config_dir() / "firms")))


def all_rules(folder: Path | None = None) -> Mapping[str, Rules]:
    """Return every shipped rule set by its name."""
    return MappingProxyType({identity: rules_of(identity, folder=folder) for identity in rule_ids(folder)})


def rules_of(identity: str, overrides: Mapping[str, Any] | None = None, *, folder: Path | None = None) -> Rules:
    """Return a rule set with the trader's changes.

    `overrides` is a table of the same shape as the shipped one and replaces field by field: `{"daily": {"pct": "4%"}}`;
    `"none"` takes the daily rule away. For `custom` it holds the eight fields, after which tables like `limits` may
    follow, or a whole rule set in tables. Raises ConfigError with the nearest name for an unknown rule set or key, and
    with the place for a bad value.
    """
    changes = dict(overrides or {})
    if identity == CUSTOM:
        own = changes if isinstance(changes.get("day"), Mapping) else _custom(changes)
        return _validate("configuration", CUSTOM, "own rules", {**_OWN, **own})
    firm_files = _shipped(folder or config_dir() / "firms")
    if identity not in firm_files:
        message = f"There is no rule set {shown(identity)}; {did_you_mean(identity, (*firm_files, CUSTOM))}"
        raise ConfigError(message)
    firm, file, table = firm_files[identity]
    if not changes:
        return _validate(file, identity, firm, table)
    keys = ", ".join(_paths(changes))
    result = _merge(table, changes)
    result["confidence"] = f"{table.get('confidence', '')}; changed by the configuration: {keys}"
    return _validate("configuration", identity, firm, result)


@lru_cache(maxsize=4)
def _shipped(folder: Path) -> Mapping[str, _Shipped]:
    rule_sets: dict[str, _Shipped] = {}
    for path in sorted(folder.glob("*.toml")):
        document = _read(path)
        firm, tables = document.pop("firm", None), document.pop("rules", None)
        if document or not isinstance(firm, str) or not isinstance(tables, dict):
            extra_keys = "".join(
                f"; unknown key {shown(key)}; {did_you_mean(key, ('firm', 'rules'))}" for key in document
            )
            message = f"{path.name} needs a firm and its [rules.NAME] tables{extra_keys}"
            raise ConfigError(message)
        for identity, table in tables.items():
            if identity in rule_sets:
                message = f"{path.name}: the rule set {identity} stands in {rule_sets[identity].file} too"
                raise ConfigError(message)
            rule_sets[identity] = _Shipped(firm, path.name, table)
    if not rule_sets:
        message = f"There are no rule sets in {folder}"
        raise ConfigError(message)
    return MappingProxyType(rule_sets)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        message = f"{path.name} can't be read: {error}"
        raise ConfigError(message) from error


def _validate(place: str, identity: str, firm: str, table: Mapping[str, Any]) -> Rules:
    try:
        return RuleTable.model_validate(dict(table)).rules(identity, firm)
    except ValidationError as error:
        raise ConfigError(_explained(place, identity, error)) from error


def _merge(table: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the table with the changes merged into it; a new kind of amount replaces the old one."""
    result = dict(table)
    for key, value in changes.items():
        old = result.get(key)
        if isinstance(value, Mapping) and isinstance(old, Mapping):
            rest = {
                name: entry for name, entry in old.items() if not ({"pct", "amount"} & {name} and _new_amount(value))
            }
            result[key] = _merge(rest, value)
        else:
            result[key] = value
    return result


def _new_amount(changes: Mapping[str, Any]) -> bool:
    return bool({"pct", "amount"} & set(changes))


def _paths(changes: Mapping[str, Any], above: str = "") -> list[str]:
    paths = []
    for key, value in changes.items():
        paths += _paths(value, f"{above}{key}.") if isinstance(value, Mapping) else [f"{above}{key}"]
    return paths


def _custom(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the eight flat fields as tables; tables that follow them, like `limits`, are merged into it."""
    missing = [name for name in EIGHT_FIELDS if name not in fields]
    if missing:
        message = f"[rules.custom] lacks {', '.join(missing)}: an own rule set states all of {', '.join(EIGHT_FIELDS)}"
        raise ConfigError(message)
    zone, _, reset = str(fields["day"]).partition(" ")
    daily = fields["daily"]
    if daily != "none":
        daily = {**_share("daily", daily), "of": fields["daily_of"], "ref": fields["daily_ref"]}
    table = {
        "day": {"tz": zone, "reset": reset},
        "daily": daily,
        "overall": {
            **_share("overall", fields["overall"]),
            "of": "initial",
            "peak": fields["overall_peak"],
            "lock": fields["overall_lock"],
        },
        "inclusive": fields["inclusive"],
    }
    return _merge(table, {key: value for key, value in fields.items() if key not in EIGHT_FIELDS})


def _share(name: str, value: object) -> dict[str, object]:
    """Return a percentage or money as its own kind of amount; a small bare number may be either and is refused."""
    if isinstance(value, Percentage) or (isinstance(value, str) and value.endswith("%")):
        return {"pct": value}
    if isinstance(value, (int, Decimal)) and value < _LEAST_MONEY:
        message = (
            f'[rules.custom] {name}: is {value} per cent or money? Write "{value}%", or money from {_LEAST_MONEY} on'
        )
        raise ConfigError(message)
    return {"amount": value}


def _explained(place: str, identity: str, error: ValidationError) -> str:
    """Return the first fault of a table in a sentence, with file, table, key and the nearest valid name."""
    first = min(error.errors(), key=lambda fault: fault["type"] != "extra_forbidden")
    where = ".".join(["rules", identity, *map(str, first["loc"])])
    if first["type"] == "extra_forbidden":
        names = _names(RuleTable, first["loc"][:-1])
        return f"{place}: {where} is not known; {did_you_mean(str(first['loc'][-1]), names)}"
    return f"{place}: {where}: {first['msg'].removeprefix('Value error, ')}"


def _names(model: type[BaseModel], path: tuple[int | str, ...]) -> tuple[str, ...]:
    """Return the keys that the table at a path may have."""
    for step in path:
        annotation = model.model_fields[str(step)].annotation
        inner = [kind for kind in (annotation, *getattr(annotation, "__args__", ())) if isinstance(kind, type)]
        model = next(kind for kind in inner if issubclass(kind, BaseModel))
    return tuple(model.model_fields)
