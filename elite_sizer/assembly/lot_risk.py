"""What one lot of the trade asked for can lose, cost and bind, before anybody decides how many there will be."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from elite_sizer.model.lot_risk import LotRisk
from elite_sizer.model.request import HoldingPeriod, Request
from elite_sizer.request.levels import Levels, away
from portfolio.model import ZERO, ProfitQuestion, Side, Snapshot
from portfolio.reasons import Refusal, refuse
from portfolio.rounding import EXACT, UP, loss_up, under
from portfolio.valuation.costs import ASSUMED, Commissions, Costs, costs
from portfolio.valuation.money_per_lot import (
    Prices,
    Worth,
    exposure_per_lot,
    gain_per_lot,
    loss_per_lot,
    margin_per_lot,
)
from portfolio.valuation.money_per_lot import worth as value_of_a_move
from portfolio.valuation.swap import held_until, rollovers


class Distances(NamedTuple):
    """How far the price may run against the trade, in price units; None is no data."""

    tail: Decimal | None = None
    """In one bar of the request's timeframe, at the tail's probability."""
    gap: Decimal | None = None
    """Over a weekend."""
    stopless: Decimal | None = None
    """What stands for the stop of a trade without one: three daily ATRs; None where one may not be without."""
    spread: Decimal | None = None
    """The median spread; None takes the quote's."""
    because: str = "no data"


class Tariff(NamedTuple):
    """What the account pays for trading, and how far the tail may exceed the stop."""

    history: Commissions
    kin: tuple[str, ...] = ()
    """Symbols of the same asset class, whose commission stands in where this one has no deals."""
    commission: Decimal | None = None
    """Round turn per lot, where it is configured."""
    slippage: Decimal | None = None
    """Per lot, where it is configured."""
    assumed: Decimal = ASSUMED
    """Round turn as a share of the notional, where nothing is known."""
    all_week: bool = False
    """The symbol trades at weekends too."""
    tail_multiple: Decimal = Decimal(2)
    """A resting stop bounds the loss, so the tail counts at most this many stop losses."""


class Candidate(NamedTuple):
    """The trade to be valued: what was asked, where it would stand, and how long it may last."""

    request: Request
    levels: Levels
    distances: Distances
    tariff: Tariff
    next_reset: datetime


def lot_risk(snapshot: Snapshot, candidate: Candidate) -> LotRisk | Refusal:
    """Return the figures of one lot, or why it can't be valued; losses are rounded up to 1e-8.

    Refuses `stop_required` where there is neither a stop nor a distance that stands for one, and whatever valuation
    and costs refuse.
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
    valued = loss_per_lot(
        market, request.symbol, request.side, levels.entry, stop, None if terminal is None else -terminal
    )
    if isinstance(valued, Refusal):
        return valued
    move = value_of_a_move(market, request.symbol, snapshot.profits.items())
    if isinstance(move, Refusal):
        return move
    spread = quote.ask - quote.bid if distances.spread is None else distances.spread
    paid = _costs(snapshot, candidate, move, spread)
    if isinstance(paid, Refusal):
        return paid
    gain = _gain(snapshot, market, candidate)
    if isinstance(gain, Refusal):
        return gain
    exposure = exposure_per_lot(market, request.symbol, levels.entry)
    margin = _margin(snapshot, market, candidate)
    tail, gap = _beyond(candidate, valued.per_lot, move, quote.ask - quote.bid)
    cost = loss_up(paid.in_all)
    return LotRisk(
        stop=valued.per_lot,
        cost=cost,
        risk=max(valued.per_lot, tail or ZERO, gap or ZERO) + cost,
        tail=tail,
        gap=gap,
        gain=gain,
        margin=None if isinstance(margin, Refusal) else margin,
        exposure=None if isinstance(exposure, Refusal) else exposure,
        terminal=valued.terminal,
        tick_value=valued.tick_value,
        contract=valued.contract,
        because=f"{paid.because}; tail: {distances.because}",
    )


def substitute_stop(side: Side, entry: Decimal, distance: Decimal | None, tick: Decimal) -> Decimal | None:
    """Return the price on the tick at which a trade without a stop is charged; None where that can't be told."""
    price = ZERO if distance is None else away(side, EXACT.subtract(entry, side.sign * distance), tick)
    return price if price > 0 else None


def _costs(snapshot: Snapshot, candidate: Candidate, move: Worth, spread: Decimal) -> Costs | Refusal:
    request, tariff = candidate.request, candidate.tariff
    until = held_until(
        request.hold.value,
        snapshot.taken_at,
        flat_by=request.flat_by,
        next_reset=candidate.next_reset,
        server_offset=snapshot.server_offset,
    )
    if isinstance(until, Refusal):
        return until
    return costs(
        Prices.of(snapshot),
        snapshot.specs[request.symbol],
        request.side,
        move,
        price=candidate.levels.entry,
        history=tariff.history,
        spread=spread,
        nights=rollovers(snapshot.taken_at, until, snapshot.server_offset),
        kin=tariff.kin,
        configured=tariff.commission,
        all_week=tariff.all_week,
        slippage=tariff.slippage,
        assumed=tariff.assumed,
    )


def _gain(snapshot: Snapshot, market: Prices, candidate: Candidate) -> Decimal | Refusal | None:
    request, levels = candidate.request, candidate.levels
    if levels.target is None:
        return None
    terminal = snapshot.profits.get(ProfitQuestion(request.symbol, request.side, levels.entry, levels.target))
    return gain_per_lot(market, request.symbol, request.side, levels.entry, levels.target, terminal)


def _margin(snapshot: Snapshot, market: Prices, candidate: Candidate) -> Decimal | Refusal:
    """Return the larger margin per lot of one lot and of the largest volume, as the terminal answered.

    The formula only where the terminal gave no answer: its rate is not readable from Python.
    """
    request, levels = candidate.request, candidate.levels
    spec = snapshot.specs[request.symbol]
    answered = [
        UP.divide(margin, asked.volume)
        for asked, margin in snapshot.margins.items()
        if asked.symbol == request.symbol and asked.side is request.side and asked.volume > 0
    ]
    if answered:
        return loss_up(max(answered))
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
        held = candidate.request.hold is HoldingPeriod.WEEKEND
        gap = _run(candidate, distances.gap + spread, move) if held and distances.gap is not None else None
    return tail, gap


def _run(candidate: Candidate, distance: Decimal, move: Worth) -> Decimal:
    """Return what a lot loses when the price runs this far against it; at most down to a hundredth of the price."""
    entry, sign = candidate.levels.entry, candidate.request.side.sign
    reached = max(entry - sign * distance, entry / 100)
    return loss_up(move.move(entry, reached, entry))
