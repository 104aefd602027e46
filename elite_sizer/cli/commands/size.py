"""`size`: how many lots, and why; nothing is traded, and nothing is reserved unless you say so."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Final

import typer

from elite_sizer.cli.idea_options import (
    AtrStop,
    AtrTarget,
    Confidence,
    Conviction,
    Entry,
    FlatBy,
    HoldWord,
    Multiplier,
    OrderKind,
    RegimeName,
    RewardToRisk,
    Score,
    SideWord,
    SignalId,
    Stop,
    StopPoints,
    Symbol,
    Target,
    Text,
    Timeframe,
)
from elite_sizer.cli.options import Common, Reply, command
from portfolio.errors import ConfigError

QUOTE: Final = timedelta(seconds=60)
"""How long an answer for a person stands; a bot's own is shorter."""

_RECORD: Final = "Answer"


def add(app: typer.Typer) -> None:
    """Put the command under its name."""
    app.command("size")(size)


@command
def size(
    common: Common,
    symbol: Symbol,
    side: SideWord,
    *,
    stop: Stop = None,
    stop_points: StopPoints = None,
    atr_stop: AtrStop = None,
    target: Target = None,
    rr: RewardToRisk = None,
    atr_target: AtrTarget = None,
    entry: Entry = None,
    type: OrderKind = None,  # noqa: A002 - the option's name
    confidence: Confidence = None,
    score: Score = None,
    conviction: Conviction = None,
    regime: RegimeName = None,
    timeframe: Timeframe = "H1",
    multiplier: Multiplier = None,
    hold: HoldWord = None,
    flat_by: FlatBy = None,
    legacy_lots: Annotated[Text, typer.Option(help="What your own sizer says, to compare.")] = None,
    signal_id: SignalId = None,
    reduce: Annotated[int | None, typer.Option(help="Ticket to close, against its side.")] = None,
    volume: Annotated[Text, typer.Option(help="Lots to close; without it all.")] = None,
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
    from elite_sizer.request.idea import TradeIdea  # noqa: PLC0415
    from elite_sizer.service.sizer import Sizer  # noqa: PLC0415 - help and completion need none of it

    idea = TradeIdea(
        symbol,
        side,
        stop=stop,
        stop_points=stop_points,
        atr_stop=atr_stop,
        entry=entry,
        type=type,
        target=target,
        rr=rr,
        atr_target=atr_target,
        confidence=confidence,
        score=score,
        conviction=conviction,
        regime=regime,
        timeframe=timeframe,
        hold=hold,
        flat_by=flat_by,
        multiplier=multiplier,
        legacy_lots=legacy_lots,
        signal_id=signal_id,
        reduce=reduce,
        volume=volume,
    )
    beside = tuple(name.strip() for name in also.split(",") if name.strip())
    if no_log and reserve:
        message = "A hold that is not written holds nothing. Give one of --reserve and --no-log."
        raise ConfigError(message)
    with Sizer.from_config(common.config, now=common.moment, options=common.options()) as sizer:
        if no_log:
            from elite_sizer.journal.read_only import ReadOnlyRecorder  # noqa: PLC0415

            sizer.recorder = ReadOnlyRecorder.of(sizer.recorder)
        decision = sizer.size(idea, reserve=reserve, also=beside, ttl=QUOTE)
    if common.console.json:
        from elite_sizer.journal.decision_json import to_json  # noqa: PLC0415

        return Reply(decision.exit_code, to_json(decision), ())
    from elite_sizer.display.breakdown import lines  # noqa: PLC0415

    return Reply(decision.exit_code, {}, lines(decision, width=common.console.width, glyphs=common.console.glyphs))
