"""Loss, exposure and margin that open positions, pending orders and reservations can still cost.

Each is charged alone and at its stop: both legs of a hedge count, a locked profit is no credit, a pending order counts
as if it were filled at its price. Losses per lot are rounded up to 1e-8 and then multiplied exactly by the lots, so a
position costs the same whole or in parts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal, localcontext
from typing import Final, NamedTuple

from portfolio.model import ZERO, MarginQuestion, Order, Position, Side, Snapshot
from portfolio.reasons import Refusal, refuse
from portfolio.rounding import RESOLUTION, UP, loss_up
from portfolio.valuation.conversion import Prices
from portfolio.valuation.costs import Costs
from portfolio.valuation.margin import margin_per_lot
from portfolio.valuation.money_per_lot import Worth, worth

GAP_MULTIPLE: Final = 3
"""Daily ATRs that a trade without a stop is charged where the user chose that over a refusal."""
CREDIT: Final = Decimal("0.98")
"""Share of a locked profit that may pay the position's own costs: the ways agree to 1 %, a conversion has a spread."""


class Charge(NamedTuple):
    """Most that one open position, pending order or reservation can cost, in deposit currency.

    None in a loss means unbounded: there is no stop, or it lies at or beyond the closing price.
    A locked profit is never a credit, so every loss is at least 0.
    """

    kind: str
    """`position`, `order` or `reservation`."""
    id: str
    """The ticket, or the reservation's id."""
    symbol: str
    side: Side
    lots: Decimal
    floor_loss: Decimal | None
    """From the current closing price to the stop, exit costs and negative swap until the reset included; charged
    against today's floors."""
    entry_loss: Decimal | None
    """From the entry to the stop, exit costs and accrued and coming negative swap included; charged against a floor
    that counts from the balance after the next reset."""
    open_risk: Decimal | None
    """From the worse of entry and current price to the stop, exit costs included; shown as the book's risk."""
    gain: Decimal | None
    """From the current price to the target; None without a target."""
    exposure: Decimal
    """Notional, never negative."""
    margin: Decimal
    """Margin a pending order or a reservation will need; 0 for a position, whose margin the account already shows."""

    @property
    def better_loss(self) -> Decimal | None:
        """From the better of entry and current price to the stop, costs included.

        Charged after the next reset against a floor that counts from equity, or from the larger of balance and equity.
        """
        if self.floor_loss is None or self.entry_loss is None:
            return None
        return max(self.floor_loss, self.entry_loss)


class _Trade(NamedTuple):
    """A position, or a pending order as if it were filled; costs per lot but for `swap_so_far`."""

    kind: str
    ticket: int
    symbol: str
    side: Side
    lots: Decimal
    open_price: Decimal
    price: Decimal
    stop: Decimal | None
    target: Decimal | None
    costs: Decimal
    swap: Decimal
    swap_so_far: Decimal
    margin: Decimal


def measure(
    snapshot: Snapshot, costs: Mapping[str, Costs], *, gap: Mapping[str, Decimal] | None = None
) -> tuple[Charge, ...] | Refusal:
    """Return the charge of every open position, then of every pending order, in the snapshot's order.

    `costs` holds every symbol of the book, with the swap of the nights until the firm's next reset. `gap`, daily ATR
    by symbol as a price distance, charges what has no stop three of them from the current price (or from the entry, if
    that is more) instead of None. What the terminal answered about a symbol (`snapshot.profits`) is checked with it.
    Refuses `book_unpriceable` where a contract or its costs are unknown or its three ways disagree, and
    `margin_unavailable` where a pending order's margin was neither answered nor follows from a formula.
    """
    market = Prices.of(snapshot)
    worths: dict[str, Worth] = {}
    charges = []
    with localcontext(UP):
        for trade in _trades(snapshot, market, costs):
            if isinstance(trade, Refusal):
                return trade
            value = worths.get(trade.symbol)
            if value is None:
                tick_worth = worth(market, trade.symbol, snapshot.profits.items())
                if isinstance(tick_worth, Refusal):
                    return refuse("book_unpriceable", f"{trade.kind} {trade.ticket}: {tick_worth.detail}")
                value = worths[trade.symbol] = tick_worth
            if value.at_close and min(trade.price, trade.open_price) <= 0:
                return refuse("book_unpriceable", f"{trade.kind} {trade.ticket}: price {trade.price}")
            charges.append(_charge(trade, value, gap))
    return tuple(charges)


def moved(
    snapshot: Snapshot,
    costs: Mapping[str, Costs],
    symbol: str,
    stop: Decimal,
    *,
    target: Decimal | None = None,
    gap: Mapping[str, Decimal] | None = None,
) -> tuple[Charge, ...] | Refusal:
    """Return the book as a netting add leaves it: the position in `symbol` has the request's stop.

    The add's own lots are not in it; charged at their loss to the same stop beside this book, they cost a room exactly
    the difference that the add makes. Without a `target` the position keeps its own. Refuses as `measure` does.
    """
    positions = tuple(
        position._replace(stop=stop, target=target or position.target) if position.symbol == symbol else position
        for position in snapshot.positions
    )
    return measure(replace(snapshot, positions=positions), costs, gap=gap)


