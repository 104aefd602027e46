"""How many lots to trade, and why: `Sizer`, `TradeIdea`, `Decision`."""

from __future__ import annotations
