"""The options that every command takes, gathered in one value; and the one way in which a command answers."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Concatenate, Final, NamedTuple, ParamSpec, get_type_hints

import typer

from elite_sizer.caps.reasons import REASONS
from elite_sizer.cli.console import Console
from elite_sizer.cli.failure import sentence
from portfolio.reasons import Refusal

if TYPE_CHECKING:
    from elite_sizer.display.breakdown import Line

if TYPE_CHECKING:
    from elite_sizer.configuration.settings import Settings
    from elite_sizer.display.breakdown import Line

P = ParamSpec("P")

_PANEL: Final = "Common options"


@dataclass(frozen=True, slots=True, kw_only=True)
class Common:
    """What the user said beside the command itself."""

    terminal: Annotated[
        str | None,
        typer.Option("--terminal", help="simulated, native, host or recording.", rich_help_panel=_PANEL),
    ] = None
    recording: Annotated[
        Path | None, typer.Option("--recording", help="A capture instead of a terminal.", rich_help_panel=_PANEL)
    ] = None
    config: Annotated[
        Path | None, typer.Option("--config", help="Instead of ./elite-sizer.toml.", rich_help_panel=_PANEL)
    ] = None
    profile: Annotated[
        str | None, typer.Option("--profile", help="A shipped set of values.", rich_help_panel=_PANEL)
    ] = None
    rules: Annotated[
        str | None, typer.Option("--rules", help="The firm's rule set, as ftmo_2step.", rich_help_panel=_PANEL)
    ] = None
    initial: Annotated[
        str | None, typer.Option("--initial", help="The account's initial size.", rich_help_panel=_PANEL)
    ] = None
    now: Annotated[
        str | None, typer.Option("--now", help="ISO 8601, where time stands still.", rich_help_panel=_PANEL)
    ] = None
    json: Annotated[bool, typer.Option("--json", help="One object per line.", rich_help_panel=_PANEL)] = False
    no_color: Annotated[bool, typer.Option("--no-color", help="As NO_COLOR.", rich_help_panel=_PANEL)] = False
    console: Console = field(default_factory=Console)

    def options(self) -> dict[str, Any]:
        """Return what of this is configuration."""
        recording = None if self.recording is None else str(self.recording)
        terminal = "recording" if recording is not None and self.terminal is None else self.terminal
        said: dict[str, Any] = {
            "terminal": terminal,
            "recording": recording,
            "profile": self.profile,
            "rules": self.rules,
            "initial": None if self.initial is None else money(self.initial),
        }
        return {name: value for name, value in said.items() if value is not None}

    def settings(self) -> Settings:
        """Return the effective configuration; ConfigError says what is wrong with it."""
        from elite_sizer.configuration.settings import load  # noqa: PLC0415 - not every command needs it

        return load(self.config, options=self.options())

    @property
    def moment(self) -> datetime | None:
        """The moment that --now gives; BadParameter where it is none."""
        return None if self.now is None else moment(self.now)


class Reply(NamedTuple):
    """What a command answers: an exit code, the object for --json, the lines for people."""

    code: int
    data: Mapping[str, Any] | bytes
    lines: Iterable[str | Line]


def command(body: Callable[Concatenate[Common, P], Reply | None]) -> Callable[..., None]:
    """Give a command the common options and print its reply; a command that prints by itself returns None."""
    hints = get_type_hints(body, include_extras=True)
    own = [
        parameter.replace(annotation=hints[parameter.name])
        for parameter in list(inspect.signature(body).parameters.values())[1:]
    ]
    common = [
        inspect.Parameter(one.name, inspect.Parameter.KEYWORD_ONLY, default=one.default, annotation=kind)
        for one, kind in ((one, _HINTS[one.name]) for one in fields(Common))
        if one.name != "console"
    ]

    @functools.wraps(body)
    def run(*args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - what the signature below says
        said = {one.name: kwargs.pop(one.name) for one in common}
        words = [*(["--json"] if said["json"] else []), *(["--no-color"] if said["no_color"] else [])]
        console = Console.of(words)
        reply = body(Common(**said, console=console), *args, **kwargs)
        if reply is not None:
            try:
                answer(console, reply)
            except BrokenPipeError:
                console.hush()
            raise typer.Exit(reply.code)

    run.__signature__ = inspect.Signature([*own, *common])  # type: ignore[attr-defined] # read by typer
    run.__annotations__ = {one.name: one.annotation for one in [*own, *common]}
    return run


def answer(console: Console, reply: Reply) -> None:
    """Print a reply in the form that was asked for."""
    if console.json:
        console.emit(reply.data)
        return
    from elite_sizer.cli.table import show  # noqa: PLC0415 - only people read tables

    show(console, reply.lines)


def money(text: str) -> object:
    """Return an amount exactly; text that is no number is left for the configuration to refuse."""
    from decimal import InvalidOperation  # noqa: PLC0415

    try:
        return Decimal(text.replace(",", "").replace("_", ""))
    except InvalidOperation:
        return text


def moment(text: str) -> datetime:
    """Return an aware moment in UTC; BadParameter says how to write one."""
    try:
        made = datetime.fromisoformat(text)
    except ValueError:
        made = None
    if made is None or made.tzinfo is None:
        message = f"{text!r} is no moment with a time zone; write 2026-06-10T12:00:00Z"
        raise typer.BadParameter(message, param_hint="--now")
    return made.astimezone(UTC)


_HINTS: Final = get_type_hints(Common, localns={"Settings": Any, "Line": Any}, include_extras=True)


def refused_reply(reason: Refusal, schema: str) -> Reply:
    """Return what a command prints, and how it exits, where it was refused."""
    data = {"schema": schema, "reason": {"code": reason.code, "detail": reason.detail}}
    return Reply(REASONS[reason.code].exit_code, data, [sentence(reason)])


def time_of_call(common: Common) -> datetime:
    """Return `--now`, or the clock."""
    return common.moment or datetime.now(UTC)
