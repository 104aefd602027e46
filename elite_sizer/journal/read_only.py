"""Recorder for `--no-log`: reads the database, writes nothing."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from elite_sizer.configuration.settings import Settings
from elite_sizer.journal.recorder import DecisionRecord, Recorder
from portfolio.ledger.account_ledger import Held, View
from portfolio.ledger.ledger import Advance, CallTerms, reservations
from portfolio.reasons import Refusal


class ReadOnlyRecorder(Recorder):
    """A recorder that writes nothing; it can't reserve either, since a hold that is not written reserves nothing."""

    @classmethod
    def of(cls, recorder: Recorder) -> Self:
        """Return one that reads the same database."""
        return cls(None if recorder.failure else recorder.store, recorder.journal, recorder.failure)

    def record(
        self, _account: str, record: DecisionRecord, _terms: CallTerms | None = None, *, advance: Advance | None = None
    ) -> DecisionRecord:
        """Return the decision as it is."""
        del advance
        return record

    def beside(self, account: str, _view: View, *, now: datetime, terms: CallTerms) -> tuple[Held, ...]:
        """Count everything that is reserved: the evidence of a snapshot would have to be written."""
        del terms
        return tuple(Held(entry, entry.hold) for entry in reservations(self.store, account, now=now))

    def halt(self, scope: str, reason: Refusal, now: datetime) -> None:
        """Latch nothing."""

    def write_line(self, record: DecisionRecord, settings: Settings) -> None:
        """Write no line."""

    def attempt(self, account: str, record: DecisionRecord, settings: Settings, terms: CallTerms | None = None) -> None:
        """Write nothing anywhere."""
