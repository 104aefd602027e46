"""Make a terminal's rows from captured values; a field that the capture leaves out holds the terminal's empty value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mt5bridge.metatrader import structs as records
from mt5bridge.metatrader.structs import Record

TYPES: Mapping[str, type[Record]] = {
    row_type.__name__: row_type
    for row_type in (
        *(records.AccountInfo, records.TerminalInfo, records.SymbolInfo, records.Tick, records.TradePosition),
        *(records.TradeOrder, records.TradeDeal, records.TradeRequest, records.OrderSendResult),
        *(records.OrderCheckResult, records.BookInfo),
    )
}
"""The record types by the package's names."""

RATES = ("time", "open", "high", "low", "close", "tick_volume", "spread", "real_volume")
"""Columns of `copy_rates_*`."""

RATES_DTYPE = tuple(zip(RATES, ("<i8", "<f8", "<f8", "<f8", "<f8", "<u8", "<i4", "<u8"), strict=True))

STRUCTS: Mapping[str, tuple[str, ...]] = {name: row_type.__match_args__ for name, row_type in TYPES.items()}
"""Field names of every record type, in order."""

_TEXT = frozenset(
    {
        *("name", "server", "currency", "company", "language", "path", "data_path", "commondata_path", "basis"),
        *("category", "currency_base", "currency_profit", "currency_margin", "bank", "description", "exchange"),
        *("formula", "isin", "page", "symbol", "comment", "external_id"),
    }
)
_FLAGS = frozenset(
    {
        *("trade_allowed", "trade_expert", "fifo_close", "community_account", "community_connection", "connected"),
        *("dlls_allowed", "tradeapi_disabled", "email_enabled", "ftp_enabled", "notifications_enabled", "mqid"),
        *("custom", "select", "visible", "spread_float", "margin_hedged_use_leg"),
    }
)
_FRACTIONS = frozenset(
    {
        *("bid", "ask", "last", "volume_real", "bidhigh", "bidlow", "askhigh", "asklow", "lasthigh", "lastlow"),
        *("balance", "credit", "profit", "equity", "margin", "margin_free", "margin_level", "margin_so_call"),
        *("margin_so_so", "margin_initial", "margin_maintenance", "assets", "liabilities", "commission_blocked"),
        *("community_balance", "retransmission", "volumehigh_real", "volumelow_real", "option_strike", "point"),
        *("trade_tick_value", "trade_tick_value_profit", "trade_tick_value_loss", "trade_tick_size"),
        *("trade_contract_size", "trade_accrued_interest", "trade_face_value", "trade_liquidity_rate"),
        *("volume_min", "volume_max", "volume_step", "volume_limit", "swap_long", "swap_short", "session_volume"),
        *("session_turnover", "session_interest", "session_buy_orders_volume", "session_sell_orders_volume"),
        *("session_open", "session_close", "session_aw", "session_price_settlement", "session_price_limit_min"),
        *("session_price_limit_max", "margin_hedged", "price_change", "price_volatility", "price_theoretical"),
        *("price_greeks_delta", "price_greeks_theta", "price_greeks_gamma", "price_greeks_vega"),
        *("price_greeks_rho", "price_greeks_omega", "price_sensitivity", "price_open", "sl", "tp"),
        *("price_current", "swap", "price", "commission", "fee", "volume_initial", "volume_current"),
        *("price_stoplimit", "stoplimit"),
    }
)
_WHOLE_VOLUME = frozenset({"Tick", "SymbolInfo"})


def is_text(field: str) -> bool:
    """Whether a field holds text."""
    return field in _TEXT


def is_flag(field: str) -> bool:
    """Whether a field holds yes or no."""
    return field in _FLAGS


def is_fraction(struct: str, field: str) -> bool:
    """Whether a field of a record type is a double; `volume` is whole in ticks and symbols, lots elsewhere."""
    return field in _FRACTIONS or (field == "volume" and struct not in _WHOLE_VOLUME)


def neutral(struct: str, field: str) -> str | bool | int | float:
    """Return the terminal's empty value of a field: "", False, 0.0 or 0."""
    if is_text(field):
        return ""
    if is_flag(field):
        return False
    return 0.0 if is_fraction(struct, field) else 0


def make(struct: str, values: Mapping[str, Any]) -> Record:
    """Return a record of the type `struct`; fields that `values` leaves out take their neutral value."""
    return TYPES[struct]([values[field] if field in values else neutral(struct, field) for field in STRUCTS[struct]])
