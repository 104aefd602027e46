"""Open nothing inside a window that was set aside: news, sessions, the hours before a long close."""

from __future__ import annotations

from elite_sizer.model.context import SizingContext
from elite_sizer.model.plugin import Limit
from portfolio.model import ZERO
from portfolio.reasons import Reason

REASON = Reason("A configured window forbids entries now.", "Wait for its end.")


def blackout(context: SizingContext) -> Limit:
    """Allow nothing while a configured window is in force."""
    if context.window is None:
        return Limit(None, "lot", "no window in force")
    return Limit(ZERO, "lot", context.window)
