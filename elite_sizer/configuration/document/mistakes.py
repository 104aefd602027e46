"""Mistakes of a configuration as sentences: the place, what is needed, the nearest name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from elite_sizer.configuration.document.layers import Sources
from elite_sizer.configuration.document.tables import known_keys
from elite_sizer.configuration.document.values import shown
from portfolio.nearest_name import did_you_mean, nearest_name


def explain(sources: Sources, above: tuple[str, ...], error: ValidationError, keys: tuple[str, ...] = ()) -> list[str]:
    """Return one line for each key that is wrong, in the order of the document; `keys` are those of a part's table."""
    mistakes: dict[tuple[str, ...], list[str]] = {}
    for details in error.errors(include_url=False, include_context=True):
        path = _path(sources.merged, (*above, *(str(key) for key in details["loc"])))
        message = _sentence(details["type"], details["msg"], details["input"], details.get("ctx", {}))
        if details["type"] == "extra_forbidden":
            message = f"there is no such key; {did_you_mean(path[-1], keys or known_keys(path[:-1]))}"
        if message not in mistakes.setdefault(path, []):
            mistakes[path].append(message)
    return [sources.problem(path, _either(messages)) for path, messages in mistakes.items()]


def _either(messages: list[str]) -> str:
    """Join the mistakes of one key that may be of several types."""
    first, *rest = messages
    return ", or ".join([first, *(message.partition("; ")[2] or message for message in rest)])


def _not_among(value: object, wish: str) -> str:
    words = re.findall(r"'([^']*)'", wish)
    near = nearest_name(str(value), words)
    return f"{shown(value)} is unknown; write {wish}" + ("" if near is None else f" (did you mean {near}?)")


def _path(tree: object, path: tuple[str, ...]) -> tuple[str, ...]:
    """Cut a location of pydantic down to the keys of the document."""
    keys = []
    for key in path:
        if not isinstance(tree, dict):
            break
        keys.append(key)
        tree = tree.get(key)
    return tuple(keys)


def _sentence(kind: str, message: str, value: object, context: Mapping[str, Any]) -> str:
    if kind == "value_error":
        return message.removeprefix("Value error, ")
    if kind == "missing":
        return "it is missing"
    if kind == "literal_error":
        return _not_among(value, str(context["expected"]))
    kinds = {
        "int_type": "a whole number",
        "bool_type": "true or false",
        "string_type": "text",
        "tuple_type": "a list",
        "model_type": "a table",
        "mapping_type": "a table",
        "dict_type": "a table",
    }.get(kind)
    if kinds is not None:
        return f"{kinds} is needed, not {shown(value)}"
    return f"{message[:1].lower()}{message[1:]}, not {shown(value)}"
