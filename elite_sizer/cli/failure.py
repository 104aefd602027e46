"""What went wrong, in one sentence and one exit code."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import Any, Final, NamedTuple

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
        """Whether it is our own mistake."""
        return self.code == BUG

    def as_json(self) -> dict[str, Any]:
        """Return it as an object with 0 lots, so that a careless reader trades nothing."""
        reason = {"code": self.reason.code, "detail": self.reason.detail}
        return {"schema": SCHEMA, "lots": 0, "order": None, "outcome": "deny", "reason": reason}


def failure(error: BaseException) -> Failure:
    """Return what an exception means to the user."""
    said = getattr(error, "format_message", None)
    if callable(said):
        return _usage(error, str(said()))
    if isinstance(error, ConfigError):
        return Failure(Refusal("config_invalid", str(error)), str(error), USAGE)
    reason = getattr(error, "reason", None)
    if isinstance(error, EliteSizerError) and isinstance(reason, Refusal):
        return Failure(reason, sentence(reason), REASONS[reason.code].exit_code)
    if isinstance(error, (EliteSizerError, ImportError)):
        return Failure(Refusal("config_invalid", str(error)), str(error), USAGE)
    what = f"{type(error).__name__}: {error}"
    return Failure(Refusal("internal_error", what), f"This is our bug, not yours: {what}.", BUG)


def sentence(reason: Refusal) -> str:
    """Return a refusal as what, why and fix."""
    known = REASONS[reason.code]
    return f"{known.sentence} ({reason.code}: {reason.detail}) {known.fix}"


def bug_log() -> Path:
    """Return where the traceback of the last bug is kept, whether there is one or not."""
    from platformdirs import user_log_path  # noqa: PLC0415 - only for a bug

    return user_log_path("elite-sizer", appauthor=False) / "bug.log"


def keep_traceback(error: BaseException) -> Path | None:
    """Write the traceback where it can be sent from; None where nothing can be written."""
    path = bug_log()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(traceback.format_exception(error)), encoding="utf-8")
    except OSError:
        return None
    return path


def _usage(error: BaseException, message: str) -> Failure:
    """Complete what the parser says with the command whose help helps."""
    context = getattr(error, "ctx", None)
    command = getattr(context, "command_path", None) or "elite-sizer"
    hint = "" if message.startswith("Usage:") else f"\nTry: {command} --help"
    return Failure(Refusal("usage", message), f"{message}{hint}", USAGE)
