"""`size`: how many lots, and why; nothing is traded, and nothing is reserved unless you say so."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Final

import typer

from elite_sizer.cli.options import Common, Reply, command
from portfolio.errors import ConfigError

QUOTE: Final = timedelta(seconds=60)
"""How long an answer for a person stands; a bot's own is shorter."""

_STOP, _TARGET, _SIGNAL, _RECORD = "Where it is wrong (one of)", "Where it is done (one of)", "Signal", "Answer"

Text = str | None


def add(app: typer.Typer) -> None:
    """Put the command under its name."""
    app.command("size")(size)


@command
def size(
    common: Common,
    symbol: Annotated[str, typer.Argument(help="As the terminal spells it.")],
    side: Annotated[str, typer.Argument(help="buy or sell.")],
    *,
    stop: Annotated[Text, typer.Option(help="Price of the stop.", rich_help_panel=_STOP)] = None,
    stop_points: Annotated[Text, typer.Option(help="Points from the entry.", rich_help_panel=_STOP)] = None,
    atr_stop: Annotated[Text, typer.Option(help="Average true ranges.", rich_help_panel=_STOP)] = None,
    target: Annotated[Text, typer.Option(help="Price of the target.", rich_help_panel=_TARGET)] = None,
    rr: Annotated[Text, typer.Option(help="Multiples of the stop.", rich_help_panel=_TARGET)] = None,
    atr_target: Annotated[Text, typer.Option(help="Average true ranges.", rich_help_panel=_TARGET)] = None,
    entry: Annotated[Text, typer.Option(help="Price of a pending order; without it the market.")] = None,
    type: Annotated[Text, typer.Option(help="market, limit or stop.")] = None,  # noqa: A002 - the option's name
    confidence: Annotated[Text, typer.Option(help="Win probability: 0.75 or 75%.", rich_help_panel=_SIGNAL)] = None,
    score: Annotated[Text, typer.Option(help="Market score, 0 to 100.", rich_help_panel=_SIGNAL)] = None,
    conviction: Annotated[Text, typer.Option(help="0 to 5, for the sizer conviction.", rich_help_panel=_SIGNAL)] = None,
    regime: Annotated[
        Text, typer.Option(help="trending, ranging, volatile, crisis or unknown.", rich_help_panel=_SIGNAL)
    ] = None,
    timeframe: Annotated[
        str, typer.Option(help="M1 to D1: which bars the tail is of.", rich_help_panel=_SIGNAL)
    ] = "H1",
    multiplier: Annotated[Text, typer.Option(help="A factor of your own, at most 1.", rich_help_panel=_SIGNAL)] = None,
    hold: Annotated[Text, typer.Option(help="intraday, overnight or weekend.")] = None,
    flat_by: Annotated[Text, typer.Option(help="ISO 8601: when an intraday trade is closed.")] = None,
    legacy_lots: Annotated[Text, typer.Option(help="What your own sizer says, to compare.")] = None,
    signal_id: Annotated[Text, typer.Option(help="A later answer for it replaces this one's hold.")] = None,
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
    from elite_sizer.api import Sizer  # noqa: PLC0415 - help and completion need none of it
    from elite_sizer.request import TradeIdea  # noqa: PLC0415

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
            from elite_sizer.unkept import Unkept  # noqa: PLC0415

            sizer.recorder = Unkept.of(sizer.recorder)
        decision = sizer.size(idea, reserve=reserve, also=beside, ttl=QUOTE)
    if common.console.json:
        from elite_sizer.wire import to_json  # noqa: PLC0415

        return Reply(decision.exit_code, to_json(decision), ())
    from elite_sizer.breakdown import lines  # noqa: PLC0415

    return Reply(decision.exit_code, {}, lines(decision, width=common.console.width, glyphs=common.console.glyphs))
