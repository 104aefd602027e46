"""`journal`: the last decisions, a line each, or as a table for a spreadsheet."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
import typer

from elite_sizer.cli.command import command
from elite_sizer.cli.common_options import Common
from elite_sizer.cli.reply import Reply
from elite_sizer.cli.values import parse_day
from elite_sizer.journal.csv_export import table
from elite_sizer.journal.files import Journal
from portfolio.errors import ConfigError

SCHEMA: Final = "elite-sizer/journal/1"
EMPTY_SCHEMA: Final = "elite-sizer/verify/1"
"""Schema of the object that an empty journal prints; it has been that of `verify` from the first version on."""


@command
def journal(
    common: Common,
    *,
    since: Annotated[str | None, typer.Option(help="First day, as 2026-06-10 (UTC).")] = None,
    last: Annotated[int, typer.Option(help="How many, the newest last.", min=1)] = 20,
    symbol: Annotated[str | None, typer.Option(help="Only this symbol.")] = None,
    csv: Annotated[Path | None, typer.Option("--csv", help="Write them to this file for a spreadsheet.")] = None,
) -> Reply | None:
    """List the last decisions, one line each.

    For example:

      elite-sizer journal --last 5

      elite-sizer journal --last 1000 --csv decisions.csv
    """
    decisions: list[tuple[bytes, dict[str, Any]]] = []
    for line in Journal(common.settings().folder).lines(parse_day(since)):
        if isinstance(line, bytes):
            decision = msgspec.json.decode(line)
            if symbol is None or (decision.get("request") or {}).get("symbol") == symbol:
                decisions.append((line, decision))
    decisions = decisions[-last:]
    if csv is not None:
        return _write_csv(csv, [line for line, _ in decisions])
    if common.console.json:
        for line, _ in decisions:
            common.console.emit(line)
        return None if decisions else Reply(0, {"schema": EMPTY_SCHEMA, "decisions": 0}, ())
    return Reply(0, {}, [_row(decision) for _, decision in decisions] or ["No decisions yet."])


def _write_csv(path: Path, lines: list[bytes]) -> Reply:
    """Write a table for a spreadsheet; Excel reads UTF-8 only behind a byte order mark."""
    try:
        path.write_text(table(lines), encoding="utf-8-sig", newline="")
    except OSError as error:
        message = f"{path} can't be written: {error.strerror or error}."
        raise ConfigError(message) from error
    data = {"schema": SCHEMA, "file": str(path), "decisions": len(lines)}
    return Reply(0, data, [f"{len(lines)} decisions written to {path}"])


def _row(decision: dict[str, Any]) -> str:
    request, flag = decision.get("request") or {}, decision.get("flag") or {}
    trade = f"{request.get('symbol', '-'):<12} {request.get('side', ''):<4}"
    reason = (decision.get("reason") or {}).get("code") or decision.get("binding") or decision.get("outcome")
    outcome = f"{decision['outcome']} {reason}"
    start = f"{decision['at'][:19]}  {trade} {decision['lots']:>10}"
    return f"{start}  {outcome:<32} {flag.get('value', ''):<7} {decision['id']}"
