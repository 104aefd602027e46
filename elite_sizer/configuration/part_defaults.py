"""Defaults that `config/defaults.toml` leaves to the dataclass of a cap, a factor or a sizer; shown with all others."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping

from elite_sizer.configuration.document.fields import setting_fields
from elite_sizer.configuration.document.layers import leaves
from elite_sizer.configuration.document.values import plain, shown
from elite_sizer.configuration.parts import PARTS
from elite_sizer.configuration.settings import Settings
from elite_sizer.sizing.registry import load_object


def values_in_force(settings: Settings) -> dict[str, object]:
    """Return every dotted key with its value: of the strongest layer, else of the part's own dataclass; loads all."""
    values = settings.values
    for table, name, default in _unstated(values):
        values |= {".".join(path): plain(value) for path, value in leaves({name: default}, (table,))}
    return values


def complete(text: str) -> str:
    """Return the text of the shipped defaults with the settings that it leaves to their dataclass in their tables."""
    for table, name, default in _unstated(".".join(path) for path, _ in leaves(tomllib.loads(text))):
        line = f"{name} = {_toml(plain(default))}\n"
        header = re.search(rf"^\[{re.escape(table)}\].*\n", text, re.MULTILINE)
        if header is None:
            text = f"{text.rstrip()}\n\n[{table}]\n{line}"
        else:
            text = text[: header.end()] + line + text[header.end() :]
    return text


def _unstated(keys: Iterable[str]) -> Iterator[tuple[str, str, object]]:
    """Give table, name and default of each setting of a part that no key states; one without a default is not set."""
    prefixes = tuple(f"{key}." for key in keys)
    for kind, registry in PARTS.items():
        for part, path in registry.items():
            for field in setting_fields(load_object(path)).values():
                default = dict(field.default) if isinstance(field.default, Mapping) else field.default
                begins = f"{kind}.{part}.{field.name}."
                if default not in (None, {}) and not any(key.startswith(begins) for key in prefixes):
                    yield f"{kind}.{part}", field.name, default


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{name} = {_toml(inner)}" for name, inner in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return shown(value)
