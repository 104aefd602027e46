"""One sizing call: its options, and the services it uses."""

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
    """The trade idea, and the terms under which the caller may use the answer."""

    idea: TradeIdea
    reserve: bool = True
    key: str | None = None
    """Idempotency key: the same key with the same idea returns the stored decision."""
    fenced: bool = False
    caller: str = ""


class EntryInputs(NamedTuple):
    """Plan, firm rules and market figures; used for entries only."""

    plan: Plan
    rules: Rules
    research: Research


@dataclass(frozen=True, slots=True)
class CallServices:
    """Settings, flag, STOP file, terminal and recorder for one call."""

    settings: Settings
    flag: Flag | None
    inputs: EntryInputs | Refusal
    """A refusal where one of them is missing: then no entry is sized; exits need none of them."""
    stop: Refusal | None
    """The STOP file's halt of new entries."""
    terminal: OpenTerminal
    recorder: Recorder
    restore: Callable[[bytes], Decision]
    """Makes a decision again from its journal line."""
