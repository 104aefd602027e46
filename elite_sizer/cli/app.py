"""Every command by name; only the one that is asked for is loaded, and all of them where help or completion is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from types import MappingProxyType
from typing import Annotated, Final

import typer

MODULES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "size": "size",
        "size-batch": "size_batch",
        "order": "order",
        "demo": "demo",
        "headroom": "headroom",
        "status": "status",
        "performance": "performance",
        "doctor": "doctor",
        "audit": "audit",
        "journal": "journal",
        "verify": "journal",
        "compare": "compare",
        "record": "record",
        "config": "config",
        "flag": "flag",
        "halt": "halt",
        "resume": "halt",
    }
)
"""Where each command stands, in the order in which help lists them."""

HELP: Final = """How many lots to trade beside MetaTrader 5, and why.

Try it without a terminal:

    elite-sizer demo

    elite-sizer size EURUSD buy --stop-points 250 --terminal simulated

    elite-sizer size EURUSD buy --stop 1.0827 --confidence 75% --json
"""


def application(words: Sequence[str]) -> typer.Typer:
    """Return the command line with the command that `words` begin with, or with all commands."""
    app = typer.Typer(
        name="elite-sizer",
        help=HELP,
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(common)
    asked = MODULES.get(words[0]) if words else None
    for module in [asked] if asked else dict.fromkeys(MODULES.values()):
        import_module(f"elite_sizer.cli.commands.{module}").add(app)
    return app


def common(
    *,
    wanted: Annotated[
        bool, typer.Option("--version", callback=lambda value: version(wanted=value), is_eager=True, help="Show it.")
    ] = False,
) -> None:
    """Take what stands before the command."""


def version(*, wanted: bool) -> None:
    """Print the version and end."""
    if wanted:
        from elite_sizer.version import VERSION  # noqa: PLC0415

        typer.echo(f"elite-sizer {VERSION}")
        raise typer.Exit
