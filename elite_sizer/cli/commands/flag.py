"""`flag`, `halt` and `resume`: which sizer answers, and whether new entries are stopped at all."""

from __future__ import annotations

from typing import Final

import typer

from elite_sizer.cli.options import Common, Reply, command
from portfolio.errors import ConfigError

SCHEMA: Final = "elite-sizer/flag/1"

group = typer.Typer(
    help="Show or switch which sizer answers; a running bot sees it with its next decision.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


def add(app: typer.Typer) -> None:
    """Put the commands under their names."""
    app.add_typer(group, name="flag")


@group.command("show")
@command
def show(common: Common) -> Reply:
    """Say which sizer answers, and which place says so.

    Example: elite-sizer flag show --json
    """
    from elite_sizer.configuration.flag import FLAG, FlagReader  # noqa: PLC0415
    from elite_sizer.configuration.stop_file import stopped  # noqa: PLC0415

    settings = common.settings()
    reading = FlagReader(settings.folder).read(settings)
    stop = stopped(settings.folder)
    if reading.flag is None:
        raise ConfigError(reading.refusal.detail if reading.refusal else "the flag can't be read")
    data = {
        "schema": SCHEMA,
        "flag": {"value": reading.flag.value, "source": reading.flag.source},
        "guard": settings.guard,
        "halted": None if stop is None else stop.detail,
        "file": str(settings.folder / FLAG),
    }
    lines = [
        f"flag   {reading.flag.value} ({reading.flag.source})",
        f"guard  {'on: hard caps also cut a legacy result' if settings.guard else 'off: a legacy result is untouched'}",
        f"halt   {'none' if stop is None else stop.detail}",
        f"file   {settings.folder / FLAG}",
    ]
    return Reply(0, data, lines)


def _switch(common: Common, to: str) -> Reply:
    from elite_sizer.configuration.flag import FlagReader, write_flag  # noqa: PLC0415
    from elite_sizer.model.outcome import FlagValue  # noqa: PLC0415

    settings = common.settings()
    path = write_flag(settings.folder, FlagValue(to))
    flag = FlagReader(settings.folder).read(settings).flag
    said = {"value": to, "source": "flag file"} if flag is None else {"value": flag.value, "source": flag.source}
    lines = [f"flag   {said['value']} ({said['source']})", f"file   {path}"]
    if said["value"] != to:
        common.console.say(f"The {said['source']} says {said['value']} and goes before the flag file.")
    return Reply(0, {"schema": SCHEMA, "flag": said, "file": str(path)}, lines)


@group.command("legacy")
@command
def legacy(common: Common) -> Reply:
    """Roll back: the legacy sizer answers, the elite one is not even loaded."""
    return _switch(common, "legacy")


@group.command("shadow")
@command
def shadow(common: Common) -> Reply:
    """Compare: the legacy sizer answers, and the elite one is recorded beside it."""
    return _switch(common, "shadow")


@group.command("elite")
@command
def elite(common: Common) -> Reply:
    """Let the elite sizer answer, with the legacy one recorded beside it."""
    return _switch(common, "elite")
