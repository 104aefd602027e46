"""The contract of a symbol: size, steps, limits, costs and trading hours, as a broker's server stores them."""

from __future__ import annotations

from dataclasses import dataclass

from mt5bridge.metatrader.constants import TICK_PRICED_MODES, Constants

WEEKDAYS = (0, 1, 2, 3, 4)
EVERY_DAY = (0, 1, 2, 3, 4, 5, 6)
FILLING_FOK = 1
FILLING_IOC = 2


@dataclass(frozen=True, slots=True)
class TradingHours:
    """Trading hours on the server's clock: weekdays (0 is Monday) and seconds of the day."""

    days: tuple[int, ...] = WEEKDAYS
    opens: int = 0
    closes: int = 86_400

    def open_at(self, weekday: int, second: int) -> bool:
        """Whether the symbol trades at that second of that server day."""
        return weekday in self.days and self.opens <= second < self.closes


@dataclass(frozen=True, slots=True)
class Commission:
    """Commission of a deal: money per lot and a fraction of its value, on the entry alone or on entry and exit."""

    per_lot: float = 0.0
    of_value: float = 0.0
    both_sides: bool = True


@dataclass(frozen=True, slots=True)
class Contract:
    """One symbol's specification; fields named like the package's have its meaning."""

    name: str
    path: str
    description: str
    currency_base: str
    currency_profit: str
    currency_margin: str
    digits: int
    trade_contract_size: float
    volume_min: float
    volume_max: float
    volume_step: float
    spread: int
    """Usual distance of ask and bid in points."""
    trade_calc_mode: int = Constants.SYMBOL_CALC_MODE_FOREX
    trade_mode: int = Constants.SYMBOL_TRADE_MODE_FULL
    trade_exemode: int = Constants.SYMBOL_TRADE_EXECUTION_MARKET
    filling_mode: int = FILLING_FOK | FILLING_IOC
    order_mode: int = 127
    expiration_mode: int = 15
    tick_points: int = 1
    """Size of a tick in points."""
    tick_price: float = 0.0
    """Value of a tick and lot in profit currency where the calculation mode counts ticks."""
    volume_limit: float = 0.0
    trade_stops_level: int = 0
    trade_freeze_level: int = 0
    swap_mode: int = Constants.SYMBOL_SWAP_MODE_POINTS
    swap_long: float = 0.0
    swap_short: float = 0.0
    swap_rollover3days: int = Constants.DAY_OF_WEEK_WEDNESDAY
    margin_initial: float = 0.0
    margin_maintenance: float = 0.0
    margin_hedged: float = 0.0
    margin_hedged_use_leg: bool = False
    margin_rate: float = 1.0
    """The initial rate: a symbol's own leverage hides in it, and the package does not show it."""
    trade_face_value: float = 0.0
    trade_accrued_interest: float = 0.0
    trade_liquidity_rate: float = 0.0
    session_price_settlement: float = 0.0
    chart_mode: int = Constants.SYMBOL_CHART_MODE_BID
    commission: Commission = Commission()
    hours: TradingHours = TradingHours()

    @property
    def point(self) -> float:
        """The least step of the displayed price."""
        return self.price(1)

    @property
    def trade_tick_size(self) -> float:
        """The least step of the traded price."""
        return self.price(self.tick_points)

    @property
    def counts_ticks(self) -> bool:
        """Whether profit is ticks times the tick's price."""
        return self.trade_calc_mode in TICK_PRICED_MODES

    def price(self, points: int) -> float:
        """Return a price held in whole points as the double nearest to it."""
        return points / float(10**self.digits)

    def points(self, price: float) -> int:
        """Return a price in whole points."""
        return round(price * float(10**self.digits))
