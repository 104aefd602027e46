"""How many lots to trade, and why: `Sizer`, `TradeIdea`, `Decision`, and what a plug-in or a bot needs besides."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from elite_sizer.siblings import check
from elite_sizer.version import VERSION as __version__  # noqa: N811 - the name that Python programs look for

if TYPE_CHECKING:
    from elite_sizer.configuration.flag import write_flag
    from elite_sizer.model.context import SizingContext
    from elite_sizer.model.outcome import FlagValue
    from elite_sizer.model.plugin import Limit, Proposal, Scaling
    from elite_sizer.request.idea import TradeIdea
    from elite_sizer.service.sizer import Sizer
    from elite_sizer.sizing.decision import Decision
    from portfolio.errors import ConfigError
    from portfolio.reasons import Refusal
    from portfolio.reservation.reservation import Reservation

__all__ = [
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
    "TradeIdea",
    "__version__",
    "write_flag",
]

_WHERE: Final = {
    "ConfigError": "portfolio.errors",
    "Decision": "elite_sizer.sizing.decision",
    "FlagValue": "elite_sizer.model.outcome",
    "Limit": "elite_sizer.model.plugin",
    "Proposal": "elite_sizer.model.plugin",
    "Refusal": "portfolio.reasons",
    "Reservation": "portfolio.reservation.reservation",
    "Scaling": "elite_sizer.model.plugin",
    "Sizer": "elite_sizer.service.sizer",
    "SizingContext": "elite_sizer.model.context",
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
