"""Loss, cost, gain, margin and notional of one lot of a requested trade."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from elite_sizer.assembly.tariff import Tariff
from elite_sizer.model.request import HoldingPeriod, Request
from elite_sizer.model.trade_figures import LotRisk
from elite_sizer.request.levels import Levels, stop_on_tick
from portfolio.model import ZERO, ProfitQuestion, Side, Snapshot
from portfolio.reasons import Refusal, refuse
from portfolio.rounding import EXACT, UP, loss_up, under
from portfolio.valuation.conversion import Prices
from portfolio.valuation.costs import Costs
from portfolio.valuation.margin import margin_per_lot
from portfolio.valuation.money_per_lot import Worth, exposure_per_lot, gain_per_lot, loss_per_lot
from portfolio.valuation.money_per_lot import worth as value_of_a_move
from portfolio.valuation.swap import held_until, rollovers


class Distances(NamedTuple):
    """Distances the price may run against the trade, in price units; None is no data."""

    tail: Decimal | None = None
    """In one bar of the request's timeframe, at the tail's probability."""
    gap: Decimal | None = None
    """Over a weekend."""
    stopless: Decimal | None = None
    """Taken for the stop of a trade without one: three daily ATRs; None refuses such a trade."""
    spread: Decimal | None = None
    """The median spread; None takes the quote's."""
    because: str = "no data"


class Candidate(NamedTuple):
    """The trade to be valued: the request, its prices, how far they may run, its costs, and the next reset."""

    request: Request
    levels: Levels
    distances: Distances
    tariff: Tariff
    next_reset: datetime


def lot_risk(snapshot: Snapshot, candidate: Candidate) -> LotRisk | Refusal:
    """Return the figures of one lot, or why it can't be valued; losses are rounded up to 1e-8.

    Refuses `stop_required` where there is neither a stop nor a distance to take for one, and what valuation and costs
    refuse.
    """
    with under(EXACT):
        return _lot_risk(snapshot, candidate)


def _lot_risk(snapshot: Snapshot, candidate: Candidate) -> LotRisk | Refusal:
    request, levels, distances = candidate.request, candidate.levels, candidate.distances
    market, quote = Prices.of(snapshot), snapshot.quotes[request.symbol]
    tick = snapshot.specs[request.symbol].tick_size
    stop = levels.stop or substitute_stop(request.side, levels.entry, distances.stopless, tick)
    if stop is None:
        return refuse("stop_required", "neither a stop nor a distance that may stand for one")
    terminal = snapshot.profits.get(ProfitQuestion(request.symbol, request.side, levels.entry, stop))
    loss = loss_per_lot(
        market, request.symbol, request.side, levels.entry, stop, terminal=None if terminal is None else -terminal
    )
    if isinstance(loss, Refusal):
        return loss
    move = value_of_a_move(market, request.symbol, snapshot.profits.items())
    if isinstance(move, Refusal):
        return move
    spread = quote.ask - quote.bid if distances.spread is None else distances.spread
    costs = _costs(snapshot, candidate, move, spread)
    if isinstance(costs, Refusal):
        return costs
    gain = _gain(snapshot, market, candidate)
    if isinstance(gain, Refusal):
        return gain
    exposure = exposure_per_lot(market, request.symbol, levels.entry)
    margin = _margin(snapshot, market, candidate)
    tail, gap = _beyond(candidate, loss.per_lot, move, quote.ask - quote.bid)
    cost = loss_up(costs.in_all)
    return LotRisk(
        stop=loss.per_lot,
        cost=cost,
        risk=max(loss.per_lot, tail or ZERO, gap or ZERO) + cost,
        tail=tail,
        gap=gap,
        gain=gain,
        margin=None if isinstance(margin, Refusal) else margin,
        exposure=None if isinstance(exposure, Refusal) else exposure,
        terminal=loss.terminal,
        tick_value=loss.tick_value,
        contract=loss.contract,
        because=f"{costs.because}; tail: {distances.because}",
    )


def substitute_stop(side: Side, entry: Decimal, distance: Decimal | None, tick: Decimal) -> Decimal | None:
    """Return the price on the tick at which a trade without a stop is charged; None without a distance to it."""
    price = ZERO if distance is None else stop_on_tick(side, EXACT.subtract(entry, side.sign * distance), tick)
    return price if price > 0 else None


def _costs(snapshot: Snapshot, candidate: Candidate, move: Worth, spread: Decimal) -> Costs | Refusal:
    request = candidate.request
    until = held_until(
        request.hold.value,
        snapshot.taken_at,
        flat_by=request.flat_by,
        next_reset=candidate.next_reset,
        server_offset=snapshot.server_offset,
    )
    if isinstance(until, Refusal):
        return until
    return candidate.tariff.costs(
        Prices.of(snapshot),
        snapshot.specs[request.symbol],
        request.side,
        move,
        price=candidate.levels.entry,
        spread=spread,
        nights=rollovers(snapshot.taken_at, until, snapshot.server_offset),
    )


def _gain(snapshot: Snapshot, market: Prices, candidate: Candidate) -> Decimal | Refusal | None:
    request, levels = candidate.request, candidate.levels
    if levels.target is None:
        return None
    terminal = snapshot.profits.get(ProfitQuestion(request.symbol, request.side, levels.entry, levels.target))
    return gain_per_lot(market, request.symbol, request.side, levels.entry, levels.target, terminal=terminal)


def _margin(snapshot: Snapshot, market: Prices, candidate: Candidate) -> Decimal | Refusal:
    """Return the larger margin per lot of one lot and of the largest volume, as the terminal computed them.

    The formula only where the terminal gave none: the margin rate of a symbol can't be read from Python.
    """
    request, levels = candidate.request, candidate.levels
    spec = snapshot.specs[request.symbol]
    per_lot = [
        UP.divide(margin, question.volume)
        for question, margin in snapshot.margins.items()
        if question.symbol == request.symbol and question.side is request.side and question.volume > 0
    ]
    if per_lot:
        return loss_up(max(per_lot))
    return margin_per_lot(market, spec.name, request.side, levels.entry, snapshot.account.leverage)


def _beyond(
    candidate: Candidate, stop_loss: Decimal, move: Worth, spread: Decimal
) -> tuple[Decimal | None, Decimal | None]:
    """Return the tail and the gap in money per lot; the spread comes on top, since they are measured between bids."""
    distances = candidate.distances
    most = candidate.tariff.tail_multiple
    with under(UP):
        tail = None
        if distances.tail is not None:
            tail = min(_run(candidate, distances.tail + spread, move), loss_up(stop_loss * most))
        weekend = candidate.request.hold is HoldingPeriod.WEEKEND
        gap = _run(candidate, distances.gap + spread, move) if weekend and distances.gap is not None else None
    return tail, gap


def _run(candidate: Candidate, distance: Decimal, move: Worth) -> Decimal:
    """Return the loss of a lot when the price runs this far against it, at most down to a hundredth of the price."""
    entry, sign = candidate.levels.entry, candidate.request.side.sign
    stop_price = max(entry - sign * distance, entry / 100)
    return loss_up(move.move(entry, stop_price, entry))
