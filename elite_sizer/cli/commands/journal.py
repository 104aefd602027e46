"""`journal` and `verify`: what was decided, and whether it would be decided again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from elite_sizer.cli.options import Common, Reply, command
from portfolio.errors import ConfigError
from portfolio.reasons import FOUND

if TYPE_CHECKING:
    from elite_sizer.journal.files import TornLine

SCHEMA: Final = "elite-sizer/verify/1"


def add(app: typer.Typer) -> None:
    """Put the commands under their names."""
    app.command("journal")(journal)
    app.command("verify")(verify)


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
    import msgspec  # noqa: PLC0415

    from elite_sizer.journal.files import Journal  # noqa: PLC0415

    found: list[tuple[bytes, dict[str, Any]]] = []
    for line in Journal(common.settings().folder).lines(_day(since)):
        if isinstance(line, bytes):
            made = msgspec.json.decode(line)
            if symbol is None or (made.get("request") or {}).get("symbol") == symbol:
                found.append((line, made))
    shown = found[-last:]
    if csv is not None:
        return _written(csv, [line for line, _ in shown])
    if common.console.json:
        for line, _ in shown:
            common.console.emit(line)
        return None if shown else Reply(0, {"schema": SCHEMA, "decisions": 0}, ())
    return Reply(0, {}, [_row(made) for _, made in shown] or ["No decisions yet."])


def _written(path: Path, lines: list[bytes]) -> Reply:
    """Write a table with the mark by which Excel knows UTF-8."""
    from elite_sizer.journal.csv_export import table  # noqa: PLC0415

    try:
        path.write_text(table(lines), encoding="utf-8-sig", newline="")
    except OSError as error:
        message = f"{path} can't be written: {error.strerror or error}."
        raise ConfigError(message) from error
    data = {"schema": "elite-sizer/journal/1", "file": str(path), "decisions": len(lines)}
    return Reply(0, data, [f"{len(lines)} decisions written to {path}"])


@command
def verify(
    common: Common,
    file: Annotated[Path | None, typer.Argument(help="A journal file; without it all of them.")] = None,
) -> Reply:
    """Compute journaled decisions again, byte for byte, and name those that come out differently.

    Example: elite-sizer verify decisions-2026-06-10.jsonl
    """
    from elite_sizer.journal.files import Journal, read_lines  # noqa: PLC0415
    from elite_sizer.journal.verify import LineStatus, check, plans  # noqa: PLC0415

    if file is not None and not file.is_file():
        message = f"{file} is no file. Give a decisions-YYYY-MM-DD.jsonl."
        raise ConfigError(message)
    kept = Journal(common.settings().folder if file is None else file.parent)
    plan_for = plans(kept)
    counts: Counter[str] = Counter()
    problems: list[dict[str, str]] = []
    lines: Iterator[bytes | TornLine] = kept.lines() if file is None else read_lines(file)
    for number, line in enumerate(lines, 1):
        if not isinstance(line, bytes):
            counts["torn"] += 1
            problems.append({"line": str(number), "status": "torn", "detail": f"{line.path} breaks off"})
            continue
        checked = check(line, plan_for)
        counts[checked.status.value] += 1
        if checked.status in {LineStatus.DIFFERENT, LineStatus.UNREADABLE, LineStatus.NEEDS_PLUGIN}:
            problems.append(
                {"line": str(number), "id": checked.id, "status": checked.status.value, "detail": checked.detail}
            )
    total = sum(counts.values())
    data = {"schema": SCHEMA, "lines": total, "counts": dict(counts), "problems": problems}
    rows = [f"line {one['line']}  {one['status']}  {one.get('id', '')}  {one['detail']}" for one in problems]
    said = ", ".join(f"{count} {_WORDS.get(status, status)}" for status, count in sorted(counts.items()))
    return Reply(
        FOUND if problems else 0, data, [*rows, f"{total} decisions: {said}" if total else "No decisions yet."]
    )


_WORDS: Final = {
    "same": "the same again",
    "no_context": "with nothing to compute",
    "different": "different",
    "needs_plugin": "needing a plug-in",
}


def _row(made: dict[str, Any]) -> str:
    request, flag = made.get("request") or {}, made.get("flag") or {}
    what = f"{request.get('symbol', '-'):<12} {request.get('side', ''):<4}"
    why = made.get("binding") or made.get("outcome")
    reason = (made.get("reason") or {}).get("code")
    said = f"{made['outcome']} {reason or why}"
    return f"{made['at'][:19]}  {what} {made['lots']:>10}  {said:<32} {flag.get('value', ''):<7} {made['id']}"


def _day(text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        message = f"{text!r} is no day; write 2026-06-10"
        raise typer.BadParameter(message, param_hint="--since") from None
