"""Every command by name; a command's file is loaded when it is called or its own help is asked for, not before."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Final, cast

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command, get_group

from elite_sizer.version import VERSION

if TYPE_CHECKING:
    # typer carries a click of its own; older ones used the package
    from typer._click import Command, Context

COMMANDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "size": "Say how many lots to trade, and why.",
        "size-batch": "Share the day's exposure among several signals, best first, and size each.",
        "order": "Size a trade and send it with its stop and target; needs orders.enabled = true, and your yes.",
        "demo": "Show a trading day on a paper account: sizes, cuts, refusals, a halt, and the record of it all.",
        "headroom": (
            "Say how far an account is above its floors; from options, or from a JSON scenario on standard input."
        ),
        "status": "Show the distance to every floor, what each open trade risks, and whether anything stops a new one.",
        "performance": "Show how the account has traded, and what that does to the next size.",
        "doctor": (
            "Check the program, the configuration, the records, the terminal and its symbols, and say what to do."
        ),
        "audit": "Compare positions, pending orders and deals with the record; exits 6 where anything is found.",
        "journal": "List the last decisions, one line each.",
        "verify": "Compute journaled decisions again, byte for byte, and name those that come out differently.",
        "compare": (
            "Show how often both agree, how their lots compare, what bound them, and the money at risk between them."
        ),
        "record": "Capture the account, the book and the named symbols, so that a size can be reproduced anywhere.",
        "halt": "Stop all new entries now, whatever the sizer; exits stay free. It needs no terminal and no database.",
        "resume": "Lift the halt and everything that latched, and keep on record why.",
        "config": "Show, check or begin a configuration.",
        "flag": "Show or switch which sizer answers; a running bot sees it with its next decision.",
    }
)
"""The first line of each command's help, in the order in which help lists them.

A command is in the file of its name, as a function or a group of its name: `size-batch` is `size_batch` in
`commands/size_batch.py`.
"""

HELP: Final = """How many lots to trade beside MetaTrader 5, and why.

Try it without a terminal:

    elite-sizer demo

    elite-sizer size EURUSD buy --stop-points 250 --terminal simulated

    elite-sizer size EURUSD buy --stop 1.0827 --confidence 75% --json
"""


class LazyGroup(TyperGroup):
    """Lists commands by their line of help, and loads the file of the one that is called."""

    def resolve_command(self, ctx: Context, args: list[str]) -> tuple[str | None, Command | None, list[str]]:
        """Return the command that is called, loaded, and the words after it."""
        name, _, rest = super().resolve_command(ctx, args)
        return name, None if name is None else load(name), rest


def application() -> TyperGroup:
    """Return the command line."""
    app = typer.Typer(
        name="elite-sizer",
        cls=LazyGroup,
        help=HELP,
        no_args_is_help=True,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(common)
    group = cast("TyperGroup", get_command(app))
    for name, line in COMMANDS.items():
        group.add_command(TyperCommand(name, help=line))
    return group


def load(name: str) -> Command:
    """Return a command from its file."""
    word = name.replace("-", "_")
    body = getattr(import_module(f"elite_sizer.cli.commands.{word}"), word)
    app = typer.Typer(rich_markup_mode=None)
    if isinstance(body, typer.Typer):
        app.add_typer(body, name=name)
    else:
        app.command(name)(body)
    return get_group(app).commands[name]


def common(
    *,
    version: Annotated[
        bool,
        typer.Option("--version", callback=lambda value: print_version(show=value), is_eager=True, help="Show it."),
    ] = False,
) -> None:
    """Take the options that are written before the command."""


def print_version(*, show: bool) -> None:
    """Print the version and end, where it is asked for."""
    if show:
        typer.echo(f"elite-sizer {VERSION}")
        raise typer.Exit
