"""What each cap leaves, reckoned again in whole fractions from the plain figures of a world."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final, NamedTuple

from elite_sizer.model.context import SizingContext
from elite_sizer.model.outcome import SizerResult
from tests.builders import CLASS
from tests.worlds import Trade, World

MARGIN: Final = {"forex": "0.20", "gold": "0.15", "indices": "0.10", "crypto": "0.20", "stocks": "0.20"}
TIMES: Final = {"forex": 20, "gold": 5, "indices": 8, "crypto": 3, "stocks": 3}
LOTS: Final[Mapping[str, Fraction | int]] = {
    "forex": 10,
    "gold": 25,
    "indices": Fraction(10 * 10, 100_000),
    "crypto": 5,
    "stocks": 10_000,
}
"""An index has 10 lots for a contract of 10; the drawn one has a contract of 100,000."""


class Left(NamedTuple):
    """What is left before the trade, and what a lot uses of it; no room is no limit."""

    room: Fraction | None
    per: str = "lot"


NO_LIMIT: Final = Left(None)
CLOSED: Final = Left(Fraction(0))


class Oracle:
    """The caps of one world, asked once each."""

    def __init__(self, world: World, situation: SizingContext) -> None:
        self.world = world
        self.made = situation
        self.all = (*world.book, *world.held)
        self.equity = Fraction(world.equity)
        self.basis = self._basis()
        self.left: Mapping[str, Left] = {name: _LEFT[name](self) for name in world.caps}

    def uses(self, answer: SizerResult) -> Mapping[str, Fraction | None]:
        """Return what a lot uses of each kind of room, as the answer's sizer counts a loss."""
        lot = self.world.lot
        loss = max(self.at_stop, Fraction(answer.proposal.loss_per_lot or 0))
        return {
            "loss": loss,
            "swing": loss + Fraction(lot.gain or 0),
            "margin": None if lot.margin is None else Fraction(lot.margin),
            "exposure": None if lot.exposure is None else Fraction(lot.exposure),
            "lot": Fraction(1),
        }

    def too_many(self, answer: SizerResult, lots: Fraction) -> list[str]:
        """Return the caps that so many lots would exceed, of those that cut the answer."""
        uses = self.uses(answer)
        return [name for name, _, _ in answer.limits if _exceeds(self.left[name], uses, lots)]

    def setting(self, cap: str, name: str, default: object) -> Any:  # noqa: ANN401
        return self.world.caps[cap].get(name, default)

    def share(self, cap: str, name: str, default: str) -> Fraction:
        return Fraction(self.setting(cap, name, default))

    @property
    def at_stop(self) -> Fraction:
        return Fraction(self.world.lot.stop) + Fraction(self.world.lot.cost)

    @property
    def here(self) -> list[Trade]:
        return [trade for trade in self.all if trade.symbol == self.world.symbol]

    @property
    def idea(self) -> list[Trade]:
        return [trade for trade in self.here if trade.side is self.world.side]

    @property
    def lost(self) -> Fraction:
        return max(Fraction(self.world.day_balance) - self.equity, Fraction(0))

    @property
    def budget(self) -> Fraction:
        """The money the day may still risk."""
        rooms, world = self.made.rooms, self.world
        net_rooms = [
            Fraction(trade.money)
            for trade in (rooms.daily, rooms.after_reset, rooms.overall)
            if trade.money is not None
        ]
        if rooms.daily.money is None:
            at_risk = total(trade.loss for trade in self.all)
            own = Fraction(world.policy.max_daily_risk_pct) * self.basis - self.lost
            net_rooms.append(Fraction(0) if at_risk is None else own - at_risk)
        return Fraction(world.policy.budget_fraction) * max(min(net_rooms, default=Fraction(0)), Fraction(0))

    def _basis(self) -> Fraction:
        world = self.world
        by_name = {"balance": world.balance, "equity": world.equity, "initial": world.initial}
        return Fraction(by_name.get(world.policy.basis, min(world.balance, world.equity)))


def total(figures: Iterable[Decimal | None]) -> Fraction | None:
    """Return the sum, None where one has no bound."""
    added = Fraction(0)
    for figure in figures:
        if figure is None:
            return None
        added += Fraction(figure)
    return added


def open_risk(trade: Trade) -> Decimal | None:
    """From the worse of entry and price to the stop: a loser from here, a winner from its entry."""
    if trade.loss is None:
        return None
    return max(trade.loss - max(trade.profit, Decimal(0)), Decimal(0))


def _exceeds(left: Left, uses: Mapping[str, Fraction | None], lots: Fraction) -> bool:
    if left.room is None:
        return False
    use = uses[left.per]
    return use is None or left.room <= 0 or lots * use > left.room


def _gate(*, closed: bool) -> Left:
    return CLOSED if closed else NO_LIMIT


def _budgeted(share: Fraction, used: Fraction | None) -> Left:
    return CLOSED if used is None else Left(share - used, "loss")


def _idea_risk(it: Oracle) -> Left:
    base = min(Fraction(it.world.initial), it.basis)
    used = total(open_risk(trade) for trade in it.idea)
    most = it.share("idea_risk", "risk_pct", "0.02") * base - Fraction(it.world.idea_loss)
    return _budgeted(most, used)


