"""How a command of a test ended, and the type of what runs one."""

from __future__ import annotations

import json
from typing import Any, NamedTuple, Protocol


class Ran(NamedTuple):
    """How a command ended and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The one object it printed."""
        (line,) = self.out.splitlines()
        document = json.loads(line)
        assert isinstance(document, dict)
        return document

    @property
    def last(self) -> str:
        """The last line it printed."""
        return self.out.splitlines()[-1]


class Run(Protocol):
    """Runs one command line."""

    def __call__(self, words: str, *, stdin: str | None = None, encoding: str = "utf-8") -> Ran: ...
