"""Compute journaled decisions again and say which of them come out differently."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from elite_sizer import wire
from elite_sizer.compose import plan
from elite_sizer.config import parse
from elite_sizer.decision import Decision, refused
from elite_sizer.journal import Journal
from elite_sizer.rollout import Plan
from elite_sizer.wire import JournalLine
from portfolio.errors import ConfigError
from portfolio.reasons import Refusal


class Status(StrEnum):
    """What computing a line again came to."""

    SAME = "same"
    DIFFERENT = "different"
    NO_CONTEXT = "no_context"
    """An exit, or a refusal that came before there was anything to compute."""
    UNREADABLE = "unreadable"


class Checked(NamedTuple):
    """One journal line, computed again."""

    id: str
    status: Status
    detail: str = ""


def check(line: bytes, plan_for: Callable[[JournalLine], Plan]) -> Checked:
    """Return whether a journal line, computed again from its own context, gives the same bytes."""
    try:
        read = wire.read_line(line)
        again = wire.recomputed(read, plan_for)
    except (ValueError, ConfigError, OSError) as error:
        return Checked("", Status.UNREADABLE, str(error))
    if again is None:
        return Checked(read.id, Status.NO_CONTEXT)
    made = wire.to_line(again)
    if made == line:
        return Checked(read.id, Status.SAME)
    return Checked(read.id, Status.DIFFERENT, _first_difference(line, made))


def plans(journal: Journal) -> Callable[[JournalLine], Plan]:
    """Return what makes the plan of a line from the configurations kept beside the journal.

    A configuration that is not there raises ConfigError.
    """

    @lru_cache(maxsize=64)
    def made(digest: str, value: str, source: str, also: tuple[str, ...]) -> Plan:
        body = journal.config(digest)
        if body is None:
            message = f"the configuration {digest} is not beside the journal in {journal.folder}"
            raise ConfigError(message)
        flag = wire.flag_from(value, source)
        return plan(parse(body), flag, also)

    def plan_for(read: JournalLine) -> Plan:
        if read.flag is None:
            message = f"decision {read.id} has a context but no flag"
            raise ConfigError(message)
        also = tuple(str(other["sizer"]) for other in read.also)
        return made(read.config_digest, read.flag["value"], read.flag["source"], also)

    return plan_for


def restored(line: bytes, plan_for: Callable[[JournalLine], Plan]) -> Decision:
    """Return the decision of a journal line: computed again, or the refusal it holds."""
    read = wire.read_line(line)
    again = wire.recomputed(read, plan_for)
    if again is not None:
        return again
    reason = read.reason or {"code": "recording_invalid", "detail": "the line holds neither a context nor a reason"}
    return refused(Refusal(reason["code"], reason["detail"]), wire.envelope_of(read))


def _first_difference(line: bytes, made: bytes) -> str:
    at = next(
        (at for at, (old, new) in enumerate(zip(line, made, strict=False)) if old != new), min(len(line), len(made))
    )
    start = max(0, at - 40)
    old, new = line[start : at + 40].decode(errors="replace"), made[start : at + 40].decode(errors="replace")
    return f"at byte {at}: {old!r} is now {new!r}"
