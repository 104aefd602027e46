"""The factors by name, in the order in which they are applied; a new one is a file here and a line below.

The blend is bounded together by the elite sizer's ceiling; what reduces is applied after it and never exceeds 1,
diversification last, since it needs the money at risk.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

BLEND: Mapping[str, str] = MappingProxyType(
    {
        "confidence": "elite_sizer.factors.confidence:Confidence",
        "market_score": "elite_sizer.factors.market_score:MarketScore",
        "regime": "elite_sizer.factors.regime:Regime",
        "performance": "elite_sizer.factors.performance:performance",
    }
)

REDUCE: Mapping[str, str] = MappingProxyType(
    {
        "drawdown": "elite_sizer.factors.drawdown:DrawdownThrottle",
        "multiplier": "elite_sizer.factors.multiplier:multiplier",
        "concurrent": "elite_sizer.factors.concurrent:concurrent",
        "diversification": "elite_sizer.factors.diversification:Diversification",
    }
)

FACTORS: Mapping[str, str] = MappingProxyType({**BLEND, **REDUCE})
