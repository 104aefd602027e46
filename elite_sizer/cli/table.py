"""Print lines with what colours the console has; without colours nothing but the text itself."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from elite_sizer.cli.console import Console

if TYPE_CHECKING:
    from rich.console import Console as Screen

    from elite_sizer.display.breakdown import Line, Tone

STYLES: Final[Mapping[Tone, str]] = MappingProxyType(
    {
        "plain": "",
        "head": "bold",
        "dim": "dim",
        "binding": "bold yellow",
        "lots": "bold green",
        "refused": "bold red",
        "alarm": "bold magenta",
    }
)


def show(console: Console, lines: Iterable[str | Line]) -> None:
    """Print lines to standard output."""
    if not console.colour:
        console.lines(line if isinstance(line, str) else line.text for line in lines)
        return
    screen = _screen()
    for line in lines:
        words, style = (line, "") if isinstance(line, str) else (line.text, STYLES[line.tone])
        screen.print(words, style=style)


def clear() -> None:
    """Empty the screen before a table is shown again."""
    _screen().clear()


def _screen() -> Screen:
    from rich.console import Console as Screen  # noqa: PLC0415 - 20 ms, for a coloured terminal only

    return Screen(file=sys.stdout, highlight=False, markup=False, emoji=False, soft_wrap=True)
