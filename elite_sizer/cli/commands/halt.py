"""`halt`: stop new entries; it needs no terminal and no database, so it works when they don't."""

from __future__ import annotations

from typing import Annotated

import typer

from elite_sizer.cli.command import command
from elite_sizer.cli.common_options import Common
from elite_sizer.cli.reply import FLAG_SCHEMA, Reply
from elite_sizer.configuration.stop_file import write_stop


@command
def halt(
    common: Common,
    *,
    reason: Annotated[str, typer.Option("--reason", help="Shown with every refusal.")] = "by hand",
) -> Reply:
    """Stop all new entries now, whatever the sizer; exits stay free. It needs no terminal and no database.

    Example: elite-sizer halt --reason "news day"
    """
    settings = common.settings()
    path = write_stop(settings.folder, f"{common.time_of_call():%Y-%m-%dT%H:%M:%SZ} {reason}")
    data = {"schema": FLAG_SCHEMA, "halted": reason, "file": str(path)}
    lines = [f"New entries are halted: {reason}", f"file   {path}", "undo   elite-sizer resume --reason TEXT"]
    return Reply(0, data, lines)
