"""`verify`: compute journaled decisions again, and name those that come out differently."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Final

import typer

from elite_sizer.cli.command import command
from elite_sizer.cli.common_options import Common
from elite_sizer.cli.reply import Reply
from elite_sizer.journal.files import Journal, TornLine, read_lines
from elite_sizer.journal.verify import LineStatus, check, plans
from portfolio.errors import ConfigError
from portfolio.reasons import FOUND

SCHEMA: Final = "elite-sizer/verify/1"

_WORDS: Final = {
    "same": "the same again",
    "no_context": "with nothing to compute",
    "different": "different",
    "needs_plugin": "needing a plug-in",
}


@command
def verify(
    common: Common,
    file: Annotated[Path | None, typer.Argument(help="A journal file; without it all of them.")] = None,
) -> Reply:
    """Compute journaled decisions again, byte for byte, and name those that come out differently.

    Example: elite-sizer verify decisions-2026-06-10.jsonl
    """
    if file is not None and not file.is_file():
        message = f"{file} is no file. Give a decisions-YYYY-MM-DD.jsonl."
        raise ConfigError(message)
    journal = Journal(common.settings().folder if file is None else file.parent)
    plan_for = plans(journal)
    counts: Counter[str] = Counter()
    problems: list[dict[str, str]] = []
    lines: Iterator[bytes | TornLine] = journal.lines() if file is None else read_lines(file)
    for number, line in enumerate(lines, 1):
        if not isinstance(line, bytes):
            counts["torn"] += 1
            problems.append({"line": str(number), "status": "torn", "detail": f"{line.path} breaks off"})
            continue
        verdict = check(line, plan_for)
        counts[verdict.status.value] += 1
        if verdict.status in {LineStatus.DIFFERENT, LineStatus.UNREADABLE, LineStatus.NEEDS_PLUGIN}:
            problems.append(
                {"line": str(number), "id": verdict.id, "status": verdict.status.value, "detail": verdict.detail}
            )
    total = sum(counts.values())
    data = {"schema": SCHEMA, "lines": total, "counts": dict(counts), "problems": problems}
    rows = [f"line {line['line']}  {line['status']}  {line.get('id', '')}  {line['detail']}" for line in problems]
    results = ", ".join(f"{count} {_WORDS.get(status, status)}" for status, count in sorted(counts.items()))
    summary = f"{total} decisions: {results}" if total else "No decisions yet."
    return Reply(FOUND if problems else 0, data, [*rows, summary])
