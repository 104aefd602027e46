"""A command's answer: an exit code, an object for programs, lines for people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from elite_sizer.caps.reasons import REASONS
from elite_sizer.cli.console import Console
from elite_sizer.cli.failure import sentence
from elite_sizer.cli.table import show
from portfolio.reasons import Refusal

if TYPE_CHECKING:
    from elite_sizer.display.breakdown import Line

QUOTE: Final = timedelta(seconds=60)
"""Validity of the lots that a person asked for; a bot's are valid for less."""

FLAG_SCHEMA: Final = "elite-sizer/flag/1"
"""Schema of the object that `flag`, `halt` and `resume` print."""


class Reply(NamedTuple):
    """Exit code, object for --json, lines for people."""

    code: int
    data: Mapping[str, Any] | bytes
    lines: Iterable[str | Line]


def answer(console: Console, reply: Reply) -> None:
    """Print a reply as an object under --json, else as lines."""
    if console.json:
        console.emit(reply.data)
    else:
        show(console, reply.lines)


def refused_reply(reason: Refusal, schema: str) -> Reply:
    """Return the output and the exit code of a command that was refused."""
    data = {"schema": schema, "reason": {"code": reason.code, "detail": reason.detail}}
    return Reply(REASONS[reason.code].exit_code, data, [sentence(reason)])
