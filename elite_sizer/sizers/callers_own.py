"""The caller's own sizer: a function, or the lots that the request brings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from elite_sizer.model.context import Proposer, SizingContext
from elite_sizer.model.plugin import Proposal, Step, is_figure, is_sentence


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


def _sound(proposal: Proposal) -> Proposal:
    """Return the proposal if every step can be shown and written down; else raise TypeError, which refuses."""
    steps: object = proposal.steps
    for step in steps if isinstance(steps, tuple) else (steps,):
        if not isinstance(step, Step) or not all(map(is_sentence, (step.stage, step.name, step.because))):
            message = f"proposed the step {step!r}, which is no Step with a name and a sentence"
            raise TypeError(message)
        if not all(figure is None or is_figure(figure) for figure in (step.before, step.after)):
            message = f"proposed the step {step.name}, whose figures are no finite Decimals"
            raise TypeError(message)
    return proposal


@dataclass(frozen=True, slots=True)
class CallersSizer:
    """A caller's own function of the context; it returns lots as any number, or a Proposal."""

    path: str
    function: Callable[[SizingContext], object]

    def __call__(self, context: SizingContext) -> Proposal:
        """Return its lots digit for digit; what is no number raises TypeError, which refuses `legacy_error`."""
        try:
            answer = self.function(context)
        except SystemExit as error:
            message = "called sys.exit; return 0 lots instead"
            raise RuntimeError(message) from error
        if isinstance(answer, Proposal):
            return _sound(answer)
        if isinstance(answer, bool) or not isinstance(answer, (int, float, Decimal)):
            message = f"returned {answer!r}, which is neither lots nor a Proposal"
            raise TypeError(message)
        lots = Decimal(answer) if isinstance(answer, Decimal) else Decimal(repr(answer))
        return Proposal(lots=lots, steps=(Step("base", self.path, None, None, "the configured legacy function"),))
