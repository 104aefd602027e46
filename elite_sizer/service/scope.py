"""Who asks, and what answers: the terms of one request, and everything that decides it as it stands at that moment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from elite_sizer.configuration.settings import Settings
from elite_sizer.inputs.market_study import Research
from elite_sizer.inputs.terminals import OpenTerminal
from elite_sizer.journal.recorder import Recorder
from elite_sizer.model.outcome import Flag
from elite_sizer.request.idea import TradeIdea
from elite_sizer.sizing.decision import Decision
from elite_sizer.sizing.rollout import Plan
from portfolio.reasons import Refusal
from portfolio.rules.rule_set import Rules


@dataclass(frozen=True, slots=True)
class SizeCall:
    """The idea and the terms under which the answer may be used."""

    idea: TradeIdea
    reserve: bool = True
    key: str | None = None
    fenced: bool = False
    caller: str = ""


class EntryInputs(NamedTuple):
    """What an entry is decided with; an exit needs none of it."""

    plan: Plan
    rules: Rules
    research: Research


@dataclass(frozen=True, slots=True)
class CallServices:
    """What decides, as it stands for one request."""

    settings: Settings
    flag: Flag | None
    means: EntryInputs | Refusal
    stop: Refusal | None
    """The STOP file."""
    desk: OpenTerminal
    recorder: Recorder
    restore: Callable[[bytes], Decision]
    """Makes a decision again from its journal line."""
