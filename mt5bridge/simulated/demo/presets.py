"""Paper terminals ready to use: an empty account, and one in the middle of a trader's week."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from mt5bridge.metatrader.constants import Constants
from mt5bridge.simulated.broker.book import PaperAccount
from mt5bridge.simulated.market.bars import Tape, load_shipped
from mt5bridge.simulated.market.catalogue import CONTRACTS
from mt5bridge.simulated.market.clock import ServerRule, VirtualClock, server_offset
from mt5bridge.simulated.market.contracts import Contract
from mt5bridge.simulated.market.market import PaperMarket

NOON = datetime(2026, 6, 10, 12, tzinfo=UTC)
"""A Wednesday; EURUSD quotes 1.08510 / 1.08520."""
WATCHED = ("EURUSD", "GBPUSD", "USDJPY", "XAUUSD", "US500", "NAS100", "GER40", "USOIL", "BTCUSD")


def make_market(
    at: datetime,
    *,
    seed: int = 0,
    contracts: Mapping[str, Contract] = CONTRACTS,
    tape: Callable[[Contract], Tape] = load_shipped,
    rule: ServerRule = server_offset,
    tick_seconds: int = 15,
) -> tuple[PaperMarket, VirtualClock]:
    """Return a market and the clock it goes by."""
    clock = VirtualClock(at, rule)
    return PaperMarket(contracts, clock, seed=seed, tick_seconds=tick_seconds, tape=tape), clock


def paper_account(currency: str, leverage: int, *, netting: bool) -> PaperAccount:
    """Return an account's terms."""
    netted, hedged = Constants.ACCOUNT_MARGIN_MODE_RETAIL_NETTING, Constants.ACCOUNT_MARGIN_MODE_RETAIL_HEDGING
    digits = 0 if currency == "JPY" else 2
    return PaperAccount(
        currency=currency, currency_digits=digits, leverage=leverage, margin_mode=netted if netting else hedged
    )
