"""What a decision shows of itself; the display takes it through these names, so that it stays below the sizing."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Protocol

from elite_sizer.model.context import SizingContext
from elite_sizer.model.outcome import Flag, Outcome, SizerResult
from elite_sizer.model.request import Intent, Request
from portfolio.model import Account
from portfolio.reasons import Refusal


class Origin(Protocol):
    """Which terminal answered."""

    @property
    def terminal(self) -> str: ...


class Validity(Protocol):
    """How long, and up to which price, the lots are good."""

    @property
    def until(self) -> datetime: ...
    @property
    def worst_entry(self) -> Decimal | None: ...


class Answers(Protocol):
    """The sizer's answer that was returned, and those recorded beside it."""

    @property
    def answer(self) -> SizerResult: ...
    @property
    def legacy(self) -> SizerResult: ...
    @property
    def elite(self) -> SizerResult | None: ...
    @property
    def also(self) -> tuple[SizerResult, ...]: ...


class Breakdown(Protocol):
    """A decision, as far as a table or a log record shows it."""

    @property
    def id(self) -> str: ...
    @property
    def envelope(self) -> Origin: ...
    @property
    def request(self) -> Request | None: ...
    @property
    def flag(self) -> Flag | None: ...
    @property
    def outcome(self) -> Outcome: ...
    @property
    def reason(self) -> Refusal | None: ...
    @property
    def lots(self) -> Decimal: ...
    @property
    def sizer(self) -> str: ...
    @property
    def binding(self) -> str: ...
    @property
    def intent(self) -> Intent | None: ...
    @property
    def account(self) -> Account | None: ...
    @property
    def context(self) -> SizingContext | None: ...
    @property
    def answer(self) -> SizerResult | None: ...
    @property
    def verdict(self) -> Answers | None: ...
    @property
    def valid(self) -> Validity | None: ...
    @property
    def guarantee(self) -> str: ...
