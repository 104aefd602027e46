"""Margin that one lot ties up, by the documented formula of its contract."""

from __future__ import annotations

from decimal import Decimal, localcontext
from typing import Final

from portfolio.model import ONE, ZERO, Side, SymbolSpec
from portfolio.reasons import Refusal, refuse
from portfolio.rounding import UP, loss_up
from portfolio.valuation.conversion import FOREX_MODES, Prices, conversion

LEVERAGED_MODES: Final = frozenset({0, 4})
CFD_INDEX_MODE: Final = 3
FORTS_MODE: Final = 34
"""FORTS futures, whatever the Python package calls this number."""


def margin_per_lot(market: Prices, symbol: str, side: Side, price: Decimal, leverage: int) -> Decimal | Refusal:
    """Return the margin of one lot opened at `price`, in deposit currency, rounded up to 1e-8.

    The terminal's margin rate can't be read from Python and counts as 1 here, so this is for simulated and
    recorded terminals; a live one is asked. A symbol's own initial margin, where there is one, goes before the
    formula. Refuses `margin_unavailable` where the page has no formula, `fx_rate_missing`, and as `Prices.contract`.
    Source: MQL5 documentation, symbol properties; MQL5 Book 6.1.16.
    """
    spec = market.contract(symbol)
    if isinstance(spec, Refusal):
        return spec
    with localcontext(UP):
        amount = _amount(spec, price, Decimal(leverage))
        if amount is None:
            return refuse("margin_unavailable", f"{symbol}: no margin formula applies to calc mode {spec.calc_mode}")
        currency = market.currency if _in_deposit_currency(spec) else _currency(spec)
        rate = conversion(market, currency, market.currency, paying=True)
        if isinstance(rate, Refusal):
            return rate
        return loss_up(max(amount * rate - _discount(spec, side, price), ZERO))


def _amount(spec: SymbolSpec, price: Decimal, leverage: Decimal) -> Decimal | None:
    """Return the margin of a lot in its own currency, None where no formula or figure is given."""
    if spec.margin_initial > 0:
        return spec.margin_initial
    match spec.calc_mode:
        # SYMBOL_CALC_MODE: Forex, and Forex without leverage
        case 0 | 5:
            value = ONE
        # CFDs, without leverage and with
        case 2 | 4:
            value = price
        # CFDs on an index
        case 3:
            value = price * spec.tick_value / spec.tick_size
        # shares on an exchange, and on MOEX
        case 32 | 38:
            value = spec.last_price or price
        # bonds, whose price is per cent of the face value
        case 37 | 39:
            value = price * spec.face_value / 100
        case _:
            return None
    if spec.calc_mode not in LEVERAGED_MODES:
        return spec.contract_size * value
    return spec.contract_size * value / leverage if leverage > 0 else None


def _in_deposit_currency(spec: SymbolSpec) -> bool:
    """Tell whether the formula multiplies by the tick value, which is money of the account already."""
    return spec.calc_mode == CFD_INDEX_MODE and spec.margin_initial <= 0


def _currency(spec: SymbolSpec) -> str:
    """Return the currency of the formula's result.

    Size times price is money of the profit currency; a contract that names its own base as margin currency
    (BTCUSD in BTC) would otherwise be multiplied by its price twice.
    """
    if spec.calc_mode in FOREX_MODES or spec.margin_initial > 0 or spec.currency_margin != spec.currency_base:
        return spec.currency_margin
    return spec.currency_profit


def _discount(spec: SymbolSpec, side: Side, price: Decimal) -> Decimal:
    """Return the discount of FORTS for an order on the better side of the settlement price; deposit currency."""
    if spec.calc_mode != FORTS_MODE or spec.settlement_price <= 0:
        return ZERO
    better = (spec.settlement_price - price) * side.sign
    return max(better, ZERO) * spec.tick_value / spec.tick_size
