"""Loads the table of prior correlations that ships with the program."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

from portfolio.errors import ConfigError
from portfolio.statistics.correlation_prior import Prior
from portfolio.statistics.correlation_table import prior_from

NAME = "correlation.toml"


def load_prior(folder: Path, pairs: Mapping[str, float] | None = None) -> Prior:
    """Return the table in `folder` (the shipped `config`), with the user's `[correlation.pairs]` over it.

    ConfigError where the file is missing, no TOML or no correlation table.
    """
    path = folder / NAME
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        message = f"{path}: the correlation table can't be read ({error}); install the program again"
        raise ConfigError(message) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        message = f"{path}: the correlation table is damaged ({error}); install the program again"
        raise ConfigError(message) from error
    return prior_from(document, pairs or {})
