"""`record`: write what a terminal shows now into a file, to be sized, stored or sent."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final

import typer

from elite_sizer.cli.command import command
from elite_sizer.cli.common_options import Common
from elite_sizer.cli.reply import Reply
from elite_sizer.inputs.terminals import open_terminal
from mt5bridge.captures import record as capture
from mt5bridge.reading.request import SnapshotRequest
from portfolio.errors import ConfigError

SCHEMA: Final = "elite-sizer/record/1"
BARS: Final = (("H1", 1000), ("D1", 250))
"""Bars that a size of the default timeframe needs."""


@command
def record(
    common: Common,
    file: Annotated[Path, typer.Argument(help="case.json, or case.json.gz to pack it.")],
    symbols: Annotated[list[str] | None, typer.Argument(help="Beside those that are open.", show_default=False)] = None,
    *,
    timeframe: Annotated[str, typer.Option(help="Whose bars to bring, beside daily ones.")] = "H1",
    days: Annotated[int, typer.Option(help="How many days of deals.", min=1, max=3650)] = 400,
    mask: Annotated[bool, typer.Option("--mask", help="Leave out login, name and paths.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the file.")] = False,
) -> Reply:
    """Capture the account, the book and the named symbols, so that a size can be reproduced anywhere.

    Example: elite-sizer record case.json.gz EURUSD XAUUSD --mask
    """
    if file.exists() and not force:
        message = f"{file} is there already. Give another name, or --force."
        raise ConfigError(message)
    bars = dict(BARS) if timeframe == "H1" else {timeframe: 1000, "D1": 250}
    terminal = open_terminal(common.settings(), common.fixed_time)
    try:
        since = terminal.clock() - timedelta(days=days)
        ask = SnapshotRequest(extra=tuple(symbols or ()), bars=tuple(bars.items()), deals_since=since)
        document = capture.record(terminal.mt5, ask, now=terminal.clock, memory=terminal.memory, mask=mask)
    finally:
        terminal.close()
    try:
        capture.write(file, document)
    except OSError as error:
        message = f"{file} can't be written: {error.strerror or error}."
        raise ConfigError(message) from error
    names = list(document["symbols"])
    data = {"schema": SCHEMA, "file": str(file), "symbols": names, "deals": len(document["deals"]), "masked": mask}
    count = f"{len(document['positions'])} positions, {len(document['deals'])} deals{', masked' if mask else ''}"
    example = f"elite-sizer size {names[0] if names else 'SYMBOL'} buy --stop-points 300 --recording {file}"
    lines = [f"wrote {file}: {', '.join(names) or 'no symbols'}, {count}", f"try it: {example}"]
    return Reply(0, data, lines)
