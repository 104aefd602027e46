"""Print lines with what colours the console has; without colours nothing but the text itself."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from elite_sizer.cli.console import Console
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
    made = [line if isinstance(line, Line) else Line("plain", line) for line in lines]
    if not console.colour:
        console.lines(line.text for line in made)
        return
    from rich.console import Console as Rich  # noqa: PLC0415 - 30 ms that plain output saves
    from rich.text import Text  # noqa: PLC0415

    rich = Rich(file=sys.stdout, highlight=False, markup=False, emoji=False, soft_wrap=True)
    for line in made:
        rich.print(Text(line.text, style=STYLES[line.tone]))
