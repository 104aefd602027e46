"""Folder of the shipped configuration: inside the installed package, or beside it in a checkout."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from portfolio.errors import ConfigError

DEFAULTS = "defaults.toml"


@lru_cache(maxsize=1)
def config_dir() -> Path:
    """Return the folder of the defaults, the profiles and the firms' rules.

    An installed package carries it as `elite_sizer/_config`; an editable install and a checkout have it beside the
    package, which counts only where the defaults are in it. Raises ConfigError where it is in neither place.
    """
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "_config", package.parent / "config"):
        if (folder / DEFAULTS).is_file():
            return folder
    message = f"The shipped configuration is missing beside {package}. Install the package again."
    raise ConfigError(message)
