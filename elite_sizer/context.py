"""The first version's address of the context; import `SizingContext` from `elite_sizer`."""

import warnings

from elite_sizer.model.book_totals import Totals, totals
from elite_sizer.model.context import SizingContext
from elite_sizer.model.policy import Policy
from elite_sizer.model.request import HoldingPeriod as Hold
from elite_sizer.model.request import Intent, Request
from elite_sizer.model.rooms import Rooms, rooms
from elite_sizer.model.trade_figures import LotRisk
from elite_sizer.model.trade_figures import MarketFigures as Market
from elite_sizer.model.trade_figures import TradingRecord as Record

__all__ = [
    "Hold",
    "Intent",
    "LotRisk",
    "Market",
    "Policy",
    "Record",
    "Request",
    "Rooms",
    "SizingContext",
    "Totals",
    "rooms",
    "totals",
]

warnings.warn("elite_sizer.context has moved; import its names from elite_sizer.", DeprecationWarning, stacklevel=2)