def within(charges: Iterable[Charge], symbol: str, side: Side | None = None) -> tuple[Charge, ...]:
    """Return the charges of one symbol, or of one side of it."""
    return tuple(charge for charge in charges if charge.symbol == symbol and side in {None, charge.side})


def total(figures: Iterable[Decimal | None]) -> Decimal | None:
    """Return the exact sum, or None as soon as one of them is unbounded."""
    amount = ZERO
    for figure in figures:
        if figure is None:
            return None
        amount = UP.add(amount, figure)
    return amount


def lots(charges: Iterable[Charge], symbol: str, side: Side) -> Decimal:
    """Return the volume on one side of a symbol: open, pending and reserved, as a broker's volume limit counts it."""
    return total(charge.lots for charge in within(charges, symbol, side)) or ZERO


def gross_exposure(charges: Iterable[Charge]) -> Decimal:
    """Return the notional of all charges, both legs of a hedge included."""
    return total(charge.exposure for charge in charges) or ZERO


def _trades(snapshot: Snapshot, market: Prices, costs: Mapping[str, Costs]) -> Iterable[_Trade | Refusal]:
    """Yield what is open and what is pending, each with its own costs."""
    for position in snapshot.positions:
        cost = costs.get(position.symbol)
        yield _refuse_unknown("position", position) if cost is None else _open(position, cost)
    for order in snapshot.orders:
        cost = costs.get(order.symbol)
        yield _refuse_unknown("order", order) if cost is None else _pending(order, cost, snapshot, market)


def _refuse_unknown(kind: str, entry: Position | Order) -> Refusal:
    return refuse("book_unpriceable", f"{kind} {entry.ticket}: nothing is known of what {entry.symbol} costs")


def _open(position: Position, cost: Costs) -> _Trade:
    return _Trade(
        "position",
        position.ticket,
        position.symbol,
        position.side,
        position.volume,
        position.open_price,
        position.current_price,
        position.stop,
        position.target,
        cost.exit_commission + cost.slippage,
        cost.swap_of(position.side),
        max(-position.swap, ZERO),
        ZERO,
    )


def _pending(order: Order, cost: Costs, snapshot: Snapshot, market: Prices) -> _Trade | Refusal:
    margin = _margin(order, snapshot, market)
    if isinstance(margin, Refusal):
        return margin
    return _Trade(
        "order",
        order.ticket,
        order.symbol,
        order.side,
        order.volume,
        order.price,
        order.price,
        order.stop,
        order.target,
        cost.commission + cost.slippage,
        cost.swap_of(order.side),
        ZERO,
        margin,
    )


def _margin(order: Order, snapshot: Snapshot, market: Prices) -> Decimal | Refusal:
    """Return the terminal's margin of the order, or its dearest answer per lot times the lots, else the formula's."""
    answer = snapshot.margins.get(MarginQuestion(order.symbol, order.side, order.volume, order.price))
    if answer is not None:
        return answer
    near = [
        money / question.volume
        for question, money in snapshot.margins.items()
        if question.symbol == order.symbol and question.side is order.side
    ]
    if near:
        return loss_up(max(near) * order.volume)
    lot = margin_per_lot(market, order.symbol, order.side, order.price, snapshot.account.leverage)
    return lot if isinstance(lot, Refusal) else lot * order.volume


def _charge(trade: _Trade, value: Worth, gap: Mapping[str, Decimal] | None) -> Charge:
    """Return the charge of one trade; for a caller whose context is UP."""
    sign, size = trade.side.sign, trade.lots
    has_profit = trade.stop is not None and (trade.price - trade.stop) * sign > 0
    stop = trade.stop if has_profit else _gap_stop(trade, value, gap)
    floor_loss = entry_loss = open_risk = gain = None
    if stop is not None:
        ahead = value.move(trade.price, stop, trade.open_price)
        whole = value.move(trade.open_price, stop, trade.open_price)
        if (trade.open_price - stop) * sign < 0:
            whole = -whole * CREDIT
        if not has_profit:
            whole = max(whole, ahead)
        holding_costs = trade.costs + trade.swap
        floor_loss = size * _up(ahead + holding_costs)
        entry_loss = max(size * _up(whole + holding_costs) + trade.swap_so_far, ZERO)
        open_risk = max(size * _up(min(whole, ahead) + trade.costs), ZERO)
    if trade.target is not None:
        beyond = (trade.target - trade.price) * sign > 0
        gain = size * _up(value.move(trade.price, trade.target, trade.open_price)) if beyond else ZERO
    return Charge(
        trade.kind,
        str(trade.ticket),
        trade.symbol,
        trade.side,
        size,
        floor_loss,
        entry_loss,
        open_risk,
        gain,
        size * _up(value.notional(trade.price)),
        trade.margin,
    )


def _gap_stop(trade: _Trade, value: Worth, gap: Mapping[str, Decimal] | None) -> Decimal | None:
    """Return where a trade without a stop is held to end; None where that is not known."""
    average = None if gap is None else gap.get(trade.symbol)
    if average is None:
        return None
    stop = trade.price - GAP_MULTIPLE * average * trade.side.sign
    return None if value.at_close and stop <= 0 else stop


def _up(value: Decimal) -> Decimal:
    """Do what `loss_up` does for a caller whose context is UP already, in half the time."""
    figure = value.quantize(RESOLUTION)
    return value if figure == value else figure
