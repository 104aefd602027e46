"""Every setting with its type, default, unit and direction, for a reload and for the reference of the settings."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import pairwise
from types import UnionType
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel

from elite_sizer.configuration.document.fields import SettingField, setting_fields
from elite_sizer.configuration.document.layers import DEFAULT, Layer, file_layer, leaves, line_of
from elite_sizer.configuration.document.tables import Document
from elite_sizer.configuration.document.values import plain
from elite_sizer.configuration.parts import PARTS
from elite_sizer.configuration.shipped import DEFAULTS, config_dir
from elite_sizer.sizing.registry import load_object
from portfolio.errors import ConfigError


class Setting(NamedTuple):
    """One key of the configuration, as the reference prints it."""

    key: str
    type: str
    default: object
    """None where it is not set."""
    unit: str
    direction: str
    sentence: str


def field_of(path: tuple[str, ...]) -> SettingField | None:
    """Return the field that a key of the configuration fills; None where there is none, or it can't be loaded."""
    match path:
        case (kind, part, name, *_) if kind in PARTS:
            try:
                return setting_fields(load_object(PARTS[kind].get(part, part))).get(name)
            except ConfigError:
                return None
    owner: object = Document
    for name in path:
        field = setting_fields(owner).get(name)
        if field is None or not _is_table(field.hint):
            return field
        owner = field.hint
    return None


def all_settings() -> tuple[Setting, ...]:
    """Return every setting, in the order of the tables and of the registries; loads every part."""
    return tuple(_settings())


def _settings() -> Iterator[Setting]:
    layer = file_layer(config_dir() / DEFAULTS, DEFAULT, DEFAULT)
    defaults = dict(leaves(layer.values))
    for path, owner in _owners():
        sentences = _sentences(owner)
        for field in setting_fields(owner).values():
            if _is_table(field.hint) or (path == () and field.name in PARTS):
                continue
            key = (*path, field.name)
            yield Setting(
                ".".join(key),
                _type_words(field.hint),
                plain(defaults.get(key, _stated_table(defaults, key) or _unset(field))),
                "" if field.unit is None else field.unit.words,
                "" if field.direction is None else field.direction.words,
                sentences.get(field.name) or _comment(layer, key),
            )


def _owners() -> Iterator[tuple[tuple[str, ...], object]]:
    """Give every settings class with the table it is filled from: the document's own first, then the parts."""
    yield (), Document
    for field in setting_fields(Document).values():
        if _is_table(field.hint):
            yield (field.name,), field.hint
    for kind, registry in PARTS.items():
        for name, where in registry.items():
            yield (kind, name), load_object(where)


def _is_table(hint: object) -> bool:
    return isinstance(hint, type) and issubclass(hint, BaseModel)


def _stated_table(defaults: Mapping[tuple[str, ...], Any], key: tuple[str, ...]) -> dict[str, Any]:
    return {path[-1]: value for path, value in defaults.items() if path[:-1] == key}


def _unset(field: SettingField) -> object:
    return dict(field.default) if isinstance(field.default, Mapping) else field.default


def _comment(layer: Layer, key: tuple[str, ...]) -> str:
    """Return the comment behind a key of the shipped defaults."""
    number = line_of(layer.text, key)
    line = layer.text.splitlines()[number - 1] if number else ""
    return line.partition("#")[2].strip() if line.startswith(key[-1]) else ""


def _sentences(owner: object) -> dict[str, str]:
    """Return the sentence under each field of a class, which Python does not keep."""
    if not isinstance(owner, type):
        return {}
    (body,) = ast.parse(textwrap.dedent(inspect.getsource(owner))).body
    lines = body.body if isinstance(body, ast.ClassDef) else []
    return {
        line.target.id: " ".join(note.value.value.split())
        for line, note in pairwise(lines)
        if isinstance(line, ast.AnnAssign)
        and isinstance(line.target, ast.Name)
        and isinstance(note, ast.Expr)
        and isinstance(note.value, ast.Constant)
        and isinstance(note.value.value, str)
    }


_WORDS: Mapping[object, str] = {
    Decimal: "number",
    float: "number",
    int: "whole number",
    bool: "true or false",
    str: "text",
}


def _type_words(hint: object) -> str:
    """Return a type in the words of a configuration file."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _type_words(arguments[0])
    if origin is Literal:
        return ", ".join(str(word) for word in arguments)
    if origin in {Union, UnionType}:
        return " or ".join(_type_words(argument) for argument in arguments if argument is not type(None))
    if origin is tuple:
        return "list"
    if origin is not None:
        return "table"
    return _WORDS.get(hint, getattr(hint, "__name__", str(hint)))
