"""The options by which a trade idea is written on the command line, said once for every command that takes one."""

from __future__ import annotations

from typing import Annotated

import typer

_STOP, _TARGET, _SIGNAL = "Where it is wrong (one of)", "Where it is done (one of)", "Signal"

Text = str | None

Symbol = Annotated[str, typer.Argument(help="As the terminal spells it.")]
SideWord = Annotated[str, typer.Argument(help="buy or sell.")]
Stop = Annotated[Text, typer.Option(help="Price of the stop.", rich_help_panel=_STOP)]
StopPoints = Annotated[Text, typer.Option(help="Points from the entry.", rich_help_panel=_STOP)]
AtrStop = Annotated[Text, typer.Option(help="Average true ranges.", rich_help_panel=_STOP)]
Target = Annotated[Text, typer.Option(help="Price of the target.", rich_help_panel=_TARGET)]
RewardToRisk = Annotated[Text, typer.Option(help="Multiples of the stop.", rich_help_panel=_TARGET)]
AtrTarget = Annotated[Text, typer.Option(help="Average true ranges.", rich_help_panel=_TARGET)]
Entry = Annotated[Text, typer.Option(help="Price of a pending order; without it the market.")]
OrderKind = Annotated[Text, typer.Option(help="market, limit or stop.")]
Confidence = Annotated[Text, typer.Option(help="Win probability: 0.75 or 75%.", rich_help_panel=_SIGNAL)]
Score = Annotated[Text, typer.Option(help="Market score, 0 to 100.", rich_help_panel=_SIGNAL)]
Conviction = Annotated[Text, typer.Option(help="0 to 5, for the sizer conviction.", rich_help_panel=_SIGNAL)]
RegimeName = Annotated[
    Text, typer.Option(help="trending, ranging, volatile, crisis or unknown.", rich_help_panel=_SIGNAL)
]
Timeframe = Annotated[str, typer.Option(help="M1 to D1: which bars the tail is of.", rich_help_panel=_SIGNAL)]
Multiplier = Annotated[Text, typer.Option(help="A factor of your own, at most 1.", rich_help_panel=_SIGNAL)]
HoldWord = Annotated[Text, typer.Option(help="intraday, overnight or weekend.")]
FlatBy = Annotated[Text, typer.Option(help="ISO 8601: when an intraday trade is closed.")]
SignalId = Annotated[Text, typer.Option(help="A later answer for it replaces this one's hold.")]
