"""Turns a name from the configuration into the factor, cap or sizer it stands for, when it is used and not before.

A registry (`elite_sizer.caps.CAPS` and the like) maps names to dotted paths, `module:name`; `find` looks a name up and
`load_object` imports the path. The same syntax names a module of the user's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from elite_sizer.model.plugin import error_text
from portfolio.errors import ConfigError
from portfolio.nearest_name import unknown_name


def load_object(path: str) -> Any:  # noqa: ANN401 - whatever the path names
    """Return the class or function that `module:name` names; ConfigError where it can't be found or imported."""
    module, _, name = path.partition(":")
    if not module or not name:
        message = f"{path!r} is no dotted path. Write module:function."
        raise ConfigError(message)
    try:
        return getattr(import_module(module), name)
    except (ImportError, AttributeError) as error:
        message = f"{path!r} can't be loaded: {error}. Check the name and that its folder is on the Python path."
        raise ConfigError(message) from error
    except (Exception, SystemExit) as error:
        message = f"{path!r} can't be loaded: {error_text(error)}. Mend the module, or name another."
        raise ConfigError(message) from error


def find(registry: Mapping[str, str], name: str, kind: str) -> str:
    """Return the dotted path of a registered name; an unknown one raises ConfigError with the nearest."""
    try:
        return registry[name]
    except KeyError:
        raise ConfigError(unknown_name(name, registry, kind)) from None
