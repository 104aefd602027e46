"""`flag show`, `flag legacy`, `flag shadow` and `flag elite`: which sizer answers."""

from __future__ import annotations

import typer

from elite_sizer.cli.command import command
from elite_sizer.cli.common_options import Common
from elite_sizer.cli.reply import FLAG_SCHEMA, Reply
from elite_sizer.configuration.flag import FLAG, FlagReader, write_flag
from elite_sizer.configuration.stop_file import stopped
from elite_sizer.model.outcome import FlagValue
from portfolio.errors import ConfigError

flag = typer.Typer(
    help="Show or switch which sizer answers; a running bot sees it with its next decision.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@flag.command("show")
@command
def show(common: Common) -> Reply:
    """Say which sizer answers, and which place says so.

    Example: elite-sizer flag show --json
    """
    settings = common.settings()
    reading = FlagReader(settings.folder).read(settings)
    stop = stopped(settings.folder)
    if reading.flag is None:
        raise ConfigError(reading.refusal.detail if reading.refusal else "the flag can't be read")
    data = {
        "schema": FLAG_SCHEMA,
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
    settings = common.settings()
    path = write_flag(settings.folder, FlagValue(to))
    now = FlagReader(settings.folder).read(settings).flag
    value, source = (to, "flag file") if now is None else (now.value, now.source)
    if value != to:
        common.console.say(f"The {source} says {value} and goes before the flag file.")
    data = {"schema": FLAG_SCHEMA, "flag": {"value": value, "source": source}, "file": str(path)}
    return Reply(0, data, [f"flag   {value} ({source})", f"file   {path}"])


@flag.command("legacy")
@command
def legacy(common: Common) -> Reply:
    """Roll back: the legacy sizer answers, the elite one is not even loaded."""
    return _switch(common, "legacy")


@flag.command("shadow")
@command
def shadow(common: Common) -> Reply:
    """Compare: the legacy sizer answers, and the elite one is recorded beside it."""
    return _switch(common, "shadow")


@flag.command("elite")
@command
def elite(common: Common) -> Reply:
    """Let the elite sizer answer, with the legacy one recorded beside it."""
    return _switch(common, "elite")
