"""`config show`, `config check` and `config init`: what holds, where it came from, and a file to begin with."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import typer

from elite_sizer.cli.options import Common, Reply, command
from portfolio.errors import ConfigError

group = typer.Typer(help="Show, check or begin a configuration.", no_args_is_help=True, rich_markup_mode=None)

SCHEMA: Final = "elite-sizer/config/1"

_OPEN_STOP: Final = ("deny", "gap")
_HEADER: Final = re.compile(r"\[[\w.]+\].*")
_KEY: Final = re.compile(r"(\w+) = ")


def add(app: typer.Typer) -> None:
    """Put the commands under `config`."""
    app.add_typer(group, name="config")


@group.command("show")
@command
def show(
    common: Common,
    table: Annotated[str, typer.Argument(help="Only this table or key, as caps.per_trade.", show_default=False)] = "",
) -> Reply:
    """Print every value in force and where it came from.

    Example: elite-sizer config show caps
    """
    from elite_sizer.reports.first_trade import base_in_force  # noqa: PLC0415
    from portfolio.nearest_name import did_you_mean  # noqa: PLC0415

    settings = common.settings()
    wanted = {key: value for key, value in settings.values.items() if _under(key, table)}
    if not wanted:
        message = f"Nothing in the configuration is called {table!r}; {did_you_mean(table, _tables(settings.values))}"
        raise ConfigError(message)
    origins = settings.origins
    width = max(len(key) for key in wanted)
    base = base_in_force(settings, common.moment or datetime.now(UTC))
    data = {
        "schema": SCHEMA,
        "digest": settings.digest,
        "base": base,
        "values": {key: {"value": value, "origin": origins.get(key)} for key, value in wanted.items()},
    }
    rows = [f"{key:<{width}}  {_shown(value)}  ({origins.get(key)})" for key, value in wanted.items()]
    return Reply(0, data, [*rows, "", f"base    {base}", f"digest  {settings.digest}"])


@group.command("check")
@command
def check(common: Common) -> Reply:
    """Read the whole configuration, also what is switched off, and list every mistake.

    Example: elite-sizer config check --config elite-sizer.toml
    """
    from elite_sizer.configuration.settings import check as mistakes  # noqa: PLC0415

    settings = common.settings()
    found = mistakes(settings)
    try:
        _ = settings.firm_rules
    except ConfigError as error:
        found.append(settings.sources.problem(("account", "rules"), str(error)))
    if found:
        raise ConfigError("\n".join(found))
    files = [str(path) for path in settings.files if path.is_file()]
    data = {"schema": SCHEMA, "digest": settings.digest, "files": files, "problems": []}
    return Reply(0, data, [f"ok  {path}" for path in files] + [f"ok  {settings.digest}"])


@group.command("init")
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
    from elite_sizer.configuration.settings import load  # noqa: PLC0415
    from elite_sizer.configuration.shipped import DEFAULTS, config_dir  # noqa: PLC0415

    if path.exists() and not force:
        message = f"{path} is there already. Give another name, or --force."
        raise ConfigError(message)
    chosen = open_stop or _ask_open_stop()
    if chosen not in _OPEN_STOP:
        message = f"--open-stop {chosen!r} is neither deny nor gap."
        raise ConfigError(message)
    said: dict[str, object] = {"profile": common.profile, "account.rules": common.rules, "policy.open_stop": chosen}
    said |= {"account.initial": common.options().get("initial")}
    load(options=common.options(), environment={}, folder=path.parent, user_file=path)
    text = template((config_dir() / DEFAULTS).read_text(encoding="utf-8"), said)
    path.write_text(text, encoding="utf-8", newline="\n")
    return Reply(0, {"schema": SCHEMA, "file": str(path)}, [f"wrote {path}; look at it with: elite-sizer config show"])


def template(defaults: str, said: Mapping[str, object]) -> str:
    """Return the shipped defaults with every key commented out but the ones that were said."""
    table, made = "", []
    for line in _body(defaults):
        if _HEADER.fullmatch(line):
            table = line.partition("]")[0].lstrip("[")
            made.append(line)
            continue
        key = _KEY.match(line.removeprefix("# "))
        value = said.get(f"{table}.{key[1]}" if table else key[1]) if key else None
        if key and value is not None:
            comment = line.partition("#")[2] if not line.startswith("#") else ""
            made.append(f"{key[1]} = {_spelled(value)}" + (f"  #{comment}" if comment else ""))
        else:
            made.append(f"# {line}" if line and not line.startswith("#") else line)
    return "\n".join(["# Your elite-sizer configuration; take away the # of what you change.", "", *made, ""])


def _body(defaults: str) -> list[str]:
    """Return the defaults without the comment at the top that says not to edit them."""
    lines = defaults.splitlines()
    first = next(count for count, line in enumerate(lines) if line and not line.startswith("#"))
    return lines[first:]


def _spelled(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)


def _ask_open_stop() -> str:
    """Ask what a trade without a stop is to do; without anybody to ask it denies."""
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
    """Return every table and key that can be asked for."""
    found: dict[str, None] = {}
    for key in values:
        parts = key.split(".")
        found |= dict.fromkeys(".".join(parts[:count]) for count in range(1, len(parts) + 1))
    return list(found)


def _shown(value: object) -> str:
    from elite_sizer.configuration.document.values import shown  # noqa: PLC0415

    if isinstance(value, list):
        return "[" + ", ".join(_shown(item) for item in value) + "]"
    return shown(value)
