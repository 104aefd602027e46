"""`resume`: lift what stopped new entries, and record why it is safe again."""

from __future__ import annotations

from typing import Annotated

import typer

from elite_sizer.cli.command import command
from elite_sizer.cli.common_options import Common
from elite_sizer.cli.reply import FLAG_SCHEMA, Reply
from elite_sizer.configuration.stop_file import clear_stop, stopped
from elite_sizer.service.resume import lift
from portfolio.errors import ConfigError
from portfolio.reasons import HALTED


@command
def resume(
    common: Common,
    *,
    reason: Annotated[str, typer.Option("--reason", help="Why it is safe again; it is kept on record.")],
) -> Reply:
    """Lift the halt and everything that latched, and keep on record why.

    Example: elite-sizer resume --reason "news are over"
    """
    if not reason.strip():
        message = "A halt is lifted for a reason. Give --reason TEXT."
        raise ConfigError(message)
    settings = common.settings()
    lifted_names = lift(settings, reason.strip(), common.time_of_call())
    if clear_stop(settings.folder):
        lifted_names = ["the STOP file", *lifted_names]
    stop = stopped(settings.folder)
    if stop is not None:
        return Reply(HALTED, {"schema": FLAG_SCHEMA, "halted": stop.detail}, [f"Still halted: {stop.detail}"])
    data = {"schema": FLAG_SCHEMA, "halted": None, "lifted": lifted_names, "reason": reason}
    return Reply(0, data, [f"lifted  {halt}" for halt in lifted_names] or ["Nothing was halted."])