def _broker_volume(it: Oracle) -> Left:
    room = Fraction(it.world.largest)
    if it.world.limit:
        room = min(room, Fraction(it.world.limit) - sum(Fraction(trade.lots) for trade in it.idea))
    return Left(room)


def _free_margin(it: Oracle) -> Left:
    used, level = Fraction(it.world.margin), it.share("free_margin", "level", "2.0")
    most = it.equity / level - used if level else Fraction(95, 100) * (it.equity - used)
    return Left(most - sum(Fraction(trade.margin) for trade in it.all), "margin")


def _daily_loss(it: Oracle) -> Left:
    """The rooms before the floors are tested by themselves and by the promise; here they are taken as they are."""
    rooms = (it.made.rooms.daily.money, it.made.rooms.after_reset.money)
    net_rooms = [Fraction(room) for room in rooms if room is not None]
    return Left(min(net_rooms), "loss") if net_rooms else NO_LIMIT


def _maximum_loss(it: Oracle) -> Left:
    room = it.made.rooms.overall.money
    return NO_LIMIT if room is None else Left(Fraction(room), "loss")


def _following_peak(it: Oracle) -> Left:
    if not it.made.rooms.peaks:
        return NO_LIMIT
    (peak,) = it.made.rooms.peaks
    span, swing = Fraction(peak.span), it.at_stop + Fraction(it.world.lot.gain or 0)
    if peak.locked is not None and Fraction(peak.locked) * swing > span * it.at_stop:
        return Left(Fraction(peak.locked), "loss")
    return Left(span, "swing")


def _drawdown_halt(it: Oracle) -> Left:
    if it.world.peak_equity is None:
        return CLOSED
    peak = Fraction(it.world.peak_equity)
    return _gate(closed=peak - it.equity >= it.share("drawdown_halt", "drawdown_pct", "0.15") * peak)


def _symbol_lots(it: Oracle) -> Left:
    own = it.setting("symbol_lots", "by_symbol", {}).get(it.world.symbol)
    most = Fraction(LOTS[CLASS[it.world.symbol]] if own is None else own)
    return Left(most - sum(Fraction(trade.lots) for trade in it.here))


def _margin_per_trade(it: Oracle) -> Left:
    kind = CLASS[it.world.symbol]
    return Left(Fraction(it.setting("margin_per_trade", "by_class", {}).get(kind, MARGIN[kind])) * it.basis, "margin")


def _exposure_per_trade(it: Oracle) -> Left:
    kind = CLASS[it.world.symbol]
    times = Fraction(it.setting("exposure_per_trade", "by_class", {}).get(kind, TIMES[kind]))
    return Left(times * it.equity, "exposure")


def _exposure(it: Oracle, times: Fraction, trades: Iterable[Trade]) -> Left:
    return Left(times * it.equity - sum(Fraction(trade.exposure) for trade in trades), "exposure")


def _symbol_exposure(it: Oracle) -> Left:
    times = it.setting("symbol_exposure", "times_equity", None)
    return NO_LIMIT if times is None else _exposure(it, Fraction(times), it.here)


def _net_delta(it: Oracle) -> Left:
    net = sum((trade.side.sign * Fraction(trade.exposure) for trade in it.all), Fraction(0))
    return _gate(closed=net * it.world.side.sign > it.share("net_delta", "equity_pct", "0.70") * it.equity)


def _min_rr(it: Oracle) -> Left:
    lot = it.world.lot
    if lot.gain is None:
        return CLOSED
    reward = Fraction(lot.gain) - Fraction(lot.cost)
    return _gate(closed=reward < it.share("min_rr", "least", "2.0") * it.at_stop)


_LEFT: Final[Mapping[str, Callable[[Oracle], Left]]] = {
    "open_stop": lambda it: _gate(closed=any(one.loss is None for one in it.all)),
    "per_trade": lambda it: Left(it.share("per_trade", "risk_pct", "0.02") * it.basis, "loss"),
    "idea_risk": _idea_risk,
    "broker_volume": _broker_volume,
    "free_margin": _free_margin,
    "daily_loss": _daily_loss,
    "maximum_loss": _maximum_loss,
    "following_peak": _following_peak,
    "blackout": lambda it: _gate(closed=it.world.window is not None),
    "daily_halt": lambda it: _gate(
        closed=it.lost >= it.share("daily_halt", "loss_pct", "0.05") * (it.equity + it.lost)
    ),
    "drawdown_halt": _drawdown_halt,
    "symbol_lots": _symbol_lots,
    "margin_per_trade": _margin_per_trade,
    "exposure_per_trade": _exposure_per_trade,
    "symbol_exposure": _symbol_exposure,
    "gross_exposure": lambda it: _exposure(it, it.share("gross_exposure", "times_equity", "30"), it.all),
    "concentration": lambda it: Left(Fraction(it.world.policy.max_concentration) * it.budget, "loss"),
    "open_risk": lambda it: _budgeted(
        it.share("open_risk", "risk_pct", "0.03") * it.basis, total(open_risk(one) for one in it.all)
    ),
    "max_positions": lambda it: _gate(closed=len(it.all) >= it.setting("max_positions", "most", 4)),
    "net_delta": _net_delta,
    "cash_reserve": lambda it: _exposure(it, 1 - it.share("cash_reserve", "reserve_pct", "0.60"), it.all),
    "min_rr": _min_rr,
}
