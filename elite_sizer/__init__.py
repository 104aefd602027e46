"""Position sizing for prop-firm accounts: `Sizer`, `TradeIdea`, `Decision`, and the types of a plug-in or a bot."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from elite_sizer.siblings import check
from elite_sizer.version import VERSION as __version__  # noqa: N811 - the name that Python programs look for

if TYPE_CHECKING:
    from elite_sizer.configuration.flag import write_flag
    from elite_sizer.model.context import SizingContext
    from elite_sizer.model.outcome import FlagValue
    from elite_sizer.model.plugin import Limit, Proposal, Scaling, Step
    from elite_sizer.model.setting import (
        ATRS,
        CORRELATION,
        COUNT,
        DAYS,
        FRACTION,
        FREE_TO_CHANGE,
        HOURS,
        LOTS,
        MINUTES,
        MONEY,
        MONEY_PER_LOT,
        NEVER_WHILE_RUNNING,
        POINTS,
        RATIO,
        SCORE,
        SECONDS,
        TIGHTER_ABOVE,
        TIGHTER_BELOW,
        TIGHTER_FALSE,
        TIGHTER_TRUE,
        TIMES,
        TIMES_EQUITY,
    )
    from elite_sizer.request.idea import TradeIdea
    from elite_sizer.service.sizer import Sizer
    from elite_sizer.sizing.decision import Decision
    from portfolio.errors import ConfigError
    from portfolio.reasons import Refusal
    from portfolio.reservation.reservation import Reservation

__all__ = [
    "ATRS",
    "CORRELATION",
    "COUNT",
    "DAYS",
    "FRACTION",
    "FREE_TO_CHANGE",
    "HOURS",
    "LOTS",
    "MINUTES",
    "MONEY",
    "MONEY_PER_LOT",
    "NEVER_WHILE_RUNNING",
    "POINTS",
    "RATIO",
    "SCORE",
    "SECONDS",
    "TIGHTER_ABOVE",
    "TIGHTER_BELOW",
    "TIGHTER_FALSE",
    "TIGHTER_TRUE",
    "TIMES",
    "TIMES_EQUITY",
    "ConfigError",
    "Decision",
    "FlagValue",
    "Limit",
    "Proposal",
    "Refusal",
    "Reservation",
    "Scaling",
    "Sizer",
    "SizingContext",
    "Step",
    "TradeIdea",
    "__version__",
    "write_flag",
]

_WHERE: Final = {
    "ATRS": "elite_sizer.model.setting",
    "CORRELATION": "elite_sizer.model.setting",
    "COUNT": "elite_sizer.model.setting",
    "ConfigError": "portfolio.errors",
    "DAYS": "elite_sizer.model.setting",
    "Decision": "elite_sizer.sizing.decision",
    "FRACTION": "elite_sizer.model.setting",
    "FREE_TO_CHANGE": "elite_sizer.model.setting",
    "FlagValue": "elite_sizer.model.outcome",
    "HOURS": "elite_sizer.model.setting",
    "LOTS": "elite_sizer.model.setting",
    "Limit": "elite_sizer.model.plugin",
    "MINUTES": "elite_sizer.model.setting",
    "MONEY": "elite_sizer.model.setting",
    "MONEY_PER_LOT": "elite_sizer.model.setting",
    "NEVER_WHILE_RUNNING": "elite_sizer.model.setting",
    "POINTS": "elite_sizer.model.setting",
    "Proposal": "elite_sizer.model.plugin",
    "RATIO": "elite_sizer.model.setting",
    "Refusal": "portfolio.reasons",
    "Reservation": "portfolio.reservation.reservation",
    "SCORE": "elite_sizer.model.setting",
    "SECONDS": "elite_sizer.model.setting",
    "Scaling": "elite_sizer.model.plugin",
    "Sizer": "elite_sizer.service.sizer",
    "SizingContext": "elite_sizer.model.context",
    "Step": "elite_sizer.model.plugin",
    "TIGHTER_ABOVE": "elite_sizer.model.setting",
    "TIGHTER_BELOW": "elite_sizer.model.setting",
    "TIGHTER_FALSE": "elite_sizer.model.setting",
    "TIGHTER_TRUE": "elite_sizer.model.setting",
    "TIMES": "elite_sizer.model.setting",
    "TIMES_EQUITY": "elite_sizer.model.setting",
    "TradeIdea": "elite_sizer.request.idea",
    "write_flag": "elite_sizer.configuration.flag",
}

check()


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a public name is loaded when it is first used
    if name not in _WHERE:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(_WHERE[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
