"""The sizers by name; each can be the live one or the legacy one."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

SIZERS: Mapping[str, str] = MappingProxyType(
    {
        "elite": "elite_sizer.sizers.elite:Elite",
        "fixed_risk": "elite_sizer.sizers.fixed_risk:FixedRisk",
    }
)
