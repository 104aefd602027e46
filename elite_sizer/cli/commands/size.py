"""`size`: how many lots, and why; nothing is traded, and nothing is reserved without --reserve."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from elite_sizer.cli.command import command
from elite_sizer.cli.common_options import Common
from elite_sizer.cli.idea_options import IdeaOptions
from elite_sizer.cli.reply import QUOTE, Reply
from elite_sizer.display.breakdown import lines
from elite_sizer.journal.decision_json import to_json
from elite_sizer.journal.read_only import ReadOnlyRecorder
from elite_sizer.service.sizer import Sizer
from portfolio.errors import ConfigError

_RECORD: Final = "Answer"


@command
def size(
    common: Common,
    idea: IdeaOptions,
    *,
    reserve: Annotated[
        bool, typer.Option("--reserve", help="Hold the room for a minute.", rich_help_panel=_RECORD)
    ] = False,
    also: Annotated[
        str, typer.Option(help="Sizers to show beside, as kelly_atr,dual_cap.", rich_help_panel=_RECORD)
    ] = "",
    no_log: Annotated[bool, typer.Option("--no-log", help="Keep no record of it.", rich_help_panel=_RECORD)] = False,
) -> Reply:
    """Say how many lots to trade, and why.

    For example:

      elite-sizer size EURUSD buy --stop 1.0827 --confidence 75%

      elite-sizer size XAUUSD sell --atr-stop 2 --rr 2 --json

      elite-sizer size US30.cash buy --stop-points 900 --recording case.json

      elite-sizer size EURUSD sell --reduce 123456
    """
    beside = tuple(name.strip() for name in also.split(",") if name.strip())
    if no_log and reserve:
        message = "A hold that is not written holds nothing. Give one of --reserve and --no-log."
        raise ConfigError(message)
    with Sizer.from_config(common.config, now=common.fixed_time, options=common.options()) as sizer:
        if no_log:
            sizer.recorder = ReadOnlyRecorder.of(sizer.recorder)
        decision = sizer.size(idea.trade_idea(), reserve=reserve, also=beside, ttl=QUOTE)
    console = common.console
    if console.json:
        return Reply(decision.exit_code, to_json(decision), ())
    return Reply(decision.exit_code, {}, lines(decision, width=console.width, glyphs=console.glyphs))
