"""The settings of sizers, factors and caps, read off the dataclass that uses them.

A part is loaded when it is switched on and not before; what a file says about one that is off is compared with the
keys of the defaults, and checked in full by `elite-sizer config check`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import is_dataclass
from functools import lru_cache
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, ValidationError, create_model

from elite_sizer.caps import CAPS
from elite_sizer.configuration.fields import checked, setting_fields
from elite_sizer.configuration.layers import Sources
from elite_sizer.configuration.values import shown
from elite_sizer.factors import BLEND, FACTORS, REDUCE
from elite_sizer.sizers import SIZERS
from elite_sizer.sizing.registry import load_object
from portfolio.errors import ConfigError
from portfolio.nearest_name import did_you_mean, nearest_name

PARTS: Final[Mapping[str, Mapping[str, str]]] = {"sizers": SIZERS, "factors": FACTORS, "caps": CAPS}


def settings(sources: Sources, kind: str, name: str) -> dict[str, Any]:
    """Return the checked settings of one part as its dataclass takes them; ConfigError names every mistake."""
    made, problems = _checked(sources, kind, name)
    if problems:
        raise ConfigError("\n".join(problems))
    return made


def load_plugin(sources: Sources, kind: str, name: str) -> Any:  # noqa: ANN401 - a factor, a cap or a sizer
    """Return one part, made from its settings."""
    made = load_object(PARTS[kind][name])
    values = settings(sources, kind, name)
    if not (isinstance(made, type) and is_dataclass(made)):
        return made
    factors = values.pop("factors", None)
    if factors is not None:
        for slot, registry in (("blend", BLEND), ("reduce", REDUCE)):
            values[slot] = {factor: load_plugin(sources, "factors", factor) for factor in registry if factor in factors}
    try:
        return made(**values)
    except ValueError as error:
        raise ConfigError(sources.problem((kind, name), str(error))) from error


def problems(sources: Sources) -> list[str]:
    """Check every part, on or off; return what is wrong with each."""
    found = []
    for kind, registry in PARTS.items():
        for name in registry:
            mistakes = _checked(sources, kind, name)[1]
            found += mistakes
            if not mistakes:
                try:
                    load_plugin(sources, kind, name)
                except ConfigError as error:
                    found.append(str(error))
    return found


def unknown_keys(sources: Sources) -> list[str]:
    """Return a line for every name and key of a part that nothing knows, importing none that is spelled as shipped."""
    found = []
    default = sources.layers[0].values
    for kind, registry in PARTS.items():
        tables = sources.merged.get(kind)
        for name, table in tables.items() if isinstance(tables, dict) else ():
            if kind == "caps" and name == "on":
                continue
            if name not in registry:
                message = f"there is no such {kind[:-1]}; {did_you_mean(name, [*registry])}"
                found.append(sources.problem((kind, name), message))
            elif not isinstance(table, dict):
                found.append(sources.problem((kind, name), f"a table is needed, not {shown(table)}"))
            elif any(key not in default.get(kind, {}).get(name, {}) for key in table):
                found += _checked(sources, kind, name)[1]
    return found


def keys(kind: str, name: str) -> tuple[str, ...]:
    """Return the keys that the table of a part may hold."""
    return tuple(_model(kind, name).model_fields)


def _checked(sources: Sources, kind: str, name: str) -> tuple[dict[str, Any], list[str]]:
    raw = sources.merged.get(kind, {}).get(name, {})
    try:
        made = _model(kind, name).model_validate(raw)
    except ValidationError as error:
        return {}, explain(sources, (kind, name), error, keys(kind, name))
    values = {key: getattr(made, key) for key in made.model_fields_set}
    return values, [
        sources.problem((kind, name, "factors"), f"there is no factor {factor!r}; {did_you_mean(factor, [*FACTORS])}")
        for factor in values.get("factors", ())
        if factor not in FACTORS
    ]


@lru_cache(maxsize=256)
def _model(kind: str, name: str) -> type[BaseModel]:
    """Return a pydantic model of a part's own fields; unlike a TypeAdapter of the dataclass it refuses unknown keys."""
    types: dict[str, Any] = {
        field.name: (checked(field.hint, field.unit), None)
        for field in setting_fields(load_object(PARTS[kind][name])).values()
    }
    return create_model(name, __config__=ConfigDict(strict=True, frozen=True, extra="forbid"), **types)


def explain(sources: Sources, above: tuple[str, ...], error: ValidationError, known: tuple[str, ...] = ()) -> list[str]:
    """Return one line for each key that pydantic found wrong, in the order of the document."""
    found: dict[tuple[str, ...], list[str]] = {}
    for one in error.errors(include_url=False, include_context=True):
        path = _path(sources.merged, (*above, *(str(key) for key in one["loc"])))
        message = _sentence(one["type"], one["msg"], one["input"], one.get("ctx", {}))
        if one["type"] == "extra_forbidden":
            message = f"there is no such key; {did_you_mean(path[-1], known or _siblings(path))}"
        if message not in found.setdefault(path, []):
            found[path].append(message)
    return [sources.problem(path, _either(messages)) for path, messages in found.items()]


def _either(messages: list[str]) -> str:
    """Join what the alternatives of one key say."""
    first, *rest = messages
    return ", or ".join([first, *(message.partition("; ")[2] or message for message in rest)])


def _not_among(value: object, expected: str) -> str:
    words = re.findall(r"'([^']*)'", expected)
    near = nearest_name(str(value), words)
    return f"{shown(value)} is unknown; write {expected}" + ("" if near is None else f" (did you mean {near}?)")


def _siblings(path: tuple[str, ...]) -> tuple[str, ...]:
    from elite_sizer.configuration.tables import known_keys  # noqa: PLC0415 - only for a message

    return known_keys(path[:-1])


def _path(tree: object, path: tuple[str, ...]) -> tuple[str, ...]:
    """Cut a location of pydantic down to the keys of the document."""
    kept = []
    for key in path:
        if not isinstance(tree, dict):
            break
        kept.append(key)
        tree = tree.get(key)
    return tuple(kept)


def _sentence(kind: str, message: str, value: object, context: Mapping[str, Any]) -> str:
    if kind == "value_error":
        return message.removeprefix("Value error, ")
    if kind == "missing":
        return "it is missing"
    if kind == "literal_error":
        return _not_among(value, str(context["expected"]))
    wanted = {
        "int_type": "a whole number",
        "bool_type": "true or false",
        "string_type": "text",
        "tuple_type": "a list",
        "model_type": "a table",
        "mapping_type": "a table",
        "dict_type": "a table",
    }.get(kind)
    if wanted is not None:
        return f"{wanted} is needed, not {shown(value)}"
    return f"{message[:1].lower()}{message[1:]}, not {shown(value)}"
