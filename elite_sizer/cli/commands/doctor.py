"""`doctor`: one line for everything a size depends on, each fault with its fix."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from elite_sizer.cli.console import Console, as_json
from elite_sizer.cli.failure import bug_log
from elite_sizer.cli.options import Common, Reply, command
from portfolio.errors import ConfigError
from portfolio.reasons import FOUND

if TYPE_CHECKING:
    from elite_sizer.configuration.settings import Settings
    from elite_sizer.display.breakdown import Line
    from mt5bridge.diagnosis.check import Check

SCHEMA: Final = "elite-sizer/doctor/1"
PRIVATE: Final = (
    "account.login",
    "account.server",
    "store.path",
    "terminal.command",
    "terminal.path",
    "terminal.recording",
)
"""What a bundle leaves out."""


def add(app: typer.Typer) -> None:
    """Put the command under its name."""
    app.command("doctor")(doctor)


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
    from elite_sizer.reports.doctor import checkup  # noqa: PLC0415
    from mt5bridge.diagnosis.check import CheckState  # noqa: PLC0415

    settings = common.settings()
    found = checkup(settings, symbols or [*settings.classes], common.moment)
    counts = {state: sum(one.state is state for one in found) for state in CheckState}
    data = {
        "schema": SCHEMA,
        "counts": {state.value: count for state, count in counts.items()},
        "checks": [
            {"topic": one.topic, "state": one.state.value, "finding": one.finding, "fix": one.fix} for one in found
        ],
    }
    if bundle is not None:
        _pack(bundle, data, settings)
    return Reply(FOUND if counts[CheckState.BAD] else 0, data, _lines(found, counts, common.console, bundle))


def _lines(
    found: tuple[Check, ...], counts: Mapping[Any, int], console: Console, bundle: Path | None
) -> Iterator[Line]:
    from elite_sizer.display.breakdown import Line  # noqa: PLC0415
    from mt5bridge.diagnosis.check import CheckState  # noqa: PLC0415

    words = {CheckState.GOOD: "ok", CheckState.WARNING: "warn", CheckState.BAD: "FAIL"}
    tones: dict[CheckState, Any] = {CheckState.GOOD: "plain", CheckState.WARNING: "alarm", CheckState.BAD: "refused"}
    widest = max(len(one.topic) for one in found)
    for one in found:
        said = f"{one.finding}{f' Fix: {one.fix}' if one.fix else ''}"
        head = f"{words[one.state]:<4} {one.topic:<{widest}}  "
        body = textwrap.wrap(said, max(console.width - len(head), 24)) or [""]
        yield Line(tones[one.state], head + body[0])
        yield from (Line(tones[one.state], " " * len(head) + part) for part in body[1:])
    good, warnings, bad = (counts[state] for state in (CheckState.GOOD, CheckState.WARNING, CheckState.BAD))
    yield Line("head", f"{good} ok, {warnings} warnings, {bad} failed")
    if bundle is not None:
        yield Line("plain", f"wrote {bundle}; it holds no login, no path and no trade")


def _pack(path: Path, data: Mapping[str, Any], settings: Settings) -> None:
    """Write a zip with the findings, the configuration without what is private, and the last bug."""
    import zipfile  # noqa: PLC0415

    values = {key: value for key, value in settings.values.items() if key not in PRIVATE}
    log = bug_log()
    try:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
            public = [one for one in data["checks"] if one["topic"] not in {"account", "configuration", "database"}]
            packed.writestr("findings.json", as_json({**data, "checks": public}))
            packed.writestr("configuration.json", as_json({"values": values, "digest": settings.digest}))
            if log.is_file():
                packed.writestr("bug.log", log.read_text(encoding="utf-8").replace(str(Path.home()), "~"))
    except OSError as error:
        message = f"{path} can't be written: {error.strerror or error}."
        raise ConfigError(message) from error
