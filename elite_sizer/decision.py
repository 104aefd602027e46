"""The answer to one request: the lots, why, what to send, and everything it was decided from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from elite_sizer.context import Intent, Request, SizingContext
from elite_sizer.outcome import Answer, Flag, Outcome
from elite_sizer.rollout import Verdict
from portfolio.exposure import Charge
from portfolio.model import Account, OrderType, Quote
from portfolio.reasons import REASONS, Refusal


class OrderPlan(NamedTuple):
    """What to send so that the trade is the one decided; `volume` is a float because the terminal takes no other."""

    type: OrderType
    intent: Intent
    volume: float
    price: Decimal
    stop: Decimal | None
    target: Decimal | None
    tick_size: Decimal
    filling: tuple[str, ...]
    deviation_points: int
    time_in_force: str
    magic: int
    comment: str
    ticket: int | None = None
    """The position to reduce or close, where the trade is an exit."""


class Valid(NamedTuple):
    """How long, and up to which price, the answer stands."""

    until: datetime
    worst_entry: Decimal | None
    """Beyond this entry the loss at the decided stop no longer fits the room."""
    lease: str | None = None
    fence: int | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """A size with its reasons. True where there are lots to trade; a refusal is a decision too, and never raises."""

    id: str
    at: datetime
    request: Request
    flag: Flag
    guard: bool
    outcome: Outcome
    reason: Refusal | None
    lots: Decimal
    sizer: str
    binding: str
    account: Account | None = None
    quote: Quote | None = None
    context: SizingContext | None = None
    """What it was decided from; None where a refusal came before there was one, and for exits."""
    verdict: Verdict | None = None
    fresh: tuple[Charge, ...] | None = None
    """Reservations found at commit, where they differed from the context's."""
    order: OrderPlan | None = None
    valid: Valid | None = None
    guarantee: str = "modelled"
    terminal: str = ""
    config_digest: str = ""
    version: str = ""

    def __bool__(self) -> bool:
        return self.lots > 0

    @property
    def answer(self) -> Answer | None:
        """The sizer's answer that was returned; None for an exit or an early refusal."""
        return None if self.verdict is None else self.verdict.answer

    @property
    def exit_code(self) -> int:
        """How a command that returns this decision exits (spec of the command line)."""
        return 0 if self.reason is None else REASONS[self.reason.code].exit_code

    def explain(self) -> str:
        """Return the breakdown as plain text, lots last."""
        from elite_sizer.breakdown import text  # noqa: PLC0415 - formatting is loaded when somebody reads

        return text(self)
