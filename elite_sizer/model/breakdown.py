"""A decision as people are shown it: what was asked, the lots, which cap cut them, and how long they are good."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from msgspec import Struct

from elite_sizer.model.context import SizingContext
from elite_sizer.model.outcome import Flag, Outcome, RolloutResult, SizerResult
from elite_sizer.model.request import Intent, Request
from portfolio.model import Account
from portfolio.reasons import Refusal


class Envelope(NamedTuple):
    """Facts of a decision that do not come from its context; passed in, so that the same inputs give the same bytes."""

    id: str
    at: datetime
    ttl: timedelta = timedelta(seconds=10)
    lease: str | None = None
    fence: int | None = None
    terminal: str = ""
    """Name of the terminal that was read; `simulated` is marked wherever the decision is shown."""
    config_digest: str = ""
    version: str = ""
    magic: int = 0
    deviation_points: int = 10


class Valid(Struct, frozen=True):
    """The time, and the entry price, up to which the lots are valid."""

    until: datetime
    worst_entry: Decimal | None
    """Beyond this entry the loss at the decided stop no longer fits the room."""
    lease: str | None = None
    fence: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Breakdown:
    """The part of a decision that a table and a log record show; `Decision` adds what is sent and recorded."""

    envelope: Envelope
    request: Request | None
    """None where the idea itself could not be read."""
    flag: Flag | None
    outcome: Outcome
    reason: Refusal | None
    lots: Decimal
    sizer: str
    binding: str
    intent: Intent | None = None
    account: Account | None = None
    context: SizingContext | None = None
    """Everything the sizers and caps saw; None for exits, and where a refusal came before there was one."""
    verdict: RolloutResult | None = None
    valid: Valid | None = None
    guarantee: str = "modelled"

    @property
    def id(self) -> str:
        """Identifies the decision in the journal and in the order's comment."""
        return self.envelope.id

    @property
    def answer(self) -> SizerResult | None:
        """Result of the sizer that counts; None for an exit or an early refusal."""
        return None if self.verdict is None else self.verdict.answer
