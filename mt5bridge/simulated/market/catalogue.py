"""The symbols the paper broker offers: eight currency pairs, two metals, four indices, oil, two coins, two shares.

All of it is synthetic: sizes, spreads, swaps, margins and commissions are of the order common at prop firms and no
claim that they are anybody's. Two figures have a source in the public record: index contracts of one unit with a point
of 0.01, and a commission of 5 USD per round-turn lot of a currency pair (half on each deal here).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from mt5bridge.metatrader.constants import Constants
from mt5bridge.simulated.market.contracts import EVERY_DAY, Commission, Contract, TradingHours

HOUR = 3600
INDEX_HOURS = TradingHours(opens=HOUR)
PAIR_COMMISSION = Commission(per_lot=2.5)


def _pair(name: str, description: str, spread: int, swap_long: float, swap_short: float) -> Contract:
    base, profit = name[:3], name[3:]
    return Contract(
        name=name,
        path=f"Forex\\{name}",
        description=description,
        currency_base=base,
        currency_profit=profit,
        currency_margin=base,
        digits=3 if profit == "JPY" else 5,
        trade_contract_size=100_000.0,
        volume_min=0.01,
        volume_max=50.0,
        volume_step=0.01,
        spread=spread,
        swap_long=swap_long,
        swap_short=swap_short,
        margin_hedged=100_000.0,
        commission=PAIR_COMMISSION,
    )


def _metal(name: str, description: str, digits: int, lot: float, *, spread: int, swap: tuple[float, float]) -> Contract:
    return Contract(
        name=name,
        path=f"Metals\\{name}",
        description=description,
        currency_base=name[:3],
        currency_profit="USD",
        currency_margin="USD",
        digits=digits,
        trade_contract_size=lot,
        volume_min=0.01,
        volume_max=50.0,
        volume_step=0.01,
        spread=spread,
        trade_calc_mode=Constants.SYMBOL_CALC_MODE_CFDLEVERAGE,
        trade_stops_level=10,
        swap_long=swap[0],
        swap_short=swap[1],
        margin_hedged=lot,
        margin_rate=10 / 3,
        commission=Commission(of_value=0.000007),
        hours=INDEX_HOURS,
    )


def _index(name: str, description: str, currency: str, spread: int, swap: tuple[float, float]) -> Contract:
    return Contract(
        name=name,
        path=f"Indices\\{name}",
        description=description,
        currency_base=currency,
        currency_profit=currency,
        currency_margin=currency,
        digits=2,
        trade_contract_size=1.0,
        volume_min=0.01,
        volume_max=1000.0,
        volume_step=0.01,
        spread=spread,
        trade_calc_mode=Constants.SYMBOL_CALC_MODE_CFDLEVERAGE,
        trade_stops_level=100,
        swap_mode=Constants.SYMBOL_SWAP_MODE_INTEREST_CURRENT,
        swap_long=swap[0],
        swap_short=swap[1],
        swap_rollover3days=Constants.DAY_OF_WEEK_FRIDAY,
        margin_hedged=1.0,
        margin_rate=2.0,
        hours=INDEX_HOURS,
    )


def _coin(name: str, description: str, spread: int, limits: tuple[float, float]) -> Contract:
    return Contract(
        name=name,
        path=f"Crypto\\{name}",
        description=description,
        currency_base=name[:3],
        currency_profit="USD",
        currency_margin="USD",
        digits=2,
        trade_contract_size=1.0,
        volume_min=limits[0],
        volume_max=limits[1],
        volume_step=0.01,
        spread=spread,
        trade_calc_mode=Constants.SYMBOL_CALC_MODE_CFDLEVERAGE,
        trade_stops_level=100,
        swap_mode=Constants.SYMBOL_SWAP_MODE_INTEREST_CURRENT,
        swap_long=-20.0,
        swap_short=-10.0,
        swap_rollover3days=Constants.DAY_OF_WEEK_FRIDAY,
        margin_hedged=1.0,
        margin_rate=30.0,
        hours=TradingHours(days=EVERY_DAY),
    )


def _share(name: str, description: str, currency: str, spread: int, hours: TradingHours) -> Contract:
    return Contract(
        name=name,
        path=f"Shares\\{name}",
        description=description,
        currency_base=currency,
        currency_profit=currency,
        currency_margin=currency,
        digits=2,
        trade_contract_size=1.0,
        volume_min=1.0,
        volume_max=5000.0,
        volume_step=1.0,
        spread=spread,
        trade_calc_mode=Constants.SYMBOL_CALC_MODE_CFD,
        filling_mode=2,
        trade_stops_level=5,
        swap_mode=Constants.SYMBOL_SWAP_MODE_INTEREST_CURRENT,
        swap_long=-7.5,
        swap_short=-1.5,
        swap_rollover3days=Constants.DAY_OF_WEEK_FRIDAY,
        margin_rate=0.3,
        commission=Commission(of_value=0.00004),
        hours=hours,
    )


OIL = Contract(
    name="USOIL",
    path="Energies\\USOIL",
    description="Crude oil, cash",
    currency_base="USD",
    currency_profit="USD",
    currency_margin="USD",
    digits=2,
    trade_contract_size=100.0,
    volume_min=0.01,
    volume_max=100.0,
    volume_step=0.01,
    spread=2,
    trade_calc_mode=Constants.SYMBOL_CALC_MODE_CFDLEVERAGE,
    trade_stops_level=10,
    swap_long=-1.6,
    swap_short=0.3,
    swap_rollover3days=Constants.DAY_OF_WEEK_FRIDAY,
    margin_hedged=100.0,
    margin_rate=10 / 3,
    hours=INDEX_HOURS,
)

_ALL = (
    _pair("EURUSD", "Euro vs US Dollar", 10, -7.4, 2.6),
    _pair("GBPUSD", "Pound Sterling vs US Dollar", 12, -4.1, -1.2),
    _pair("USDJPY", "US Dollar vs Japanese Yen", 12, 9.8, -22.5),
    _pair("USDCHF", "US Dollar vs Swiss Franc", 12, 4.9, -11.3),
    _pair("AUDUSD", "Australian Dollar vs US Dollar", 11, -2.9, -0.8),
    _pair("USDCAD", "US Dollar vs Canadian Dollar", 14, 1.1, -5.6),
    _pair("EURJPY", "Euro vs Japanese Yen", 16, 5.2, -17.4),
    _pair("EURGBP", "Euro vs Pound Sterling", 12, -5.9, 0.7),
    _metal("XAUUSD", "Gold vs US Dollar", 2, 100.0, spread=28, swap=(-46.0, 21.0)),
    _metal("XAGUSD", "Silver vs US Dollar", 3, 5000.0, spread=22, swap=(-5.4, 1.9)),
    _index("US30", "Dow Jones 30, cash", "USD", 210, (-7.6, 0.9)),
    _index("US500", "S&P 500, cash", "USD", 60, (-7.6, 0.9)),
    _index("NAS100", "Nasdaq 100, cash", "USD", 160, (-7.6, 0.9)),
    _index("GER40", "DAX 40, cash", "EUR", 113, (-5.4, -0.6)),
    OIL,
    _coin("BTCUSD", "Bitcoin vs US Dollar", 2500, (0.01, 50.0)),
    _coin("ETHUSD", "Ether vs US Dollar", 220, (0.1, 500.0)),
    _share("AAPL", "Apple Inc., share CFD", "USD", 4, TradingHours(opens=17 * HOUR, closes=23 * HOUR)),
    _share("SAP", "SAP SE, share CFD", "EUR", 6, TradingHours(opens=10 * HOUR, closes=18 * HOUR)),
)  # fmt: skip

CONTRACTS: Mapping[str, Contract] = MappingProxyType({contract.name: contract for contract in _ALL})
"""By name, in the order of the market watch."""
