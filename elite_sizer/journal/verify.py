"""Compute journaled decisions again and say which of them come out differently."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from elite_sizer.configuration.plan import make_plan, names_own, plan
from elite_sizer.configuration.settings import Settings, parse
from elite_sizer.journal import decision_json as wire
from elite_sizer.journal import line as journal_line
from elite_sizer.journal.files import Journal
from elite_sizer.journal.line import JournalLine
from elite_sizer.journal.user_plugins import NeedsPluginError, recorded_parts
from elite_sizer.model.outcome import Flag
from elite_sizer.sizing.decision import Decision
from elite_sizer.sizing.rollout import Plan
from portfolio.errors import ConfigError


class LineStatus(StrEnum):
    """The outcome of computing a line again."""

    SAME = "same"
    DIFFERENT = "different"
    NO_CONTEXT = "no_context"
    """An exit, or a refusal that came before there was anything to compute."""
    UNREADABLE = "unreadable"
    NEEDS_PLUGIN = "needs_plugin"
    """Decided with a plug-in of the user's own, and the line does not hold what that returned; nothing is imported."""


class Checked(NamedTuple):
    """One journal line, computed again."""

    id: str
    status: LineStatus
    detail: str = ""


def check(line: bytes, plan_for: Callable[[JournalLine], Plan]) -> Checked:
    """Return whether a journal line, computed again from its own context, gives the same bytes."""
    try:
        recorded_line = journal_line.read(line)
        again = journal_line.recomputed(recorded_line, plan_for)
        line_again = None if again is None else wire.to_line(again)
    except NeedsPluginError as error:
        return Checked(recorded_line.id, LineStatus.NEEDS_PLUGIN, str(error))
    except Exception as error:  # noqa: BLE001 - a line that was tampered with may break anything
        return Checked("", LineStatus.UNREADABLE, f"{type(error).__name__}: {error}")
    if line_again is None:
        return Checked(recorded_line.id, LineStatus.NO_CONTEXT)
    if line_again == line:
        return Checked(recorded_line.id, LineStatus.SAME)
    return Checked(recorded_line.id, LineStatus.DIFFERENT, _first_difference(line, line_again))


def plans(journal: Journal, now: Settings | None = None) -> Callable[[JournalLine], Plan]:
    """Return a maker of the plan of a line, from the configurations written beside the journal or from the one of now.

    A configuration that is not there, or is not what it was, raises ConfigError. Nothing that a journal names is
    imported: a plug-in of the user's own returns again what the line holds. Only the configuration of now may load its
    own plug-ins, for lines of the first version, which hold no results of a legacy function.
    """

    @lru_cache(maxsize=64)
    def settings(digest: str) -> Settings:
        body = journal.config(digest)
        if body is None:
            message = f"the configuration {digest} is not beside the journal in {journal.folder}"
            raise ConfigError(message)
        document = parse(body)
        if document.digest != digest:
            message = f"the configuration {digest} in {journal.folder} was altered: it is {document.digest} now"
            raise ConfigError(message)
        return document

    def plan_for(line: JournalLine) -> Plan:
        if line.flag is None:
            message = f"decision {line.id} has a context but no flag"
            raise ConfigError(message)
        then = now if now is not None and now.digest == line.config_digest else settings(line.config_digest)
        flag, also = (
            Flag(line.flag.value, line.flag.source),
            tuple(result.sizer for result in line.also),
        )
        if not names_own(then, also):
            return plan(then, flag, also)
        try:
            return make_plan(then, flag, also, recorded_parts(line))
        except NeedsPluginError:
            if then is not now:
                raise
            return plan(then, flag, also)

    return plan_for


def restored(line: bytes, plan_for: Callable[[JournalLine], Plan]) -> Decision:
    """Return the decision of a journal line: computed again, or as the line shows it."""
    recorded_line = journal_line.read(line)
    try:
        again = journal_line.recomputed(recorded_line, plan_for)
    except NeedsPluginError:
        again = None
    return journal_line.from_line(recorded_line) if again is None else again


def _first_difference(line: bytes, line_again: bytes) -> str:
    differs = (at for at, (old, new) in enumerate(zip(line, line_again, strict=False)) if old != new)
    at = next(differs, min(len(line), len(line_again)))
    start = max(0, at - 40)
    old, new = line[start : at + 40].decode(errors="replace"), line_again[start : at + 40].decode(errors="replace")
    return f"at byte {at}: {old!r} is now {new!r}"
