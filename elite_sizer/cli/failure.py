"""Any error as one sentence and one exit code."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import Any, Final, NamedTuple

import platformdirs

from elite_sizer.caps.reasons import REASONS
from portfolio.errors import ConfigError, EliteSizerError
from portfolio.reasons import BUG, USAGE, Refusal

SCHEMA: Final = "elite-sizer/failure/1"


class Failure(NamedTuple):
    """A failure that is no decision: its reason, the sentence for a person, the exit code."""

    reason: Refusal
    sentence: str
    code: int

    @property
    def bug(self) -> bool:
        """Whether the program itself is at fault, not the input or the terminal."""
        return self.code == BUG

    def as_json(self) -> dict[str, Any]:
        """Return it as an object with 0 lots, so that a careless reader trades nothing."""
        reason = {"code": self.reason.code, "detail": self.reason.detail}
        return {"schema": SCHEMA, "lots": 0, "order": None, "outcome": "deny", "reason": reason}


def failure(error: BaseException) -> Failure:
    """Return an exception as its reason, sentence and exit code."""
    format_message = getattr(error, "format_message", None)
    if callable(format_message):  # the parser's own: a missing argument, an unknown option
        return _usage(error, str(format_message()))
    if isinstance(error, ConfigError):
        return Failure(Refusal("config_invalid", str(error)), str(error), USAGE)
    reason = getattr(error, "reason", None)
    if isinstance(error, EliteSizerError) and isinstance(reason, Refusal):
        return Failure(reason, sentence(reason), REASONS[reason.code].exit_code)
    if isinstance(error, (EliteSizerError, ImportError)):
        return Failure(Refusal("config_invalid", str(error)), str(error), USAGE)
    detail = f"{type(error).__name__}: {error}"
    return Failure(Refusal("internal_error", detail), f"This is our bug, not yours: {detail}.", BUG)


def sentence(reason: Refusal) -> str:
    """Return a refusal with its cause and its fix."""
    meaning = REASONS[reason.code]
    return f"{meaning.sentence} ({reason.code}: {reason.detail}) {meaning.fix}"


def bug_log() -> Path:
    """Return the file of the last bug's traceback, whether it exists or not."""
    return platformdirs.user_log_path("elite-sizer", appauthor=False) / "bug.log"


def keep_traceback(error: BaseException) -> Path | None:
    """Write the traceback to a file that can be sent; None where nothing can be written."""
    path = bug_log()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(traceback.format_exception(error)), encoding="utf-8")
    except OSError:
        return None
    return path


def _usage(error: BaseException, message: str) -> Failure:
    """Return the parser's message with the command whose help explains it."""
    context = getattr(error, "ctx", None)
    command = getattr(context, "command_path", None) or "elite-sizer"
    hint = "" if message.startswith("Usage:") else f"\nTry: {command} --help"
    return Failure(Refusal("usage", message), f"{message}{hint}", USAGE)
