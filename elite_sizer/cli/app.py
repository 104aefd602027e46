"""Every command by name; what a command needs is loaded when it runs."""

from __future__ import annotations

from typing import Annotated

import typer

from elite_sizer.cli import account, batch, capture, configure, demo, doctor, headroom, records, size, switch

app = typer.Typer(
    name="elite-sizer",
    help="""How many lots to trade beside MetaTrader 5, and why.

Try it without a terminal:

    elite-sizer demo

    elite-sizer size EURUSD buy --stop-points 250 --terminal simulated

    elite-sizer size EURUSD buy --stop 1.0827 --confidence 75% --json
""",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def version(*, wanted: bool) -> None:
    """Print the version and end."""
    if wanted:
        from elite_sizer.version import VERSION  # noqa: PLC0415

        typer.echo(f"elite-sizer {VERSION}")
        raise typer.Exit


@app.callback()
def common(
    *, wanted: Annotated[bool, typer.Option("--version", callback=version, is_eager=True, help="Show it.")] = False
) -> None:
    """Take what stands before the command."""


for group in (size, batch, demo, headroom, account, doctor, records, capture, configure, switch):
    group.add(app)
