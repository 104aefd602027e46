"""The trades an account has closed, read from the deals of its history.

A terminal books deals, not trades: one position may be entered in several, closed in parts, or turned round by a
single one. A trade here is a position from its first entry until it is flat, commission of the entry included;
deposits, credits and corrections are no trades. Deals that make no trade are left out and named.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final, NamedTuple

from portfolio.model import ZERO, Deal, DealEntry, DealKind, Side

_EXACT_ENOUGH: Final = Decimal(1)
"""Money a trade must have moved for its own deals to give the worth of a price unit, cents being rounded."""


class Trade(NamedTuple):
    """A closed trade; money in deposit currency, prices per unit of the symbol."""

    position_id: int
    symbol: str
    side: Side
    opened_at: datetime
    closed_at: datetime
    lots: Decimal
    """All that was entered."""
    entry: Decimal
    exit: Decimal
    gross: Decimal
    """Profit or loss by price alone, without costs."""
    net: Decimal
    """Change of the balance: gross, commission, swap and fees."""
    risk: Decimal | None = None
    """Money at risk from entry to the first known stop; None where no stop is known."""

    @property
    def r_multiple(self) -> float | None:
        """Net result in units of the risk taken; None where no stop is known."""
        return None if self.risk is None else float(self.net) / float(self.risk)


class LeftOut(NamedTuple):
    """A position whose deals make no trade, and why."""

    position_id: int
    because: str


class History(NamedTuple):
    """Closed trades in the order they were closed, and what could not be read."""

    trades: tuple[Trade, ...]
    left_out: tuple[LeftOut, ...]


@dataclass(slots=True)
class _Running:
    """A position while its deals are read."""

    side: Side
    opened_at: datetime
    lots_in: Decimal = ZERO
    open: Decimal = ZERO
    """Lots not closed yet."""
    value_in: Decimal = ZERO
    value_out: Decimal = ZERO
    gross: Decimal = ZERO
    net: Decimal = ZERO


def trades(deals: Iterable[Deal], stops: Mapping[int, Decimal]) -> History:
    """Return the closed trades of `deals`, in any order, with the risk that `stops` (by position id) tells.

    Netting and hedging alike: partial closes are one trade, a reversal (`INOUT`) ends one and begins the next and
    shares its commission by volume, a close by an opposite position counts for both. Positions still open are no
    trades yet. A close without its entry, more closed than entered, or a deal without side or position is left out
    and named. After a reversal the stop of the first trade says nothing about the second.
    """
    by_position: dict[int, list[Deal]] = defaultdict(list)
    for deal in deals:
        if deal.kind is DealKind.TRADE:
            by_position[deal.position_id].append(deal)
    history: list[Trade] = []
    left_out: list[LeftOut] = []
    for position_id, legs in by_position.items():
        outcome = _read(position_id, sorted(legs, key=lambda deal: (deal.at, deal.ticket)))
        if isinstance(outcome, LeftOut):
            left_out.append(outcome)
        else:
            history.extend(outcome)
    by_close = sorted(history, key=lambda trade: (trade.closed_at, trade.position_id))
    return History(_with_risk(by_close, stops), tuple(left_out))


def independent(trades: Iterable[Trade]) -> tuple[Trade, ...]:
    """Return the trades with those merged that held the same symbol on the same side at the same time.

    A grid of twenty entries is one bet, not twenty. The merged risk is the sum, unknown if that of one is.
    """
    bets: list[Trade] = []
    last: dict[tuple[str, Side], int] = {}
    for trade in sorted(trades, key=lambda trade: (trade.opened_at, trade.position_id)):
        at = last.get((trade.symbol, trade.side))
        if at is not None and trade.opened_at < bets[at].closed_at:
            bets[at] = _together(bets[at], trade)
        else:
            last[trade.symbol, trade.side] = len(bets)
            bets.append(trade)
    return tuple(sorted(bets, key=lambda trade: (trade.closed_at, trade.position_id)))


def _read(position_id: int, legs: Sequence[Deal]) -> list[Trade] | LeftOut:
    """Return the trades of one position, or why there are none; deals in the order they were made."""
    if position_id == 0:
        return LeftOut(position_id, f"{len(legs)} deals belong to no position")
    history: list[Trade] = []
    running: _Running | None = None
    for deal in legs:
        fault = _fault(running, deal)
        if fault is not None:
            return LeftOut(position_id, f"deal {deal.ticket}: {fault}")
        if running is None or deal.entry is DealEntry.IN:
            running = _enter(running, deal, deal.volume, deal.net)
            continue
        volume = min(deal.volume, running.open)
        # a reversal realises the whole profit and swap, but its commission pays for both halves
        beyond = (deal.commission + deal.fee) * (deal.volume - volume) / deal.volume
        _leave(running, deal, volume, deal.net - beyond)
        if running.open == 0:
            history.append(_close(running, position_id, deal))
            running = _enter(None, deal, deal.volume - volume, beyond) if deal.volume > volume else None
    return history


def _fault(running: _Running | None, deal: Deal) -> str | None:
    """Return the fault of a deal that meets a position in this state."""
    if deal.side is None or deal.entry is None or deal.volume <= 0:
        return "it has no side, entry or volume"
    enters = deal.entry is DealEntry.IN
    if running is None:
        return None if enters else "its entry is missing"
    if enters != (running.side is deal.side):
        return f"it is booked as {deal.entry} of a {running.side}, on the side {deal.side}"
    if deal.entry in {DealEntry.OUT, DealEntry.OUT_BY} and deal.volume > running.open:
        return f"it closes {deal.volume} lots of {running.open}"
    return None


def _enter(running: _Running | None, deal: Deal, volume: Decimal, net: Decimal) -> _Running:
    """Open a position or add to it."""
    # a deal without a side never gets here: `_fault` has refused it
    opening = running or _Running(deal.side or Side.BUY, deal.at)
    opening.lots_in += volume
    opening.open += volume
    opening.value_in += volume * deal.price
    opening.net += net
    return opening


def _leave(running: _Running, deal: Deal, volume: Decimal, net: Decimal) -> None:
    """Close a part of a position, or all of it."""
    running.open -= volume
    running.value_out += volume * deal.price
    running.gross += deal.profit
    running.net += net


def _close(running: _Running, position_id: int, deal: Deal) -> Trade:
    return Trade(
        position_id=position_id,
        symbol=deal.symbol,
        side=running.side,
        opened_at=running.opened_at,
        closed_at=deal.at,
        lots=running.lots_in,
        entry=running.value_in / running.lots_in,
        exit=running.value_out / running.lots_in,
        gross=running.gross,
        net=running.net,
    )


def _with_risk(history: Sequence[Trade], stops: Mapping[int, Decimal]) -> tuple[Trade, ...]:
    """Return the trades with the money at risk, where a stop and the worth of a price unit are known."""
    worths = _worths(history)
    positions: set[int] = set()
    trades: list[Trade] = []
    for trade in history:
        stop = None if trade.position_id in positions else stops.get(trade.position_id)
        positions.add(trade.position_id)
        distance = ZERO if stop is None else (trade.entry - stop) * trade.side.sign
        worth = _worth(trade) if abs(trade.gross) >= _EXACT_ENOUGH else None
        worth = worths.get(trade.symbol) if worth is None else worth
        usable = worth is not None and worth > 0 and distance > 0
        trades.append(trade._replace(risk=distance * trade.lots * worth) if usable and worth is not None else trade)
    return tuple(trades)


def _worth(trade: Trade) -> Decimal | None:
    """Return the money a lot gained per price unit, as the broker booked it."""
    move = (trade.exit - trade.entry) * trade.side.sign * trade.lots
    return trade.gross / move if move else None


def _worths(history: Sequence[Trade]) -> dict[str, Decimal]:
    """Return the worth of a price unit by symbol over all its trades: cents of rounding weigh little together."""
    gains: dict[str, Decimal] = defaultdict(lambda: ZERO)
    moves: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for trade in history:
        gains[trade.symbol] += abs(trade.gross)
        moves[trade.symbol] += abs(trade.exit - trade.entry) * trade.lots
    return {symbol: gains[symbol] / total for symbol, total in moves.items() if total}


def _together(first: Trade, second: Trade) -> Trade:
    lots = first.lots + second.lots
    return first._replace(
        closed_at=max(first.closed_at, second.closed_at),
        lots=lots,
        entry=(first.entry * first.lots + second.entry * second.lots) / lots,
        exit=(first.exit * first.lots + second.exit * second.lots) / lots,
        gross=first.gross + second.gross,
        net=first.net + second.net,
        risk=None if first.risk is None or second.risk is None else first.risk + second.risk,
    )
