"""The integration guide's call: public are `ElitePositionSizer` and the guide's switch `USE_ELITE_SIZER`."""

from __future__ import annotations

from elite_sizer.dropin.position_sizer import ElitePositionSizer, use_elite_sizer

__all__ = ["ElitePositionSizer"]


def __getattr__(name: str) -> bool:
    if name != "USE_ELITE_SIZER":
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    return use_elite_sizer()
