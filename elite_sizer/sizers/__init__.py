"""The sizers by name; each can be the live or the legacy one; a new one is a file here and a line below."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

SIZERS: Mapping[str, str] = MappingProxyType(
    {
        "elite": "elite_sizer.sizers.elite:Elite",
        "dual_cap": "elite_sizer.sizers.dual_cap:DualCap",
        "conviction": "elite_sizer.sizers.conviction:Conviction",
        "leveraged_margin": "elite_sizer.sizers.leveraged_margin:LeveragedMargin",
        "kelly_atr": "elite_sizer.sizers.kelly_atr:KellyAtr",
        "fixed_risk": "elite_sizer.sizers.fixed_risk:FixedRisk",
    }
)
