"""elite-sizer halt and resume: stop new entries, and lift what stopped them."""

from __future__ import annotations

from typing import Annotated

import typer

from elite_sizer.cli.commands.flag import SCHEMA
from elite_sizer.cli.options import Common, Reply, command, time_of_call
from portfolio.errors import ConfigError
from portfolio.reasons import HALTED


def add(app: typer.Typer) -> None:
    """Put the commands under their names."""
    app.command("halt")(halt)
    app.command("resume")(resume)


@command
def halt(
    common: Common,
    *,
    reason: Annotated[str, typer.Option("--reason", help="Shown with every refusal.")] = "by hand",
) -> Reply:
    """Stop all new entries now, whatever the sizer; exits stay free. It needs no terminal and no database.

    Example: elite-sizer halt --reason "news day"
    """
    from elite_sizer.configuration.stop_file import write_stop  # noqa: PLC0415

    settings = common.settings()
    path = write_stop(settings.folder, f"{time_of_call(common):%Y-%m-%dT%H:%M:%SZ} {reason}")
    data = {"schema": SCHEMA, "halted": reason, "file": str(path)}
    lines = [f"New entries are halted: {reason}", f"file   {path}", "undo   elite-sizer resume --reason TEXT"]
    return Reply(0, data, lines)


@command
def resume(
    common: Common,
    *,
    reason: Annotated[str, typer.Option("--reason", help="Why it is safe again; it is kept on record.")],
) -> Reply:
    """Lift the halt and everything that latched, and keep on record why.

    Example: elite-sizer resume --reason "news are over"
    """
    from elite_sizer.configuration.stop_file import clear_stop, stopped  # noqa: PLC0415
    from elite_sizer.service.resume import lift  # noqa: PLC0415

    if not reason.strip():
        message = "A halt is lifted for a reason. Give --reason TEXT."
        raise ConfigError(message)
    settings = common.settings()
    lifted = lift(settings, reason.strip(), time_of_call(common))
    if clear_stop(settings.folder):
        lifted = ["the STOP file", *lifted]
    still = stopped(settings.folder)
    if still is not None:
        return Reply(HALTED, {"schema": SCHEMA, "halted": still.detail}, [f"Still halted: {still.detail}"])
    data = {"schema": SCHEMA, "halted": None, "lifted": lifted, "reason": reason}
    return Reply(0, data, [f"lifted  {what}" for what in lifted] or ["Nothing was halted."])
