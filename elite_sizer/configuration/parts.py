"""Sizers, factors and caps, ours by name and the user's own by path, with settings read off their dataclass.

A part is loaded when it is switched on and not before; what a file says about one that is off is compared with the
keys of the defaults, and checked in full by `elite-sizer config check`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import is_dataclass
from functools import lru_cache
from pathlib import Path
from sys import modules
from typing import Any, Final, NamedTuple

from pydantic import BaseModel, ConfigDict, ValidationError, create_model
from pydantic.errors import PydanticUserError

from elite_sizer.caps import CAPS
from elite_sizer.configuration.document.fields import checked, numbers, setting_fields
from elite_sizer.configuration.document.layers import Sources
from elite_sizer.configuration.document.mistakes import explain
from elite_sizer.configuration.document.values import shown
from elite_sizer.factors import BLEND, FACTORS, REDUCE
from elite_sizer.model.plugin import UserPlugin
from elite_sizer.sizers import SIZERS
from elite_sizer.sizers.callers_own import CallersSizer
from elite_sizer.sizing.registry import load_object
from elite_sizer.sizing.user_plugins import UserCap, UserFactor
from portfolio.errors import ConfigError
from portfolio.nearest_name import did_you_mean

PARTS: Final[Mapping[str, Mapping[str, str]]] = {"sizers": SIZERS, "factors": FACTORS, "caps": CAPS}


class OwnPart(NamedTuple):
    """A part of the user's own, and what the journal says of it."""

    plugin: UserPlugin
    part: Any


FindOwn = Callable[[Sources, str, str], OwnPart]
"""Finds a part of the user's own by sources, kind and path: loads it, or takes it from a journal line."""


def is_own(name: str) -> bool:
    """Return whether a name is the path of a part of the user's own, `module:name`."""
    return ":" in name


def load_own(sources: Sources, kind: str, path: str) -> OwnPart:
    """Import a part of the user's own and fill it with its settings; ConfigError says what is wrong with it."""
    source = load_object(path)
    if not callable(source):
        raise ConfigError(_not_callable(path))
    part = _fill(sources, kind, path, source, load_own)
    if not callable(part):
        raise ConfigError(_not_callable(path))
    module = path.partition(":")[0]
    digest = _digest(module)
    if kind == "caps":
        hard = getattr(modules[module], "HARD", False) is True
        return OwnPart(UserPlugin("cap", path, digest, hard), UserCap(path, part))
    if kind == "factors":
        return OwnPart(UserPlugin("factor", path, digest), UserFactor(path, part))
    return OwnPart(UserPlugin("sizer", path, digest), CallersSizer(path, part))


def load_plugin(sources: Sources, kind: str, name: str, own: FindOwn = load_own) -> Any:  # noqa: ANN401 - any part
    """Return one part, made from its settings."""
    if is_own(name):
        return own(sources, kind, name).part
    return _fill(sources, kind, name, load_object(PARTS[kind][name]), own)


def settings(sources: Sources, kind: str, name: str) -> dict[str, Any]:
    """Return the checked settings of one part as its dataclass takes them; ConfigError names every mistake."""
    values, mistakes = _check(sources, kind, name)
    if mistakes:
        raise ConfigError("\n".join(mistakes))
    return values


def problems(sources: Sources) -> list[str]:
    """Return the mistakes of every part, on or off, and of the user's own that are on or have a table."""
    lines = []
    on = {"caps": sources.merged["caps"]["on"], "sizers": (sources.merged["legacy"],)}
    for kind, registry in PARTS.items():
        own = filter(is_own, (*on.get(kind, ()), *sources.merged.get(kind, {})))
        for name in dict.fromkeys((*registry, *own)):
            try:
                mistakes = _check(sources, kind, name)[1]
                if not mistakes:
                    load_plugin(sources, kind, name)
            except ConfigError as error:
                mistakes = [str(error)]
            lines += mistakes
    return lines


