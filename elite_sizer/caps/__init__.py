"""The caps by name; a new one is a file in a folder of this room and a line below.

The hard ones protect the account and also guard a legacy sizer; ties bind in this order.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

HARD: Mapping[str, str] = MappingProxyType(
    {
        "open_stop": "elite_sizer.caps.risk.open_stop:open_stop",
        "per_trade": "elite_sizer.caps.risk.per_trade:PerTrade",
        "idea_risk": "elite_sizer.caps.risk.idea_risk:IdeaRisk",
        "broker_volume": "elite_sizer.caps.broker.broker_volume:broker_volume",
        "free_margin": "elite_sizer.caps.broker.free_margin:FreeMargin",
        "daily_loss": "elite_sizer.caps.firm.daily_loss:daily_loss",
        "maximum_loss": "elite_sizer.caps.firm.maximum_loss:maximum_loss",
        "following_peak": "elite_sizer.caps.firm.following_peak:following_peak",
        "firm_trade_risk": "elite_sizer.caps.firm.firm_trade_risk:firm_trade_risk",
        "firm_idea_risk": "elite_sizer.caps.firm.firm_idea_risk:firm_idea_risk",
        "firm_floating_loss": "elite_sizer.caps.firm.firm_floating_loss:firm_floating_loss",
        "firm_lots": "elite_sizer.caps.firm.firm_lots:firm_lots",
        "firm_orders": "elite_sizer.caps.firm.firm_orders:firm_orders",
        "blackout": "elite_sizer.caps.activity.blackout:blackout",
        "daily_halt": "elite_sizer.caps.activity.daily_halt:DailyHalt",
        "drawdown_halt": "elite_sizer.caps.activity.drawdown_halt:DrawdownHalt",
    }
)

SOFT: Mapping[str, str] = MappingProxyType(
    {
        "symbol_lots": "elite_sizer.caps.broker.symbol_lots:SymbolLots",
        "margin_per_trade": "elite_sizer.caps.broker.margin_per_trade:MarginPerTrade",
        "exposure_per_trade": "elite_sizer.caps.exposure.exposure_per_trade:ExposurePerTrade",
        "symbol_exposure": "elite_sizer.caps.exposure.symbol_exposure:SymbolExposure",
        "gross_exposure": "elite_sizer.caps.exposure.gross_exposure:GrossExposure",
        "concentration": "elite_sizer.caps.risk.concentration:concentration",
        "open_risk": "elite_sizer.caps.risk.open_risk:OpenRisk",
        "max_positions": "elite_sizer.caps.activity.max_positions:MaxPositions",
        "net_delta": "elite_sizer.caps.exposure.net_delta:NetDelta",
        "cash_reserve": "elite_sizer.caps.exposure.cash_reserve:CashReserve",
        "min_rr": "elite_sizer.caps.risk.min_rr:MinRewardToRisk",
        "min_score": "elite_sizer.caps.risk.min_score:MinScore",
        "min_position": "elite_sizer.caps.exposure.min_position:MinPosition",
        "trade_exposure": "elite_sizer.caps.exposure.trade_exposure:TradeExposure",
        "daily_exposure": "elite_sizer.caps.exposure.daily_exposure:DailyExposure",
        "weekly_exposure": "elite_sizer.caps.exposure.weekly_exposure:WeeklyExposure",
        "positions_per_day": "elite_sizer.caps.activity.positions_per_day:PositionsPerDay",
        "positions_per_week": "elite_sizer.caps.activity.positions_per_week:PositionsPerWeek",
    }
)

CAPS: Mapping[str, str] = MappingProxyType({**HARD, **SOFT})
