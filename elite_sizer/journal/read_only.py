"""Ask without leaving a trace: what is recorded is read, and nothing is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from elite_sizer.journal.recorder import DecisionRecord, Recorder
from portfolio.ledger.account_ledger import Held
from portfolio.ledger.ledger import reservations

if TYPE_CHECKING:
    from datetime import datetime

    from elite_sizer.configuration.settings import Settings
    from portfolio.ledger.account_ledger import View
    from portfolio.ledger.ledger import Advance, CallTerms, Replay
    from portfolio.reasons import Refusal


class ReadOnlyRecorder(Recorder):
    """A recorder that keeps nothing; it can't reserve either, since a hold that is not written holds nothing."""

    @classmethod
    def of(cls, recorder: Recorder) -> Self:
        """Return one that reads the same database."""
        return cls(None if recorder.failure else recorder.store, recorder.journal, recorder.failure)

    def record(
        self,
        account: str,  # noqa: ARG002 - as the recorder's own
        kept: DecisionRecord,
        question: CallTerms | None = None,  # noqa: ARG002
        *,
        advance: Advance | None = None,  # noqa: ARG002
    ) -> DecisionRecord | Replay | Refusal:
        """Return the decision as it is."""
        return kept

    def beside(
        self,
        account: str,
        view: View,  # noqa: ARG002
        *,
        now: datetime,
        question: CallTerms,  # noqa: ARG002
    ) -> tuple[Held, ...] | Refusal:
        """Count everything that is reserved: what a snapshot proves of it would have to be written."""
        return tuple(Held(one, one.hold) for one in reservations(self.store, account, now=now))

    def halt(self, scope: str, reason: Refusal, now: datetime) -> None:
        """Latch nothing."""

    def tell(self, kept: DecisionRecord, settings: Settings) -> None:
        """Write no line."""

    def attempt(
        self, account: str, kept: DecisionRecord, settings: Settings, question: CallTerms | None = None
    ) -> None:
        """Write nothing anywhere."""
