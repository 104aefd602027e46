"""The caps by name. The hard ones protect the account and also guard a legacy sizer; ties bind in this order."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

HARD: Mapping[str, str] = MappingProxyType(
    {
        "open_stop": "elite_sizer.caps.open_stop:open_stop",
        "per_trade": "elite_sizer.caps.per_trade:PerTrade",
        "idea_risk": "elite_sizer.caps.idea_risk:IdeaRisk",
        "broker_volume": "elite_sizer.caps.broker_volume:broker_volume",
        "free_margin": "elite_sizer.caps.free_margin:FreeMargin",
        "daily_loss": "elite_sizer.caps.daily_loss:daily_loss",
        "maximum_loss": "elite_sizer.caps.maximum_loss:maximum_loss",
        "following_peak": "elite_sizer.caps.following_peak:following_peak",
        "firm_trade_risk": "elite_sizer.caps.firm_trade_risk:firm_trade_risk",
        "firm_idea_risk": "elite_sizer.caps.firm_idea_risk:firm_idea_risk",
        "firm_floating_loss": "elite_sizer.caps.firm_floating_loss:firm_floating_loss",
        "firm_lots": "elite_sizer.caps.firm_lots:firm_lots",
        "firm_orders": "elite_sizer.caps.firm_orders:firm_orders",
        "blackout": "elite_sizer.caps.blackout:blackout",
        "daily_halt": "elite_sizer.caps.daily_halt:DailyHalt",
        "drawdown_halt": "elite_sizer.caps.drawdown_halt:DrawdownHalt",
    }
)

SOFT: Mapping[str, str] = MappingProxyType(
    {
        "symbol_lots": "elite_sizer.caps.symbol_lots:SymbolLots",
        "margin_per_trade": "elite_sizer.caps.margin_per_trade:MarginPerTrade",
        "exposure_per_trade": "elite_sizer.caps.exposure_per_trade:ExposurePerTrade",
        "symbol_exposure": "elite_sizer.caps.symbol_exposure:SymbolExposure",
        "gross_exposure": "elite_sizer.caps.gross_exposure:GrossExposure",
        "concentration": "elite_sizer.caps.concentration:concentration",
        "open_risk": "elite_sizer.caps.open_risk:OpenRisk",
        "max_positions": "elite_sizer.caps.max_positions:MaxPositions",
        "net_delta": "elite_sizer.caps.net_delta:NetDelta",
        "cash_reserve": "elite_sizer.caps.cash_reserve:CashReserve",
        "min_rr": "elite_sizer.caps.min_rr:MinRewardToRisk",
        "min_score": "elite_sizer.caps.min_score:MinScore",
        "min_position": "elite_sizer.caps.min_position:MinPosition",
        "trade_exposure": "elite_sizer.caps.trade_exposure:TradeExposure",
        "daily_exposure": "elite_sizer.caps.daily_exposure:DailyExposure",
        "weekly_exposure": "elite_sizer.caps.weekly_exposure:WeeklyExposure",
        "positions_per_day": "elite_sizer.caps.positions_per_day:PositionsPerDay",
        "positions_per_week": "elite_sizer.caps.positions_per_week:PositionsPerWeek",
    }
)

CAPS: Mapping[str, str] = MappingProxyType({**HARD, **SOFT})
