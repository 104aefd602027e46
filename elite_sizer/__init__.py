"""How many lots to trade, and why: `Sizer`, `TradeIdea`, `Decision`."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from elite_sizer.siblings import check
from elite_sizer.version import VERSION as __version__  # noqa: N811 - the name that Python programs look for

if TYPE_CHECKING:
    from elite_sizer.request.idea import TradeIdea
    from elite_sizer.service.sizer import Sizer
    from elite_sizer.sizing.decision import Decision

__all__ = ["Decision", "Sizer", "TradeIdea", "__version__"]

_WHERE: Final = {
    "Decision": "elite_sizer.sizing.decision",
    "Sizer": "elite_sizer.service.sizer",
    "TradeIdea": "elite_sizer.request.idea",
}

check()


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a public name is loaded when it is first used
    if name not in _WHERE:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(_WHERE[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
