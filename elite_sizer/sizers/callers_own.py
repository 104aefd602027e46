"""The caller's own sizer: a function, or the lots that the request brings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from elite_sizer.model.context import Proposer, SizingContext
from elite_sizer.model.plugin import Proposal, Step


@dataclass(frozen=True, slots=True)
class CallerFirst:
    """The legacy sizer, unless the request carries the lots that the caller's own legacy function computed."""

    sizer: Proposer

    def __call__(self, context: SizingContext) -> Proposal:
        """Return the request's `legacy_lots` untouched, else what the configured legacy sizer proposes."""
        lots = context.request.legacy_lots
        if lots is None:
            return self.sizer(context)
        return Proposal(lots=lots, steps=(Step("base", "legacy_lots", None, None, "computed by the caller"),))


@dataclass(frozen=True, slots=True)
class CallersSizer:
    """A caller's own function of the context; it returns lots as any number, or a Proposal."""

    path: str
    function: Callable[[SizingContext], object]

    def __call__(self, context: SizingContext) -> Proposal:
        """Return its lots digit for digit; what is no number raises TypeError, which refuses `legacy_error`."""
        answer = self.function(context)
        if isinstance(answer, Proposal):
            return answer
        if isinstance(answer, bool) or not isinstance(answer, (int, float, Decimal)):
            message = f"returned {answer!r}, which is neither lots nor a Proposal"
            raise TypeError(message)
        lots = answer if isinstance(answer, Decimal) else Decimal(repr(answer))
        return Proposal(lots=lots, steps=(Step("base", self.path, None, None, "the configured legacy function"),))
