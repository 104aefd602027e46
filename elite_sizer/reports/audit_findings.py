"""Compare the account with the decisions of its record: trades not sized, larger, or without their stop.

The incident of source 000 were two orders typed in by hand. Every order that the account shows, open, pending or
closed again, must be a decision's: by its reservation's ticket, or by the tag in its comment.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from portfolio.model import ZERO, Order, Position, Side, Snapshot
from portfolio.reservation.order_matching import SeenOrder, of_position, seen_orders


class Kind(StrEnum):
    """The kinds of findings."""

    NOT_SIZED = "not_sized"
    LARGER = "larger_than_decided"
    NO_STOP = "no_stop"
    STOP_WIDENED = "stop_widened"
    AFTER_HALT = "after_halt"
    OVER_CAP = "over_cap"


class Sized(NamedTuple):
    """The decision on an order: lots as returned or as claimed, and the stop sent with them."""

    id: str
    lots: Decimal
    stop: Decimal | None


class Stop(NamedTuple):
    """New entries were halted from this moment on, and if it was lifted, until then."""

    at: datetime
    why: str
    until: datetime | None = None

    def covers(self, moment: datetime) -> bool:
        """Return whether an order of this moment was placed while the halt stood."""
        return self.at < moment and (self.until is None or moment < self.until)


class Finding(NamedTuple):
    """One difference from the decisions; `should` is the lots it should have had, None where that is unknown."""

    kind: Kind
    what: str
    """`position`, `order`, `closed` or `book`."""
    ticket: int
    symbol: str
    side: Side | None
    lots: Decimal
    should: Decimal | None
    because: str


def findings(
    snapshot: Snapshot, sized: Mapping[int, Sized], halts: Iterable[Stop], since: datetime
) -> tuple[Finding, ...]:
    """Return the differences from the decisions `sized`, by ticket; older orders than `since` while they stand."""
    stops = tuple(halts)
    differences: list[Finding] = []
    open_positions = {position.identifier or position.ticket: position for position in snapshot.positions}
    pending = {order.ticket: order for order in snapshot.orders}
    opened_by = positions_of(snapshot)
    traces = {trace.ticket: trace for trace in orders(snapshot)}
    for ticket, trace in traces.items():
        stands = ticket in pending or opened_by.get(ticket, ticket) in open_positions
        if not stands and trace.at < since:
            continue
        kind = "order" if ticket in pending else "position" if stands else "closed"
        differences += _of_order(trace, kind, sized.get(ticket), stops)
    for identifier, position in open_positions.items():
        sizes = [sized[ticket] for ticket in _tickets(identifier, opened_by) if ticket in sized]
        differences += _of_stop(position, identifier, "position", sizes)
    for order in pending.values():
        differences += _of_stop(order, order.ticket, "order", [sized[order.ticket]] if order.ticket in sized else [])
    return tuple(sorted(differences, key=lambda finding: (finding.ticket, finding.kind)))


def _of_order(trace: SeenOrder, kind: str, size: Sized | None, halts: Iterable[Stop]) -> Iterator[Finding]:
    here = (kind, trace.ticket, trace.symbol, trace.side, trace.lots)
    if size is None:
        yield Finding(Kind.NOT_SIZED, *here, None, "no decision of this record has its ticket or its tag")
    elif trace.lots > size.lots:
        because = f"decision {size.id} says {size.lots} lots"
        yield Finding(Kind.LARGER, *here, size.lots, because)
    late = min((halt for halt in halts if halt.covers(trace.at)), key=lambda halt: halt.at, default=None)
    if late is not None:
        because = f"opened {trace.at:%Y-%m-%d %H:%M} UTC, halted since {late.at:%Y-%m-%d %H:%M}: {late.why}"
        yield Finding(Kind.AFTER_HALT, *here, ZERO, because)


def _of_stop(trade: Position | Order, ticket: int, kind: str, sizes: list[Sized]) -> Iterator[Finding]:
    if trade.stop is None:
        yield Finding(
            Kind.NO_STOP, kind, ticket, trade.symbol, trade.side, trade.volume, None, "it can lose without bound"
        )
        return
    stops = [size.stop for size in sizes if size.stop is not None]
    if not stops:
        return
    first = min(stops) if trade.side is Side.BUY else max(stops)
    if (first - trade.stop) * trade.side.sign > 0:
        because = f"its stop stands at {trade.stop}, decided was {first}"
        yield Finding(Kind.STOP_WIDENED, kind, ticket, trade.symbol, trade.side, trade.volume, None, because)


def orders(snapshot: Snapshot) -> tuple[SeenOrder, ...]:
    """Return every order that the account shows; a position whose orders the history lacks stands for them itself."""
    traces, opened_by = seen_orders(snapshot), positions_of(snapshot)
    tickets = {trace.ticket for trace in traces}
    return traces + tuple(
        of_position(position)
        for position in snapshot.positions
        if tickets.isdisjoint(_tickets(position.identifier or position.ticket, opened_by))
    )


def positions_of(snapshot: Snapshot) -> dict[int, int]:
    """Return the position that each order in the history belongs to."""
    return {deal.order: deal.position_id for deal in snapshot.deals if deal.order and deal.position_id}


def _tickets(identifier: int, opened_by: Mapping[int, int]) -> tuple[int, ...]:
    return (identifier, *(order for order, position in opened_by.items() if position == identifier))
