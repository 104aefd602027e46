"""Swap: the cost or gain of a position over the server's midnight."""

from __future__ import annotations

from mt5bridge.metatrader.constants import Constants
from mt5bridge.simulated.broker.book import BookPosition
from mt5bridge.simulated.market.contracts import Contract
from mt5bridge.simulated.market.pricing import BUY, Pricing

SATURDAY = 5
BANKING_YEAR = 360
IN_CURRENCY = (
    Constants.SYMBOL_SWAP_MODE_CURRENCY_SYMBOL,
    Constants.SYMBOL_SWAP_MODE_CURRENCY_MARGIN,
    Constants.SYMBOL_SWAP_MODE_CURRENCY_DEPOSIT,
)
YEARLY = (Constants.SYMBOL_SWAP_MODE_INTEREST_CURRENT, Constants.SYMBOL_SWAP_MODE_INTEREST_OPEN)


def nights(contract: Contract, weekday: int) -> int:
    """Return the number of nights booked at the end of `weekday` (0 Monday): none at weekends, three on one day."""
    if weekday >= SATURDAY:
        return 0
    # the package counts the days from Sunday, Python from Monday
    return 3 if contract.swap_rollover3days == (weekday + 1) % 7 else 1


def swap(pricing: Pricing, contract: Contract, position: BookPosition, price: float) -> float:
    """Return one night's swap in deposit currency, rounded; negative is a charge, 0.0 without a conversion."""
    points = contract.swap_long if position.side == BUY else contract.swap_short
    mode, lots = contract.swap_mode, position.volume
    if mode == Constants.SYMBOL_SWAP_MODE_POINTS:
        amount, source = pricing.gain(contract, BUY, lots, 0.0, points * contract.point), contract.currency_profit
    elif mode in IN_CURRENCY:
        currencies = (contract.currency_base, contract.currency_margin, pricing.currency)
        amount, source = points * lots, currencies[IN_CURRENCY.index(mode)]
    elif mode in YEARLY:
        basis = price if mode == Constants.SYMBOL_SWAP_MODE_INTEREST_CURRENT else position.price_open
        yearly = pricing.gain(contract, BUY, lots, 0.0, basis) * points / 100
        amount, source = yearly / BANKING_YEAR, contract.currency_profit
    else:
        return 0.0
    rate = pricing.rate(source, pricing.currency, dear=amount < 0)
    return 0.0 if rate is None else pricing.round_money(amount * rate)
