"""Load a factor, a cap or a sizer by its dotted path, when it is used and not before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import is_dataclass
from importlib import import_module
from typing import Any

from portfolio.errors import ConfigError
from portfolio.nearest_name import unknown_name


def load_object(path: str) -> Any:  # noqa: ANN401 - whatever the path names
    """Return what `module:name` names, the syntax of our registries and of a caller's own legacy sizer.

    Raises ConfigError where the module or the name can't be found.
    """
    module, _, name = path.partition(":")
    if not module or not name:
        message = f"{path!r} is no dotted path. Write module:function."
        raise ConfigError(message)
    try:
        return getattr(import_module(module), name)
    except (ImportError, AttributeError) as error:
        message = f"{path!r} can't be loaded: {error}. Check the name and that its folder is on the Python path."
        raise ConfigError(message) from error


def find(registry: Mapping[str, str], name: str, kind: str) -> str:
    """Return the dotted path of a registered name; an unknown one raises ConfigError with the nearest."""
    try:
        return registry[name]
    except KeyError:
        raise ConfigError(unknown_name(name, registry, kind)) from None


def build(registry: Mapping[str, str], name: str, kind: str, settings: Mapping[str, Any]) -> Any:  # noqa: ANN401
    """Return the registered callable; a dataclass is made from its settings, a plain function takes none."""
    made = load_object(find(registry, name, kind))
    if isinstance(made, type) and is_dataclass(made):
        return made(**settings)
    if settings:
        message = f"{kind} {name!r} has no settings, but {', '.join(settings)} was given."
        raise ConfigError(message)
    return made
