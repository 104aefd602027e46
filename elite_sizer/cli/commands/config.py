"""`config show`, `config check` and `config init`: each value with its origin, every mistake, a file to begin with."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final

import typer

from elite_sizer.cli.command import command
from elite_sizer.cli.common_options import Common
from elite_sizer.cli.reply import Reply
from elite_sizer.configuration import settings as configuration
from elite_sizer.configuration.document.layers import DEFAULT
from elite_sizer.configuration.document.values import shown
from elite_sizer.configuration.part_defaults import complete, values_in_force
from elite_sizer.configuration.settings import load
from elite_sizer.configuration.shipped import DEFAULTS, config_dir
from elite_sizer.reports.first_trade import base_in_force
from portfolio.errors import ConfigError
from portfolio.nearest_name import did_you_mean

config = typer.Typer(help="Show, check or begin a configuration.", no_args_is_help=True, rich_markup_mode=None)

SCHEMA: Final = "elite-sizer/config/1"

_OPEN_STOP: Final = ("deny", "gap")
_HEADER: Final = re.compile(r"\[[\w.]+\].*")
_KEY: Final = re.compile(r"(\w+) = ")


@config.command("show")
@command
def show(
    common: Common,
    table: Annotated[str, typer.Argument(help="Only this table or key, as caps.per_trade.", show_default=False)] = "",
) -> Reply:
    """Print every value in force and where it came from.

    Example: elite-sizer config show caps
    """
    settings = common.settings()
    values = values_in_force(settings)
    settings_under = {key: value for key, value in values.items() if _under(key, table)}
    if not settings_under:
        message = f"Nothing in the configuration is called {table!r}; {did_you_mean(table, _tables(values))}"
        raise ConfigError(message)
    origins = dict.fromkeys(values, DEFAULT) | settings.origins
    width = max(len(key) for key in settings_under)
    base = base_in_force(settings, common.time_of_call())
    data = {
        "schema": SCHEMA,
        "digest": settings.digest,
        "base": base,
        "values": {key: {"value": value, "origin": origins.get(key)} for key, value in settings_under.items()},
    }
    rows = [f"{key:<{width}}  {_as_text(value)}  ({origins.get(key)})" for key, value in settings_under.items()]
    return Reply(0, data, [*rows, "", f"base    {base}", f"digest  {settings.digest}"])


@config.command("check")
@command
def check(common: Common) -> Reply:
    """Read the whole configuration, also what is switched off, and list every mistake.

    Example: elite-sizer config check --config elite-sizer.toml
    """
    settings = common.settings()
    mistakes = configuration.check(settings)
    try:
        _ = settings.firm_rules
    except ConfigError as error:
        mistakes.append(settings.sources.problem(("account", "rules"), str(error)))
    if mistakes:
        raise ConfigError("\n".join(mistakes))
    files = [str(path) for path in settings.files if path.is_file()]
    data = {"schema": SCHEMA, "digest": settings.digest, "files": files, "problems": []}
    return Reply(0, data, [f"ok  {path}" for path in files] + [f"ok  {settings.digest}"])


@config.command("init")
@command
def init(
    common: Common,
    path: Annotated[Path, typer.Argument(help="The file to write.")] = Path("elite-sizer.toml"),
    *,
    open_stop: Annotated[str | None, typer.Option(help="deny or gap: what a trade without a stop does.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the file.")] = False,
) -> Reply:
    """Write a configuration with every key in it, each switched off but what you choose.

    Example: elite-sizer config init --rules ftmo_2step --initial 100000 --open-stop deny
    """
    if path.exists() and not force:
        message = f"{path} is there already. Give another name, or --force."
        raise ConfigError(message)
    without_stop = open_stop or _ask_open_stop()
    if without_stop not in _OPEN_STOP:
        message = f"--open-stop {without_stop!r} is neither deny nor gap."
        raise ConfigError(message)
    answers: dict[str, object] = {"profile": common.profile, "account.rules": common.rules}
    answers |= {"policy.open_stop": without_stop, "account.initial": common.options().get("initial")}
    load(options=common.options(), environment={}, folder=path.parent, user_file=path)
    text = template(complete((config_dir() / DEFAULTS).read_text(encoding="utf-8")), answers)
    path.write_text(text, encoding="utf-8", newline="\n")
    return Reply(0, {"schema": SCHEMA, "file": str(path)}, [f"wrote {path}; look at it with: elite-sizer config show"])


def template(defaults: str, answers: Mapping[str, object]) -> str:
    """Return the shipped defaults with every key commented out but those that were answered."""
    table, lines = "", []
    for line in _body(defaults):
        if _HEADER.fullmatch(line):
            table = line.partition("]")[0].lstrip("[")
            lines.append(line)
            continue
        key = _KEY.match(line.removeprefix("# "))
        value = answers.get(f"{table}.{key[1]}" if table else key[1]) if key else None
        if key and value is not None:
            comment = line.partition("#")[2] if not line.startswith("#") else ""
            lines.append(f"{key[1]} = {_as_toml(value)}" + (f"  #{comment}" if comment else ""))
        else:
            lines.append(f"# {line}" if line and not line.startswith("#") else line)
    return "\n".join(["# Your elite-sizer configuration; take away the # of what you change.", "", *lines, ""])


def _body(defaults: str) -> list[str]:
    """Return the defaults without the comment at the top that says not to edit them."""
    lines = defaults.splitlines()
    first = next(count for count, line in enumerate(lines) if line and not line.startswith("#"))
    return lines[first:]


def _as_toml(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)


def _ask_open_stop() -> str:
    """Ask how a position without a stop is treated; without a keyboard it denies new entries."""
    if not sys.stdin.isatty():
        return _OPEN_STOP[0]
    return str(
        typer.prompt(
            "A position without a stop can lose without bound. Deny new entries while there is one (deny), or charge "
            "it three daily ATRs (gap)?",
            default=_OPEN_STOP[0],
            err=True,
        )
    )


def _under(key: str, table: str) -> bool:
    return not table or key == table or key.startswith(table + ".")


def _tables(values: Mapping[str, object]) -> list[str]:
    """Return every table and key by which values can be shown."""
    names: dict[str, None] = {}
    for key in values:
        parts = key.split(".")
        names |= dict.fromkeys(".".join(parts[:count]) for count in range(1, len(parts) + 1))
    return list(names)


def _as_text(value: object) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_as_text(item) for item in value) + "]"
    return shown(value)