def unknown_keys(sources: Sources) -> list[str]:
    """Return a line for every unknown name and key of a part, importing no module that is spelled as shipped.

    The user's own modules are not imported either: their keys are checked when they are made.
    """
    lines = []
    default = sources.layers[0].values
    for kind, registry in PARTS.items():
        tables = sources.merged.get(kind)
        for name, table in tables.items() if isinstance(tables, dict) else ():
            if kind == "caps" and name == "on":
                continue
            if name not in registry and not is_own(name):
                message = f"there is no such {kind[:-1]}; {did_you_mean(name, [*registry])}"
                lines.append(sources.problem((kind, name), message))
            elif not isinstance(table, dict):
                lines.append(sources.problem((kind, name), f"a table is needed, not {shown(table)}"))
            elif not is_own(name) and any(key not in default.get(kind, {}).get(name, {}) for key in table):
                lines += _check(sources, kind, name)[1]
    return lines


def keys(kind: str, name: str) -> tuple[str, ...]:
    """Return the keys that the table of a part may hold."""
    return tuple(setting_fields(_settings_class(_load(kind, name))))


def _not_callable(path: str) -> str:
    return f"{path!r} can't be called. Write a function, or a frozen dataclass with __call__."


def _load(kind: str, name: str) -> object:
    part: object = load_object(PARTS[kind].get(name, name))
    return part


def _fill(sources: Sources, kind: str, name: str, part: Any, own: FindOwn) -> Any:  # noqa: ANN401 - any part
    """Return a dataclass made from its settings, or a plain function, which has none."""
    values = settings(sources, kind, name)
    if not (isinstance(part, type) and is_dataclass(part)):
        return part
    factors = values.pop("factors", None)
    if factors is not None:
        blend = (*BLEND, *filter(is_own, factors))
        for slot, names in (("blend", blend), ("reduce", REDUCE)):
            values[slot] = {
                factor: load_plugin(sources, "factors", factor, own) for factor in names if factor in factors
            }
    try:
        return part(**values)
    except Exception as error:
        raise ConfigError(sources.problem((kind, name), str(error))) from error


def _check(sources: Sources, kind: str, name: str) -> tuple[dict[str, Any], list[str]]:
    table = sources.merged.get(kind, {}).get(name, {})
    try:
        instance = _model(name, _settings_class(_load(kind, name))).model_validate(table)
    except ValidationError as error:
        return {}, explain(sources, (kind, name), error, keys(kind, name))
    values = {key: getattr(instance, key) for key in instance.model_fields_set}
    return values, [
        sources.problem((kind, name, "factors"), f"there is no factor {factor!r}; {did_you_mean(factor, [*FACTORS])}")
        for factor in values.get("factors", ())
        if factor not in FACTORS and not is_own(factor)
    ]


def _settings_class(part: object) -> type | None:
    return part if isinstance(part, type) else None


@lru_cache(maxsize=256)
def _model(name: str, owner: type | None) -> type[BaseModel]:
    """Return a pydantic model of a part's own fields; unlike a TypeAdapter of the dataclass it refuses unknown keys."""
    try:
        fields = setting_fields(owner)
        types: dict[str, Any] = {field.name: (checked(field.hint, field.unit), None) for field in fields.values()}
        model: type[BaseModel] = create_model(
            name, __config__=ConfigDict(strict=True, frozen=True, extra="forbid"), **types
        )
    except (NameError, PydanticUserError) as error:
        message = f"{name!r} has a setting of a type that no file can hold: {error}"
        raise ConfigError(message) from error
    for field in fields.values():
        if field.unit is None and numbers(field.hint):
            message = f"{name!r}: the number {field.name} has no unit. Write Annotated[Decimal, FRACTION], or another."
            raise ConfigError(message)
    return model


@lru_cache(maxsize=64)
def _digest(module: str) -> str:
    """Return the digest of a module's file as it was when it was loaded; empty where it has none."""
    file = getattr(modules[module], "__file__", None)
    try:
        return "" if file is None else f"sha256:{hashlib.sha256(Path(file).read_bytes()).hexdigest()}"
    except OSError:
        return ""
