"""Ask without leaving a trace: what is recorded is read, and nothing is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from elite_sizer.record import Entry, Recorder

if TYPE_CHECKING:
    from elite_sizer.config import Settings
    from portfolio.ledger import Advance, Question, Replay
    from portfolio.reasons import Refusal


class Unkept(Recorder):
    """A recorder that keeps nothing; it can't reserve either, since a hold that is not written holds nothing."""

    @classmethod
    def of(cls, recorder: Recorder) -> Self:
        """Return one that reads the same database."""
        return cls(None if recorder.failure else recorder.store, recorder.journal, recorder.failure)

    def record(
        self,
        account: str,  # noqa: ARG002 - as the recorder's own
        kept: Entry,
        question: Question | None = None,  # noqa: ARG002
        *,
        advance: Advance | None = None,  # noqa: ARG002
    ) -> Entry | Replay | Refusal:
        """Return the decision as it is."""
        return kept

    def tell(self, kept: Entry, settings: Settings) -> None:
        """Write no line."""

    def attempt(self, account: str, kept: Entry, settings: Settings) -> None:
        """Write nothing anywhere."""
