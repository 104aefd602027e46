"""Layers of a configuration, strongest first: option, environment, file, profile, default; and each value's layer.

Layers are merged table by table; a list replaces a list as a whole.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, NamedTuple

from elite_sizer.configuration.document.values import read
from portfolio.errors import ConfigError

Tree = dict[str, Any]

PREFIX: Final = "ELITE_SIZER_"
APART: Final = frozenset(("ELITE_SIZER_SIZER", "ELITE_SIZER_CONFIG", "ELITE_SIZER_SHARED"))
"""The flag is read anew for each decision, the path before any layer; the last is where tests find market data."""

SHORT: Final[Mapping[str, str]] = {
    "initial": "account.initial",
    "rules": "account.rules",
    "login": "account.login",
    "day_start": "account.day_start",
    "terminal": "terminal.name",
    "recording": "terminal.recording",
    "store": "store.path",
}
"""Short names of options and variables that hold no table."""

DEFAULT: Final = "default"
PROFILE: Final = "profile"


class Layer(NamedTuple):
    """One source of settings: its name as a user reads it, its values, and the text in which a line is searched."""

    name: str
    values: Tree
    kind: str = "file"
    text: str = ""


@dataclass(frozen=True, slots=True)
class Sources:
    """All layers, weakest first, and their merged values; `origins` names the layer of each dotted key."""

    layers: tuple[Layer, ...]
    merged: Tree
    origins: Mapping[str, Layer]

    def problem(self, path: Sequence[str], message: str) -> str:
        """Return one line about a key: file, line where a search finds it, table, key, what is wrong."""
        layer = self.layer(path)
        *table, key = path
        if layer.kind == "environment":
            return f"environment, {PREFIX}{'__'.join(path).upper()}: {message}."
        where = f"[{'.'.join(table)}] {key}" if table else key
        line = line_of(layer.text, path) if layer.text else None
        return f"{layer.name}{'' if line is None else f', line {line}'}, {where}: {message}."

    def layer(self, path: Sequence[str]) -> Layer:
        """Return the strongest layer with a value at or under a key."""
        return next((layer for layer in reversed(self.layers) if _has(layer.values, path)), self.layers[0])


def merge_layers(layers: Sequence[Layer]) -> Sources:
    """Merge layers, weakest first: the last that has a value wins."""
    tree: Tree = {}
    origins: dict[str, Layer] = {}
    for layer in layers:
        tree = _over(tree, layer.values)
        origins |= {".".join(path): layer for path, _ in leaves(layer.values)}
    in_force = {".".join(path) for path, _ in leaves(tree)}
    return Sources(tuple(layers), tree, {key: layer for key, layer in origins.items() if key in in_force})


def split_key(path: str) -> tuple[str, ...]:
    """Return the tables and the key of a dotted key; a part of your own, `module:name`, is one table."""
    if split := _OWN_PART.fullmatch(path):
        return (split[1], split[2], *split[3].split(".")[1:])
    return tuple(path.split("."))


def leaves(tree: Mapping[str, Any], above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield every path and value that is no table."""
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from leaves(value, (*above, key))
        else:
            yield (*above, key), value


def file_layer(path: Path, name: str | None = None, kind: str = "file") -> Layer:
    """Read one TOML file; ConfigError says what is wrong and where."""
    name = name or str(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
        return Layer(name, _tree(tomllib.loads(text, parse_float=Decimal)), kind, text)
    except tomllib.TOMLDecodeError as error:
        message = f"{name} is no TOML: {error}.{_hint(path)}"
        raise ConfigError(message) from error
    except UnicodeDecodeError as error:
        message = f"{name} is not written in UTF-8 (byte {error.start}). Save it as UTF-8."
        raise ConfigError(message) from error
    except OSError as error:
        message = f"{name} can't be read: {error.strerror or error}."
        raise ConfigError(message) from error


def environment_layer(environment: Mapping[str, str]) -> Layer | None:
    """Return the values of ELITE_SIZER_TABLE__KEY variables; None where there are none."""
    values: Tree = {}
    for name, text in sorted(environment.items()):
        if name.startswith(PREFIX) and name not in APART:
            _set(values, name.removeprefix(PREFIX).lower().replace("__", "."), _spelled(text))
    return Layer("environment", values, "environment") if values else None


def option_layer(options: Mapping[str, object]) -> Layer | None:
    """Return the values of options; keys are dotted, with double underscores, or short; None is not given."""
    values: Tree = {}
    for name, value in options.items():
        if value is not None:
            _set(values, name.replace("__", "."), read(str(value) if isinstance(value, Path) else value))
    return Layer("option", values, "option") if values else None


def _tree(values: Mapping[str, Any]) -> Tree:
    return {key: read(value) for key, value in values.items()}


def _over(below: Tree, above: Tree) -> Tree:
    tree = dict(below)
    for key, value in above.items():
        under = tree.get(key)
        tree[key] = _over(under, value) if isinstance(under, dict) and isinstance(value, dict) else value
    return tree


def _set(tree: Tree, path: str, value: object) -> None:
    if path in SHORT and not isinstance(value, dict):
        path = SHORT[path]
    *tables, key = split_key(path)
    for name in tables:
        tree = tree.setdefault(name, {})
    tree[key] = value


def _spelled(text: str) -> object:
    """Read a variable as TOML spells values; anything else is text."""
    try:
        return read(tomllib.loads(f"value = {text}", parse_float=Decimal)["value"])
    except tomllib.TOMLDecodeError:
        return read(text)


def _has(tree: object, path: Sequence[str]) -> bool:
    for key in path:
        if not isinstance(tree, dict) or key not in tree:
            return False
        tree = tree[key]
    return True


_OWN_PART: Final = re.compile(r"(caps|factors|sizers)\.([\w.]+:\w+)((?:\.\w+)*)")
_HEADER: Final = re.compile(r"\s*\[\[?([^\]]+)\]\]?\s*(?:#.*)?")
_KEY: Final = re.compile(r"\s*([\w.\-\"' ]+?)\s*=")


def line_of(text: str, path: Sequence[str]) -> int | None:
    """Return the line of a key in a TOML text, or of the table that holds it."""
    key, table, nearest = ".".join(path), "", None
    for count, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.fullmatch(line):
            table = _bare(header[1])
            if key == table or key.startswith(table + "."):
                nearest = count
        elif name := _KEY.match(line):
            here = f"{table}.{_bare(name[1])}" if table else _bare(name[1])
            if here == key:
                return count
            if key.startswith(here + "."):
                nearest = count
    return nearest


def _bare(path: str) -> str:
    return re.sub(r"[\"']|\s*(?=\.)|(?<=\.)\s*", "", path.strip())


def _hint(path: Path) -> str:
    """Explain the two mistakes that Windows paths and bare percentages make."""
    text = path.read_text(encoding="utf-8-sig")
    if re.search(r"=\s*\"[A-Za-z]:\\", text):
        return r" Write a Windows path in single quotes: 'C:\folder'."
    if re.search(r"=\s*[\d.]+\s*%", text):
        return ' Write a percentage in quotes: "1.1%".'
    return ""
