"""`doctor`: one line for everything a size depends on, each fault with its fix."""

from __future__ import annotations

import textwrap
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from elite_sizer.cli.command import command
from elite_sizer.cli.common_options import Common
from elite_sizer.cli.console import Console, as_json
from elite_sizer.cli.failure import bug_log
from elite_sizer.cli.reply import Reply
from elite_sizer.configuration.settings import Settings
from elite_sizer.display.breakdown import Line, Tone
from elite_sizer.reports.doctor import checkup
from mt5bridge.diagnosis.check import Check, CheckState
from portfolio.errors import ConfigError
from portfolio.reasons import FOUND

SCHEMA: Final = "elite-sizer/doctor/1"
PRIVATE: Final = (
    "account.login",
    "account.server",
    "store.path",
    "terminal.command",
    "terminal.path",
    "terminal.recording",
)
"""Keys of the configuration that a bundle leaves out."""
PRIVATE_TOPICS: Final = frozenset(("account", "configuration", "database"))
"""Checks whose findings name the login or a path."""


@command
def doctor(
    common: Common,
    symbols: Annotated[list[str] | None, typer.Argument(help="Without any: those in use.", show_default=False)] = None,
    *,
    bundle: Annotated[Path | None, typer.Option(help="Also pack the findings into this zip, to be sent.")] = None,
) -> Reply:
    """Check the program, the configuration, the records, the terminal and its symbols, and say what to do.

    Example: elite-sizer doctor EURUSD XAUUSD
    """
    settings = common.settings()
    checks = checkup(settings, symbols or [*settings.classes], common.fixed_time)
    counts = {state: sum(check.state is state for check in checks) for state in CheckState}
    data = {
        "schema": SCHEMA,
        "counts": {state.value: count for state, count in counts.items()},
        "checks": [
            {"topic": check.topic, "state": check.state.value, "finding": check.finding, "fix": check.fix}
            for check in checks
        ],
    }
    if bundle is not None:
        _pack(bundle, data, settings)
    return Reply(FOUND if counts[CheckState.BAD] else 0, data, _check_lines(checks, counts, common.console, bundle))


def _check_lines(
    checks: tuple[Check, ...], counts: Mapping[CheckState, int], console: Console, bundle: Path | None
) -> Iterator[Line]:
    words = {CheckState.GOOD: "ok", CheckState.WARNING: "warn", CheckState.BAD: "FAIL"}
    tones: dict[CheckState, Tone] = {CheckState.GOOD: "plain", CheckState.WARNING: "alarm", CheckState.BAD: "refused"}
    widest = max(len(check.topic) for check in checks)
    for check in checks:
        finding = f"{check.finding}{f' Fix: {check.fix}' if check.fix else ''}"
        head = f"{words[check.state]:<4} {check.topic:<{widest}}  "
        body = textwrap.wrap(finding, max(console.width - len(head), 24)) or [""]
        yield Line(tones[check.state], head + body[0])
        yield from (Line(tones[check.state], " " * len(head) + part) for part in body[1:])
    good, warnings, errors = (counts[state] for state in (CheckState.GOOD, CheckState.WARNING, CheckState.BAD))
    yield Line("head", f"{good} ok, {warnings} warnings, {errors} failed")
    if bundle is not None:
        yield Line("plain", f"wrote {bundle}; it holds no login, no path and no trade")


def _pack(path: Path, data: Mapping[str, Any], settings: Settings) -> None:
    """Write a zip with the findings, the configuration without what is private, and the last bug."""
    values = {key: value for key, value in settings.values.items() if key not in PRIVATE}
    log = bug_log()
    try:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            public = [
                check for check in data["checks"] if check["topic"] not in {"account", "configuration", "database"}
            ]
            archive.writestr("findings.json", as_json({**data, "checks": public}))
            archive.writestr("configuration.json", as_json({"values": values, "digest": settings.digest}))
            if log.is_file():
                archive.writestr("bug.log", log.read_text(encoding="utf-8").replace(str(Path.home()), "~"))
    except OSError as error:
        message = f"{path} can't be written: {error.strerror or error}."
        raise ConfigError(message) from error
